"""The interview sheet: the questions asked and what was heard, evidence of record once the minutes are closed
(R5).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.jury.models.deliberation import InterviewEntry
from portfolio.domain.jury.models.sessions import Hearing
from portfolio.domain.jury.rules.member_status import MemberState
from portfolio.domain.jury.rules.opinions import InterviewInput
from portfolio.domain.jury.rules.refusals import JuryRefusal
from portfolio.domain.jury.use_cases.exclusions import is_excluded
from portfolio.domain.jury.use_cases.in_session import lock_open, require_ready_member, require_session_day
from portfolio.domain.jury.use_cases.opinions import presented_competencies
from portfolio.errors import Conflict, Refusal

MAX_ENTRIES = 200
# What the jury reads of the sheet of a hearing; asked at every page and closing, so built once.
_READABLE = (
    select(InterviewEntry)
    .join(Hearing, Hearing.id == InterviewEntry.hearing_id)
    .where(Hearing.id == bindparam("hearing"), ~is_excluded(InterviewEntry.written_by))
)
_ENTRIES = _READABLE.order_by(InterviewEntry.changed_at, InterviewEntry.id).limit(MAX_ENTRIES)


def write_entry(
    session: Session, hearing_id: UUID, entry: InterviewInput, *, by: UUID, at: datetime
) -> InterviewEntry:
    """Write a line of the interview sheet.

    Raise Refusal: closed, before the day, not a member who read, past the limit.
    """
    hearing = _check(session, hearing_id, entry, by, at)
    number = select(func.count()).where(InterviewEntry.hearing_id == hearing.id)
    if session.scalars(number).one() >= MAX_ENTRIES:
        raise Refusal(JuryRefusal.TOO_MANY_NOTES, limit=MAX_ENTRIES)
    row = InterviewEntry(hearing_id=hearing_id, written_by=by, revision=1)
    _fill(row, entry, at)
    session.add(row)
    session.flush()
    record_event(session, "interview_entry_written", ("hearing", hearing_id), by=by, at=at)
    return row


def change_entry(
    session: Session,
    hearing_id: UUID,
    entry_id: UUID,
    entry: InterviewInput,
    *,
    revision: int,
    by: UUID,
    at: datetime,
) -> InterviewEntry:
    """Change a line.

    Raise Refusal as `write_entry` or when it is gone, Conflict when another member changed it meanwhile.
    """
    _check(session, hearing_id, entry, by, at)
    row = find_entry(session, hearing_id, entry_id)
    if row is None:
        raise Refusal(JuryRefusal.NOTE_GONE)
    if _value(row) == entry:
        return row
    if row.revision != revision:
        raise Conflict({"question": row.question, "heard": row.heard}, row.revision)
    _fill(row, entry, at)
    row.revision += 1
    record_event(session, "interview_entry_changed", ("hearing", hearing_id), by=by, at=at)
    return row


def list_entries(session: Session, hearing_id: UUID) -> list[InterviewEntry]:
    """List the lines of a hearing, in the order in which they were written; without those of a member recused
    or barred since.
    """
    return list(session.scalars(_ENTRIES, {"hearing": hearing_id}))


def find_entry(session: Session, hearing_id: UUID, entry_id: UUID) -> InterviewEntry | None:
    """Find a line of a hearing; none of a member recused or barred since."""
    return session.scalar(_READABLE.where(InterviewEntry.id == entry_id), {"hearing": hearing_id})


def entries_to_record(
    session: Session, hearing: Hearing, sitting: Collection[MemberState]
) -> list[dict[str, Any]]:
    """Return the lines as the minutes record them at closing."""
    rows = list_entries(session, hearing.id)
    labels = presented_competencies(session, hearing) if rows else {}
    names = {member.person: member.member.name for member in sitting}
    return [
        {
            "kind": str(row.kind),
            "competency": labels[row.competency_id][0] if row.competency_id in labels else "",
            "question": row.question,
            "heard": row.heard,
            "asked_by": names.get(row.asked_by, "") if row.asked_by else "",
        }
        for row in rows
    ]


def _check(session: Session, hearing_id: UUID, entry: InterviewInput, by: UUID, at: datetime) -> Hearing:
    hearing = lock_open(session, hearing_id)
    _own, sitting = require_ready_member(session, hearing, by)
    require_session_day(hearing, at)
    if entry.asked_by is not None and entry.asked_by not in {member.person for member in sitting}:
        raise Refusal(JuryRefusal.NOT_A_MEMBER)
    if entry.competency_id is not None and entry.competency_id not in presented_competencies(
        session, hearing
    ):
        raise Refusal(JuryRefusal.OUT_OF_SCOPE)
    return hearing


def _fill(row: InterviewEntry, entry: InterviewInput, at: datetime) -> None:
    row.kind, row.question, row.heard = entry.kind, entry.question, entry.heard
    row.asked_by, row.competency_id, row.changed_at = entry.asked_by, entry.competency_id, at


def _value(row: InterviewEntry) -> InterviewInput:
    return InterviewInput(row.kind, row.question, row.heard, row.asked_by, row.competency_id)
