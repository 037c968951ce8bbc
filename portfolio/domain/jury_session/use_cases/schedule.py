"""The day of a session: its date, its hours, its place, the order of passage; moved, cancelled, each with its letters.

Moving a hearing to another session of the same body and version: the sitting under way ends.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from portfolio.calendar import PARIS, day_of
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy, Submission
from portfolio.domain.certification.use_cases.partners import find_site
from portfolio.domain.jury.models.sessions import Hearing, JurySession
from portfolio.domain.jury.models.statements import Summons
from portfolio.domain.jury.rules.enums import JuryRefusal
from portfolio.domain.jury.rules.passage import (
    CalendarMethod,
    ScheduleInput,
    ScheduleRefusal,
    SendingReason,
    SessionHours,
    SummonsEvent,
    SummonsObstacle,
    is_outdated,
    slots_in,
    summons_obstacles,
)
from portfolio.domain.jury.rules.predicates import is_regular
from portfolio.domain.jury.rules.sitting import SittingEnding
from portfolio.domain.jury_session.use_cases.letters import (
    notify_hearing_cancelled,
    notify_hearing_scheduled,
    notify_session_cancelled,
    recipient_of_hearing,
    recipient_of_member,
    summon_member,
)
from portfolio.domain.jury_session.use_cases.loaders import load_adjourned
from portfolio.domain.jury_session.use_cases.minutes import answers_of, binds_one, last_composition
from portfolio.domain.jury_session.use_cases.planning import (
    check_members_free,
    check_seats,
    extra_minutes,
    hours_of,
    order_of,
    place_in_day,
)
from portfolio.domain.jury_session.use_cases.pool import compare_members
from portfolio.domain.jury_session.use_cases.sittings import (
    EndingAct,
    begun_and_acted_on,
    end_sittings,
    end_under_way,
    forget_opinions_of_others,
    require_reason,
)
from portfolio.domain.jury_session.use_cases.summons import event_of, find_summons
from portfolio.domain.ledger.recording import append
from portfolio.domain.submission.use_cases.assessment_record import check_session_day
from portfolio.errors import Conflict, Refusal


def set_schedule(
    session: Session, session_id: UUID, typed: ScheduleInput, *, revision: int, reason: str = "", by: UUID, at: datetime
) -> None:
    """Set the day, the hours and the place of a session; the order of passage stays, and no letter is written.

    Another day ends the sittings under way, for `reason`: nothing made on one day stands for another (domain §10).
    Raise Conflict when the day was set since the form was opened, Refusal when minutes are closed, the session is
    cancelled, the day is past or comes before the deposit of a candidate, its first hour has passed today, or the hours
    do not hold every interview.
    """
    jury = _open_session(session, session_id)
    if (jury.schedule_revision or 0) != revision:
        raise Conflict(_texts(jury), jury.schedule_revision or 0)
    if typed.hours is not None and (refused := typed.hours.refusal) is not None:
        raise Refusal(refused)
    if typed.site_id is not None and find_site(session, jury.body_id, typed.site_id) is None:
        raise Refusal(JuryRefusal.SITE_UNKNOWN)
    former = jury.held_on
    if typed.held_on != former:
        _check_day(session, jury, typed.held_on, at)
    if typed.hours is not None and (typed.held_on != former or typed.hours.start != jury.start_minute):
        _check_hour(typed.held_on, typed.hours.start, at)
    ended: list[Any] = []
    if typed.held_on != former:
        ended = end_under_way(session, jury, EndingAct(SittingEnding.DAY_CHANGED, reason, by, at))
        require_reason(session, ended, reason)
    jury.held_on, jury.place, jury.site_id = typed.held_on, typed.place, typed.site_id
    jury.video_link, jury.to_bring, jury.day_contact = typed.video_link, typed.to_bring, typed.day_contact
    _write_hours(jury, typed.hours)
    jury.schedule_revision = revision + 1
    _place_hearings(session, jury, order_of(jury.hearings))
    session.flush()
    record_event(
        session,
        "session_scheduled",
        ("jury_session", session_id),
        by=by,
        at=at,
        held_on=typed.held_on,
        moved=typed.held_on != former,
    )
    append(session, ended, at=at)  # last: it takes the ledger's lock


def order_hearings(
    session: Session, session_id: UUID, order: Sequence[UUID], *, revision: int, by: UUID, at: datetime
) -> None:
    """Set the order of passage; the summons of those whose hour changes are then to write again.

    Raise Conflict when the day was set since the page was opened, Refusal when the list is not that of the session.
    """
    jury = _open_session(session, session_id)
    if (jury.schedule_revision or 0) != revision:
        raise Conflict(_texts(jury), jury.schedule_revision or 0)
    hearings = {row.id: row for row in jury.hearings}
    if set(order) != set(hearings) or len(order) != len(hearings):
        raise Refusal(ScheduleRefusal.UNKNOWN_ORDER)
    _place_hearings(session, jury, [hearings[row] for row in order])
    jury.schedule_revision = revision + 1
    record_event(session, "passage_ordered", ("jury_session", session_id), by=by, at=at)


def cancel_session(session: Session, session_id: UUID, reason: str, *, by: UUID, at: datetime) -> int:
    """Cancel a session and write to everybody concerned; return how many candidates have still to be moved.

    A candidate for whom the jury did nothing yet waits for another session at once; the others stay listed
    until their hearing is moved, so that nothing that was declared is lost. The sittings under way end, and whoever was
    of one is written to, summoned or not (domain §10). Raise Refusal when minutes are closed or it is cancelled.
    """
    jury = _open_session(session, session_id)
    begun, touched = begun_and_acted_on(session, [row.id for row in jury.hearings])
    act = EndingAct(SittingEnding.CANCELLED, reason, by, at)
    ended = end_sittings(session, jury.hearings, act, is_resumable=False)
    for row in order_of(jury.hearings):
        notify_hearing_cancelled(session, row, at=at, is_begun=row.id in begun)
        if row.id not in touched:
            session.delete(row)
    for member in jury.members:
        notify_session_cancelled(session, member, jury, at=at, is_begun=bool(begun))
    jury.cancelled_at, jury.cancel_reason = at, reason
    jury.schedule_revision = (jury.schedule_revision or 0) + 1
    session.flush()
    record_event(session, "session_cancelled", ("jury_session", session_id), by=by, at=at, to_move=len(touched))
    append(session, ended, at=at)  # last: it takes the ledger's lock
    return len(touched)


def obstacles_of(session: Session, jury: JurySession) -> tuple[SummonsObstacle, ...]:
    """Return what a session lacks before its summons are written."""
    recorded = select(last_composition(), binds_one()).where(JurySession.id == jury.id)
    composition, is_bound = session.execute(recorded).one()
    return summons_obstacles(
        has_hours=jury.start_minute is not None,
        has_place=bool(jury.place.strip()),
        is_regular=is_regular(answers_of(jury, composition, is_bound)),
    )


def write_due_summons(
    session: Session, jury: JurySession, *, by: UUID, at: datetime, despite_irregularity: bool = False
) -> int:
    """Write to each person who has not been written this day, these hours and this place; return how many letters.

    Raise Refusal without hours or place, once the session of today has begun, or while its jury is irregular unless the
    body knows and writes all the same.
    """
    obstacles = obstacles_of(session, jury)
    if jury.start_minute is None or SummonsObstacle.PLACE in obstacles:
        raise Refusal(ScheduleRefusal.NOTHING_TO_SUMMON_TO)
    _check_hour(jury.held_on, jury.start_minute, at)
    if obstacles and not despite_irregularity:
        raise Refusal(ScheduleRefusal.IRREGULAR_JURY)
    written = 0
    for member in jury.members:
        row = find_summons(session, jury.id, recipient_of_member(member))
        if _is_due(row, event_of(jury)):
            summon_member(session, member, jury, at=at, reason=_reason(row))
            written += 1
    adjourned = load_adjourned(session, [row.id for row in jury.hearings])
    for hearing in order_of(jury.hearings):
        if hearing.closed_at is not None or hearing.id in adjourned:
            continue
        row = find_summons(session, jury.id, recipient_of_hearing(session, hearing))
        if _is_due(row, event_of(jury, hearing)):
            former = day_of(row.starts_at) if row and row.method is CalendarMethod.REQUEST else None
            moved_from = former if former != jury.held_on else None
            notify_hearing_scheduled(session, hearing, at=at, moved_from=moved_from, reason=_reason(row))
            written += 1
    record_event(
        session, "summons_written", ("jury_session", jury.id), by=by, at=at, letters=written,
        irregular=bool(obstacles),
    )  # fmt: skip
    return written


def _is_due(row: Summons | None, event: SummonsEvent) -> bool:
    return is_outdated(row.to_value() if row else None, event)


def _reason(row: Summons | None) -> SendingReason:
    return SendingReason.CHANGED if row is not None else SendingReason.FIRST


def _open_session(session: Session, session_id: UUID) -> JurySession:
    """Lock a session that nobody closed or cancelled: closing minutes waits for the same row."""
    jury = session.get_one(JurySession, session_id, with_for_update=True, populate_existing=True)
    if jury.cancelled_at is not None:
        raise Refusal(ScheduleRefusal.CANCELLED, day=jury.held_on.isoformat())
    closed = select(Hearing.closed_at).where(Hearing.session_id == session_id, Hearing.closed_at.is_not(None)).limit(1)
    closed_at = session.scalar(closed)
    if closed_at is not None:
        raise Refusal(ScheduleRefusal.ALREADY_CLOSED, closed_on=day_of(closed_at).isoformat())
    return jury


def _check_day(session: Session, jury: JurySession, day: date, at: datetime) -> None:
    if day < day_of(at):
        raise Refusal(ScheduleRefusal.PAST_DAY)
    for row in jury.hearings:
        submission = session.get_one(Submission, row.submission_id)
        if day_of(submission.submitted_at) > day:
            raise Refusal(ScheduleRefusal.SEALED_LATER, candidate=submission.candidacy.candidate_name)
        check_session_day(session, submission, day)


def _check_hour(day: date, minute: int, at: datetime) -> None:
    """Raise Refusal for an hour of today that has passed."""
    local = at.astimezone(PARIS)
    if day == local.date() and minute <= local.hour * 60 + local.minute:
        raise Refusal(ScheduleRefusal.PAST_HOUR, minute=minute)


def _write_hours(jury: JurySession, hours: SessionHours | None) -> None:
    jury.start_minute, jury.end_minute = (hours.start, hours.end) if hours else (None, None)
    jury.interview_minutes, jury.pause_minutes = (hours.interview, hours.pause) if hours else (None, None)
    jury.lunch_start_minute, jury.lunch_end_minute = (hours.lunch_start, hours.lunch_end) if hours else (None, None)


def lengthen_interview(session: Session, candidacy_id: UUID, *, at: datetime) -> bool:
    """Give the interview to come of a candidate the time that was just granted; tell whether the day holds it.

    Those after it move: their summons are then to write again.
    """
    query = select(JurySession).join(JurySession.hearings).join(Hearing.submission)
    coming = (
        JurySession.held_on > day_of(at),
        JurySession.cancelled_at.is_(None),
        JurySession.start_minute.is_not(None),
    )
    found = query.where(Submission.candidacy_id == candidacy_id, Hearing.closed_at.is_(None), *coming)
    for jury in session.scalars(found.with_for_update()).unique():
        try:
            _place_hearings(session, jury, order_of(jury.hearings))
        except Refusal:
            return False
        jury.schedule_revision = (jury.schedule_revision or 0) + 1
    return True


def _place_hearings(session: Session, jury: JurySession, ordered: Sequence[Hearing]) -> None:
    hours = hours_of(jury)
    more = extra_minutes(session, [row.submission_id for row in ordered]) if hours else {}
    slots = slots_in(hours, len(ordered), [more.get(row.submission_id, 0) for row in ordered]) if hours else ()
    if hours is not None and len(slots) < len(ordered):
        raise Refusal(ScheduleRefusal.NO_ROOM, candidates=len(ordered), places=len(slots))
    for rank, row in enumerate(ordered):
        row.start_minute, row.end_minute = (slots[rank].start, slots[rank].end) if hours else (None, None)


def _texts(jury: JurySession) -> dict[str, str]:
    minutes = {"start": jury.start_minute, "end": jury.end_minute}
    texts = {
        name: "" if minute is None else f"{minute // 60:02d}:{minute % 60:02d}" for name, minute in minutes.items()
    }
    return {"held_on": jury.held_on.isoformat(), "place": jury.place, **texts}


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


def move_hearing(
    session: Session, hearing_id: UUID, session_id: UUID, reason: str = "", *, by: UUID, at: datetime
) -> Hearing:
    """Move a hearing to another session; moving it twice to the same one moves it once.

    Statements are about the candidate and the sealed dossier, so that they stay valid for the members who also sit in
    the new session. What the jury had made ends with its sitting, for `reason`, and stays in the minutes: the other
    jury begins with nothing (domain §10). The summons of the candidate is then to update. Raises Refusal: already
    closed, a sitting that ends without a reason; a session of another body or version, over, that already had this
    dossier, or whose members may not judge the candidate (J10).
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
    if former is None or target is None or (target.body_id, target.version_id) != (former.body_id, former.version_id):
        raise Refusal(JuryRefusal.OTHER_VERSION)
    _check_target(session, hearing, target, at)
    ended = end_sittings(session, [hearing], EndingAct(SittingEnding.MOVED, reason, by, at), is_resumable=False)
    require_reason(session, ended, reason)
    place_in_day(session, target, hearing)
    hearing.session, hearing.moved_from_id, hearing.moved_at = target, former.id, at
    forget_opinions_of_others(session, target)
    facts = {"moved_from": former.id, "moved_to": target.id, "sitting_ended": bool(ended)}
    compare_members(session, target.id, at=at)
    record_event(session, "hearing_moved", ("hearing", hearing_id), by=by, at=at, **facts)
    append(session, ended, at=at)  # last: it takes the ledger's lock
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
    same = select(Hearing.id).where(Hearing.session_id == target.id, Hearing.submission_id == hearing.submission_id)
    if session.scalar(same) is not None:
        raise Refusal(JuryRefusal.NOT_WAITING)
    check_seats(target, candidacy)
    check_members_free(session, target, candidacy)
