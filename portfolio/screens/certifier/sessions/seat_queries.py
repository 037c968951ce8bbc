"""Read the jurors of the pool who may sit at an empty seat."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import String, cast, func, select
from sqlalchemy.orm import Session

from portfolio.domain.account.models import Person
from portfolio.domain.account.rules import name_order
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.jury.models.pool import Juror
from portfolio.domain.jury.models.sessions import JuryMember, JurySession

# How many people of the pool the page of a seat proposes.
SUGGESTIONS = 10


@dataclass(frozen=True, slots=True)
class PoolSuggestion:
    """A juror of the pool who may hold a seat, and how many juries name them already."""

    id: UUID
    name: str
    quality: str
    juries: int


def list_pool_suggestions(session: Session, session_id: UUID, seat: Seat) -> tuple[PoolSuggestion, ...]:
    """List the jurors who may be named to a seat and are not in the session, those named least first, in one
    query.
    """
    jury = session.get_one(JurySession, session_id)
    named = (
        select(Person.email)
        .join(JuryMember, JuryMember.person_id == Person.id)
        .where(JuryMember.session_id == session_id)
    )
    load = (
        select(func.count())
        .select_from(JuryMember)
        .join(Person, Person.id == JuryMember.person_id)
        .join(JurySession, JurySession.id == JuryMember.session_id)
        .where(Person.email == Juror.email, JurySession.body_id == jury.body_id)
        .scalar_subquery()
    )
    seats = cast(Juror.seats, String)
    query = (
        select(Juror.id, Juror.name, Juror.quality, load)
        .where(Juror.body_id == jury.body_id, Juror.removed_at.is_(None), Juror.email.not_in(named))
        .where(seats.contains(f'"{seat}"') | (seats == "[]"))
    )
    rows = sorted(session.execute(query), key=lambda row: (row[3], name_order(row.name), row.id))
    return tuple(PoolSuggestion(*row) for row in rows[:SUGGESTIONS])
