"""Record what a member opens, keep their private notes, and delete the notes when the reading ends.

Read a page of the sealed dossier that a juror leafs through: its contents, and which competencies and blocks are done.

Such a page shows no predicate, no finding and no decision: `hearing_page` reads those.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, delete, func, select, union_all
from sqlalchemy.orm import Session

from portfolio.db.engine import fetch_rows, fetch_together, insert_if_absent
from portfolio.db.together import Together
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import SealedFile, Submission, SubmittedBlock
from portfolio.domain.certification.models import Block, Competency
from portfolio.domain.dossier.rules.anchors import Anchor
from portfolio.domain.holdings.use_cases.holdings import HeldBlock, block_statuses_among
from portfolio.domain.jury.models.deliberation import ExhibitOpening, JurorNote
from portfolio.domain.jury.models.sessions import DecisionDraft, FindingDraft, Hearing, JurySession, sitting_day
from portfolio.domain.jury.rules.enums import JuryRefusal
from portfolio.domain.jury.rules.opinions import NoteInput, NoteKind, ReadingExtent, reading_extent
from portfolio.domain.jury_session.use_cases.exclusions import is_readable
from portfolio.domain.submission.rules.dossier import SealedClaim, SealedCompetency, SealedDossier, SealedExhibit
from portfolio.domain.submission.rules.manifest import read_manifest
from portfolio.errors import Conflict, Refusal

# Notes of one member on one hearing: more would be another dossier.
MAX_NOTES = 500
_PLACE = ("hearing_id", "person_id", "exhibit", "page")


def record_opening(session: Session, hearing_id: UUID, exhibit: str, page: int, *, by: UUID, at: datetime) -> None:
    """Record that a member opened a page of an exhibit; the first time counts, the others change nothing."""
    values = {"hearing_id": hearing_id, "person_id": by, "exhibit": exhibit, "page": page, "opened_at": at}
    insert_if_absent(session, ExhibitOpening, _PLACE, **values)


# Asked at every page of the reader, so built once: the exhibits that a member opened, and their notes.
_MARGIN = Together(
    select(ExhibitOpening.exhibit)
    .where(ExhibitOpening.hearing_id == bindparam("hearing"), ExhibitOpening.person_id == bindparam("person"))
    .distinct(),
    select(
        *(JurorNote.id, JurorNote.kind, JurorNote.competency_id, JurorNote.exhibit, JurorNote.page),
        *(JurorNote.second, JurorNote.text, JurorNote.revision, JurorNote.changed_at),
    )
    .where(JurorNote.hearing_id == bindparam("hearing"), JurorNote.person_id == bindparam("person"))
    .order_by(JurorNote.changed_at.desc(), JurorNote.id)
    .limit(MAX_NOTES),
)


def load_extents(session: Session, hearings: Collection[Hearing], person_id: UUID) -> dict[UUID, ReadingExtent]:
    """Return how much of the sealed exhibits of each hearing a member opened, in two queries."""
    sealed: defaultdict[UUID, set[str]] = defaultdict(set)
    submissions = [hearing.submission_id for hearing in hearings]
    files = select(SealedFile.submission_id, SealedFile.exhibit).where(SealedFile.submission_id.in_(submissions))
    for submission_id, exhibit in session.execute(files):
        sealed[submission_id].add(exhibit)
    opened: defaultdict[UUID, set[str]] = defaultdict(set)
    query = select(ExhibitOpening.hearing_id, ExhibitOpening.exhibit).distinct()
    mine = query.where(
        ExhibitOpening.hearing_id.in_([hearing.id for hearing in hearings]), ExhibitOpening.person_id == person_id
    )
    for hearing_id, exhibit in session.execute(mine):
        opened[hearing_id].add(exhibit)
    return {hearing.id: reading_extent(opened[hearing.id], sealed[hearing.submission_id]) for hearing in hearings}


class PinnedNote(NamedTuple):
    """A note of a member, with the place it is about: the columns of a `JurorNote`."""

    id: UUID
    kind: NoteKind
    competency_id: UUID | None
    exhibit: str | None
    page: int | None
    second: int | None
    text: str
    revision: int
    changed_at: datetime


def load_margin(
    session: Session, hearing_id: UUID, person_id: UUID, sealed: Collection[str] = (), opening: Collection[str] = ()
) -> tuple[ReadingExtent, list[PinnedNote]]:
    """Return how much of the sealed exhibits a member opened, and their notes on a hearing, questions first, the newest
    first; `opening`: the exhibits that they open now, recorded with the answer.
    """
    opened, rows = fetch_together(session, _MARGIN, {"hearing": hearing_id, "person": person_id})
    notes = sorted((PinnedNote(*row) for row in rows), key=lambda note: (note.changed_at, note.id), reverse=True)
    notes.sort(key=lambda note: note.kind is not NoteKind.QUESTION)
    return reading_extent((*(row.exhibit for row in opened), *opening), sealed), notes


def write_note(session: Session, hearing_id: UUID, note: NoteInput, *, by: UUID, at: datetime) -> JurorNote:
    """Write a private note.

    Raise Refusal when the minutes are closed, when the competency or the exhibit is not in the dossier, or
    past the limit.
    """
    hearing = _lock_open(session, hearing_id)
    _check_place(session, hearing, note)
    mine = select(func.count()).where(JurorNote.hearing_id == hearing_id, JurorNote.person_id == by)
    if session.scalars(mine).one() >= MAX_NOTES:
        raise Refusal(JuryRefusal.TOO_MANY_NOTES, limit=MAX_NOTES)
    place = (note.competency_id, note.exhibit, note.page, note.second)
    names = ("competency_id", "exhibit", "page", "second")
    row = JurorNote(
        hearing_id=hearing_id,
        person_id=by,
        kind=note.kind,
        text=note.text,
        changed_at=at,
        **dict(zip(names, place, strict=True)),
    )
    session.add(row)
    session.flush()
    record_event(session, "juror_note_written", ("hearing", hearing_id), by=by, at=at)
    return row


def change_note(
    session: Session,
    hearing_id: UUID,
    note_id: UUID,
    kind: NoteKind,
    text: str,
    *,
    revision: int,
    by: UUID,
    at: datetime,
) -> JurorNote:
    """Change a note of one's own.

    Raise Refusal when it is not one's own, Conflict when it changed meanwhile.
    """
    _lock_open(session, hearing_id)
    row = find_note(session, hearing_id, note_id, by)
    if row is None:
        raise Refusal(JuryRefusal.NOTE_GONE)
    if (row.kind, row.text) == (kind, text):
        return row
    if row.revision != revision:
        raise Conflict({"text": row.text, "kind": str(row.kind)}, row.revision)
    row.kind, row.text, row.revision, row.changed_at = kind, text, row.revision + 1, at
    record_event(session, "juror_note_changed", ("hearing", hearing_id), by=by, at=at)
    return row


def delete_note(session: Session, hearing_id: UUID, note_id: UUID, *, by: UUID, at: datetime) -> None:
    """Delete a note of one's own; an unknown one changes nothing."""
    row = find_note(session, hearing_id, note_id, by)
    if row is None:
        return
    session.delete(row)
    record_event(session, "juror_note_deleted", ("hearing", hearing_id), by=by, at=at)


def find_note(session: Session, hearing_id: UUID, note_id: UUID, person_id: UUID) -> JurorNote | None:
    """Find a note of a member; None when it is another member's."""
    return session.scalar(
        select(JurorNote).where(
            JurorNote.id == note_id, JurorNote.hearing_id == hearing_id, JurorNote.person_id == person_id
        )
    )


def purge_notes(session: Session, *, closed_before: datetime) -> int:
    """Delete the notes on hearings closed before that moment; return how many were deleted."""
    over = select(Hearing.id).where(Hearing.closed_at < closed_before)
    gone = session.scalars(select(JurorNote.id).where(JurorNote.hearing_id.in_(over))).all()
    if gone:
        session.execute(delete(JurorNote).where(JurorNote.hearing_id.in_(over)))
    return len(gone)


def _lock_open(session: Session, hearing_id: UUID) -> Hearing:
    hearing = session.get_one(Hearing, hearing_id, with_for_update={"read": True})
    if hearing.closed_at is not None:
        raise Refusal(JuryRefusal.ALREADY_CLOSED)
    return hearing


def _check_place(session: Session, hearing: Hearing, note: NoteInput) -> None:
    if note.competency_id is not None:
        competency = session.get(Competency, note.competency_id)
        if competency is None or session.get(SubmittedBlock, (hearing.submission_id, competency.block_id)) is None:
            raise Refusal(JuryRefusal.OUT_OF_SCOPE)
    if note.exhibit is not None:
        known = select(SealedFile.exhibit).where(
            SealedFile.submission_id == hearing.submission_id, SealedFile.exhibit == note.exhibit
        )
        if session.scalar(known.limit(1)) is None:
            raise Refusal(JuryRefusal.OUT_OF_SCOPE)


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
        """Tell whether this jury decides it."""
        return self.presented and self.held is None


@dataclass(frozen=True, slots=True)
class ExhibitClaim:
    """A sealed claim on an exhibit: for which competency, where to look, why, and the places that it names."""

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
    # False for a member whose own opinions are awaited (domain §4).
    shows_drafts: bool = True

    @cached_property
    def uses(self) -> Mapping[str, Sequence[tuple[ListedCompetency, str]]]:
        """Return the competencies that each exhibit is claimed for, with the passage, by its label."""
        found: dict[str, list[tuple[ListedCompetency, str]]] = {exhibit.label: [] for exhibit in self.sealed.exhibits}
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
        *(Hearing.closed_at, sitting_day().label("held_on"), JurySession.version_id),
        *(Submission.root, Submission.submitted_at, Submission.manifest),
    )
    .join(Hearing.session)
    .join(Hearing.submission)
    .where(Hearing.id == bindparam("hearing"))
)
_COMPETENCIES = (
    select(Block.id, Block.number, Block.title, Competency.id, Competency.number, Competency.text)
    .join(Block.competencies)
    .where(Block.version_id == bindparam("version"))
    .order_by(Block.number, Competency.number)
)
_DONE = union_all(
    *(
        select(column)
        .join(Hearing, Hearing.id == table.hearing_id)
        .where(Hearing.id == bindparam("hearing"), is_readable(table))
        for table, column in ((FindingDraft, FindingDraft.competency_id), (DecisionDraft, DecisionDraft.block_id))
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
    rows: Iterable[Any], sealed: SealedDossier, held: Mapping[UUID, HeldBlock], done: set[UUID], *, is_closed: bool
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
