"""What the pages of evidence show."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from portfolio.candidacy.models import Candidacy
from portfolio.certificate.services.held import standing_blocks
from portfolio.certification.models import Block, Competency
from portfolio.dossier.models import Claim, Experience
from portfolio.dossier.services import ClaimView, PieceView, piece_view, pieces_of, stand_of
from portfolio.evidence.models import Evidence, EvidenceFile
from portfolio.evidence.rules import (
    Advice,
    BlockStand,
    Description,
    MissingFact,
    PieceClaim,
    Touch,
    hints_for,
    missing_of,
    stays_as_it_is,
)
from portfolio.evidence.services.pieces import is_collected


@dataclass(frozen=True, slots=True)
class PieceLine:
    """A piece in the list: what it lacks, and the competencies it is claimed for (« 2.1 »)."""

    view: PieceView
    missing: tuple[MissingFact, ...]
    competencies: tuple[str, ...]
    # The first piece, added before, that has the same file.
    same: SamePiece | None = None


@dataclass(frozen=True, slots=True)
class SamePiece:
    """Another piece of the same dossier, whose current file is the same, byte for byte."""

    id: UUID
    number: int
    title: str


@dataclass(frozen=True, slots=True)
class FileVersion:
    """One version of a file."""

    number: int
    name: str
    mime: str
    family: str
    pages: int | None
    size: int
    sha256: str
    received_at: datetime
    key: str


@dataclass(frozen=True, slots=True)
class PieceClaimed:
    """A claim on the page of its piece."""

    claim: ClaimView
    label: str
    text: str
    block: int
    # A block held for ever, or that waits for the certifier's word, has its page closed (R6, R10).
    stand: BlockStand

    @property
    def held(self) -> bool:
        """Whether its block is held for ever."""
        return self.stand is BlockStand.HELD

    @property
    def suspended(self) -> bool:
        """Whether its block waits for the certifier's word."""
        return self.stand is BlockStand.SUSPENDED

    @property
    def is_open(self) -> bool:
        """Whether something is to prove there."""
        return self.stand is BlockStand.OPEN


@dataclass(frozen=True, slots=True)
class PiecePage:
    """Everything the page of a piece shows."""

    view: PieceView
    said: Description
    experience: str
    files: tuple[FileVersion, ...]
    claims: tuple[PieceClaimed, ...]
    missing: tuple[MissingFact, ...]
    advice: tuple[Advice, ...]
    # Signed by a third party: it is neither described nor replaced.
    collected: bool
    # The other pieces that have the same file, by number.
    same: tuple[SamePiece, ...] = ()

    def stays_for(self, touch: Touch) -> int | None:
        """The number of the suspended block for whose sake the piece stays as it is; None when it may be touched."""
        if not stays_as_it_is(touch, [one.stand for one in self.claims]):
            return None
        return next(one.block for one in self.claims if one.suspended)


def list_pieces(session: Session, candidacy_id: UUID) -> list[PieceLine]:
    """Answer the pieces of a candidacy by number, with what they lack and serve, in two queries."""
    rows = session.execute(
        select(Claim.evidence_id, Block.number, Competency.number)
        .join(Competency, Competency.id == Claim.competency_id)
        .join(Block, Block.id == Competency.block_id)
        .where(Claim.candidacy_id == candidacy_id)
        .order_by(Block.number, Competency.number)
    ).all()
    first: dict[str, SamePiece] = {}
    lines = []
    for view in pieces_of(session, candidacy_id):
        labels = tuple(f"{block}.{number}" for piece, block, number in rows if piece == view.id)
        lines.append(PieceLine(view, missing_of(view.piece), labels, first.get(view.sha256)))
        first.setdefault(view.sha256, _same(view))
    return lines


def find_piece(session: Session, candidacy_id: UUID, evidence_id: UUID, today: date) -> PiecePage | None:
    """Answer the page of a piece of this candidacy; None for any other, and for one that was removed."""
    row = session.scalar(
        select(Evidence)
        .where(Evidence.id == evidence_id, Evidence.candidacy_id == candidacy_id, Evidence.removed_at.is_(None))
        .options(selectinload(Evidence.files))
    )
    if row is None:
        return None
    view = piece_view(row, row.file)
    claims = _claims(session, candidacy_id, evidence_id)
    said = [PieceClaim(one.claim.passage, one.claim.comment) for one in claims]
    files = tuple(_version(file) for file in reversed(row.files))
    advice = hints_for(view.piece, said, today)
    experience = _experience(session, row.experience_id)
    collected = is_collected(session, evidence_id)
    same = tuple(_same(one) for one in pieces_of(session, candidacy_id) if one.sha256 == view.sha256 and one.id != evidence_id)
    return PiecePage(view, _said(row), experience, files, claims, missing_of(view.piece), advice, collected, same)


def _same(view: PieceView) -> SamePiece:
    return SamePiece(view.id, view.number, view.piece.title)


def find_same_files(session: Session, candidacy_id: UUID, digests: Collection[str]) -> dict[str, SamePiece]:
    """Return, by digest, the first piece of the dossier whose current file has it."""
    latest = select(func.max(EvidenceFile.number)).where(EvidenceFile.evidence_id == Evidence.id).scalar_subquery()
    rows = session.execute(
        select(EvidenceFile.sha256, Evidence.id, Evidence.number, Evidence.title)
        .join(Evidence, Evidence.id == EvidenceFile.evidence_id)
        .where(Evidence.candidacy_id == candidacy_id, Evidence.removed_at.is_(None), EvidenceFile.sha256.in_(digests))
        .where(EvidenceFile.number == latest.correlate(Evidence))
        .order_by(Evidence.number.desc())
    )
    return {sha256: SamePiece(key, number, title) for sha256, key, number, title in rows}


def find_file(session: Session, candidacy_id: UUID, evidence_id: UUID, number: int) -> FileVersion | None:
    """Answer one version of the file of a piece of this candidacy; None for any other, and once the piece is removed."""
    row = session.scalar(
        select(EvidenceFile)
        .join(Evidence, Evidence.id == EvidenceFile.evidence_id)
        .where(
            Evidence.id == evidence_id,
            Evidence.candidacy_id == candidacy_id,
            Evidence.removed_at.is_(None),
            EvidenceFile.number == number,
        )
    )
    return _version(row) if row else None


def experience_choices(session: Session, candidacy_id: UUID) -> Sequence[tuple[UUID, str]]:
    """Answer the experiences a piece may be attached to, the latest first."""
    rows = session.execute(
        select(Experience.id, Experience.post, Experience.structure)
        .where(Experience.candidacy_id == candidacy_id)
        .order_by(Experience.began_on.desc().nulls_last(), Experience.id)
    )
    return [(key, f"{post}, {structure}") for key, post, structure in rows]


def _claims(session: Session, candidacy_id: UUID, evidence_id: UUID) -> tuple[PieceClaimed, ...]:
    candidacy = session.get_one(Candidacy, candidacy_id)
    stand = standing_blocks(session, candidacy.candidate_id, candidacy.version_id, notified=True)
    rows = session.execute(
        select(Claim, Competency, Block.number)
        .join(Competency, Competency.id == Claim.competency_id)
        .join(Block, Block.id == Competency.block_id)
        .where(Claim.evidence_id == evidence_id)
        .order_by(Block.number, Competency.number)
    )
    return tuple(
        PieceClaimed(
            ClaimView(claim.id, evidence_id, competency.id, claim.passage, claim.comment, claim.revision),
            f"{block}.{competency.number}",
            competency.text,
            block,
            stand_of(competency.block_id, stand),
        )
        for claim, competency, block in rows
    )


def _said(row: Evidence) -> Description:
    return Description(**{field.name: getattr(row, field.name) for field in fields(Description)})


def _experience(session: Session, experience_id: UUID | None) -> str:
    row = session.get(Experience, experience_id) if experience_id else None
    return f"{row.post}, {row.structure}" if row else ""


def _version(row: EvidenceFile) -> FileVersion:
    return FileVersion(row.number, row.name, row.mime, row.family, row.pages, row.size, row.sha256, row.received_at, row.key)
