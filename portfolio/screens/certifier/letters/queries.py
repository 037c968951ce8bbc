"""The letters of a body as its members see them: those that wait for a person, those that left, those handed over."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    ScalarSelect,
    Select,
    Subquery,
    Uuid,
    and_,
    bindparam,
    exists,
    func,
    literal,
    not_,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from portfolio.db.paging import count_rows
from portfolio.db.sql_functions import contains_text, equals_in_partial_index
from portfolio.domain.account.models import AccountToken, CertifyingBody, LoginSession, Person
from portfolio.domain.account.rules import TokenPurpose, token_hash
from portfolio.domain.audit_log.models import AuditEvent
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.certification.models import Certification, CertificationVersion
from portfolio.domain.dossier.models.attestation import AttestationLink, AttestationRequest
from portfolio.domain.dossier.rules.attestation import RequestAction, refusal_for
from portfolio.domain.email.models import EmailAttachment, OutgoingEmail
from portfolio.domain.email.rules import (
    MAX_TRIES,
    PAGE_SIZE,
    SLOW_AFTER,
    Box,
    DeliveryFailure,
    DeliveryState,
    InvitationStatus,
    WithheldReason,
    delivery_state,
    plain_words,
)
from portfolio.domain.email.use_cases import OF_ACCOUNTS, PERSONAL, EmailTemplate
from portfolio.domain.jury.models.pool import Juror
from portfolio.domain.jury.models.statements import SummonsEmail

# Letters are counted up to this number, and a list leads so far back: a body writes more in a year.
MAX_LETTERS = 5000
_INVITATIONS = (EmailTemplate.INVITATION, EmailTemplate.NEWS)
_ANSWERING = re.compile(r"/attester/([\w-]+)")
_OPENING = re.compile(r"/invitation/([\w-]+)")


@dataclass(frozen=True)
class UndeliveredEmail:
    """A letter of a body: its state, whether its link still opens something, and why its text is not shown,
    if it is not.
    """

    mail: OutgoingEmail
    state: DeliveryState
    opens: bool
    withheld: WithheldReason | None


@dataclass(frozen=True)
class Outbox:
    """A page of letters, and how many there are in each box."""

    letters: tuple[UndeliveredEmail, ...]
    counts: Mapping[Box, int]
    found: int
    page: int
    pages: int
    alone: bool
    failure: DeliveryFailure | None


@dataclass(frozen=True, slots=True)
class OutboxQuery:
    """Query of a page of letters."""

    box: Box = Box.WAITING
    words: str = ""
    page: int = 1


def is_alone(session: Session) -> bool:
    """Tell whether one body has this installation for itself.

    Where several share it, what is written to someone invited tells whether another one knew them, and a link to choose
    a password would open what they have elsewhere: no body hands these over, no matter who runs the installation does.
    """
    return (session.scalar(select(func.count()).select_from(CertifyingBody)) or 0) < 2


def load_outbox(session: Session, body_id: UUID, asked: OutboxQuery, *, has_server: bool, at: datetime) -> Outbox:
    """Return one page of the letters of a body, the latest first, in a constant number of queries."""
    alone = is_alone(session)
    counts = _counts(session, body_id, alone)
    found = _boxes(alone)[asked.box] & _of_body(body_id)
    if words := plain_words(asked.words):
        found &= OutgoingEmail.id.in_(_matching(body_id, words))
        number = count_rows(session, select(OutgoingEmail.id).where(found), MAX_LETTERS).number
    else:
        number = counts[asked.box]
    pages = max(1, -(-number // PAGE_SIZE))
    page = min(max(asked.page, 1), pages)
    query = (
        select(OutgoingEmail)
        .where(found)
        .options(joinedload(OutgoingEmail.person), selectinload(OutgoingEmail.attachments))
    )
    # Letters of one moment have an order of their own, which tells nothing of who had an account.
    ordered = query.order_by(
        OutgoingEmail.created_at.desc(), OutgoingEmail.search_words, OutgoingEmail.kind, OutgoingEmail.id
    )
    rows = ordered.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)
    letters = _in_scope(session, session.scalars(rows).all(), alone=alone, has_server=has_server, at=at)
    failure = session.scalar(
        select(OutgoingEmail.failure)
        .where(_of_body(body_id), _UNDELIVERED, OutgoingEmail.failure.is_not(None))
        .order_by(OutgoingEmail.failed_at.desc())
        .limit(1)
    )
    return Outbox(letters, counts, number, page, pages, alone, failure if has_server else None)


def _matching(body_id: UUID, words: str) -> Select[Any]:
    """Find the last letters whose reader's name or address contains these words: one index holds all that
    is looked at.
    """
    query = select(OutgoingEmail.id).where(
        OutgoingEmail.body_id == body_id, contains_text(OutgoingEmail.search_words, words)
    )
    return query.order_by(OutgoingEmail.created_at.desc()).limit(MAX_LETTERS)


@cache
def number_waiting(*, has_server: bool) -> ScalarSelect[int]:
    """Return how many letters of the bound body wait for a person, at most `MAX_LETTERS`, as a column: all
    that have not left without a mail server, the stuck ones with.

    Parameters: `body`; `slow_before` with a mail server.
    """
    bodies = select(CertifyingBody.id).limit(2).subquery()
    is_alone_here = select(func.count()).select_from(bodies).scalar_subquery() < 2
    waiting = _of_body(bindparam("body", type_=Uuid())) & _UNDELIVERED & not_(_is_replaced())
    waiting &= not_(is_alone_here & _is_useless())
    if has_server:
        waiting &= or_(
            OutgoingEmail.failure.is_not(None),
            OutgoingEmail.attempts >= MAX_TRIES,
            OutgoingEmail.created_at < bindparam("slow_before"),
        )
    first = select(literal(1)).select_from(OutgoingEmail).where(waiting).limit(MAX_LETTERS).subquery()
    return select(func.count()).select_from(first).scalar_subquery()


def count_waiting(session: Session, body_id: UUID, *, has_server: bool, at: datetime) -> int:
    """Return how many letters of a body wait for a person."""
    asked = {"body": body_id, "slow_before": at - SLOW_AFTER}
    return session.scalar(select(number_waiting(has_server=has_server)), asked) or 0


def list_waiting_texts(
    session: Session, body_id: UUID, asked: OutboxQuery, *, has_server: bool, at: datetime
) -> tuple[UndeliveredEmail, ...]:
    """List the letters of one page that the body may read and hand over."""
    page = load_outbox(session, body_id, asked, has_server=has_server, at=at)
    return tuple(each for each in page.letters if not each.withheld and each.mail.sent_at is each.mail.handed_over_at)


def load_postal_addresses(session: Session, body_id: UUID, letters: Sequence[UndeliveredEmail]) -> Mapping[UUID, str]:
    """Return, by letter, where the body knows that its reader lives: as a candidate, else as a juror."""
    of_candidates = (
        select(Candidacy.candidate_id, Candidacy.postal_address)
        .join(Candidacy.version)
        .join(CertificationVersion.certification)
        .where(Certification.body_id == body_id, Candidacy.postal_address.is_not(None))
        .where(Candidacy.candidate_id.in_([each.mail.person_id for each in letters]))
        .order_by(Candidacy.opened_at)
    )
    of_jurors = select(Juror.email, Juror.postal_address).where(
        Juror.body_id == body_id, Juror.email.in_([each.mail.email for each in letters])
    )
    candidates: dict[UUID | None, str] = {row[0]: row[1] or "" for row in session.execute(of_candidates)}
    jurors = {row[0]: row[1] for row in session.execute(of_jurors)}
    return {each.mail.id: candidates.get(each.mail.person_id) or jurors.get(each.mail.email, "") for each in letters}


def find_email(session: Session, body_id: UUID, mail_id: UUID) -> OutgoingEmail | None:
    """Return a letter that the members of a body may hand over, or None."""
    return session.scalar(select(OutgoingEmail).where(_of_body(body_id), OutgoingEmail.id == mail_id).with_for_update())


def find_attachment(session: Session, body_id: UUID, attachment_id: UUID) -> EmailAttachment | None:
    """Return a file that goes with a letter of a body, or None."""
    query = select(EmailAttachment).join(OutgoingEmail, OutgoingEmail.id == EmailAttachment.email_id)
    return session.scalar(query.where(_of_body(body_id), EmailAttachment.id == attachment_id))


def find_invitation_status(
    session: Session, body_id: UUID, person_id: UUID, *, has_server: bool
) -> InvitationStatus | None:
    """Return what the row of the last invitation of a person tells; None when the body wrote none."""
    mail = session.scalar(
        select(OutgoingEmail)
        .where(
            OutgoingEmail.body_id == body_id, OutgoingEmail.person_id == person_id, OutgoingEmail.kind.in_(_INVITATIONS)
        )
        .order_by(OutgoingEmail.created_at.desc())
        .limit(1)
    )
    if mail is None:
        return None
    state = delivery_state(mail.delivery(), has_server=has_server)
    return InvitationStatus(state, mail.sent_at or mail.handed_over_at or mail.created_at, mail.failure)


_UNDELIVERED = and_(OutgoingEmail.sent_at.is_(None), OutgoingEmail.handed_over_at.is_(None))


def _of_body(body_id: UUID | BindParameter[UUID]) -> ColumnElement[bool]:
    # Letters about conversations are nobody's to hand over: they concern two people, perhaps of another body.
    return and_(
        OutgoingEmail.body_id == body_id,
        OutgoingEmail.unsubscribe.is_(None),
        or_(OutgoingEmail.kind.is_(None), OutgoingEmail.kind.not_in(PERSONAL)),
    )


@cache
def _boxes(alone: bool) -> Mapping[Box, ColumnElement[bool]]:
    useless = _is_useless_here(alone)
    return {
        Box.WAITING: _UNDELIVERED & not_(useless),
        Box.HANDED_OVER: OutgoingEmail.handed_over_at.is_not(None),
        Box.SENT: OutgoingEmail.sent_at.is_not(None),
        Box.USELESS: _UNDELIVERED & useless,
    }


def _is_useless_here(alone: bool) -> ColumnElement[bool]:
    """Tell whether a letter has no use left; of an invitation, only a body that is alone may say so."""
    return or_(_is_replaced(), _is_useless()) if alone else _is_replaced()


@cache
def _is_replaced() -> ColumnElement[bool]:
    """Tell whether a later letter of the same summons takes the place of this one."""
    own, later = aliased(SummonsEmail), aliased(SummonsEmail)
    same = and_(later.summons_id == own.summons_id, later.sequence > own.sequence)
    return exists().where(own.email_id == OutgoingEmail.id, same)


@cache
def _is_useless() -> ColumnElement[bool]:
    """Tell whether an invitation has no use left: its reader has opened their account since."""
    # People without a password are few, and have an index.
    is_reader = equals_in_partial_index(Person.id, OutgoingEmail.person_id)
    opened = and_(OutgoingEmail.person_id.is_not(None), ~exists().where(is_reader, never_opened()))
    return and_(func.coalesce(OutgoingEmail.kind, "") == EmailTemplate.INVITATION, opened)


def never_opened() -> ColumnElement[bool]:
    """Tell whether the person of a query never had a password: a link then opens nothing but a new account."""
    chosen = exists().where(AuditEvent.actor_id == Person.id, AuditEvent.action == "password_chosen")
    logged = exists().where(LoginSession.person_id == Person.id)
    return and_(Person.password_hash.is_(None), not_(chosen), not_(logged))


def _counts(session: Session, body_id: UUID, alone: bool) -> Mapping[Box, int]:
    """Count the letters of each box, up to a limit; whether an undelivered one has a use is asked once."""
    useless = _is_useless_here(alone)
    undelivered = _first(body_id, _UNDELIVERED, useless.label("is_useless"), limit=2 * MAX_LETTERS)
    boxes = _boxes(alone)
    row = session.execute(
        select(
            func.count().filter(~undelivered.c.is_useless).label(Box.WAITING),
            func.count().filter(undelivered.c.is_useless).label(Box.USELESS),
            *(
                select(func.count())
                .select_from(_first(body_id, boxes[box], OutgoingEmail.id, limit=MAX_LETTERS))
                .scalar_subquery()
                .label(box)
                for box in (Box.HANDED_OVER, Box.SENT)
            ),
        ).select_from(undelivered)
    ).one()
    return {box: min(getattr(row, box), MAX_LETTERS) for box in boxes}


def _first(body_id: UUID, box: ColumnElement[bool], column: Any, *, limit: int) -> Subquery:
    return select(column).where(_of_body(body_id), box).limit(limit).subquery()


def _in_scope(
    session: Session, rows: Sequence[OutgoingEmail], *, alone: bool, has_server: bool, at: datetime
) -> tuple[UndeliveredEmail, ...]:
    """Give each letter its state, and withhold the texts that are not the body's to read."""
    live = _live_tickets(session, rows, at) | _live_links(session, rows, at)
    shown = []
    for mail in rows:
        state = delivery_state(mail.delivery(), has_server=has_server)
        shown.append(
            UndeliveredEmail(mail, state, mail.id in live, _withheld(mail, mail.id in live, state, alone, has_server))
        )
    return tuple(shown)


def _withheld(
    mail: OutgoingEmail, is_live: bool, state: DeliveryState, alone: bool, has_server: bool
) -> WithheldReason | None:
    if not alone and mail.kind in OF_ACCOUNTS:
        return WithheldReason.ACCOUNT
    if mail.kind != EmailTemplate.INVITATION and not mail.is_sensitive and not _OPENING.search(mail.text):
        return None
    if has_server or state is not DeliveryState.TO_HAND_OVER:
        return WithheldReason.LINK
    if mail.kind in (EmailTemplate.INVITATION, EmailTemplate.ATTESTATION_ASKED) or _OPENING.search(mail.text):
        return None if is_live else WithheldReason.EXPIRED
    return None


def _live_tickets(session: Session, letters: Sequence[OutgoingEmail], at: datetime) -> set[UUID]:
    """Return the letters whose link lets a person who never had a password choose their first one."""
    tokens = {token_hash(found.group(1)): mail.id for mail in letters if (found := _OPENING.search(mail.text))}
    rows = session.scalars(
        select(AccountToken.token_digest)
        .join(AccountToken.person)
        .where(
            AccountToken.token_digest.in_(tokens),
            AccountToken.purpose == TokenPurpose.INVITATION,
            AccountToken.used_at.is_(None),
            AccountToken.expires_at > at,
            Person.suspended_at.is_(None),
            never_opened(),
        )
    )
    return {tokens[key] for key in rows}


def _live_links(session: Session, letters: Sequence[OutgoingEmail], at: datetime) -> set[UUID]:
    """Return the letters whose link lets a third party answer a request that still waits."""
    tokens = {token_hash(found.group(1)): mail.id for mail in letters if (found := _ANSWERING.search(mail.text))}
    rows: Any = session.execute(
        select(AttestationLink.token_digest, AttestationRequest)
        .join(AttestationLink.request)
        .where(AttestationLink.token_digest.in_(tokens))
    )
    return {tokens[key] for key, request in rows if refusal_for(request.status, RequestAction.WRITE, at) is None}
