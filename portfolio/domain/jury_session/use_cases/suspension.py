"""A deliberation that is suspended, and resumed on another day: with what it had if the same members resume it."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portfolio.calendar import day_of
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.jury.models.deliberation import Adjournment
from portfolio.domain.jury.models.sessions import Hearing
from portfolio.domain.jury.rules.enums import Attendance, JuryRefusal
from portfolio.domain.jury.rules.sitting import SittingEnding
from portfolio.domain.jury_session.use_cases.declarations import check_presence, load_member_states
from portfolio.domain.jury_session.use_cases.deliberation import check_president
from portfolio.domain.jury_session.use_cases.hearing_page import lock_open
from portfolio.domain.jury_session.use_cases.loaders import find_adjournment, lock_to_write, require_sitting_day
from portfolio.domain.jury_session.use_cases.sittings import EndingAct, go_on, keep_sitting
from portfolio.domain.ledger.recording import append
from portfolio.errors import Refusal


def adjourn(
    session: Session, hearing_id: UUID, reason: str, resumes_on: date | None, *, by: UUID, at: datetime
) -> Adjournment:
    """Stop the deliberation for now: the sitting ends, and what it wrote waits for its members to resume.

    Raise Refusal: not the president, or already adjourned.
    """
    hearing = lock_open(session, hearing_id)
    check_president(load_member_states(session, hearing), by)
    require_sitting_day(hearing, at)
    sitting = keep_sitting(session, hearing, EndingAct(SittingEnding.SUSPENDED, reason, by, at))
    row = Adjournment(hearing_id=hearing_id, reason=reason, resumes_on=resumes_on, adjourned_at=at, adjourned_by=by)
    session.add(row)
    session.flush()
    record_event(session, "hearing_adjourned", ("hearing", hearing_id), by=by, at=at, resumes_on=resumes_on)
    append(session, [sitting], at=at)  # last: it takes the ledger's lock
    return row


def change_resumption(session: Session, hearing_id: UUID, resumes_on: date | None, *, by: UUID, at: datetime) -> None:
    """Set the day on which an adjourned deliberation resumes; its letters are then to write.

    Raise Refusal: closed, not adjourned, or not the president.
    """
    hearing, row = _suspended(session, hearing_id)
    check_president(load_member_states(session, hearing), by)
    row.resumes_on = resumes_on
    session.flush()
    record_event(session, "resumption_set", ("hearing", hearing_id), by=by, at=at, resumes_on=resumes_on)


def resume(session: Session, hearing_id: UUID, present: Collection[UUID], *, by: UUID, at: datetime) -> bool:
    """Resume an adjourned deliberation, in a new sitting, with the members who are there now: quorum and composition
    are checked again. Return whether the same members go on: others confirm each draft, and vote again.

    Raise Refusal: closed, cancelled, not adjourned, not the president, or someone who is not a member.
    """
    hearing, row = _suspended(session, hearing_id)
    check_president(load_member_states(session, hearing), by)
    row.resumed_at, row.resumed_by = at, by
    hearing.sits_on = day_of(at)
    session.flush()
    check_presence(session, hearing_id, present, Attendance(hearing.attendance), by=by, at=at, is_resumption=True)
    goes_on = go_on(session, hearing, at)
    record_event(session, "hearing_resumed", ("hearing", hearing_id), by=by, at=at, same_members=goes_on)
    return goes_on


def _suspended(session: Session, hearing_id: UUID) -> tuple[Hearing, Adjournment]:
    hearing = lock_to_write(session, hearing_id)
    row = find_adjournment(session, hearing_id)
    if row is None:
        raise Refusal(JuryRefusal.NOT_ADJOURNED)
    return hearing, row
