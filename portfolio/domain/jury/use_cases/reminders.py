"""The reminders of summons without an answer: the row is the task."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from portfolio.domain.jury.models.sessions import Hearing, JuryMember, JurySession
from portfolio.domain.jury.models.summons import Summons
from portfolio.domain.jury.rules.summons import CalendarMethod, SendingReason, SummonedAs, is_outdated
from portfolio.domain.jury.use_cases.email_notices import notify_hearing_scheduled, summon_member
from portfolio.domain.jury.use_cases.summons import event_of

# How many reminders one transaction writes.
BATCH = 50


def write_due_reminders(session: Session, at: datetime) -> int:
    """Write a reminder to each person whose summons waits for an answer and is due; return how many letters
    were written.

    Each summons is reminded once: its row loses its moment in the same transaction.
    """
    query = (
        select(Summons)
        .where(_is_due(at))
        .order_by(Summons.run_after, Summons.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    return sum(remind(session, row, at=at) for row in session.scalars(query).all())


def count_due_reminders(session: Session, at: datetime) -> int:
    """Return how many summons wait for a reminder."""
    return session.scalar(select(func.count()).select_from(Summons).where(_is_due(at))) or 0


def _is_due(at: datetime) -> ColumnElement[bool]:
    return and_(
        Summons.run_after <= at,
        Summons.starts_at > at,
        Summons.answer.is_(None),
        Summons.method == CalendarMethod.REQUEST,
    )


def remind(session: Session, row: Summons, *, at: datetime) -> bool:
    """Write a reminder to one person; False when they no longer sit, or are no longer heard, in this
    session, or when the day changed since: its update is a deliberate act.
    """
    row.run_after = None
    if row.method is CalendarMethod.CANCEL:
        return False
    if row.summoned_as is SummonedAs.CANDIDATE:
        hearing = session.get(Hearing, row.hearing_id) if row.hearing_id else None
        if hearing is None or hearing.closed_at is not None:
            return False
        jury = session.get_one(JurySession, hearing.session_id)
        if is_outdated(row.to_value(), event_of(jury, hearing)):
            return False
        notify_hearing_scheduled(session, hearing, at=at, reason=SendingReason.REMINDER)
    else:
        query = select(JuryMember).where(
            JuryMember.session_id == row.session_id, JuryMember.person_id == row.person_id
        )
        member = session.scalar(query)
        jury = session.get_one(JurySession, row.session_id)
        if member is None or is_outdated(row.to_value(), event_of(jury)):
            return False
        summon_member(session, member, jury, at=at, reason=SendingReason.REMINDER)
    row.run_after = None
    return True
