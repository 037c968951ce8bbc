"""The pool of jurors of a certifying body: add a card, correct it, remove it, take in the members of earlier juries.

The conflicts found by comparison: a juror works where a candidate says that they worked (J10).

The link by which a person fills in their own card: sent by e-mail, with an end, until the body takes it back.
"""

import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portfolio.db.engine import new_id
from portfolio.domain.account.models import CertifyingBody, Person
from portfolio.domain.account.rules import token_hash
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy, Submission
from portfolio.domain.certification.models import Certification, CertificationVersion
from portfolio.domain.email.rules import plain_words
from portfolio.domain.email.use_cases import EmailTemplate, ExternalRecipient, queue_email_to_outsider
from portfolio.domain.jury.models.pool import (
    Juror,
    JurorAffiliation,
    JurorAvailability,
    JurorConflict,
    JurorQualification,
)
from portfolio.domain.jury.models.sessions import Hearing, JuryMember, JurySession
from portfolio.domain.jury.rules.juror_card import (
    CARD_LINK_DAYS,
    ConflictKind,
    JurorCard,
    MemberInput,
    PoolRefusal,
    card_of,
    same_organisation,
    shared_organisation,
)
from portfolio.domain.submission.use_cases.verification import load_sealed_dossiers
from portfolio.errors import Conflict, Refusal

# A juror and a candidate.
Pair = tuple[UUID, UUID]


def compare_members(session: Session, session_id: UUID, *, at: datetime) -> None:
    """Compare the members of a session, as their cards are, with the candidates still to hear."""
    _compare(session, _members().where(JurySession.id == session_id), at)


def compare_juror(session: Session, juror: Juror, *, at: datetime) -> None:
    """Compare a juror again, whose card changed, with the candidates whom they are about to hear.

    A conflict found with an earlier employer ends; one that the body recorded stays.
    """
    found = select(JurorConflict).where(JurorConflict.juror_id == juror.id, JurorConflict.is_pinned.is_(False))
    for row in session.scalars(found).all():
        if not same_organisation(row.organisation, juror.employer):
            _end(session, row, at)
    session.flush()
    _compare(session, _members().where(Juror.id == juror.id), at)


def shared_with(
    session: Session, jurors: Iterable[Juror], hearings: Collection[Hearing], stored: Mapping[Pair, JurorConflict]
) -> set[Pair]:
    """Return the jurors and hearings that share an employer, whether the conflict is recorded yet or not;
    none set aside. `stored`: what `stored_conflicts` read of these jurors and candidates.
    """
    named_in = structures_by_submission(session, {row.submission_id for row in hearings})
    structures = {row.id: named_in[row.submission_id] for row in hearings}
    candidates = {row.id: row.submission.candidacy.candidate_id for row in hearings}
    pairs = {
        (juror.id, hearing): shared
        for juror in jurors
        if juror.employer
        for hearing, named in structures.items()
        if (shared := shared_organisation(juror.employer, named))
    }
    return {
        (juror, hearing)
        for (juror, hearing), shared in pairs.items()
        if not _is_lifted(stored.get((juror, candidates[hearing])), shared)
    }


def structures_by_submission(session: Session, submissions: Collection[UUID]) -> dict[UUID, tuple[str, ...]]:
    """Return where each candidate says that they worked, as it was sealed, in one query."""
    return {
        submission_id: tuple(experience.structure for experience in dossier.experiences)
        for submission_id, dossier in load_sealed_dossiers(session, submissions).items()
    }


def _members() -> Select[Juror, UUID, UUID]:
    """List the members who are in the pool, each with the candidates that they are about to hear."""
    return (
        select(Juror, Candidacy.candidate_id, Hearing.submission_id)
        .select_from(JuryMember)
        .join(JuryMember.session)
        .join(JuryMember.person)
        .join(Juror, (Juror.email == Person.email) & (Juror.body_id == JurySession.body_id))
        .join(Hearing, (Hearing.session_id == JurySession.id) & Hearing.closed_at.is_(None))
        .join(Hearing.submission)
        .join(Submission.candidacy)
    )


def _compare(session: Session, query: Select[Juror, UUID, UUID], at: datetime) -> None:
    rows = session.execute(query).all()
    sealed = structures_by_submission(session, {submission_id for _, _, submission_id in rows})
    pairs = {
        (juror.id, candidate_id): shared_organisation(juror.employer, sealed[submission_id])
        for juror, candidate_id, submission_id in rows
    }
    stored = stored_conflicts(session, pairs)
    for pair, shared in pairs.items():
        row = stored.get(pair)
        if row is None and shared:
            _find(session, pair, shared, at)
        elif row is not None and not row.is_pinned and not shared:
            _end(session, row, at)
        elif row is not None and not row.is_pinned and not same_organisation(row.organisation, shared):
            # What the body set aside was about another organisation.
            row.organisation, row.recorded_at = shared, at
            row.lifted_at, row.lifted_by, row.lift_reason = None, None, ""
            record_event(session, "pool_conflict_found", ("juror", pair[0]), by=None, at=at, candidate=pair[1])
    session.flush()


def stored_conflicts(session: Session, pairs: Collection[Pair]) -> Mapping[Pair, JurorConflict]:
    """Return the conflicts kept of these jurors with these candidates, those set aside included."""
    query = select(JurorConflict).where(JurorConflict.juror_id.in_({juror for juror, _ in pairs}))
    rows = session.scalars(query.where(JurorConflict.candidate_id.in_({candidate for _, candidate in pairs})))
    return {(row.juror_id, row.candidate_id): row for row in rows}


def _is_lifted(row: JurorConflict | None, shared: str) -> bool:
    return row is not None and row.lifted_at is not None and same_organisation(row.organisation, shared)


def _find(session: Session, pair: Pair, shared: str, at: datetime) -> None:
    juror_id, candidate_id = pair
    row = JurorConflict(id=new_id(), juror_id=juror_id, candidate_id=candidate_id, kind=ConflictKind.INSTITUTION)
    row.is_pinned, row.organisation, row.recorded_at = False, shared, at
    session.add(row)
    record_event(session, "pool_conflict_found", ("juror", juror_id), by=None, at=at, candidate=candidate_id)


def _end(session: Session, row: JurorConflict, at: datetime) -> None:
    juror_id, candidate_id = row.juror_id, row.candidate_id
    session.delete(row)
    record_event(session, "pool_conflict_ended", ("juror", juror_id), by=None, at=at, candidate=candidate_id)


SEARCH_CHARS = 1000
# How many members of earlier juries one transaction takes into the pool.
IMPORT_BATCH = 500
_TEXTS = ("name", "quality", "profession", "employer", "phone", "postal_address")
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
    juror = Juror(body_id=body_id, email=card.email.strip().casefold(), added_at=at, changed_at=at, revision=0)
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
    """Take the members of the juries of a body into the pool, each with their latest declarations; return how many."""
    known = set(session.scalars(select(Juror.email).where(Juror.body_id == body_id)))
    query = (
        select(JuryMember, CertificationVersion.certification_id)
        .join(JuryMember.session)
        .join(JurySession.version)
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
        .join(JuryMember.session)
        .join(JuryMember.person)
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
            first_day=period.first_day, last_day=period.last_day, half=period.half, is_available=period.is_available
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
    query = select(Certification.id).where(Certification.body_id == juror.body_id, Certification.id.in_(wanted))
    owned = set(session.scalars(query)) if wanted else set()
    kept = [row for row in juror.qualifications if row.certification_id in owned]
    known = {row.certification_id for row in kept}
    juror.qualifications = [*kept, *(JurorQualification(certification_id=id) for id in sorted(owned - known))]


# What only the body decides: the person's own form does not change it.
_OF_THE_BODY = ("email", "is_director", "delegated_from", "delegated_until", "seats", "qualified_for", "distance_km")


def send_card_link(session: Session, juror: Juror, *, by: UUID, at: datetime) -> None:
    """Write to a person the link of their card; an earlier link stops working.

    Raise Refusal when they left the pool.
    """
    if juror.removed_at is not None:
        raise Refusal(PoolRefusal.REMOVED, name=juror.name)
    token = secrets.token_urlsafe(32)
    juror.link_hash, juror.link_until = token_hash(token), at + timedelta(days=CARD_LINK_DAYS)
    body = session.get_one(CertifyingBody, juror.body_id)
    recipient = ExternalRecipient(juror.name, juror.email, juror.body_id)
    facts = {"name": juror.name, "body": body.name, "token": token, "until": juror.link_until}
    queue_email_to_outsider(session, recipient, EmailTemplate.JUROR_CARD, at=at, **facts)
    record_event(session, "pool_link_sent", ("juror", juror.id), by=by, at=at)


def find_card(session: Session, token: str, *, at: datetime, lock: bool = False) -> Juror | None:
    """Return the juror whose link this is, while it works; None for any other link."""
    query = select(Juror).where(Juror.link_hash == token_hash(token), Juror.link_until > at, Juror.removed_at.is_(None))
    if lock:
        query = query.with_for_update()
    return session.scalar(query.options(*WITH_CARD))


def fill_card(session: Session, token: str, card: JurorCard, *, revision: int, at: datetime) -> None:
    """Save what a person says of themselves; what only the body decides stays. The link works until its end.

    Raise Refusal when the link has ended, Conflict when the card was saved since the form was opened.
    """
    juror = find_card(session, token, at=at, lock=True)
    if juror is None:
        raise Refusal(PoolRefusal.LINK_ENDED)
    kept = juror.to_value()
    own = replace(card, **{name: getattr(kept, name) for name in _OF_THE_BODY})
    change_juror(session, juror, own, revision=revision, by=None, at=at)
    juror.filled_at = at
