"""The rows of a whole draft, read once, in a number of queries that does not grow with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portfolio.dossier.models import Claim, Narrative
from portfolio.dossier.rules import Story
from portfolio.evidence.models import Evidence, EvidenceFile
from portfolio.evidence.rules import Measure, Piece, last_of, measure_of


@dataclass(frozen=True, slots=True)
class PieceView:
    """A piece in a list: its number, what it says of itself, its current file."""

    id: UUID
    number: int
    piece: Piece
    family: str
    file_name: str
    size: int
    sha256: str
    version: int
    revision: int
    experience_id: UUID | None
    # How long its current file plays, when it is known.
    seconds: int | None = None

    @property
    def measure(self) -> Measure:
        """How passages of it are told."""
        return measure_of(self.family, self.piece.pages)

    @property
    def countable(self) -> tuple[Measure, int | None]:
        """How passages of it are told, and how many pages or seconds it has, when it is known."""
        return self.measure, last_of(self.family, self.piece.pages, self.seconds)


@dataclass(frozen=True, slots=True)
class ClaimView:
    """A claim as the pages show it."""

    id: UUID
    evidence_id: UUID
    competency_id: UUID
    passage: str
    comment: str
    revision: int


@dataclass(frozen=True, slots=True)
class NarrativeView:
    """A narrative as the pages show it."""

    id: UUID
    story: Story
    revision: int


def pieces_of(session: Session, candidacy_id: UUID) -> tuple[PieceView, ...]:
    """Answer the pieces that were not removed, by number, with their current file, in one query."""
    last = select(func.max(EvidenceFile.number)).where(EvidenceFile.evidence_id == Evidence.id).correlate(Evidence)
    rows = session.execute(
        select(Evidence, EvidenceFile)
        .join(EvidenceFile, (EvidenceFile.evidence_id == Evidence.id) & (EvidenceFile.number == last.scalar_subquery()))
        .where(Evidence.candidacy_id == candidacy_id, Evidence.removed_at.is_(None))
        .order_by(Evidence.number)
    )
    return tuple(piece_view(row, file) for row, file in rows)


def piece_view(row: Evidence, file: EvidenceFile) -> PieceView:
    """Turn the rows of a piece into what the pages show."""
    return PieceView(
        row.id, row.number, row.as_value(file.pages), file.family, file.name, file.size, file.sha256, file.number,
        row.revision, row.experience_id, file.seconds,
    )  # fmt: skip


def claims_of(session: Session, candidacy_id: UUID) -> Mapping[UUID, list[ClaimView]]:
    """Answer the claims of a candidacy by competency, in the order of the pieces, in one query."""
    rows = session.execute(
        select(Claim.id, Claim.evidence_id, Claim.competency_id, Claim.passage, Claim.comment, Claim.revision)
        .join(Evidence, Evidence.id == Claim.evidence_id)
        .where(Claim.candidacy_id == candidacy_id, Evidence.removed_at.is_(None))
        .order_by(Evidence.number)
    )
    found: defaultdict[UUID, list[ClaimView]] = defaultdict(list)
    for row in rows:
        found[row.competency_id].append(ClaimView(*row))
    return found


def narratives_of(session: Session, candidacy_id: UUID) -> dict[UUID, NarrativeView]:
    """Answer the narratives of a candidacy by competency, in one query."""
    rows = session.scalars(select(Narrative).where(Narrative.candidacy_id == candidacy_id))
    return {
        row.competency_id: NarrativeView(row.id, Story(row.situation, row.actions, row.choices, row.result), row.revision)
        for row in rows
    }
