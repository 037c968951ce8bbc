"""Which deliberations are suspended, until when, and the letters that say so."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.domain.jury.models.deliberation import Adjournment, is_suspended
from portfolio.domain.jury.models.sessions import Hearing, JurySession
from portfolio.domain.jury.rules.suspension import Suspension


def load_adjourned(session: Session, hearings: Collection[UUID]) -> set[UUID]:
    """Return the hearings adjourned in their session: its day is no longer the one to write."""
    query = select(Hearing.id).join(Adjournment, Adjournment.hearing_id == Hearing.id)
    stayed = Hearing.moved_at.is_(None) | (Hearing.moved_at < Adjournment.adjourned_at)
    return set(session.scalars(query.where(Hearing.id.in_(hearings), stayed))) if hearings else set()


def load_suspensions(session: Session, hearings: Collection[UUID]) -> dict[UUID, Suspension]:
    """Return the suspensions of the hearings whose deliberation is suspended, in one query.

    A hearing moved since goes on in its new session, whose day its candidate and its jury are written.
    """
    if not hearings:
        return {}
    query = (
        select(Hearing.id, Adjournment, Hearing.moved_at, JurySession.held_on)
        .join(Adjournment, Adjournment.hearing_id == Hearing.id)
        .join(JurySession, JurySession.id == Hearing.session_id)
        .where(Hearing.id.in_(hearings), is_suspended(), Adjournment.resumed_at.is_(None))
    )
    found = {}
    for hearing_id, row, moved_at, held_on in session.execute(query):
        if moved_at is not None and moved_at > row.adjourned_at:
            found[hearing_id] = Suspension(row.adjourned_at, held_on, held_on)
        else:
            found[hearing_id] = Suspension(row.adjourned_at, row.resumes_on, row.written_for)
    return found
