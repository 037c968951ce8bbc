"""The claims of a draft that name pages, or minutes, that the current file of their piece does not have."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portfolio.dossier.models import Claim
from portfolio.dossier.rules import CompetencyFact, MisplacedPassage, PieceFact
from portfolio.evidence.models import Evidence, EvidenceFile
from portfolio.evidence.rules import Piece, kept_passage_fault, last_of, measure_of


def misplaced_passages(
    session: Session, candidacy_id: UUID, competencies: Mapping[UUID, CompetencyFact]
) -> tuple[MisplacedPassage, ...]:
    """Return the claims for these competencies whose passage does not fit the current file of their piece, in one query."""
    last = select(func.max(EvidenceFile.number)).where(EvidenceFile.evidence_id == Evidence.id).correlate(Evidence)
    rows = session.execute(
        select(*(Claim.id, Claim.competency_id, Claim.passage), *(Evidence.id, Evidence.number, Evidence.title))
        .add_columns(EvidenceFile.family, EvidenceFile.pages, EvidenceFile.seconds)
        .join(Evidence, Evidence.id == Claim.evidence_id)
        .join(EvidenceFile, (EvidenceFile.evidence_id == Evidence.id) & (EvidenceFile.number == last.scalar_subquery()))
        .where(Claim.candidacy_id == candidacy_id, Claim.passage != "", Evidence.removed_at.is_(None))
        .order_by(Evidence.number)
    )
    found = []
    for claim, competency, passage, piece, number, title, family, pages, seconds in rows:
        measure = measure_of(family, pages)
        fault = kept_passage_fault(passage, measure, last_of(family, pages, seconds))
        if fault is not None and competency in competencies:
            fact = PieceFact(piece, number, Piece(title=title, pages=pages), claimed=True)
            found.append(MisplacedPassage(claim, competencies[competency], fact, passage, measure, fault))
    return tuple(found)
