"""Adjourn a deliberation and resume it with presence checked again."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.jury.models.deliberation import Adjournment, AttendanceChange
from portfolio.domain.jury.models.sessions import Hearing
from portfolio.domain.jury.rules.enums import Attendance, JuryRefusal
from portfolio.domain.jury.rules.member_status import MemberState
from portfolio.domain.jury_session.use_cases.declarations import check_presence, load_member_states
from portfolio.domain.jury_session.use_cases.deliberation import check_president
from portfolio.domain.jury_session.use_cases.hearing_page import lock_open, require_session_day
from portfolio.domain.jury_session.use_cases.loaders import find_adjournment
from portfolio.domain.jury_session.use_cases.opinions import find_opened
from portfolio.errors import Refusal

# Asked at every closing, so built once.
_STOPS = select(Adjournment).where(Adjournment.hearing_id == bindparam("hearing")).order_by(Adjournment.adjourned_at)
_MOVES = (
    select(AttendanceChange)
    .where(AttendanceChange.hearing_id == bindparam("hearing"))
    .order_by(AttendanceChange.noted_at)
)


def adjourn(
    session: Session, hearing_id: UUID, reason: str, resumes_on: date | None, *, by: UUID, at: datetime
) -> Adjournment:
    """Stop the deliberation for now; everything written is kept.

    Raise Refusal: not the president, or already adjourned.
    """
    hearing = lock_open(session, hearing_id)
    check_president(load_member_states(session, hearing), by)
    require_session_day(hearing, at)
    row = Adjournment(hearing_id=hearing_id, reason=reason, resumes_on=resumes_on, adjourned_at=at, adjourned_by=by)
    session.add(row)
    session.flush()
    record_event(session, "hearing_adjourned", ("hearing", hearing_id), by=by, at=at, resumes_on=resumes_on)
    return row


def change_resumption(session: Session, hearing_id: UUID, resumes_on: date | None, *, by: UUID, at: datetime) -> None:
    """Set the day on which an adjourned deliberation resumes; its letters are then to write.

    Raise Refusal: closed, not adjourned, or not the president.
    """
    hearing = session.get_one(Hearing, hearing_id, with_for_update=True)
    if hearing.closed_at is not None:
        raise Refusal(JuryRefusal.ALREADY_CLOSED)
    row = find_adjournment(session, hearing_id)
    if row is None:
        raise Refusal(JuryRefusal.NOT_ADJOURNED)
    check_president(load_member_states(session, hearing), by)
    row.resumes_on = resumes_on
    session.flush()
    record_event(session, "resumption_set", ("hearing", hearing_id), by=by, at=at, resumes_on=resumes_on)


def resume(session: Session, hearing_id: UUID, present: Collection[UUID], *, by: UUID, at: datetime) -> None:
    """Resume an adjourned deliberation with the members who are there now: quorum and composition are checked again.

    Raise Refusal: closed, not adjourned, not the president, or someone who is not a member.
    """
    hearing = session.get_one(Hearing, hearing_id, with_for_update=True)
    if hearing.closed_at is not None:
        raise Refusal(JuryRefusal.ALREADY_CLOSED)
    row = find_adjournment(session, hearing_id)
    if row is None:
        raise Refusal(JuryRefusal.NOT_ADJOURNED)
    check_president(load_member_states(session, hearing), by)
    row.resumed_at, row.resumed_by = at, by
    session.flush()
    record_event(session, "hearing_resumed", ("hearing", hearing_id), by=by, at=at)
    check_presence(session, hearing_id, present, Attendance(hearing.attendance), by=by, at=at)


def course_to_record(session: Session, hearing: Hearing, sitting: Collection[MemberState]) -> dict[str, Any]:
    """Return the course of the deliberation as the minutes record it: adjournments, departures, how opinions
    were opened.
    """
    names = {member.person: member.member.name for member in sitting}
    stops = session.scalars(_STOPS, {"hearing": hearing.id}).all()
    moves = session.scalars(_MOVES, {"hearing": hearing.id}).all()
    opened = find_opened(session, hearing.id)
    course: dict[str, Any] = {}
    if stops:
        course["adjournments"] = [
            {"at": row.adjourned_at.isoformat(), "reason": row.reason}
            | ({"resumes_on": row.resumes_on.isoformat()} if row.resumes_on else {})
            | ({"resumed_at": row.resumed_at.isoformat()} if row.resumed_at else {})
            for row in stops
        ]
    if moves:
        course["attendance_changes"] = [
            {"name": names.get(row.person_id, ""), "present": row.present, "at": row.noted_at.isoformat()}
            for row in moves
        ]
    if opened is not None:
        course["opinions_opened"] = {"at": opened.opened_at.isoformat(), "by_president": opened.opened_by is not None}
    return course
