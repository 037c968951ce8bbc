"""Letters about a conversation: counts and a link, never its words; at once or once a day, as each person chose."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portfolio.db.engine import insert_if_absent
from portfolio.domain.account.models import CertifyingBody, Person
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.email.use_cases import EmailTemplate, queue_email
from portfolio.domain.review.models import DigestEmail, NotificationPreference
from portfolio.domain.review.rules.messages import Frequency, digest_of, is_news
from portfolio.domain.review.use_cases.unread import UnreadSummary, load_unread_before

PURPOSE = b"stop letters about conversations"
SILENCE_PURPOSE = b"stop letters about a silence"
# A letter lists so many things to do; the first page of the body has them all.
MAX_TASKS = 20


@dataclass(frozen=True)
class DueDigest:
    """A person to write to, and what waits for them."""

    person: Person
    as_candidate: UnreadSummary
    as_advisor: UnreadSummary


def load_frequency(session: Session, person_id: UUID) -> Frequency:
    """Return how often a person wants these letters: once a day until they say otherwise."""
    choice = session.get(NotificationPreference, person_id)
    return choice.frequency if choice else Frequency.DAILY


def save_frequency(session: Session, person_id: UUID, rhythm: Frequency, *, at: datetime) -> None:
    """Keep how often a person wants these letters."""
    choice = choice_of(session, person_id, at)
    if choice.frequency is not rhythm:
        choice.frequency, choice.changed_at = rhythm, at
        record_event(session, "letters_chosen", ("person", person_id), by=person_id, at=at, rhythm=rhythm)


def choice_of(session: Session, person_id: UUID, at: datetime) -> NotificationPreference:
    """Return what a person chose about letters, with the defaults kept if they chose nothing."""
    known = {"frequency": Frequency.DAILY, "unsubscribe_key": secrets.token_bytes(32), "changed_at": at}
    insert_if_absent(session, NotificationPreference, ("person_id",), person_id=person_id, **known)
    return session.get_one(NotificationPreference, person_id)


def email_immediately(session: Session, candidacy_id: UUID, *, by: UUID, at: datetime) -> None:
    """Write to the other one of a conversation that words wait for them, if they want a letter for each."""
    candidacy = session.get_one(Candidacy, candidacy_id)
    other = candidacy.candidate_id if by != candidacy.candidate_id else candidacy.advisor_id
    person = session.get(Person, other) if other else None
    if person is None or not _reachable(person) or load_frequency(session, person.id) is not Frequency.AT_ONCE:
        return
    write_stoppable(session, person, EmailTemplate.WORDS, at, as_candidate=person.id == candidacy.candidate_id)


def _reachable(person: Person) -> bool:
    """Return whether a link would lead them anywhere: not suspended, and with a password (else their
    invitation speaks).
    """
    return person.suspended_at is None and person.password_hash is not None


def write_stoppable(session: Session, person: Person, letter: EmailTemplate, at: datetime, **facts: Any) -> None:
    """Write a letter that its reader may stop by one tap."""
    purpose = SILENCE_PURPOSE if letter is EmailTemplate.SILENCE else PURPOSE
    path = f"/courriels/arret/{unsubscribe_token(choice_of(session, person.id, at), purpose)}"
    mail = queue_email(session, person, letter, at=at, name=person.name, stop=path, **facts)
    mail.unsubscribe = path


def list_due_digests(session: Session, at: datetime) -> list[DueDigest]:
    """Answer who has a digest to receive at this moment, in a constant number of queries.

    Those who want one a day, have not had today's, and have unread words older than this morning, some of
    them newer than their last digest.
    """
    day, until = digest_of(at)
    waiting = load_unread_before(session, until)
    last_digests = _load_last_digests(session)
    news = {
        person_id: found
        for person_id, found in waiting.items()
        if is_news(max(each.newest for each in found.values()), last_digests.get(person_id))
    }
    had = set(session.scalars(select(DigestEmail.person_id).where(DigestEmail.day == day)))
    people = session.scalars(
        select(Person)
        .outerjoin(NotificationPreference, NotificationPreference.person_id == Person.id)
        .where(Person.id.in_(news.keys() - had), Person.suspended_at.is_(None), Person.password_hash.is_not(None))
        .where(NotificationPreference.frequency.is_(None) | (NotificationPreference.frequency == Frequency.DAILY))
        .order_by(Person.id)
    )
    nothing = UnreadSummary()
    return [
        DueDigest(person, news[person.id].get("candidate", nothing), news[person.id].get("advisor", nothing))
        for person in people
    ]


def queue_to_do(
    session: Session, body: CertifyingBody, lists: Mapping[UUID, Sequence[tuple[str, str, str]]], *, at: datetime
) -> int:
    """Write what waits for a body to those of its members who want letters; return how many were written.

    `lists`: what, why and by when, as the first page says them to each member.
    """
    unwanted = select(NotificationPreference.person_id).where(NotificationPreference.frequency == Frequency.NEVER)
    query = (
        select(Person)
        .where(Person.id.in_([key for key, tasks in lists.items() if tasks]), Person.id.not_in(unwanted))
        .order_by(Person.id)
    )
    reached = [person for person in session.scalars(query) if _reachable(person)]
    for person in reached:
        facts = {"body": body.name, "tasks": lists[person.id], "limit": MAX_TASKS}
        write_stoppable(session, person, EmailTemplate.TO_DO, at, **facts)
    return len(reached)


def _load_last_digests(session: Session) -> Mapping[UUID, datetime]:
    rows = select(DigestEmail.person_id, func.max(DigestEmail.until)).group_by(DigestEmail.person_id)
    return {row[0]: row[1] for row in session.execute(rows)}


def queue_digests(session: Session, *, at: datetime) -> int:
    """Write the digests that are due and answer how many: one a person and day at most, however many workers write."""
    day, until = digest_of(at)
    written = 0
    for due in list_due_digests(session, at):
        if insert_if_absent(
            session, DigestEmail, ("person_id", "day"), person_id=due.person.id, day=day, until=until, written_at=at
        ):
            write_stoppable(
                session, due.person, EmailTemplate.DIGEST, at, as_candidate=due.as_candidate, as_advisor=due.as_advisor
            )
            written += 1
    return written


def unsubscribe_token(choice: NotificationPreference, purpose: bytes = PURPOSE) -> str:
    """A link that can do one thing, for one person: stop these letters."""
    signed = (
        choice.person_id.bytes
        + hmac.new(choice.unsubscribe_key, purpose + choice.person_id.bytes, hashlib.sha256).digest()
    )
    return base64.urlsafe_b64encode(signed).decode()


def find_unsubscription(session: Session, token: str) -> tuple[NotificationPreference, bytes] | None:
    """Return whose letters this link stops, and which ones; None when nobody signed it."""
    try:
        person_id = UUID(bytes=base64.urlsafe_b64decode(token.encode())[:16])
    except (ValueError, UnicodeError):
        return None
    choice = session.get(NotificationPreference, person_id)
    for purpose in (PURPOSE, SILENCE_PURPOSE):
        if choice and hmac.compare_digest(unsubscribe_token(choice, purpose).encode(), token.encode()):
            return choice, purpose
    return None


def unsubscribe(session: Session, token: str, *, at: datetime) -> bytes | None:
    """Stop the letters that this link is about and return which ones; None when nobody signed it.

    Twice changes nothing more.
    """
    found = find_unsubscription(session, token)
    if found is None:
        return None
    choice, purpose = found
    if purpose == PURPOSE:
        save_frequency(session, choice.person_id, Frequency.NEVER, at=at)
    elif choice.silence_letters:
        choice.silence_letters = False
        record_event(session, "letters_chosen", ("person", choice.person_id), by=choice.person_id, at=at, silence=False)
    return purpose
