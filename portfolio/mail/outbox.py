"""The letters of a body as its members see them: those that wait for a person, those that left, those handed over."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, false, func, not_, or_, select
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from portfolio.account.models import CertifyingBody, LoginSession, Person, Ticket
from portfolio.account.rules import TicketPurpose
from portfolio.account.services import digest
from portfolio.attestation.models import AttestationLink, AttestationRequest
from portfolio.attestation.rules import Act, refused
from portfolio.journal.models import JournalLine
from portfolio.mail.models import Mail, MailAttachment
from portfolio.mail.rules import MAX_TRIES, PAGE_SIZE, SLOW_AFTER, DeliveryFailure, DeliveryState, delivery_state, plain_words
from portfolio.mail.services import OF_ACCOUNTS, PERSONAL, Letter

_INVITATIONS = (Letter.INVITATION, Letter.NEWS)
_ANSWERING = re.compile(r"/attester/([\w-]+)")
_OPENING = re.compile(r"/invitation/([\w-]+)")


class Box(StrEnum):
    """Which letters a page lists."""

    WAITING = "waiting"
    HANDED_OVER = "handed_over"
    SENT = "sent"
    USELESS = "useless"


class Withheld(StrEnum):
    """Why the text of a letter is not shown to the members of its body."""

    ACCOUNT = "account"  # several bodies share the installation: the letter tells whether an account existed
    LINK = "link"  # it holds a link of its reader, who has it, or gets it by mail, or for whom it opens an account with a past
    EXPIRED = "expired"  # its link no longer works


@dataclass(frozen=True)
class KeptLetter:
    """A letter of a body: its state, whether its link still opens something, and why its text is not shown, if it is not."""

    mail: Mail
    state: DeliveryState
    opens: bool
    withheld: Withheld | None


@dataclass(frozen=True)
class Outbox:
    """A page of letters, and how many there are in each box."""

    letters: tuple[KeptLetter, ...]
    counts: Mapping[Box, int]
    found: int
    page: int
    pages: int
    alone: bool
    failure: DeliveryFailure | None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a page of letters is asked for."""

    box: Box = Box.WAITING
    words: str = ""
    page: int = 1


def is_alone(session: Session) -> bool:
    """Whether one body has this installation for itself.

    Where several share it, what is written to someone invited tells whether another one knew them, and a link to choose a
    password would open what they have elsewhere: no body hands these over, whoever runs the installation does.
    """
    return (session.scalar(select(func.count()).select_from(CertifyingBody)) or 0) < 2


def read_outbox(session: Session, body_id: UUID, asked: Asked, *, has_server: bool, at: datetime) -> Outbox:
    """Return one page of the letters of a body, the latest first, in a constant number of queries."""
    alone = is_alone(session)
    counts = _counts(session, body_id, alone)
    found = _boxes(alone)[asked.box] & _of_body(body_id)
    if words := plain_words(asked.words):
        found &= Mail.search_words.contains(words, autoescape=True)
    number = session.scalar(select(func.count()).select_from(Mail).where(found)) or 0
    pages = max(1, -(-number // PAGE_SIZE))
    page = min(max(asked.page, 1), pages)
    query = select(Mail).where(found).options(joinedload(Mail.person), selectinload(Mail.attachments))
    # Letters of one moment have an order of their own, which tells nothing of who had an account.
    ordered = query.order_by(Mail.written_at.desc(), Mail.search_words, Mail.kind, Mail.id)
    rows = ordered.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)
    letters = _shown(session, session.scalars(rows).all(), alone=alone, has_server=has_server, at=at)
    failure = session.scalar(
        select(Mail.failure)
        .where(_of_body(body_id), _UNDELIVERED, Mail.failure.is_not(None))
        .order_by(Mail.failed_at.desc())
        .limit(1)
    )
    return Outbox(letters, counts, number, page, pages, alone, failure if has_server else None)


def count_waiting(session: Session, body_id: UUID, *, has_server: bool, at: datetime) -> int:
    """Return how many letters of a body wait for a person: all that have not left without a mail server, the stuck ones with."""
    waiting = _boxes(is_alone(session))[Box.WAITING] & _of_body(body_id)
    if has_server:
        waiting &= or_(Mail.failure.is_not(None), Mail.tries >= MAX_TRIES, Mail.written_at < at - SLOW_AFTER)
    return session.scalar(select(func.count()).select_from(Mail).where(waiting)) or 0


def find_letter(session: Session, body_id: UUID, mail_id: UUID) -> Mail | None:
    """Return a letter that the members of a body may hand over, or None."""
    return session.scalar(select(Mail).where(_of_body(body_id), Mail.id == mail_id).with_for_update())


def find_attachment(session: Session, body_id: UUID, attachment_id: UUID) -> MailAttachment | None:
    """Return a file that goes with a letter of a body, or None."""
    query = select(MailAttachment).join(Mail, Mail.id == MailAttachment.mail_id)
    return session.scalar(query.where(_of_body(body_id), MailAttachment.id == attachment_id))


@dataclass(frozen=True, slots=True)
class InvitationNews:
    """Where the last invitation of a person by a body is on its way, and since when."""

    state: DeliveryState
    at: datetime
    failure: DeliveryFailure | None


def invitation_news(session: Session, body_id: UUID, person_id: UUID, *, has_server: bool) -> InvitationNews | None:
    """Return what the row of the last invitation of a person tells; None when the body wrote none."""
    mail = session.scalar(
        select(Mail)
        .where(Mail.body_id == body_id, Mail.person_id == person_id, Mail.kind.in_(_INVITATIONS))
        .order_by(Mail.written_at.desc())
        .limit(1)
    )
    if mail is None:
        return None
    state = delivery_state(mail.delivery(), has_server=has_server)
    return InvitationNews(state, mail.sent_at or mail.handed_over_at or mail.written_at, mail.failure)


_UNDELIVERED = and_(Mail.sent_at.is_(None), Mail.handed_over_at.is_(None))


def _of_body(body_id: UUID) -> ColumnElement[bool]:
    # Letters about conversations are nobody's to hand over: they concern two people, perhaps of another body.
    return and_(Mail.body_id == body_id, Mail.unsubscribe.is_(None), or_(Mail.kind.is_(None), Mail.kind.not_in(PERSONAL)))


def _boxes(alone: bool) -> Mapping[Box, ColumnElement[bool]]:
    useless = _UNDELIVERED & _is_useless() if alone else false()
    return {
        Box.WAITING: _UNDELIVERED & not_(_is_useless()) if alone else _UNDELIVERED,
        Box.HANDED_OVER: Mail.handed_over_at.is_not(None),
        Box.SENT: Mail.sent_at.is_not(None),
        Box.USELESS: useless,
    }


def _is_useless() -> ColumnElement[bool]:
    """Whether an invitation has no use left: its reader has opened their account since, or got a later link."""
    later = aliased(Mail)
    replaced = exists().where(
        later.person_id == Mail.person_id, later.kind == Letter.INVITATION, later.written_at > Mail.written_at
    )
    opened = exists().where(Person.id == Mail.person_id, not_(never_opened()))
    return and_(func.coalesce(Mail.kind, "") == Letter.INVITATION, or_(replaced, opened))


def never_opened() -> ColumnElement[bool]:
    """Whether the person of a query never had a password: a link then opens nothing but a new account."""
    chosen = exists().where(JournalLine.actor_id == Person.id, JournalLine.verb == "password_chosen")
    logged = exists().where(LoginSession.person_id == Person.id)
    return and_(Person.password_hash.is_(None), not_(chosen), not_(logged))


def _counts(session: Session, body_id: UUID, alone: bool) -> Mapping[Box, int]:
    boxes = _boxes(alone)
    row = session.execute(
        select(*(func.count().filter(condition) for condition in boxes.values())).select_from(Mail).where(_of_body(body_id))
    ).one()
    return dict(zip(boxes, row, strict=True))


def _shown(session: Session, rows: Sequence[Mail], *, alone: bool, has_server: bool, at: datetime) -> tuple[KeptLetter, ...]:
    """Give each letter its state, and withhold the texts that are not the body's to read."""
    live = _live_tickets(session, rows, at) | _live_links(session, rows, at)
    shown = []
    for mail in rows:
        state = delivery_state(mail.delivery(), has_server=has_server)
        shown.append(KeptLetter(mail, state, mail.id in live, _withheld(mail, mail.id in live, state, alone, has_server)))
    return tuple(shown)


def _withheld(mail: Mail, is_live: bool, state: DeliveryState, alone: bool, has_server: bool) -> Withheld | None:
    if not alone and mail.kind in OF_ACCOUNTS:
        return Withheld.ACCOUNT
    if mail.kind != Letter.INVITATION and not mail.secret and not _OPENING.search(mail.text):
        return None
    if has_server or state is not DeliveryState.TO_HAND_OVER:
        return Withheld.LINK
    if mail.kind in (Letter.INVITATION, Letter.ATTESTATION_ASKED) or _OPENING.search(mail.text):
        return None if is_live else Withheld.EXPIRED
    return None


def _live_tickets(session: Session, letters: Sequence[Mail], at: datetime) -> set[UUID]:
    """Return the letters whose link lets a person who never had a password choose their first one."""
    tokens = {digest(found.group(1)): mail.id for mail in letters if (found := _OPENING.search(mail.text))}
    rows = session.scalars(
        select(Ticket.token_digest)
        .join(Person, Person.id == Ticket.person_id)
        .where(
            Ticket.token_digest.in_(tokens),
            Ticket.purpose == TicketPurpose.INVITATION,
            Ticket.used_at.is_(None),
            Ticket.expires_at > at,
            Person.suspended_at.is_(None),
            never_opened(),
        )
    )
    return {tokens[key] for key in rows}


def _live_links(session: Session, letters: Sequence[Mail], at: datetime) -> set[UUID]:
    """The letters whose link lets a third party answer a request that still waits."""
    tokens = {digest(found.group(1)): mail.id for mail in letters if (found := _ANSWERING.search(mail.text))}
    rows: Any = session.execute(
        select(AttestationLink.token_digest, AttestationRequest)
        .join(AttestationRequest, AttestationRequest.id == AttestationLink.request_id)
        .where(AttestationLink.token_digest.in_(tokens))
    )
    return {tokens[key] for key, request in rows if refused(request.course, Act.WRITE, at) is None}
