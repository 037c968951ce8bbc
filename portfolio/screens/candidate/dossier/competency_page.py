"""What the page of one competency shows, and the claims that can still be made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.domain.dossier.models import Claim, Dossier
from portfolio.domain.dossier.rules.draft import CompetencyFact, DossierRefusal, GeneralText
from portfolio.domain.dossier.use_cases.draft_lock import require_editable_competencies
from portfolio.domain.dossier.use_cases.draft_rows import (
    ClaimDetails,
    EvidenceSummary,
    NarrativeDetails,
    load_claims,
    load_narratives,
    load_pieces,
)
from portfolio.domain.dossier.use_cases.matrix import CompetencySummary, MatrixBlock, load_matrix
from portfolio.domain.dossier.use_cases.progress import Progress
from portfolio.errors import Refusal


@dataclass(frozen=True, slots=True)
class CompetencyPageData:
    """Everything the candidate's page of one competency shows, but the conversation."""

    path: Progress
    block: MatrixBlock
    line: CompetencySummary
    narrative: NarrativeDetails | None
    claims: tuple[tuple[ClaimDetails, EvidenceSummary], ...]
    others: tuple[EvidenceSummary, ...]
    previous: CompetencyFact | None
    next: CompetencyFact | None


@dataclass(frozen=True, slots=True)
class GeneralTexts:
    """The dossier's own texts, and the revision to build on."""

    texts: dict[GeneralText, str]
    revision: int


def find_competency_page(
    session: Session, candidacy_id: UUID, competency_id: UUID
) -> CompetencyPageData | None:
    """Return the page of a competency still to prove; None when it is out of scope.

    Raises Refusal: HELD, SUSPENDED.
    """
    matrix = load_matrix(session, candidacy_id)
    lines = [(block, line) for block in matrix.blocks for line in block.lines]
    here = next((place for place, (_block, line) in enumerate(lines) if line.fact.id == competency_id), None)
    if here is None:
        _say_closed(session, candidacy_id, competency_id)
        return None
    pieces = {piece.id: piece for piece in load_pieces(session, candidacy_id)}
    claims = load_claims(session, candidacy_id).get(competency_id, [])
    claimed = {claim.evidence_id for claim in claims}
    return CompetencyPageData(
        matrix.path,
        *lines[here],
        load_narratives(session, candidacy_id).get(competency_id),
        tuple((claim, pieces[claim.evidence_id]) for claim in claims),
        tuple(piece for piece in pieces.values() if piece.id not in claimed),
        lines[here - 1][1].fact if here else None,
        lines[here + 1][1].fact if here + 1 < len(lines) else None,
    )


def _say_closed(session: Session, candidacy_id: UUID, competency_id: UUID) -> None:
    """Say why a competency asked for is not to prove; silent about one of another dossier."""
    try:
        require_editable_competencies(session, candidacy_id, [competency_id])
    except Refusal as refusal:
        if refusal.code is not DossierRefusal.NOT_IN_SCOPE:
            raise


@dataclass(frozen=True, slots=True)
class ClaimsGrid:
    """Every claim at once: the competencies to prove, the claims of each, the pieces."""

    path: Progress
    lines: tuple[tuple[CompetencyFact, Sequence[ClaimDetails]], ...]
    pieces: tuple[EvidenceSummary, ...]


def load_claims_grid(session: Session, candidacy_id: UUID) -> ClaimsGrid:
    """Return every claim of a candidacy beside its competency and its piece, in a constant number of
    queries.
    """
    matrix, claims = load_matrix(session, candidacy_id), load_claims(session, candidacy_id)
    lines = tuple((line.fact, claims.get(line.fact.id, ())) for line in matrix.lines())
    return ClaimsGrid(matrix.path, lines, load_pieces(session, candidacy_id))


@dataclass(frozen=True, slots=True)
class OpenBlock:
    """A block with the competencies that a piece may still be claimed for."""

    number: int
    title: str
    competencies: tuple[CompetencyFact, ...]


def list_claimable_competencies(session: Session, candidacy_id: UUID) -> list[tuple[UUID, str]]:
    """Return the competencies still to prove, each with its number and its words, in the order of the
    certification.
    """
    return [
        (line.fact.id, f"{line.fact.label} {line.fact.text}")
        for line in load_matrix(session, candidacy_id).lines()
    ]


def list_claimable_blocks(session: Session, candidacy_id: UUID, evidence_id: UUID) -> Sequence[OpenBlock]:
    """Answer, by block, the competencies still to prove that this piece is not claimed for yet."""
    matrix = load_matrix(session, candidacy_id)
    claimed = set(session.scalars(select(Claim.competency_id).where(Claim.evidence_id == evidence_id)))
    blocks = []
    for block in matrix.blocks:
        free = [line.fact for line in block.lines if line.fact.id not in claimed]
        if free:
            blocks.append(OpenBlock(block.number, block.title, tuple(free)))
    return blocks


def find_claim(session: Session, candidacy_id: UUID, claim_id: UUID) -> ClaimDetails | None:
    """Return a claim of this candidacy; None for any other."""
    row = session.scalar(select(Claim).where(Claim.id == claim_id, Claim.candidacy_id == candidacy_id))
    return (
        ClaimDetails(row.id, row.evidence_id, row.competency_id, row.passage, row.comment, row.revision)
        if row
        else None
    )


def load_general_texts(session: Session, candidacy_id: UUID) -> GeneralTexts:
    """Return the dossier's own texts; raises NoResultFound when the candidacy does not exist."""
    dossier = session.get_one(Dossier, candidacy_id)
    return GeneralTexts({text: getattr(dossier, text.value) for text in GeneralText}, dossier.revision)
