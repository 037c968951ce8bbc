"""The rows of a whole draft, read once, in a number of queries that does not grow with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Bundle, Session

from portfolio.domain.dossier.models import Claim, Narrative
from portfolio.domain.dossier.rules.coverage import NarrativeText
from portfolio.domain.evidence.models.evidence import (
    Evidence,
    EvidenceFile,
    description_columns,
    description_of,
)
from portfolio.domain.evidence.rules.anchors import Anchor, anchors_from_json
from portfolio.domain.evidence.rules.citation import CitationUnit, ShownExtent, citation_unit, last_of
from portfolio.domain.evidence.rules.description import EvidenceDescription
from portfolio.domain.evidence.rules.sheets import Sheet
from portfolio.domain.evidence.use_cases.file_extent import shown_columns, shown_of


@dataclass(frozen=True, slots=True)
class EvidenceSummary:
    """A piece in a list: its number, what it says of itself, its current file."""

    id: UUID
    number: int
    piece: EvidenceDescription
    family: str
    file_name: str
    size: int
    sha256: str
    version: int
    revision: int
    experience_id: UUID | None
    # How long its current file plays, when it is known.
    seconds: int | None = None
    shown: ShownExtent | None = None

    @property
    def measure(self) -> CitationUnit:
        """How passages of it are told."""
        return citation_unit(self.family, self.piece.pages)

    @property
    def countable(self) -> tuple[CitationUnit, int | None, tuple[Sheet, ...]]:
        """How passages of it are told, and how many pages or seconds it has, when it is known."""
        last = last_of(self.family, self.piece.pages, self.seconds, self.shown)
        return self.measure, last, self.shown.sheets if self.shown else ()


@dataclass(frozen=True, slots=True)
class ClaimDetails:
    """A claim as the pages show it."""

    id: UUID
    evidence_id: UUID
    competency_id: UUID
    passage: str
    comment: str
    revision: int
    # The regions and quoted passages that it names, and the version of the file that its author had before
    # them.
    anchors: tuple[Anchor, ...] = ()
    file_version: int | None = None


@dataclass(frozen=True, slots=True)
class NarrativeDetails:
    """A narrative as the pages show it."""

    id: UUID
    story: NarrativeText
    revision: int


def load_pieces(session: Session, candidacy_id: UUID) -> tuple[EvidenceSummary, ...]:
    """Return the pieces that were not removed, by number, with their current file, in one query."""
    last = (
        select(func.max(EvidenceFile.number))
        .where(EvidenceFile.evidence_id == Evidence.id)
        .correlate(Evidence)
    )
    rows = session.execute(
        select(PIECE_COLUMNS, FILE_COLUMNS)
        .join(
            EvidenceFile,
            (EvidenceFile.evidence_id == Evidence.id) & (EvidenceFile.number == last.scalar_subquery()),
        )
        .where(Evidence.candidacy_id == candidacy_id, Evidence.removed_at.is_(None))
        .order_by(Evidence.number)
    )
    return tuple(evidence_summary(piece, file) for piece, file in rows)


# What `evidence_summary` reads of a piece and of its file: a list has no use for the rest.
PIECE_COLUMNS: Bundle[Any] = Bundle(
    "piece", Evidence.id, Evidence.number, Evidence.revision, *description_columns()
)
FILE_COLUMNS: Bundle[Any] = Bundle(
    "file", EvidenceFile.family, EvidenceFile.name, EvidenceFile.size, EvidenceFile.sha256,
    EvidenceFile.number, EvidenceFile.pages, EvidenceFile.seconds, *shown_columns(),
)  # fmt: skip


def evidence_summary(piece: Any, file: Any, shown: ShownExtent | None = None) -> EvidenceSummary:
    """Return what the pages show of a piece: both are rows of the tables, or these columns of them; `shown`
    goes with a row of the table.
    """
    return EvidenceSummary(
        piece.id, piece.number, description_of(piece, file.pages), file.family, file.name, file.size,
        file.sha256, file.number, piece.revision, piece.experience_id, file.seconds, shown or shown_of(file),
    )  # fmt: skip


def load_claims(session: Session, candidacy_id: UUID) -> Mapping[UUID, list[ClaimDetails]]:
    """Return the claims of a candidacy by competency, in the order of the pieces, in one query."""
    rows = session.execute(
        select(Claim.id, Claim.evidence_id, Claim.competency_id, Claim.passage, Claim.comment, Claim.revision)
        .add_columns(Claim.anchors, Claim.file_version)
        .join(Evidence, Evidence.id == Claim.evidence_id)
        .where(Claim.candidacy_id == candidacy_id, Evidence.removed_at.is_(None))
        .order_by(Evidence.number)
    )
    found: defaultdict[UUID, list[ClaimDetails]] = defaultdict(list)
    for row in rows:
        id, evidence_id, competency_id, passage, comment, revision = row[:6]
        details = ClaimDetails(id, evidence_id, competency_id, passage, comment, revision)
        anchored = replace(details, anchors=anchors_from_json(row.anchors), file_version=row.file_version)
        found[competency_id].append(anchored)
    return found


def load_narratives(session: Session, candidacy_id: UUID) -> dict[UUID, NarrativeDetails]:
    """Return the narratives of a candidacy by competency, in one query."""
    rows = session.scalars(select(Narrative).where(Narrative.candidacy_id == candidacy_id))
    return {
        row.competency_id: NarrativeDetails(
            row.id, NarrativeText(row.situation, row.actions, row.choices, row.result), row.revision
        )
        for row in rows
    }
