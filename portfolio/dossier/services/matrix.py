"""The signature picture: blocks × competencies × evidence, with the one next action."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from portfolio.certificate.services.held import HeldBlock
from portfolio.dossier.rules import (
    ClaimFact,
    CompetencyFact,
    CoverageState,
    Draft,
    MissingItem,
    NextAction,
    Opinion,
    PieceFact,
    Story,
    coverage_of,
    missing_for_submission,
    next_action,
)
from portfolio.dossier.services.basis import claim_part, digest_of, narrative_part
from portfolio.dossier.services.path import Path, path_of
from portfolio.dossier.services.reading import (
    BlockRows,
    ClaimView,
    NarrativeView,
    PieceView,
    blocks_of,
    claims_of,
    narratives_of,
    pieces_of,
)
from portfolio.evidence.rules import is_described
from portfolio.review.models import Mark
from portfolio.review.rules import is_outdated


@dataclass(frozen=True, slots=True)
class MatrixLine:
    """One competency of the matrix: what it shows, its claims, its narrative."""

    fact: CompetencyFact
    claims: tuple[ClaimView, ...]
    narrative: NarrativeView | None


@dataclass(frozen=True, slots=True)
class MatrixBlock:
    """One block of the matrix: its competencies to prove, the day since which it is held, or that it is suspended (R10)."""

    id: UUID
    number: int
    title: str
    asked: bool
    held: HeldBlock | None
    lines: tuple[MatrixLine, ...]
    suspended: bool = False


@dataclass(frozen=True, slots=True)
class Matrix:
    """Everything the home and the grid of a dossier show."""

    path: Path
    blocks: tuple[MatrixBlock, ...]
    pieces: tuple[PieceView, ...]
    draft: Draft
    action: NextAction

    def lines(self) -> Iterator[MatrixLine]:
        """The competencies to prove, in the order of the certification."""
        return (line for block in self.blocks for line in block.lines)

    def count(self, *states: CoverageState) -> int:
        """How many competencies to prove are in one of these states."""
        return sum(line.fact.coverage.state in states for line in self.lines())


def matrix_of(session: Session, candidacy_id: UUID) -> Matrix:
    """Answer the whole matrix of a candidacy, in eleven queries whatever its size."""
    # Marks look at what stands behind a competency, and the matrix looks at marks: the two folders name each other.
    from portfolio.review.services.marks import latest_marks

    path = path_of(session, candidacy_id)
    blocks = blocks_of(session, path)
    pieces = pieces_of(session, candidacy_id)
    claims = claims_of(session, candidacy_id)
    told = _Told(pieces, claims, narratives_of(session, candidacy_id), latest_marks(session, [candidacy_id])[candidacy_id])
    shown = tuple(told.block(rows) for rows in blocks)
    claimed = {claim.evidence_id for found in claims.values() for claim in found}
    draft = Draft(
        path.state,
        tuple(line.fact for block in shown for line in block.lines),
        tuple(PieceFact(one.id, one.number, one.piece, one.id in claimed) for one in pieces),
        path.experiences,
        path.texts,
        path.stage,
    )
    return Matrix(path, shown, pieces, draft, next_action(draft))


def draft_of(session: Session, candidacy_id: UUID) -> Draft:
    """Answer the draft of a candidacy as the rules look at it: in scope, not held, with what each lacks."""
    return matrix_of(session, candidacy_id).draft


def readiness_of(session: Session, candidacy_id: UUID) -> tuple[MissingItem, ...]:
    """Answer what a submission of this draft would lack, what prevents it first; it is what the checklist shows."""
    return missing_for_submission(draft_of(session, candidacy_id))


class _Told:
    """What was read of a draft, looked at competency by competency."""

    def __init__(
        self,
        pieces: Sequence[PieceView],
        claims: Mapping[UUID, list[ClaimView]],
        narratives: Mapping[UUID, NarrativeView],
        marks: Mapping[UUID, Mark],
    ) -> None:
        self._pieces = {piece.id: piece for piece in pieces}
        self._claims = claims
        self._narratives = narratives
        self._marks = marks

    def block(self, rows: BlockRows) -> MatrixBlock:
        block = rows.block
        lines = tuple(
            self._line(block.number, competency.number, competency.id, competency.text) for competency in rows.competencies
        )
        shown = lines if rows.to_prove else ()
        return MatrixBlock(block.id, block.number, block.title, rows.asked, rows.held, shown, rows.suspended)

    def _line(self, block: int, number: int, competency_id: UUID, text: str) -> MatrixLine:
        claims = tuple(self._claims.get(competency_id, ()))
        narrative = self._narratives.get(competency_id)
        facts = [self._fact(claim) for claim in claims]
        mark = self._marks.get(competency_id)
        outdated = mark is not None and is_outdated(mark.basis, self._basis(claims, narrative))
        coverage = coverage_of(
            narrative.story if narrative else Story(), facts, Opinion(mark.value.value) if mark else None, outdated=outdated
        )
        fact = CompetencyFact(competency_id, block, number, text, coverage)
        return MatrixLine(fact, claims, narrative)

    def _fact(self, claim: ClaimView) -> ClaimFact:
        described = is_described(self._pieces[claim.evidence_id].piece)
        return ClaimFact(claim.evidence_id, claim.passage, claim.comment, described)

    def _basis(self, claims: Sequence[ClaimView], narrative: NarrativeView | None) -> str:
        parts = []
        for claim in claims:
            piece = self._pieces[claim.evidence_id]
            parts.append(claim_part(claim.id, claim.revision, piece.id, piece.revision, piece.sha256))
        if narrative:
            parts.append(narrative_part(narrative.id, narrative.revision))
        return digest_of(parts) if parts else ""
