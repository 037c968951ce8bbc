"""Record what a member opens, keep their private notes, and delete the notes when the reading ends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.orm import Session

from portfolio.db.engine import fetch_rows, insert_if_absent
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.certification.models import Competency
from portfolio.domain.jury.models.reading import ExhibitOpening, JurorNote
from portfolio.domain.jury.models.sessions import Hearing
from portfolio.domain.jury.rules.reading import NoteInput, NoteKind, ReadingExtent, reading_extent
from portfolio.domain.jury.rules.refusals import JuryRefusal
from portfolio.domain.submission.models import SealedFile, SubmittedBlock
from portfolio.errors import Conflict, Refusal

# Notes of one member on one hearing: more would be another dossier.
MAX_NOTES = 500
_PLACE = ("hearing_id", "person_id", "exhibit", "page")


def record_opening(
    session: Session, hearing_id: UUID, exhibit: str, page: int, *, by: UUID, at: datetime
) -> None:
    """Record that a member opened a page of an exhibit; the first time counts, the others change nothing."""
    values = {"hearing_id": hearing_id, "person_id": by, "exhibit": exhibit, "page": page, "opened_at": at}
    insert_if_absent(session, ExhibitOpening, _PLACE, **values)


# Asked at every page of the reader, so built once.
_OPENED = (
    select(ExhibitOpening.exhibit)
    .where(ExhibitOpening.hearing_id == bindparam("hearing"), ExhibitOpening.person_id == bindparam("person"))
    .distinct()
)
_NOTES = (
    select(
        *(JurorNote.id, JurorNote.kind, JurorNote.competency_id, JurorNote.exhibit, JurorNote.page),
        *(JurorNote.second, JurorNote.text, JurorNote.revision, JurorNote.changed_at),
    )
    .where(JurorNote.hearing_id == bindparam("hearing"), JurorNote.person_id == bindparam("person"))
    .order_by(JurorNote.changed_at.desc(), JurorNote.id)
    .limit(MAX_NOTES)
)


def load_extent(
    session: Session,
    hearing_id: UUID,
    person_id: UUID,
    sealed: Collection[str],
    opening: Collection[str] = (),
) -> ReadingExtent:
    """Return how much of the sealed exhibits a member opened; `opening`: what they open now, recorded with
    the answer.
    """
    opened = fetch_rows(session, _OPENED, {"hearing": hearing_id, "person": person_id})
    return reading_extent((*(row.exhibit for row in opened), *opening), sealed)


def load_extents(
    session: Session, hearings: Collection[Hearing], person_id: UUID
) -> dict[UUID, ReadingExtent]:
    """Return the same for several hearings, in two queries."""
    sealed: defaultdict[UUID, set[str]] = defaultdict(set)
    submissions = [hearing.submission_id for hearing in hearings]
    files = select(SealedFile.submission_id, SealedFile.exhibit).where(
        SealedFile.submission_id.in_(submissions)
    )
    for submission_id, exhibit in session.execute(files):
        sealed[submission_id].add(exhibit)
    opened: defaultdict[UUID, set[str]] = defaultdict(set)
    query = select(ExhibitOpening.hearing_id, ExhibitOpening.exhibit).distinct()
    mine = query.where(
        ExhibitOpening.hearing_id.in_([hearing.id for hearing in hearings]),
        ExhibitOpening.person_id == person_id,
    )
    for hearing_id, exhibit in session.execute(mine):
        opened[hearing_id].add(exhibit)
    return {
        hearing.id: reading_extent(opened[hearing.id], sealed[hearing.submission_id]) for hearing in hearings
    }


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


def list_notes(session: Session, hearing_id: UUID, person_id: UUID) -> list[PinnedNote]:
    """List the notes of one member on one hearing, questions first, the newest first."""
    rows = fetch_rows(session, _NOTES, {"hearing": hearing_id, "person": person_id})
    return sorted((PinnedNote(*row) for row in rows), key=lambda note: note.kind is not NoteKind.QUESTION)


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
        if (
            competency is None
            or session.get(SubmittedBlock, (hearing.submission_id, competency.block_id)) is None
        ):
            raise Refusal(JuryRefusal.OUT_OF_SCOPE)
    if note.exhibit is not None:
        known = select(SealedFile.exhibit).where(
            SealedFile.submission_id == hearing.submission_id, SealedFile.exhibit == note.exhibit
        )
        if session.scalar(known.limit(1)) is None:
            raise Refusal(JuryRefusal.OUT_OF_SCOPE)
