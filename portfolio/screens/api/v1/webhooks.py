"""Addresses that are told of events: listed, made, tried, removed."""

from __future__ import annotations

from uuid import UUID

from flask import abort, current_app
from sqlalchemy.orm import Session

from portfolio.access.api import ApiCaller
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session
from portfolio.domain.api_access import webhooks
from portfolio.domain.api_access.models import Webhook
from portfolio.domain.api_access.rules import ApiScope, EventType
from portfolio.errors import Refusal
from portfolio.outgoing_http import BadAddressError, resolve
from portfolio.screens.api.v1.operations import Fault, RefusedCallError, operation
from portfolio.screens.api.v1.values import MadeWebhook, NewWebhook, WebhookList, WebhookValue
from portfolio.web.clock import now
from portfolio.web.errors import refusal_message


@operation(
    "GET",
    "/webhooks",
    ApiScope.WEBHOOKS_WRITE,
    "Les webhooks de l’organisme",
    permission=Permission.MANAGE_TEAM,
    answer=WebhookList,
)
def list_webhooks(caller: ApiCaller) -> WebhookList:
    """Return the addresses of the body."""
    found = webhooks.list_webhooks(read_session(), caller.body.id)
    waiting = webhooks.count_waiting(read_session(), [hook.id for hook in found])
    return WebhookList([_value(hook, waiting.get(hook.id, 0)) for hook in found])


def _value(hook: Webhook, waiting: int = 0) -> WebhookValue:
    return WebhookValue(hook.id, hook.url, list(hook.event_types), hook.made_at, hook.stopped_at, waiting)


def _check_address(body: NewWebhook) -> None:
    try:
        resolve(body.url, allow_private=current_app.config["SETTINGS"].private_webhooks)
    except BadAddressError as error:
        sentence = refusal_message(Refusal(error.fault))
        raise RefusedCallError(422, sentence, code=error.fault.value, errors=(Fault("/url", sentence),)) from None


@operation(
    "POST",
    "/webhooks",
    ApiScope.WEBHOOKS_WRITE,
    "Créer un webhook : son secret n’est donné qu’ici",
    permission=Permission.MANAGE_TEAM,
    body=NewWebhook,
    answer=MadeWebhook,
    before=_check_address,
)
def make_webhook(db: Session, caller: ApiCaller, body: NewWebhook) -> MadeWebhook:
    """Tell an address of events, from now on."""
    hook, secret = webhooks.make_webhook(
        db,
        caller.body.id,
        body.url,
        set(body.events) - {EventType.TEST},
        by=caller.token.made_by,
        has_second_factor=True,  # whoever made the token has one
        installation=current_app.config["SETTINGS"].secret_key,
        at=now(),
    )
    return MadeWebhook(_value(hook), secret)


@operation(
    "POST",
    "/webhooks/<uuid:webhook_id>/test",
    ApiScope.WEBHOOKS_WRITE,
    "Envoyer un événement d’essai",
    permission=Permission.MANAGE_TEAM,
    answer=WebhookValue,
)
def try_webhook(db: Session, caller: ApiCaller, webhook_id: UUID) -> WebhookValue:
    """Queue an event that says nothing but that the address is told."""
    hook = _found(db, caller, webhook_id)
    webhooks.send_test(db, hook, at=now())
    return _value(hook, webhooks.count_waiting(db, [hook.id]).get(hook.id, 0))


@operation(
    "DELETE",
    "/webhooks/<uuid:webhook_id>",
    ApiScope.WEBHOOKS_WRITE,
    "Supprimer un webhook, et ce qui attend pour lui",
    permission=Permission.MANAGE_TEAM,
    answer=WebhookValue,
)
def remove_webhook(db: Session, caller: ApiCaller, webhook_id: UUID) -> WebhookValue:
    """Tell an address of nothing more."""
    hook = _found(db, caller, webhook_id)
    webhooks.remove_webhook(db, hook, by=caller.token.made_by, at=now())
    return _value(hook)


def _found(db: Session, caller: ApiCaller, webhook_id: UUID) -> Webhook:
    return webhooks.find_webhook(db, caller.body.id, webhook_id) or abort(404)
