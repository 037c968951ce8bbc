"""The rows of a whole draft, read once, in a number of queries that does not grow with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portfolio.candidacy.models import candidacy_block
from portfolio.certificate.services.held import HeldBlock, standing_blocks
from portfolio.certification.models import Block, Competency
from portfolio.dossier.models import Claim, Narrative
from portfolio.dossier.rules import Story
from portfolio.dossier.services.path import Path
from portfolio.evidence.models import Evidence, EvidenceFile
from portfolio.evidence.rules import Measure, Piece, measure_of


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

    @property
    def measure(self) -> Measure:
        """How passages of it are told."""
        return measure_of(self.family, self.piece.pages)


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


@dataclass(frozen=True, slots=True)
class BlockRows:
    """A block of the version with its competencies, whether it was asked for, since when it is held, or suspended."""

    block: Block
    competencies: tuple[Competency, ...]
    asked: bool
    held: HeldBlock | None
    suspended: bool = False

    @property
    def to_prove(self) -> bool:
        """Whether its competencies are to prove now: asked for, not held, and not waiting for the certifier's word (R10)."""
        return self.asked and self.held is None and not self.suspended


def blocks_of(session: Session, path: Path) -> tuple[BlockRows, ...]:
    """Answer the blocks of the candidacy's version with their competencies, in order, in two queries."""
    stand = standing_blocks(session, path.candidate_id, path.version_id)
    rows = session.execute(
        select(Block, Competency, candidacy_block.c.candidacy_id.is_not(None))
        .join(Competency, Competency.block_id == Block.id)
        .outerjoin(
            candidacy_block,
            (candidacy_block.c.block_id == Block.id) & (candidacy_block.c.candidacy_id == path.candidacy_id),
        )
        .where(Block.version_id == path.version_id)
        .order_by(Block.number, Competency.number)
    )
    grouped: dict[UUID, tuple[Block, bool, list[Competency]]] = {}
    for block, competency, asked in rows:
        grouped.setdefault(block.id, (block, asked, []))[2].append(competency)
    return tuple(
        BlockRows(block, tuple(found), asked, stand.held.get(block.id), block.id in stand.suspended)
        for block, asked, found in grouped.values()
    )


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
        row.revision, row.experience_id,
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
