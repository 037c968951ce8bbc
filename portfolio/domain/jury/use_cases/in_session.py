"""Locks of a hearing that is not closed, and the members who may act in its deliberation."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from portfolio.calendar import day_of
from portfolio.domain.jury.models.deliberation import Adjournment
from portfolio.domain.jury.models.sessions import Hearing
from portfolio.domain.jury.rules.member_status import JurorStep, MemberState
from portfolio.domain.jury.rules.refusals import JuryRefusal
from portfolio.domain.jury.use_cases.declarations import load_member_states
from portfolio.domain.jury.use_cases.new_version import require_not_returned
from portfolio.errors import Refusal

# Asked at every write of a hearing, so built once.
_ADJOURNED = (
    select(Adjournment)
    .where(Adjournment.hearing_id == bindparam("hearing"), Adjournment.resumed_at.is_(None))
    .limit(1)
)


def lock_open(session: Session, hearing_id: UUID) -> Hearing:
    """Lock a hearing whose minutes are open, neither adjourned nor waiting for a new version; raise Refusal
    otherwise.
    """
    hearing = session.get_one(Hearing, hearing_id, with_for_update=True)
    if hearing.closed_at is not None:
        raise Refusal(JuryRefusal.ALREADY_CLOSED)
    require_not_adjourned(session, hearing_id)
    require_not_returned(session, hearing)
    return hearing


def require_not_adjourned(session: Session, hearing_id: UUID) -> None:
    """Raise Refusal while the deliberation is adjourned."""
    if find_adjournment(session, hearing_id) is not None:
        raise Refusal(JuryRefusal.ADJOURNED)


def find_adjournment(session: Session, hearing_id: UUID) -> Adjournment | None:
    """Find the adjournment that is not resumed yet."""
    return session.scalar(_ADJOURNED, {"hearing": hearing_id})


def require_session_day(hearing: Hearing, at: datetime) -> None:
    """Raise Refusal before the day of the session."""
    if day_of(at) < hearing.session.held_on:
        raise Refusal(JuryRefusal.BEFORE_THE_DAY, day=hearing.session.held_on.isoformat())


def require_ready_member(
    session: Session, hearing: Hearing, person_id: UUID
) -> tuple[MemberState, tuple[MemberState, ...]]:
    """Return a member who declared and read, and the whole jury; raise Refusal for anybody else."""
    sitting = load_member_states(session, hearing)
    own = next((member for member in sitting if member.person == person_id), None)
    if own is None:
        raise Refusal(JuryRefusal.NOT_A_MEMBER)
    if own.step is JurorStep.RECUSED:
        raise Refusal(JuryRefusal.RECUSED)
    if own.step is JurorStep.BARRED:
        raise Refusal(JuryRefusal.BARRED)
    if own.step is not JurorStep.READY:
        raise Refusal(JuryRefusal.NOT_READ)
    return own, sitting
