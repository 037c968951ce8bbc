"""What the page of one competency shows, and the claims that can still be made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.dossier.models import Claim, Dossier
from portfolio.dossier.rules import CompetencyFact, DossierRefusal, OwnText
from portfolio.dossier.services.draft import open_competencies
from portfolio.dossier.services.matrix import MatrixBlock, MatrixLine, matrix_of
from portfolio.dossier.services.path import Path
from portfolio.dossier.services.reading import ClaimView, NarrativeView, PieceView, claims_of, narratives_of, pieces_of
from portfolio.refusal import Refusal


@dataclass(frozen=True, slots=True)
class CompetencyPage:
    """Everything the candidate's page of one competency shows, but the conversation."""

    path: Path
    block: MatrixBlock
    line: MatrixLine
    narrative: NarrativeView | None
    claims: tuple[tuple[ClaimView, PieceView], ...]
    others: tuple[PieceView, ...]
    previous: CompetencyFact | None
    next: CompetencyFact | None


@dataclass(frozen=True, slots=True)
class OwnTexts:
    """The dossier's own texts, and the revision to build on."""

    texts: dict[OwnText, str]
    revision: int


def find_competency(session: Session, candidacy_id: UUID, competency_id: UUID) -> CompetencyPage | None:
    """Answer the page of a competency still to prove; None when it is out of scope. Raises Refusal: HELD, SUSPENDED."""
    matrix = matrix_of(session, candidacy_id)
    lines = [(block, line) for block in matrix.blocks for line in block.lines]
    here = next((place for place, (_block, line) in enumerate(lines) if line.fact.id == competency_id), None)
    if here is None:
        _say_closed(session, candidacy_id, competency_id)
        return None
    pieces = {piece.id: piece for piece in pieces_of(session, candidacy_id)}
    claims = claims_of(session, candidacy_id).get(competency_id, [])
    claimed = {claim.evidence_id for claim in claims}
    return CompetencyPage(
        matrix.path,
        *lines[here],
        narratives_of(session, candidacy_id).get(competency_id),
        tuple((claim, pieces[claim.evidence_id]) for claim in claims),
        tuple(piece for piece in pieces.values() if piece.id not in claimed),
        lines[here - 1][1].fact if here else None,
        lines[here + 1][1].fact if here + 1 < len(lines) else None,
    )


def _say_closed(session: Session, candidacy_id: UUID, competency_id: UUID) -> None:
    """Say why a competency asked for is not to prove; silent about one of another dossier."""
    try:
        open_competencies(session, candidacy_id, [competency_id])
    except Refusal as refusal:
        if refusal.code is not DossierRefusal.NOT_IN_SCOPE:
            raise


@dataclass(frozen=True, slots=True)
class Grid:
    """Every claim at once: the competencies to prove, the claims of each, the pieces."""

    path: Path
    lines: tuple[tuple[CompetencyFact, Sequence[ClaimView]], ...]
    pieces: tuple[PieceView, ...]


def grid_of(session: Session, candidacy_id: UUID) -> Grid:
    """Answer every claim of a candidacy beside its competency and its piece, in a constant number of queries."""
    matrix, claims = matrix_of(session, candidacy_id), claims_of(session, candidacy_id)
    lines = tuple((line.fact, claims.get(line.fact.id, ())) for line in matrix.lines())
    return Grid(matrix.path, lines, pieces_of(session, candidacy_id))


@dataclass(frozen=True, slots=True)
class OpenBlock:
    """A block with the competencies that a piece may still be claimed for."""

    number: int
    title: str
    competencies: tuple[CompetencyFact, ...]


def claimable(session: Session, candidacy_id: UUID, evidence_id: UUID) -> Sequence[OpenBlock]:
    """Answer, by block, the competencies still to prove that this piece is not claimed for yet."""
    matrix = matrix_of(session, candidacy_id)
    claimed = set(session.scalars(select(Claim.competency_id).where(Claim.evidence_id == evidence_id)))
    blocks = []
    for block in matrix.blocks:
        free = [line.fact for line in block.lines if line.fact.id not in claimed]
        if free:
            blocks.append(OpenBlock(block.number, block.title, tuple(free)))
    return blocks


def find_claim(session: Session, candidacy_id: UUID, claim_id: UUID) -> ClaimView | None:
    """Answer a claim of this candidacy; None for any other."""
    row = session.scalar(select(Claim).where(Claim.id == claim_id, Claim.candidacy_id == candidacy_id))
    return ClaimView(row.id, row.evidence_id, row.competency_id, row.passage, row.comment, row.revision) if row else None


def own_texts(session: Session, candidacy_id: UUID) -> OwnTexts:
    """Answer the dossier's own texts; raises NoResultFound when the candidacy does not exist."""
    dossier = session.get_one(Dossier, candidacy_id)
    return OwnTexts({text: getattr(dossier, text.value) for text in OwnText}, dossier.revision)
