"""The interview sheet: the questions asked and what was heard, evidence of record once the minutes are closed (R5).

The defence of a candidate before the jury: how long it lasted, recorded on the hearing and copied into the minutes.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, exists, func, select
from sqlalchemy.orm import Session, aliased

from portfolio.calendar import day_of
from portfolio.db.engine import new_id
from portfolio.domain.assessment.models import Defence
from portfolio.domain.assessment.rules import AssessmentRefusal, DefenceMinutes
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Submission
from portfolio.domain.jury.models.deliberation import InterviewEntry
from portfolio.domain.jury.models.sessions import Hearing
from portfolio.domain.jury.rules.enums import JuryRefusal
from portfolio.domain.jury.rules.member_status import MemberState
from portfolio.domain.jury.rules.opinions import InterviewInput
from portfolio.domain.jury_session.use_cases.deliberation import presented_competencies
from portfolio.domain.jury_session.use_cases.exclusions import is_excluded
from portfolio.domain.jury_session.use_cases.hearing_page import lock_open, require_ready_member
from portfolio.domain.jury_session.use_cases.loaders import require_open, require_sitting_day
from portfolio.domain.ledger.recording import append
from portfolio.errors import Conflict, Refusal

MAX_ENTRIES = 200
# What the jury reads of the sheet of a hearing; asked at every page and closing, so built once.
_READABLE = (
    select(InterviewEntry)
    .join(Hearing, Hearing.id == InterviewEntry.hearing_id)
    .where(Hearing.id == bindparam("hearing"), ~is_excluded(InterviewEntry.written_by))
)
_ENTRIES = _READABLE.order_by(InterviewEntry.changed_at, InterviewEntry.id).limit(MAX_ENTRIES)
_ALL_ENTRIES = (
    select(InterviewEntry)
    .where(InterviewEntry.hearing_id == bindparam("hearing"))
    .order_by(InterviewEntry.changed_at, InterviewEntry.id)
)


def write_entry(session: Session, hearing_id: UUID, entry: InterviewInput, *, by: UUID, at: datetime) -> InterviewEntry:
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
    session: Session, hearing_id: UUID, entry_id: UUID, entry: InterviewInput, *, revision: int, by: UUID, at: datetime
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
    session: Session, hearing: Hearing, sitting: Collection[MemberState], *, with_excluded: bool = False
) -> list[dict[str, Any]]:
    """Return the lines as the minutes record them; `with_excluded`: also those of a member recused or barred since."""
    every = session.scalars(_ALL_ENTRIES, {"hearing": hearing.id}).all() if with_excluded else None
    rows = list_entries(session, hearing.id) if every is None else every
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
    require_sitting_day(hearing, at)
    if entry.asked_by is not None and entry.asked_by not in {member.person for member in sitting}:
        raise Refusal(JuryRefusal.NOT_A_MEMBER)
    if entry.competency_id is not None and entry.competency_id not in presented_competencies(session, hearing):
        raise Refusal(JuryRefusal.OUT_OF_SCOPE)
    return hearing


def _fill(row: InterviewEntry, entry: InterviewInput, at: datetime) -> None:
    row.kind, row.question, row.heard = entry.kind, entry.question, entry.heard
    row.asked_by, row.competency_id, row.changed_at = entry.asked_by, entry.competency_id, at


def _value(row: InterviewEntry) -> InterviewInput:
    return InterviewInput(row.kind, row.question, row.heard, row.asked_by, row.competency_id)


# Asked at every page and closing of a hearing, so built once.
_later = aliased(Defence)
_CURRENT = select(Defence).where(
    Defence.hearing_id == bindparam("hearing"),
    ~exists().where(_later.replaces_id == Defence.id),
    # That of the sitting under way: one that ended keeps its own.
    Defence.recorded_at
    >= func.coalesce(
        select(Hearing.sits_since).where(Hearing.id == Defence.hearing_id).scalar_subquery(), Defence.recorded_at
    ),
)


def record_defence(session: Session, hearing_id: UUID, lasted: DefenceMinutes, *, by: UUID, at: datetime) -> Defence:
    """Record how long the defence lasted, or correct what was recorded by a later row; the same durations
    change nothing.

    Raises Refusal: the minutes are closed, the session's day has not come, or the candidate presents a livret
    2.
    """
    hearing = session.get_one(Hearing, hearing_id, with_for_update=True, populate_existing=True)
    if session.get_one(Submission, hearing.submission_id).kind is None:
        raise Refusal(AssessmentRefusal.HAS_DOSSIER)
    if hearing.closed_at is not None:
        raise Refusal(AssessmentRefusal.DEFENCE_CLOSED)
    require_open(hearing)
    if day_of(at) < hearing.sitting_day:
        raise Refusal(AssessmentRefusal.DEFENCE_DAY, day=hearing.sitting_day.isoformat())
    earlier = _current(session, hearing_id)
    if earlier is not None and value_of(earlier) == lasted:
        return earlier
    row = Defence(
        id=new_id(),
        hearing_id=hearing_id,
        presentation_minutes=lasted.presentation,
        questions_minutes=lasted.questions,
        recorded_at=at,
        recorded_by=by,
        replaces_id=earlier.id if earlier else None,
    )
    session.add(row)
    session.flush()
    facts = {"presentation": lasted.presentation, "questions": lasted.questions}
    record_event(session, "defence_recorded", ("hearing", hearing_id), by=by, at=at, **facts)
    append(session, [row], at=at)  # last: it takes the ledger's lock
    return row


def defence_of(session: Session, hearing_id: UUID) -> DefenceMinutes | None:
    """Return how long the defence of a hearing lasted, as it was recorded last; None while it is not."""
    row = _current(session, hearing_id)
    return value_of(row) if row else None


def value_of(row: Defence) -> DefenceMinutes:
    """Return the durations of a row as the rules read them."""
    return DefenceMinutes(row.presentation_minutes, row.questions_minutes)


def _current(session: Session, hearing_id: UUID) -> Defence | None:
    return session.scalar(_CURRENT, {"hearing": hearing_id})
