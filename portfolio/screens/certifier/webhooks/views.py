"""Addresses of the programs of a body that are told of events: made, tried, sent to again, put back, removed."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, abort, current_app, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from config import Config
from portfolio.access.body import BodyAccess
from portfolio.access.decorators import certifier_page
from portfolio.access.policy import Permission
from portfolio.db.engine import close_read_session, read_session, transaction
from portfolio.domain.api_access import webhooks
from portfolio.domain.api_access.models import Webhook
from portfolio.domain.api_access.rules import TOLD, ApiRefusal, DeliveryState, EventType
from portfolio.errors import Refusal
from portfolio.outgoing_http import MAX_URL_CHARS, BadAddressError, resolve
from portfolio.screens.account.reauthentication import PasswordConfirmForm, password_confirmed
from portfolio.web.clock import now
from portfolio.web.forms import MultiChoiceField, SingleLineField, run_once
from portfolio.wording import api as words

bp = Blueprint("webhooks", __name__)
# Under this name the cookie carries a new secret to the page that shows it, once.
_NEW = "new_webhook_secret"
_LAST_EVENTS = 50
_TOLD = {kind: f"{words.EVENTS[kind]} ({kind.value})" for kind in TOLD}


class WebhookForm(PasswordConfirmForm):
    """An address, and what it is told of."""

    url = SingleLineField(
        "Adresse du logiciel", missing="Donnez l’adresse qui recevra les événements.", limit=MAX_URL_CHARS
    )
    events = MultiChoiceField(
        "Ce dont il est prévenu", EventType, missing="Cochez au moins un événement.", choices=_TOLD
    )


def _settings() -> Config:
    settings: Config = current_app.config["SETTINGS"]
    return settings


@bp.get("/organisme/webhooks")
@certifier_page(Permission.MANAGE_TEAM)
def all_webhooks(body: BodyAccess) -> ResponseReturnValue:
    """Show the addresses of the body, and the form that adds one."""
    return _page(body, WebhookForm(formdata=None, data={"events": [kind.value for kind in TOLD]}))


def _page(body: BodyAccess, form: WebhookForm, stopped: str = "") -> str:
    found = webhooks.list_webhooks(read_session(), body.id)
    return render_template(
        "certifier/webhooks/webhooks.html",
        body=body,
        webhooks=found,
        waiting=webhooks.count_waiting(read_session(), [hook.id for hook in found]),
        form=form,
        stopped=stopped,
        say=words,
    )


@bp.post("/organisme/webhooks")
@certifier_page(Permission.MANAGE_TEAM)
def make(body: BodyAccess) -> ResponseReturnValue:
    """Add an address; its secret is shown once."""
    form = WebhookForm()
    if not form.validate():
        return _page(body, form), 422
    if not current_user.has_second_factor:
        return _page(body, form, words.REFUSALS[ApiRefusal.NO_SECOND_FACTOR]({})), 409
    if not password_confirmed(form):
        return _page(body, form), 422
    by, factor = current_user.id, current_user.has_second_factor
    close_read_session()  # a name is looked up: nothing waits for it
    try:
        resolve(form.url.data, allow_private=_settings().private_webhooks)
    except BadAddressError as error:
        form.url.errors = [words.REFUSALS[error.fault]({})]
        return _page(body, form), 422

    def act(db: Session) -> str:
        hook, secret = webhooks.make_webhook(
            db,
            body.id,
            form.url.data,
            form.events.data,
            by=by,
            has_second_factor=factor,
            installation=_settings().secret_key,
            at=now(),
        )
        session[_NEW] = secret
        return url_for(".webhook", webhook_id=hook.id)

    try:
        return run_once(form.nonce.data, act)
    except Refusal as refusal:
        return _page(body, form, words.REFUSALS[ApiRefusal(refusal.code)](refusal.facts)), 409


@bp.get("/organisme/webhooks/<uuid:webhook_id>")
@certifier_page(Permission.MANAGE_TEAM)
def webhook(body: BodyAccess, webhook_id: UUID) -> ResponseReturnValue:
    """Show an address with its last events, and the secret just made."""
    hook = _found(read_session(), body, webhook_id)
    return _one(hook, PasswordConfirmForm(formdata=None), session.pop(_NEW, None))


def _one(hook: Webhook, form: PasswordConfirmForm, new: str | None = None) -> str:
    return render_template(
        "certifier/webhooks/webhook.html",
        webhook=hook,
        events=webhooks.list_deliveries(read_session(), hook.id, _LAST_EVENTS),
        waiting=webhooks.count_waiting(read_session(), [hook.id]).get(hook.id, 0),
        states=DeliveryState,
        form=form,
        new=new,
        say=words,
    )


def _found(db: Session, body: BodyAccess, webhook_id: UUID) -> Webhook:
    return webhooks.find_webhook(db, body.id, webhook_id) or abort(404)


@bp.post("/organisme/webhooks/<uuid:webhook_id>/secret")
@certifier_page(Permission.MANAGE_TEAM)
def renew_secret(body: BodyAccess, webhook_id: UUID) -> ResponseReturnValue:
    """Change the secret; the new one is shown once."""
    form = PasswordConfirmForm()
    if not form.validate() or not password_confirmed(form):
        return _one(_found(read_session(), body, webhook_id), form), 422

    def act(db: Session) -> str:
        hook = _found(db, body, webhook_id)
        key = _settings().secret_key
        session[_NEW] = webhooks.renew_secret(db, hook, by=current_user.id, installation=key, at=now())
        return url_for(".webhook", webhook_id=webhook_id)

    return run_once(form.nonce.data, act)


@bp.post("/organisme/webhooks/<uuid:webhook_id>/essai")
@certifier_page(Permission.MANAGE_TEAM)
def send_test(body: BodyAccess, webhook_id: UUID) -> ResponseReturnValue:
    """Send an event that says nothing but that the address is told."""
    with transaction() as db:
        webhooks.send_test(db, _found(db, body, webhook_id), at=now())
    session["notice"] = (
        "Un événement d’essai part dans les secondes qui suivent. Rechargez la page pour voir la réponse."
    )
    return redirect(url_for(".webhook", webhook_id=webhook_id), 303)


@bp.post("/organisme/webhooks/<uuid:webhook_id>/evenements/<uuid:delivery_id>/renvoyer")
@certifier_page(Permission.MANAGE_TEAM)
def send_again(body: BodyAccess, webhook_id: UUID, delivery_id: UUID) -> ResponseReturnValue:
    """Send an event once more, under the same identity."""
    with transaction() as db:
        hook = _found(db, body, webhook_id)
        if not webhooks.send_again(db, hook, delivery_id, by=current_user.id, at=now()):
            abort(404)
    session["notice"] = "L’événement repart, sous le même identifiant."
    return redirect(url_for(".webhook", webhook_id=webhook_id), 303)


@bp.post("/organisme/webhooks/<uuid:webhook_id>/reprendre")
@certifier_page(Permission.MANAGE_TEAM)
def resume(body: BodyAccess, webhook_id: UUID) -> ResponseReturnValue:
    """Tell an address again, of what waits for it first."""
    with transaction() as db:
        webhooks.resume_webhook(db, _found(db, body, webhook_id), by=current_user.id, at=now())
    session["notice"] = "Le webhook est en service. Ce qui attendait part dans l’ordre."
    return redirect(url_for(".webhook", webhook_id=webhook_id), 303)


@bp.post("/organisme/webhooks/<uuid:webhook_id>/supprimer")
@certifier_page(Permission.MANAGE_TEAM)
def remove(body: BodyAccess, webhook_id: UUID) -> ResponseReturnValue:
    """Tell an address of nothing more."""
    with transaction() as db:
        hook = _found(db, body, webhook_id)
        session["notice"] = f"Le webhook vers {hook.url} est supprimé."
        webhooks.remove_webhook(db, hook, by=current_user.id, at=now())
    return redirect(url_for(".all_webhooks"), 303)
