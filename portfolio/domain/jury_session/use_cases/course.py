"""The course of a deliberation as the minutes record it: adjournments, departures, how opinions were opened."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from portfolio.domain.jury.models.deliberation import Adjournment, AttendanceChange
from portfolio.domain.jury.models.sessions import Hearing
from portfolio.domain.jury.rules.member_status import MemberState
from portfolio.domain.jury_session.use_cases.deliberation import find_opened

# Asked at every closing, so built once.
_STOPS = select(Adjournment).where(Adjournment.hearing_id == bindparam("hearing")).order_by(Adjournment.adjourned_at)
_MOVES = (
    select(AttendanceChange)
    .where(AttendanceChange.hearing_id == bindparam("hearing"))
    .order_by(AttendanceChange.noted_at)
)


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
            | ({"reason": row.reason} if row.reason else {})
            | ({"candidate": str(row.attendance)} if row.attendance else {})
            for row in moves
        ]
    if opened is not None:
        course["opinions_opened"] = {"at": opened.opened_at.isoformat(), "by_president": opened.opened_by is not None}
    return course
