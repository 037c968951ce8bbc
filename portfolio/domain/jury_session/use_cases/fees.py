"""The payment sheet of jurors: the amounts of a body, and who deliberated at which session."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from portfolio.db.engine import insert_if_absent, new_id
from portfolio.domain.account.models import CertifyingBody, Person
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.jury.models.pool import Juror
from portfolio.domain.jury.models.sessions import Hearing, HearingMember, JurySession
from portfolio.domain.jury.models.statements import JurorFees, JurorFeesSince
from portfolio.domain.jury.rules.juror_sheet import DatedRates, FeeLine, FeeRates
from portfolio.errors import Conflict

# How many lines a payment sheet shows on one page; the CSV has them all.
PAGE_SIZE = 50


def load_rates(session: Session, body_id: UUID) -> tuple[DatedRates, int]:
    """Return the amounts of a body in time and their revision; nothing is paid before they are set."""
    row = session.scalar(select(JurorFees).where(JurorFees.body_id == body_id))
    later = session.scalars(select(JurorFeesSince).where(JurorFeesSince.body_id == body_id)).all()
    dated = [(each.since, _rates(each)) for each in later]
    return (DatedRates(_rates(row), dated), row.revision) if row else (DatedRates(), 0)


def _rates(row: JurorFees | JurorFeesSince) -> FeeRates:
    return FeeRates(row.session_cents, row.hearing_cents, row.km_cents)


def save_rates(
    session: Session,
    body_id: UUID,
    rates: FeeRates,
    since: date | None = None,
    *,
    revision: int,
    by: UUID,
    at: datetime,
) -> None:
    """Set the amounts of a body for the sessions from a day on; the first ones hold for every session before.

    Raise Conflict when they were set since the form was opened.
    """
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
    changed: JurorFees | JurorFeesSince = row
    if row.revision and since:
        known = select(JurorFeesSince).where(JurorFeesSince.body_id == body_id, JurorFeesSince.since == since)
        changed = session.scalar(known) or JurorFeesSince(body_id=body_id, since=since)
        session.add(changed)
    for name in FeeRates.__slots__:
        setattr(changed, name, getattr(rates, name))
    row.revision += 1
    record_event(session, "pool_fees_set", ("certifying_body", body_id), by=by, at=at)


def list_fee_lines(
    session: Session,
    body_id: UUID,
    first: date,
    last: date,
    *,
    person_id: UUID | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> list[FeeLine]:
    """List who deliberated at the sessions of a period, by day and name: one line a person and a session, in one query.

    Only closed minutes count: they record who deliberated.
    """
    query = _lines(body_id, first, last).order_by(
        JurySession.held_on, HearingMember.display_name, Person.id, JurySession.id
    )
    if person_id is not None:
        query = query.where(Person.id == person_id)
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
            row.person_id,
            row.place,
        )
        for row in rows
    ]


def list_paying_bodies(session: Session, person_id: UUID, first: date, last: date) -> Sequence[Any]:
    """List the bodies for whose juries a person deliberated in a period: `id`, `name`."""
    query = (
        select(CertifyingBody.id, CertifyingBody.name)
        .join(JurySession, JurySession.body_id == CertifyingBody.id)
        .join(Hearing, Hearing.session_id == JurySession.id)
        .join(HearingMember, HearingMember.hearing_id == Hearing.id)
        .where(HearingMember.person_id == person_id, HearingMember.deliberated.is_(True))
        .where(JurySession.held_on >= first, JurySession.held_on <= last)
    )
    return session.execute(query.distinct().order_by(CertifyingBody.name)).all()


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
