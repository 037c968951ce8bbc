"""Addresses that programs give to be told of events: make and end them, queue events, send them in their order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
import structlog
from sqlalchemy import ColumnElement, delete, exists, func, insert, or_, select, update
from sqlalchemy.orm import Session, joinedload

from config import Config
from portfolio.db.engine import Database, fetch_rows, new_id
from portfolio.domain.account.credentials import manages
from portfolio.domain.account.models import CertifyingBodyMember, Person
from portfolio.domain.account.second_factor import decrypt, encrypt
from portfolio.domain.api_access.models import Webhook, WebhookDelivery
from portfolio.domain.api_access.rules import (
    DELIVERIES_KEPT,
    FORMER_SECRET,
    MAX_WEBHOOKS,
    RETRIES,
    STOPPED_AFTER,
    ApiRefusal,
    DeliveryState,
    EventType,
    draw_secret,
    is_set_aside,
    next_try,
    refuses_event,
    signature_of,
)
from portfolio.domain.api_access.use_cases import maker_manages
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.email.use_cases import EmailTemplate, queue_email
from portfolio.errors import Refusal
from portfolio.outgoing_http import post

log = structlog.get_logger("acquis")
LEASE = timedelta(minutes=2)
# Events that one task of the worker sends to one address before others have their turn, and among which it chooses.
_IN_A_ROW, _LOOKED_AT = 50, 500
PURPOSE = "webhook"
# A maker who was suspended or left has nobody told, whatever was stopped or not.
_IN_SERVICE = (Webhook.stopped_at.is_(None), maker_manages(Webhook))
_LISTENING = select(Webhook.id, Webhook.body_id, Webhook.event_types).where(*_IN_SERVICE)
_WAITING = exists().where(WebhookDelivery.webhook_id == Webhook.id, WebhookDelivery.state == DeliveryState.WAITING)
Clock = Callable[[], datetime]


def make_webhook(
    session: Session,
    body_id: UUID,
    url: str,
    event_types: Collection[EventType],
    *,
    by: UUID,
    has_second_factor: bool,
    installation: str,
    at: datetime,
) -> tuple[Webhook, str]:
    """Tell an address of events from now on; return it with its secret, which is shown once.

    Raise Refusal when its maker has no second factor, or when the body has many already.
    """
    if not has_second_factor:
        raise Refusal(ApiRefusal.NO_SECOND_FACTOR)
    if len(list_webhooks(session, body_id)) >= MAX_WEBHOOKS:
        raise Refusal(ApiRefusal.TOO_MANY_WEBHOOKS, most=MAX_WEBHOOKS)
    secret = draw_secret()
    hook = Webhook(
        id=new_id(), body_id=body_id, url=url, event_types=sorted(event_types), made_by=by, made_at=at, next_at=at
    )
    hook.secret = encrypt(secret, installation, PURPOSE)
    session.add(hook)
    record_event(session, "webhook_made", ("webhook", hook.id), by=by, at=at, events=len(hook.event_types))
    return hook, secret


def list_webhooks(session: Session, body_id: UUID) -> Sequence[Webhook]:
    """Return the addresses of a body, the last made first."""
    query = select(Webhook).where(Webhook.body_id == body_id).options(joinedload(Webhook.maker))
    return session.scalars(query.order_by(Webhook.made_at.desc(), Webhook.id)).all()


def find_webhook(session: Session, body_id: UUID, webhook_id: UUID) -> Webhook | None:
    """Return one address of a body."""
    return next((each for each in list_webhooks(session, body_id) if each.id == webhook_id), None)


def remove_webhook(session: Session, hook: Webhook, *, by: UUID, at: datetime) -> None:
    """Tell an address of nothing more; what waits for it is dropped."""
    session.execute(delete(WebhookDelivery).where(WebhookDelivery.webhook_id == hook.id))
    session.delete(hook)
    record_event(session, "webhook_removed", ("webhook", hook.id), by=by, at=at)


def renew_secret(session: Session, hook: Webhook, *, by: UUID, installation: str, at: datetime) -> str:
    """Return a new secret, shown once; the former one signs beside it for a day."""
    secret = draw_secret()
    hook.former_secret, hook.former_until = hook.secret, at + FORMER_SECRET
    hook.secret = encrypt(secret, installation, PURPOSE)
    record_event(session, "webhook_secret_renewed", ("webhook", hook.id), by=by, at=at)
    return secret


def resume_webhook(session: Session, hook: Webhook, *, by: UUID, at: datetime) -> None:
    """Tell an address again, of what waits for it first; from then on it is of whoever resumes it."""
    hook.stopped_at, hook.failing_since, hook.next_at, hook.made_by = None, None, at, by
    waiting = (WebhookDelivery.webhook_id == hook.id, WebhookDelivery.state == DeliveryState.WAITING)
    session.execute(update(WebhookDelivery).where(*waiting).values(tries=0))
    record_event(session, "webhook_resumed", ("webhook", hook.id), by=by, at=at)


def list_deliveries(session: Session, webhook_id: UUID, limit: int) -> Sequence[WebhookDelivery]:
    """Return the last events of an address, the latest first."""
    query = select(WebhookDelivery).where(WebhookDelivery.webhook_id == webhook_id)
    latest = (WebhookDelivery.occurred_at.desc(), WebhookDelivery.seq.desc(), WebhookDelivery.id)
    return session.scalars(query.order_by(*latest).limit(limit)).all()


def count_waiting(session: Session, webhooks: Collection[UUID]) -> Mapping[UUID, int]:
    """Return how many events wait for each of these addresses."""
    query = select(WebhookDelivery.webhook_id, func.count()).where(
        WebhookDelivery.webhook_id.in_(webhooks), WebhookDelivery.state == DeliveryState.WAITING
    )
    return dict(session.execute(query.group_by(WebhookDelivery.webhook_id)).all())


def count_webhooks(session: Session) -> tuple[int, int, int]:
    """Return how many addresses there are, how many of those in service do not answer, and how many are stopped."""
    failing = Webhook.stopped_at.is_(None) & Webhook.failing_since.is_not(None)
    counted = select(
        func.count(), func.count().filter(failing), func.count().filter(Webhook.stopped_at.is_not(None))
    ).select_from(Webhook)
    total, failed, stopped = session.execute(counted).one()
    return total, failed, stopped


def send_again(session: Session, hook: Webhook, delivery_id: UUID, *, by: UUID, at: datetime) -> bool:
    """Send an event once more, under the same identity; return whether the address has it."""
    row = session.get(WebhookDelivery, delivery_id, with_for_update=True)
    if row is None or row.webhook_id != hook.id:
        return False
    row.state, row.tries, row.ended_at = DeliveryState.WAITING, 0, None
    hook.next_at = at
    record_event(session, "webhook_sent_again", ("webhook", hook.id), by=by, at=at)
    return True


def send_test(session: Session, hook: Webhook, *, at: datetime) -> None:
    """Queue an event that says nothing but that the address is told."""
    session.add(
        WebhookDelivery(
            webhook_id=hook.id, event_type=EventType.TEST, path="me", occurred_at=at, state=DeliveryState.WAITING
        )
    )
    hook.next_at = at


def is_anybody_told(session: Session) -> bool:
    """Tell whether an address is told of anything: without any, a transaction looks no further."""
    return bool(fetch_rows(session, _LISTENING, {}))


def queue_events(session: Session, events: Sequence[tuple[UUID, EventType, str]], *, at: datetime) -> None:
    """Queue what the transaction did for the addresses that asked for it: body, event, place of the object."""
    rows = [
        {
            "id": new_id(),
            "webhook_id": hook.id,
            "event_type": kind,
            "path": path,
            # In the order of the acts.
            "occurred_at": at + timedelta(microseconds=rank),
            "state": DeliveryState.WAITING,
            "tries": 0,
        }
        for hook in fetch_rows(session, _LISTENING, {})
        for rank, (body_id, kind, path) in enumerate(events)
        if body_id == hook.body_id and kind in hook.event_types
    ]
    if rows:
        session.execute(insert(WebhookDelivery), rows)


def webhook_due(at: ColumnElement[datetime]) -> ColumnElement[bool]:
    """Return the condition that events wait for an address whose turn has come."""
    return exists().where(*_IN_SERVICE, Webhook.next_at <= at, _WAITING)


def claim_webhook(database: Database, config: Config, clock: Clock) -> Callable[[], int] | None:
    """Lease an address whose events wait, number them, and return how to send them; None when there is none."""
    at = clock()
    with database.transaction() as session:
        query = select(Webhook).where(*_IN_SERVICE, Webhook.next_at <= at, _WAITING)
        hook = session.scalar(query.order_by(Webhook.next_at).limit(1).with_for_update(skip_locked=True))
        if hook is None:
            return None
        hook.next_at = at + LEASE
        _number(session, hook)
        return partial(_send, database, config, hook.id, clock)


def _number(session: Session, hook: Webhook) -> None:
    """Give the events that were committed without a number the numbers that follow the last one."""
    query = select(WebhookDelivery.id).where(WebhookDelivery.webhook_id == hook.id, WebhookDelivery.seq.is_(None))
    ids = session.scalars(query.order_by(WebhookDelivery.occurred_at, WebhookDelivery.id)).all()
    if ids:
        numbered = [{"id": key, "seq": hook.last_seq + rank} for rank, key in enumerate(ids, 1)]
        session.execute(update(WebhookDelivery), numbered)
        hook.last_seq += len(ids)


def _send(database: Database, config: Config, webhook_id: UUID, clock: Clock) -> int:
    """Send what waits, until the address does not answer; return how many events were taken.

    The events of one object go in their order. One that is refused is set aside with those that follow it on the same
    object; those of other objects go on.
    """
    sent = tried = 0
    while tried < _IN_A_ROW:
        with database.reader() as session:
            hook = session.scalar(select(Webhook).where(Webhook.id == webhook_id, *_IN_SERVICE))
            row = _first_due(session, webhook_id, clock())
        if hook is None or row is None:
            break
        status = _call(hook, row, config, clock())
        if not _record(database, webhook_id, row.id, status, clock()):
            return sent
        tried += 1
        sent += not refuses_event(status)
    with database.transaction() as session:
        # What was set aside is looked at again; an address of which nothing waits is not.
        later = clock() if tried == _IN_A_ROW else clock() + RETRIES[0]
        left = update(Webhook).where(Webhook.id == webhook_id, _WAITING)
        session.execute(left.values(next_at=later))
        session.execute(update(Webhook).where(Webhook.id == webhook_id, ~_WAITING).values(next_at=clock()))
    return sent


def _first_due(session: Session, webhook_id: UUID, at: datetime) -> WebhookDelivery | None:
    """Return the first event that waits, but for those of an object one of whose events is set aside."""
    query = select(WebhookDelivery).where(
        WebhookDelivery.webhook_id == webhook_id,
        WebhookDelivery.state == DeliveryState.WAITING,
        WebhookDelivery.seq.is_not(None),
    )
    held: set[str] = set()
    for row in session.scalars(query.order_by(WebhookDelivery.seq).limit(_LOOKED_AT)):
        if row.path in held or is_set_aside(row.tries, row.last_status, row.tried_at, at):
            held.add(row.path)
        else:
            return row
    return None


def _call(hook: Webhook, row: WebhookDelivery, config: Config, at: datetime) -> int | None:
    """Return the status of the answer; None when there was none."""
    kept = [hook.secret, *([hook.former_secret] if hook.former_until and hook.former_until > at else [])]
    secrets = [text for each in kept if each and (text := decrypt(each, config.secret_key, PURPOSE))]
    stamp, body = int(at.timestamp()), _message(row, config)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Acquis",
        "webhook-id": str(row.id),
        "webhook-timestamp": str(stamp),
        "webhook-signature": " ".join(signature_of(secret, str(row.id), stamp, body) for secret in secrets),
    }
    try:
        return post(hook.url, body, headers, allow_private=config.private_webhooks)
    except OSError as error:
        log.info("webhook_not_taken", webhook=str(hook.id), kind=type(error).__name__)
        return None


def _message(row: WebhookDelivery, config: Config) -> bytes:
    """Return what is sent: which object, and where the API gives it to those who may read it."""
    told = {"id": row.path.rpartition("/")[2], "url": f"{config.address.rstrip('/')}/api/v1/{row.path}"}
    return msgspec.json.encode(
        {"type": row.event_type, "timestamp": row.occurred_at, "data": {**told, "sequence": row.seq}}
    )


def _record(database: Database, webhook_id: UUID, delivery_id: UUID, status: int | None, at: datetime) -> bool:
    """Write what came of one try; return whether the address answers, be it to refuse this event."""
    taken = status is not None and 200 <= status < 300
    with database.transaction() as session:
        hook = session.get(Webhook, webhook_id, with_for_update=True)
        row = session.get(WebhookDelivery, delivery_id, with_for_update=True)
        if hook is None or row is None:  # removed meanwhile
            return False
        row.tries, row.tried_at, row.last_status = row.tries + 1, at, status
        if taken:
            row.state, row.ended_at = DeliveryState.DELIVERED, at
            hook.failing_since, hook.next_at = None, at + LEASE
            return True
        if refuses_event(status):
            hook.failing_since, hook.next_at = None, at + LEASE
            if row.tries > len(RETRIES):
                row.state, row.ended_at = DeliveryState.GIVEN_UP, at
            return True
        hook.failing_since = hook.failing_since or at
        later = next_try(row.tries, hook.failing_since, at)
        hook.next_at = later or at
        if at - hook.failing_since >= STOPPED_AFTER:
            _stop(session, hook, at)
        elif later is None:
            row.state, row.ended_at = DeliveryState.GIVEN_UP, at
    return False


def _stop(session: Session, hook: Webhook, at: datetime) -> None:
    hook.stopped_at = at
    record_event(session, "webhook_stopped", ("webhook", hook.id), by=None, at=at)
    managers = (
        select(Person)
        .join(CertifyingBodyMember, CertifyingBodyMember.person_id == Person.id)
        .where(
            CertifyingBodyMember.body_id == hook.body_id, Person.suspended_at.is_(None), manages(CertifyingBodyMember)
        )
    )
    for person in session.scalars(managers):
        facts = {"name": person.name, "url": hook.url, "since": hook.failing_since, "webhook_id": hook.id}
        queue_email(session, person, EmailTemplate.WEBHOOK_STOPPED, at=at, body_id=hook.body_id, **facts)


def purge_deliveries(session: Session, *, at: datetime) -> int:
    """Delete the events that ended long ago, and those that wait for an address stopped long ago."""
    old = at - DELIVERIES_KEPT
    stopped = select(Webhook.id).where(Webhook.stopped_at < old)
    gone: Any = session.execute(
        delete(WebhookDelivery).where(or_(WebhookDelivery.ended_at < old, WebhookDelivery.webhook_id.in_(stopped)))
    )
    return int(gone.rowcount or 0)
