"""Letters about a conversation: counts and a link, never its words; at once or once a day, as each person chose."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portfolio.account.models import Person
from portfolio.candidacy.models import Candidacy
from portfolio.db import add_once
from portfolio.journal.services import note
from portfolio.mail.services import Letter, write
from portfolio.review.models import Digest, LetterChoice
from portfolio.review.rules import Rhythm, digest_of, is_news
from portfolio.review.services.unread import Waiting, waiting_before

PURPOSE = b"stop letters about conversations"


@dataclass(frozen=True)
class Due:
    """A person to write to, and what waits for them."""

    person: Person
    as_candidate: Waiting
    as_advisor: Waiting


def rhythm_of(session: Session, person_id: UUID) -> Rhythm:
    """Answer how often a person wants these letters: once a day until they say otherwise."""
    choice = session.get(LetterChoice, person_id)
    return choice.rhythm if choice else Rhythm.DAILY


def choose_rhythm(session: Session, person_id: UUID, rhythm: Rhythm, *, at: datetime) -> None:
    """Keep how often a person wants these letters."""
    choice = _choice(session, person_id, at)
    if choice.rhythm is not rhythm:
        choice.rhythm, choice.changed_at = rhythm, at
        note(session, "letters_chosen", ("person", person_id), by=person_id, at=at, rhythm=rhythm)


def _choice(session: Session, person_id: UUID, at: datetime) -> LetterChoice:
    known = {"rhythm": Rhythm.DAILY, "leave_key": secrets.token_bytes(32), "changed_at": at}
    add_once(session, LetterChoice, ("person_id",), person_id=person_id, **known)
    return session.get_one(LetterChoice, person_id)


def tell_at_once(session: Session, candidacy_id: UUID, *, by: UUID, at: datetime) -> None:
    """Write to the other one of a conversation that words wait for them, if they want a letter for each."""
    candidacy = session.get_one(Candidacy, candidacy_id)
    other = candidacy.candidate_id if by != candidacy.candidate_id else candidacy.advisor_id
    person = session.get(Person, other) if other else None
    if person is None or not _reachable(person) or rhythm_of(session, person.id) is not Rhythm.AT_ONCE:
        return
    _write(session, person, Letter.WORDS, at, as_candidate=person.id == candidacy.candidate_id)


def _reachable(person: Person) -> bool:
    """Whether a link would lead them anywhere: not suspended, and with a password (else their invitation speaks)."""
    return person.suspended_at is None and person.password_hash is not None


def _write(session: Session, person: Person, letter: Letter, at: datetime, **facts: Any) -> None:
    path = f"/courriels/arret/{stop_token(_choice(session, person.id, at))}"
    mail = write(session, person, letter, at=at, name=person.name, stop=path, **facts)
    mail.unsubscribe = path


def list_due(session: Session, at: datetime) -> list[Due]:
    """Answer who has a digest to receive at this moment, in a constant number of queries.

    Those who want one a day, have not had today's, and have unread words older than this morning, some of them newer
    than their last digest.
    """
    day, until = digest_of(at)
    waiting = waiting_before(session, until)
    told = _told(session)
    news = {one: found for one, found in waiting.items() if is_news(max(each.newest for each in found.values()), told.get(one))}
    had = set(session.scalars(select(Digest.person_id).where(Digest.day == day)))
    people = session.scalars(
        select(Person)
        .outerjoin(LetterChoice, LetterChoice.person_id == Person.id)
        .where(Person.id.in_(news.keys() - had), Person.suspended_at.is_(None), Person.password_hash.is_not(None))
        .where(LetterChoice.rhythm.is_(None) | (LetterChoice.rhythm == Rhythm.DAILY))
        .order_by(Person.id)
    )
    nothing = Waiting()
    return [Due(one, news[one.id].get("candidate", nothing), news[one.id].get("advisor", nothing)) for one in people]


def _told(session: Session) -> Mapping[UUID, datetime]:
    rows = select(Digest.person_id, func.max(Digest.until)).group_by(Digest.person_id)
    return {row[0]: row[1] for row in session.execute(rows)}


def write_digests(session: Session, *, at: datetime) -> int:
    """Write the digests that are due and answer how many: one a person and day at most, however many workers write."""
    day, until = digest_of(at)
    written = 0
    for due in list_due(session, at):
        if add_once(session, Digest, ("person_id", "day"), person_id=due.person.id, day=day, until=until, written_at=at):
            _write(session, due.person, Letter.DIGEST, at, as_candidate=due.as_candidate, as_advisor=due.as_advisor)
            written += 1
    return written


def stop_token(choice: LetterChoice) -> str:
    """A link that can do one thing, for one person: stop these letters."""
    signed = choice.person_id.bytes + hmac.new(choice.leave_key, PURPOSE + choice.person_id.bytes, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(signed).decode()


def find_leaver(session: Session, token: str) -> LetterChoice | None:
    """Answer whose letters this link stops, or None when nobody signed it."""
    try:
        person_id = UUID(bytes=base64.urlsafe_b64decode(token.encode())[:16])
    except (ValueError, UnicodeError):
        return None
    choice = session.get(LetterChoice, person_id)
    return choice if choice is not None and hmac.compare_digest(stop_token(choice).encode(), token.encode()) else None


def stop_letters(session: Session, token: str, *, at: datetime) -> bool:
    """Stop the letters of whoever this link was written to; False when nobody signed it. Twice changes nothing more."""
    choice = find_leaver(session, token)
    if choice is not None:
        choose_rhythm(session, choice.person_id, Rhythm.NEVER, at=at)
    return choice is not None
