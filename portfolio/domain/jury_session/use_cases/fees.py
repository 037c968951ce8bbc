"""The payment sheet of jurors: the amounts of a body, and who deliberated at which session."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from portfolio.db.engine import insert_if_absent, new_id
from portfolio.domain.account.models import Person
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.jury.models.pool import Juror
from portfolio.domain.jury.models.sessions import Hearing, HearingMember, JurySession
from portfolio.domain.jury.models.statements import JurorFees
from portfolio.domain.jury.rules.fees import FeeLine, FeeRates
from portfolio.errors import Conflict

# How many lines a payment sheet shows on one page; the CSV has them all.
PAGE_SIZE = 50


def load_rates(session: Session, body_id: UUID) -> tuple[FeeRates, int]:
    """Return the amounts of a body and their revision; nothing is paid before they are set."""
    row = session.scalar(select(JurorFees).where(JurorFees.body_id == body_id))
    return (FeeRates(row.session_cents, row.hearing_cents, row.km_cents), row.revision) if row else (FeeRates(), 0)


def save_rates(session: Session, body_id: UUID, rates: FeeRates, *, revision: int, by: UUID, at: datetime) -> None:
    """Set the amounts of a body. Raise Conflict when they were set since the form was opened."""
    insert_if_absent(
        session,
        JurorFees,
        ("body_id",),
        id=new_id(),
        body_id=body_id,
        session_cents=0,
        hearing_cents=0,
        km_cents=0,
        revision=0,
    )
    row = session.scalars(select(JurorFees).where(JurorFees.body_id == body_id).with_for_update()).one()
    if row.revision != revision:
        raise Conflict(
            {"session": str(row.session_cents), "hearing": str(row.hearing_cents), "km": str(row.km_cents)},
            row.revision,
        )
    row.session_cents, row.hearing_cents, row.km_cents = (rates.session_cents, rates.hearing_cents, rates.km_cents)
    row.revision += 1
    record_event(session, "pool_fees_set", ("certifying_body", body_id), by=by, at=at)


def list_fee_lines(
    session: Session, body_id: UUID, first: date, last: date, *, limit: int | None = None, offset: int = 0
) -> list[FeeLine]:
    """List who deliberated at the sessions of a period, by day and name: one line a person and a session, in one query.

    Only closed minutes count: they record who deliberated.
    """
    query = _lines(body_id, first, last).order_by(
        JurySession.held_on, HearingMember.display_name, Person.id, JurySession.id
    )
    rows = session.execute(query.limit(limit).offset(offset))
    return [
        FeeLine(
            row.session_id,
            row.held_on,
            row.display_name,
            row.email,
            row.seat,
            row.heard,
            row.distance_km,
            bool(row.place or not row.video_link),
        )
        for row in rows
    ]


def count_fee_lines(session: Session, body_id: UUID, first: date, last: date) -> int:
    """Return how many lines the payment sheet of a period has."""
    return session.scalar(select(func.count()).select_from(_lines(body_id, first, last).subquery())) or 0


def _lines(body_id: UUID, first: date, last: date) -> Select[*tuple[Any, ...]]:
    columns = (
        JurySession.id.label("session_id"),
        JurySession.held_on,
        JurySession.place,
        JurySession.video_link,
        HearingMember.display_name,
        HearingMember.seat,
        Person.id.label("person_id"),
        Person.email,
        Juror.distance_km,
    )
    heard = func.count().label("heard")
    return (
        select(*columns, heard)
        .select_from(HearingMember)
        .join(Hearing, Hearing.id == HearingMember.hearing_id)
        .join(Hearing.session)
        .join(Person, Person.id == HearingMember.person_id)
        .outerjoin(Juror, (Juror.body_id == JurySession.body_id) & (Juror.email == Person.email))
        .where(
            JurySession.body_id == body_id,
            JurySession.held_on >= first,
            JurySession.held_on <= last,
            HearingMember.deliberated.is_(True),
            Hearing.is_void.is_not(True),
        )
        .group_by(*columns)
    )
