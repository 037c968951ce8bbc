"""Read a page of the sealed dossier that a juror leafs through: its contents, and which competencies and
blocks are done.

Such a page shows no predicate, no finding and no decision: `hearing_page` reads those.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select, union_all
from sqlalchemy.orm import Session

from portfolio.db.engine import fetch_rows
from portfolio.domain.certification.models import Block, Competency
from portfolio.domain.evidence.rules.anchors import Anchor
from portfolio.domain.holdings.use_cases.holdings import HeldBlock, block_statuses_among
from portfolio.domain.jury.models.sessions import DecisionDraft, FindingDraft, Hearing, JurySession
from portfolio.domain.jury.use_cases.exclusions import is_readable
from portfolio.domain.submission.models import Submission
from portfolio.domain.submission.rules.dossier import (
    SealedClaim,
    SealedCompetency,
    SealedDossier,
    SealedExhibit,
)
from portfolio.domain.submission.rules.manifest import read_manifest


@dataclass(frozen=True, slots=True)
class ListedCompetency:
    """A competency in the table of contents, and whether the jury has recorded a finding."""

    id: UUID
    label: str
    text: str
    is_found: bool


@dataclass(frozen=True, slots=True)
class ListedBlock:
    """A block in the table of contents: presented, perhaps decided; or held, and then locked."""

    id: UUID
    number: int
    competencies: tuple[ListedCompetency, ...]
    presented: bool
    held: HeldBlock | None
    is_decided: bool

    @property
    def open(self) -> bool:
        """Whether this jury decides it."""
        return self.presented and self.held is None


@dataclass(frozen=True, slots=True)
class ExhibitClaim:
    """A sealed claim on an exhibit: for which competency, where to look, why, and the places that it
    names.
    """

    line: ListedCompetency
    passage: str
    comment: str
    anchors: tuple[Anchor, ...]


@dataclass(frozen=True)
class ReadingPageData:
    """A sealed dossier as a juror reads it."""

    id: UUID
    held_on: date
    closed_at: datetime | None
    root: str
    submitted_at: datetime
    sealed: SealedDossier
    blocks: tuple[ListedBlock, ...]
    # False for a member whose own opinions are awaited (domain §9).
    shows_drafts: bool = True

    @cached_property
    def uses(self) -> Mapping[str, Sequence[tuple[ListedCompetency, str]]]:
        """The competencies that each exhibit is claimed for, with the passage, by its label."""
        found: dict[str, list[tuple[ListedCompetency, str]]] = {
            exhibit.label: [] for exhibit in self.sealed.exhibits
        }
        for line, _, claim in self._claims():
            found.setdefault(claim.exhibit, []).append((line, claim.passage))
        return found

    def claims_on(self, exhibit: SealedExhibit) -> list[ExhibitClaim]:
        """Return the sealed claims that name an exhibit, with the places that they name in it."""
        return [
            ExhibitClaim(line, claim.passage, claim.comment, told.anchors_in(exhibit.label))
            for line, told, claim in self._claims()
            if claim.exhibit == exhibit.label
        ]

    def _claims(self) -> Iterator[tuple[ListedCompetency, SealedCompetency, SealedClaim]]:
        """Yield every sealed claim with its competency, in the order of the certification."""
        for block in self.blocks:
            for line in block.competencies:
                if (told := self.sealed.competency(line.label)) is not None:
                    for claim in told.claims:
                        yield line, told, claim


_HEARING = (
    select(
        *(Hearing.closed_at, JurySession.held_on, JurySession.version_id),
        *(Submission.root, Submission.submitted_at, Submission.manifest),
    )
    .join(JurySession, JurySession.id == Hearing.session_id)
    .join(Submission, Submission.id == Hearing.submission_id)
    .where(Hearing.id == bindparam("hearing"))
)
_COMPETENCIES = (
    select(Block.id, Block.number, Block.title, Competency.id, Competency.number, Competency.text)
    .join(Competency, Competency.block_id == Block.id)
    .where(Block.version_id == bindparam("version"))
    .order_by(Block.number, Competency.number)
)
_DONE = union_all(
    *(
        select(column)
        .join(Hearing, Hearing.id == table.hearing_id)
        .where(Hearing.id == bindparam("hearing"), is_readable(table))
        for table, column in (
            (FindingDraft, FindingDraft.competency_id),
            (DecisionDraft, DecisionDraft.block_id),
        )
    )
)


def load_reading_page(
    session: Session, hearing_id: UUID, candidate_id: UUID, *, with_drafts: bool = True
) -> ReadingPageData:
    """Read a sealed dossier for the jury of its candidate, in five queries, seven when an equivalence may
    start from a block; `with_drafts`: with what the presidency has noted.
    """
    (hearing,) = fetch_rows(session, _HEARING, {"hearing": hearing_id})
    sealed = read_manifest(hearing.manifest)
    rows = fetch_rows(session, _COMPETENCIES, {"version": hearing.version_id})
    names = list(dict.fromkeys((row[0], row[1], row[2]) for row in rows))
    held = block_statuses_among(session, candidate_id, names, on=hearing.held_on).held
    noted = fetch_rows(session, _DONE, {"hearing": hearing_id}) if with_drafts else ()
    done = {row[0] for row in noted}
    blocks = tuple(_listed(rows, sealed, held, done, is_closed=hearing.closed_at is not None))
    moments = (hearing.held_on, hearing.closed_at, hearing.root, hearing.submitted_at)
    return ReadingPageData(hearing_id, *moments, sealed, blocks, with_drafts)


def _listed(
    rows: Iterable[Any],
    sealed: SealedDossier,
    held: Mapping[UUID, HeldBlock],
    done: set[UUID],
    *,
    is_closed: bool,
) -> Iterator[ListedBlock]:
    """Yield the blocks presented, and those held today or when the dossier was sealed, in the order of the
    certification.
    """
    presented = {block.number for block in sealed.blocks}
    shown = presented | {block.number for block in sealed.held_blocks}
    for (block_id, number, _title), lines in groupby(rows, key=lambda row: (row[0], row[1], row[2])):
        if number not in shown and block_id not in held:
            continue
        competencies = tuple(
            ListedCompetency(key, f"{number}.{rank}", text, key in done) for _, _, _, key, rank, text in lines
        )
        # Once closed, a block this very jury granted is shown with its decision, not locked.
        holding = None if is_closed and number in presented else held.get(block_id)
        yield ListedBlock(block_id, number, competencies, number in presented, holding, block_id in done)
