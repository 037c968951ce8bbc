"""The claims of a draft that name pages, or minutes, that the current file of their piece does not have; and the pieces
of which a book cannot print some pages.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from portfolio.db.engine import fetch_rows, fetch_together, kept_while
from portfolio.db.together import Together
from portfolio.domain.dossier.models.dossier import Claim
from portfolio.domain.dossier.models.evidence import Evidence, EvidenceFile, is_current_file, is_joined
from portfolio.domain.dossier.rules.citation import CitationError, citation_unit, last_of, stored_citation_error
from portfolio.domain.dossier.rules.description import EvidenceDescription
from portfolio.domain.dossier.rules.draft import CompetencyFact, EvidenceFact, MisplacedCitation, UnprintedPiece
from portfolio.domain.dossier.use_cases.conversions import SHOWN, shown_columns, shown_of
from portfolio.domain.dossier.use_cases.draft_changes import draft_changes
from portfolio.domain.dossier.use_cases.proofs import unprinted_pieces, unprinted_rows


def list_misplaced_citations(
    session: Session, candidacy_id: UUID, competencies: Mapping[UUID, CompetencyFact]
) -> tuple[tuple[MisplacedCitation, ...], tuple[UnprintedPiece, ...]]:
    """Return the claims for these competencies whose passage does not fit the current file of their piece, and the
    pieces that a book does not print whole, in two queries; in four when there are such claims.
    """
    changes = draft_changes(session, candidacy_id)
    read = partial(_misfits, session, candidacy_id)
    numbers, unprinted = kept_while(session, ("misfits", candidacy_id), (changes.saved, changes.made), read)
    if not numbers:
        return (), unprinted
    found = fetch_rows(session, _PASSAGES_AMONG, {"candidacy": candidacy_id, "numbers": numbers})
    return _misplaced(session, candidacy_id, competencies, {row.number: row for row in found}), unprinted


def _misfits(session: Session, candidacy_id: UUID) -> tuple[list[int], tuple[UnprintedPiece, ...]]:
    """Return the numbers of the pieces whose claims name something that their current file does not have, and the
    pieces that a book does not print whole.
    """
    misfits: dict[str, bool] = {}
    numbers = []
    named, laid = fetch_together(session, _LOOKED_AT, {"candidacy": candidacy_id})
    for row in named:
        said = repr(row[1:])  # many pieces are alike: their passages are looked at once
        if said not in misfits:
            misfits[said] = any(_fault(passage, row) is not None for passage in row.passages.split("\n"))
        if misfits[said]:
            numbers.append(row.number)
    return numbers, unprinted_pieces(laid)


_CLAIMED = (
    select(Claim.evidence_id, Claim.passage)
    .where(Claim.candidacy_id == bindparam("candidacy"), Claim.passage != "")
    .distinct()
    .subquery()
)
_NAMED = (
    select(_CLAIMED.c.evidence_id, func.aggregate_strings(_CLAIMED.c.passage, "\n").label("passages"))
    .group_by(_CLAIMED.c.evidence_id)
    .subquery()
)
# A row for each piece with a passage, whatever the number of its claims.
_PASSAGES = (
    select(Evidence.number, EvidenceFile.family, EvidenceFile.pages, EvidenceFile.seconds, *shown_columns())
    .add_columns(_NAMED.c.passages)
    .join(EvidenceFile, EvidenceFile.evidence_id == Evidence.id)
    .join(_NAMED, _NAMED.c.evidence_id == Evidence.id)
    .outerjoin(*SHOWN)
    .where(Evidence.candidacy_id == bindparam("candidacy"), is_joined(Evidence), is_current_file())
)

_LOOKED_AT = Together(_PASSAGES, unprinted_rows())
_PASSAGES_AMONG = _PASSAGES.where(Evidence.number.in_(bindparam("numbers", expanding=True)))


def _fault(passage: str, row: Any) -> CitationError | None:
    """Return what is wrong with a passage, in the file of the row."""
    measure, shown = citation_unit(row.family, row.pages), shown_of(row)
    measured = last_of(row.family, row.pages, row.seconds, shown)
    return stored_citation_error(passage, measure, measured, shown.sheets, pending=shown.pending)


def _misplaced(
    session: Session, candidacy_id: UUID, competencies: Mapping[UUID, CompetencyFact], rows: Mapping[int, Any]
) -> tuple[MisplacedCitation, ...]:
    claims = session.execute(
        select(
            Claim.id, Claim.competency_id, Claim.passage, Evidence.id.label("piece"), Evidence.number, Evidence.title
        )
        .join(Evidence, Evidence.id == Claim.evidence_id)
        .where(Claim.candidacy_id == candidacy_id, Claim.passage != "", Evidence.number.in_(rows), is_joined(Evidence))
        .order_by(Evidence.number)
    )
    found = []
    for claim in claims:
        row = rows[claim.number]
        fault = _fault(claim.passage, row)
        if fault is not None and claim.competency_id in competencies:
            said = EvidenceDescription(title=claim.title, pages=row.pages)
            fact = EvidenceFact(claim.piece, claim.number, said, claimed=True)
            measure = citation_unit(row.family, row.pages)
            competency = competencies[claim.competency_id]
            found.append(MisplacedCitation(claim.id, competency, fact, claim.passage, measure, fault))
    return tuple(found)
