"""Letters about a conversation: counts and a link, never its words; at once or once a day, as each person chose."""

import base64
import hashlib
import hmac
import secrets
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, func, literal, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from portfolio.db.engine import fetch_rows, insert_if_absent
from portfolio.domain.account.models import CertifyingBody, Person
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.dossier.models.dossier import CoverageReview
from portfolio.domain.email.use_cases import EmailTemplate, queue_email
from portfolio.domain.review.models import DigestEmail, Message, NotificationPreference, ThreadReadMarker
from portfolio.domain.review.rules.messages import Frequency, Unread, digest_of, is_news

# A person, or a column of a larger query that stands for them.
Who = UUID | ColumnElement[UUID] | InstrumentedAttribute[UUID]
# Who is told: the candidate, of what their advisors say and think; the advisor, of what their candidate says.
TO_CANDIDATE, TO_ADVISOR = Candidacy.candidate_id, Candidacy.advisor_id

NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class UnreadSummary:
    """Unread messages that wait for one person in one of their parts, in how many dossiers, and the moment of the
    newest.
    """

    messages: int = 0
    marks: int = 0
    dossiers: int = 0
    newest: datetime = NEVER


def load_unread(session: Session, candidacy_ids: Collection[UUID], reader: UUID) -> Mapping[UUID, dict[UUID, Unread]]:
    """Answer what this person has not read, by candidacy and competency, in one query whatever their number."""
    if not candidacy_ids:
        return {}
    asked = {"reader": reader, "candidacies": candidacy_ids}
    found: defaultdict[UUID, dict[UUID, Unread]] = defaultdict(dict)
    for candidacy_id, competency_id, kind, count, since in fetch_rows(session, _UNREAD, asked):
        before = found[candidacy_id].get(competency_id, Unread(0, 0, since))
        messages, marks = (count, before.marks) if kind == "message" else (before.messages, count)
        found[candidacy_id][competency_id] = Unread(messages, marks, min(since, before.since))
    return found


def load_unread_before(session: Session, until: datetime) -> Mapping[UUID, dict[str, UnreadSummary]]:
    """Answer what was said before this moment and not read, by person and by what they are there, in one query."""
    messages = union_all(*(rows for _, rows in _everything())).subquery()
    parts = messages.c.person_id, messages.c.part
    is_message = messages.c.kind == "message"
    rows = (
        select(
            *parts,
            func.count().filter(is_message),
            func.count().filter(~is_message),
            func.count(messages.c.candidacy_id.distinct()),
            func.max(messages.c.moment),
        )
        .where(messages.c.moment < until)
        .group_by(*parts)
    )
    found: defaultdict[UUID, dict[str, UnreadSummary]] = defaultdict(dict)
    for person_id, part, *counts in session.execute(rows):
        found[person_id][part] = UnreadSummary(*counts)
    return found


def unread_as_candidate(reader: Who) -> ColumnElement[int]:
    """Return, as a column of a larger query, how much the person has not read in their own dossiers."""
    return _counted(_messages_to_candidate(), TO_CANDIDATE, reader) + _counted(_marks(), TO_CANDIDATE, reader)


def unread_as_advisor(reader: Who) -> ColumnElement[int]:
    """Return, as a column of a larger query, how many messages of those they accompany the person has not read."""
    return _counted(_messages_to_advisor(), TO_ADVISOR, reader)


def _counted(rows: Select[Any], person: Any, reader: Who) -> ColumnElement[int]:
    return rows.where(person == reader).with_only_columns(func.count()).scalar_subquery()


def _everything() -> list[tuple[Any, Select[Any]]]:
    """Each kind of news: the column of the person it is for, and its rows."""
    return [
        (TO_CANDIDATE, _columns(_messages_to_candidate(), Message, Message.sent_at, TO_CANDIDATE, "message")),
        (TO_CANDIDATE, _columns(_marks(), CoverageReview, CoverageReview.created_at, TO_CANDIDATE, "mark")),
        (TO_ADVISOR, _columns(_messages_to_advisor(), Message, Message.sent_at, TO_ADVISOR, "message")),
    ]


def _columns(rows: Select[Any], table: Any, moment: Any, person: Any, kind: str) -> Select[Any]:
    return rows.with_only_columns(
        person.label("person_id"),
        literal("candidate" if person is TO_CANDIDATE else "advisor").label("part"),
        table.candidacy_id.label("candidacy_id"),
        table.competency_id.label("competency_id"),
        literal(kind).label("kind"),
        moment.label("moment"),
    )


def _messages_to_candidate() -> Select[Any]:
    rows = _after_reading(Message, Message.sent_at, TO_CANDIDATE)
    return rows.where(Message.author_id != Candidacy.candidate_id, Message.withdrawn_at.is_(None))


def _messages_to_advisor() -> Select[Any]:
    rows = _after_reading(Message, Message.sent_at, TO_ADVISOR)
    return rows.where(
        TO_ADVISOR.is_not(None), Message.author_id == Candidacy.candidate_id, Message.withdrawn_at.is_(None)
    )


def _marks() -> Select[Any]:
    return _after_reading(CoverageReview, CoverageReview.created_at, TO_CANDIDATE)


def _after_reading(table: Any, moment: Any, reader: Any) -> Select[Any]:
    read = (
        (ThreadReadMarker.candidacy_id == table.candidacy_id)
        & (ThreadReadMarker.competency_id == table.competency_id)
        & (ThreadReadMarker.person_id == reader)
    )
    return (
        select(table)
        .join(Candidacy, Candidacy.id == table.candidacy_id)
        .outerjoin(ThreadReadMarker, read)
        .where(ThreadReadMarker.read_until.is_(None) | (moment > ThreadReadMarker.read_until))
    )


def _unread() -> Select[Any]:
    reader: Any = bindparam("reader")
    asked: Any = bindparam("candidacies", expanding=True)
    messages = union_all(
        *(rows.where(person == reader, Candidacy.id.in_(asked)) for person, rows in _everything())
    ).subquery()
    kinds = messages.c.candidacy_id, messages.c.competency_id, messages.c.kind
    return select(*kinds, func.count(), func.min(messages.c.moment)).group_by(*kinds)


# Asked at every page of a dossier, so built once.
_UNREAD = _unread()

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
