"""Moving a hearing to another session of the same body and version, until its minutes are closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from portfolio.calendar import day_of
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.jury.models.sessions import Hearing, JurySession
from portfolio.domain.jury.models.statements import MemberAttendance
from portfolio.domain.jury.rules.enums import Attendance
from portfolio.domain.jury.rules.refusals import JuryRefusal
from portfolio.domain.jury.use_cases.passage import place_in_day
from portfolio.domain.jury.use_cases.planning import check_members_free, check_seats
from portfolio.domain.jury.use_cases.shared_employers import compare_members
from portfolio.domain.submission.models import Submission
from portfolio.domain.submission.use_cases.assessment_record import check_session_day
from portfolio.errors import Refusal


@dataclass(frozen=True, slots=True)
class Destination:
    """A session to come that could hear the candidate of a hearing instead."""

    id: UUID
    held_on: date
    place: str


def list_destinations(session: Session, hearing_id: UUID, today: date) -> tuple[Destination, ...]:
    """List the other sessions, today or later, of the same body and version, that never had this dossier, the
    next day first.
    """
    hearing = session.get_one(Hearing, hearing_id)
    jury = hearing.session
    listed = aliased(Hearing)
    query = select(JurySession).where(
        JurySession.body_id == jury.body_id,
        JurySession.version_id == jury.version_id,
        JurySession.id != jury.id,
        JurySession.held_on >= today,
        JurySession.cancelled_at.is_(None),
        ~exists().where(listed.session_id == JurySession.id, listed.submission_id == hearing.submission_id),
    )
    rows = session.scalars(query.order_by(JurySession.held_on, JurySession.id))
    return tuple(Destination(row.id, row.held_on, row.place) for row in rows)


def was_moved_to(session: Session, hearing_id: UUID, session_id: UUID | None) -> bool:
    """Return whether a hearing was moved to this session already: a second click finds it there."""
    hearing = session.get_one(Hearing, hearing_id)
    return hearing.moved_at is not None and hearing.session_id == session_id


def move_hearing(session: Session, hearing_id: UUID, session_id: UUID, *, by: UUID, at: datetime) -> Hearing:
    """Move a hearing to another session; moving it twice to the same one moves it once.

    Statements are about the candidate and the sealed dossier, so that they stay valid for the members who
    also sit in the new session; findings and draft decisions stay as they are written; presence, checked for
    the other day, is to check again. The summons of the candidate is then to
    update. Raises Refusal: already closed, a session of another body or version,
    over, that already had this dossier, or whose members may not judge the candidate (J10).
    """
    former_id = session.scalar(select(Hearing.session_id).where(Hearing.id == hearing_id))
    # Sessions in one order, then the hearing, then the candidacy: two moves wait for one another.
    query = (
        select(JurySession)
        .where(JurySession.id.in_([former_id, session_id]))
        .order_by(JurySession.id)
        .with_for_update()
    )
    juries = {jury_session.id: jury_session for jury_session in session.scalars(query)}
    hearing = session.get_one(Hearing, hearing_id, with_for_update=True, populate_existing=True)
    if hearing.closed_at is not None:
        raise Refusal(JuryRefusal.ALREADY_CLOSED)
    if hearing.session_id == session_id:
        return hearing
    former, target = juries.get(hearing.session_id), juries.get(session_id)
    if (
        former is None
        or target is None
        or (target.body_id, target.version_id) != (former.body_id, former.version_id)
    ):
        raise Refusal(JuryRefusal.OTHER_VERSION)
    _check_target(session, hearing, target, at)
    unchecked = _delete_attendance(session, hearing)
    place_in_day(target, hearing)
    hearing.session, hearing.moved_from_id, hearing.moved_at = target, former.id, at
    session.flush()
    facts = {"moved_from": former.id, "moved_to": target.id, "presence_to_check_again": unchecked}
    compare_members(session, target.id, at=at)
    record_event(session, "hearing_moved", ("hearing", hearing_id), by=by, at=at, **facts)
    return hearing


def _check_target(session: Session, hearing: Hearing, target: JurySession, at: datetime) -> None:
    submission = session.get_one(Submission, hearing.submission_id)
    candidacy = session.get_one(Candidacy, submission.candidacy_id, with_for_update=True)
    if target.cancelled_at is not None:
        raise Refusal(JuryRefusal.SESSION_CANCELLED, day=target.held_on.isoformat())
    if target.held_on < day_of(at):
        raise Refusal(JuryRefusal.SESSION_OVER, day=target.held_on.isoformat())
    if day_of(submission.submitted_at) > target.held_on:
        raise Refusal(JuryRefusal.SEALED_AFTER_SESSION, day=target.held_on.isoformat())
    check_session_day(session, submission, target.held_on)
    same = select(Hearing.id).where(
        Hearing.session_id == target.id, Hearing.submission_id == hearing.submission_id
    )
    if session.scalar(same) is not None:
        raise Refusal(JuryRefusal.NOT_WAITING)
    check_seats(target, candidacy)
    check_members_free(session, target, candidacy)


def _delete_attendance(session: Session, hearing: Hearing) -> int:
    rows = session.scalars(select(MemberAttendance).where(MemberAttendance.hearing_id == hearing.id)).all()
    for row in rows:
        session.delete(row)
    hearing.attendance = Attendance.HEARD
    return len(rows)
