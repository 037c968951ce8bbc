"""The claims of a draft that name pages, or minutes, that the current file of their piece does not have."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portfolio.domain.dossier.models.dossier import Claim
from portfolio.domain.dossier.models.evidence import Evidence, EvidenceFile, is_joined
from portfolio.domain.dossier.rules.citation import citation_unit, last_of, stored_citation_error
from portfolio.domain.dossier.rules.description import EvidenceDescription
from portfolio.domain.dossier.rules.draft import CompetencyFact, EvidenceFact, MisplacedCitation
from portfolio.domain.dossier.use_cases.conversions import shown_columns, shown_of


def list_misplaced_citations(
    session: Session, candidacy_id: UUID, competencies: Mapping[UUID, CompetencyFact]
) -> tuple[MisplacedCitation, ...]:
    """Return the claims for these competencies whose passage does not fit the current file of their piece, in
    one query.
    """
    last = select(func.max(EvidenceFile.number)).where(EvidenceFile.evidence_id == Evidence.id).correlate(Evidence)
    rows = session.execute(
        select(*(Claim.id, Claim.competency_id, Claim.passage), *(Evidence.id, Evidence.number, Evidence.title))
        .add_columns(EvidenceFile.family, EvidenceFile.pages, EvidenceFile.seconds, *shown_columns())
        .join(Claim.evidence)
        .join(EvidenceFile, (EvidenceFile.evidence_id == Evidence.id) & (EvidenceFile.number == last.scalar_subquery()))
        .where(Claim.candidacy_id == candidacy_id, Claim.passage != "", is_joined(Evidence))
        .order_by(Evidence.number)
    )
    found = []
    for row in rows:
        claim, competency, passage, piece, number, title, family, pages, seconds = row[:9]
        measure, shown = citation_unit(family, pages), shown_of(row)
        measured = last_of(family, pages, seconds, shown)
        fault = stored_citation_error(passage, measure, measured, shown.sheets, pending=shown.pending)
        if fault is not None and competency in competencies:
            fact = EvidenceFact(piece, number, EvidenceDescription(title=title, pages=pages), claimed=True)
            found.append(MisplacedCitation(claim, competencies[competency], fact, passage, measure, fault))
    return tuple(found)
