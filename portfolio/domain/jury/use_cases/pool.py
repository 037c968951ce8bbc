"""The pool of jurors of a certifying body: add a card, correct it, remove it, take in the members of earlier
juries.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portfolio.domain.account.models import CertifyingBody, Person
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.certification.models import Certification, CertificationVersion
from portfolio.domain.email.rules import plain_words
from portfolio.domain.jury.models.pool import Juror, JurorAffiliation, JurorAvailability, JurorQualification
from portfolio.domain.jury.models.sessions import JuryMember, JurySession
from portfolio.domain.jury.rules.appointments import MemberInput
from portfolio.domain.jury.rules.juror_card import JurorCard, PoolRefusal, card_of
from portfolio.domain.jury.use_cases.shared_employers import compare_juror
from portfolio.errors import Conflict, Refusal

SEARCH_CHARS = 1000
# How many members of earlier juries one transaction takes into the pool.
IMPORT_BATCH = 500
_TEXTS = ("name", "quality", "profession", "employer", "phone")
_FACTS = (
    "college",
    "gender",
    "in_activity",
    "is_professional",
    "is_director",
    "delegated_from",
    "delegated_until",
    "distance_km",
    "attends_on_site",
    "attends_by_video",
)
WITH_CARD = (selectinload(Juror.ties), selectinload(Juror.periods), selectinload(Juror.qualifications))


def find_juror(session: Session, body_id: UUID, juror_id: UUID, *, lock: bool = False) -> Juror | None:
    """Return a juror of the pool of a body, or None."""
    query = select(Juror).where(Juror.id == juror_id, Juror.body_id == body_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalar(query.options(*WITH_CARD))


def find_juror_by_email(session: Session, body_id: UUID, email: str) -> Juror | None:
    """Return the juror of a body who has this address, or None."""
    query = select(Juror).where(Juror.body_id == body_id, Juror.email == email.strip().casefold())
    return session.scalar(query.options(*WITH_CARD))


def add_juror(session: Session, body_id: UUID, card: JurorCard, *, by: UUID | None, at: datetime) -> Juror:
    """Add a person to the pool.

    Raise Refusal when the address is there already, or an answer contradicts another one.
    """
    known = find_juror_by_email(session, body_id, card.email)
    if known is not None:
        raise Refusal(PoolRefusal.ALREADY_IN_POOL, name=known.name, juror_id=known.id)
    juror = Juror(
        body_id=body_id, email=card.email.strip().casefold(), added_at=at, changed_at=at, revision=0
    )
    _write_card(session, juror, card, at)
    session.add(juror)
    session.flush()
    record_event(session, "pool_juror_added", ("juror", juror.id), by=by, at=at)
    if juror.employer:
        compare_juror(session, juror, at=at)
    return juror


def change_juror(
    session: Session, juror: Juror, card: JurorCard, *, revision: int, by: UUID | None, at: datetime
) -> None:
    """Correct a card.

    Raise Conflict when it was saved since the form was opened, Refusal when an answer contradicts another.
    """
    if juror.revision != revision:
        raise Conflict({name: getattr(juror, name) for name in _TEXTS}, juror.revision)
    email = card.email.strip().casefold()
    if email != juror.email:
        known = find_juror_by_email(session, juror.body_id, email)
        if known is not None:
            raise Refusal(PoolRefusal.ALREADY_IN_POOL, name=known.name, juror_id=known.id)
        # The link was sent to the other address.
        juror.email, juror.link_hash, juror.link_until = email, None, None
    _write_card(session, juror, card, at)
    session.flush()
    record_event(session, "pool_juror_changed", ("juror", juror.id), by=by, at=at)
    compare_juror(session, juror, at=at)


def remove_juror(session: Session, juror: Juror, *, by: UUID, at: datetime) -> None:
    """Take a person out of the pool: their card is no longer proposed, their link no longer works, and juries
    keep them.
    """
    if juror.removed_at is None:
        juror.removed_at, juror.link_hash, juror.link_until = at, None, None
        juror.revision += 1
        record_event(session, "pool_juror_removed", ("juror", juror.id), by=by, at=at)


def restore_juror(session: Session, juror: Juror, *, by: UUID, at: datetime) -> None:
    """Put a person back into the pool."""
    if juror.removed_at is not None:
        juror.removed_at = None
        juror.revision += 1
        record_event(session, "pool_juror_restored", ("juror", juror.id), by=by, at=at)


def add_named_member(
    session: Session, body_id: UUID, named: MemberInput, certification_id: UUID, *, by: UUID, at: datetime
) -> None:
    """Take a person who was just named into the pool, when they are not there: their card has what was
    declared of them.
    """
    if find_juror_by_email(session, body_id, named.email) is None:
        add_juror(session, body_id, card_of(named, certification_id), by=by, at=at)


def import_former_members(session: Session, body_id: UUID, *, by: UUID, at: datetime) -> int:
    """Take the members of the juries of a body into the pool, each with their latest declarations; return how
    many.
    """
    known = set(session.scalars(select(Juror.email).where(Juror.body_id == body_id)))
    query = (
        select(JuryMember, CertificationVersion.certification_id)
        .join(JurySession, JurySession.id == JuryMember.session_id)
        .join(CertificationVersion, CertificationVersion.id == JurySession.version_id)
        .where(JurySession.body_id == body_id)
        .options(joinedload(JuryMember.person), selectinload(JuryMember.ties))
        .order_by(JurySession.held_on.desc(), JurySession.id, JuryMember.id)
        .execution_options(yield_per=200)
    )
    added = 0
    for member, certification_id in session.execute(query):
        if member.person.email in known:
            continue
        known.add(member.person.email)
        add_juror(session, body_id, card_of(member.to_input(), certification_id), by=by, at=at)
        added += 1
        if added == IMPORT_BATCH:
            break
    return added


def count_former_members(session: Session, body_id: UUID) -> int:
    """Return how many people sat in a jury of a body and are not in its pool."""
    listed = exists().where(Juror.body_id == body_id, Juror.email == Person.email)
    query = (
        select(func.count(JuryMember.person_id.distinct()))
        .join(JurySession, JurySession.id == JuryMember.session_id)
        .join(Person, Person.id == JuryMember.person_id)
        .where(JurySession.body_id == body_id, ~listed)
    )
    return session.scalar(query) or 0


def _write_card(session: Session, juror: Juror, card: JurorCard, at: datetime) -> None:
    if card.contradicts_ties:
        raise Refusal(PoolRefusal.TIES_CONTRADICTED)
    if any(period.last_day < period.first_day for period in card.periods):
        raise Refusal(PoolRefusal.PERIOD_REVERSED)
    with session.no_autoflush:
        body = session.get_one(CertifyingBody, juror.body_id)
    for name in (*_TEXTS, *_FACTS):
        setattr(juror, name, getattr(card, name))
    juror.seats = [str(seat) for seat in card.seats]
    juror.ties_answer = card.settled_ties
    juror.ties = [
        JurorAffiliation(
            kind=tie.kind,
            organisation_kind=tie.with_whom,
            organisation=tie.organisation or body.name,
            ended_on=tie.ended_on,
        )
        for tie in card.ties
    ]
    juror.periods = [
        JurorAvailability(
            first_day=period.first_day,
            last_day=period.last_day,
            half=period.half,
            is_available=period.is_available,
        )
        for period in card.periods
    ]
    _write_qualifications(session, juror, card.qualified_for)
    words = " ".join((card.name, card.email, card.quality, card.profession, card.employer))
    juror.search_words = plain_words(words)[:SEARCH_CHARS]
    juror.changed_at = at
    juror.revision += 1


def _write_qualifications(session: Session, juror: Juror, wanted: Collection[UUID]) -> None:
    """Keep the certifications of the body among those wanted."""
    query = select(Certification.id).where(
        Certification.body_id == juror.body_id, Certification.id.in_(wanted)
    )
    owned = set(session.scalars(query)) if wanted else set()
    kept = [row for row in juror.qualifications if row.certification_id in owned]
    known = {row.certification_id for row in kept}
    juror.qualifications = [*kept, *(JurorQualification(certification_id=id) for id in sorted(owned - known))]
