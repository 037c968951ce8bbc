"""Tokens of the programs of a body: made, renewed, stopped, with their last calls."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.body import BodyAccess
from portfolio.access.decorators import certifier_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session, transaction
from portfolio.domain.api_access import use_cases
from portfolio.domain.api_access.rules import TWIN_LIFE, ApiRefusal, ApiScope, TokenState
from portfolio.errors import Refusal
from portfolio.screens.account.reauthentication import PasswordConfirmForm, password_confirmed
from portfolio.web.clock import now
from portfolio.web.forms import MultiChoiceField, RadioChoiceField, SingleLineField, run_once
from portfolio.wording import api as words

bp = Blueprint("api_tokens", __name__)
# Under this name the cookie carries the text of a new token to the page that shows it, once.
_NEW = "new_token"
_LAST_CALLS = 20


class TokenForm(PasswordConfirmForm):
    """A program, the rights of its token, and how long it lasts."""

    name = SingleLineField("Logiciel", missing="Donnez le nom du logiciel qui s’en servira.", limit=100)
    scopes = MultiChoiceField(
        "Ce que cet accès permet", ApiScope, missing="Cochez au moins un droit.", choices=words.SCOPES
    )
    days = RadioChoiceField(
        "Durée", str, missing="Choisissez une durée.", choices={str(key): said for key, said in words.DAYS.items()}
    )


@bp.get("/organisme/acces")
@certifier_page(Permission.MANAGE_TEAM)
def tokens(body: BodyAccess) -> ResponseReturnValue:
    """Show the tokens of the body, and the one just made."""
    return _page(body, TokenForm(formdata=None, data={"days": "365"}), new=session.pop(_NEW, None))


def _page(body: BodyAccess, form: TokenForm, stopped: str = "", new: str | None = None) -> str:
    found = use_cases.list_tokens(read_session(), body.id, at=now())
    return render_template(
        "certifier/api_tokens/tokens.html",
        body=body,
        tokens=found,
        live=TokenState.LIVE,
        form=form,
        stopped=stopped,
        new=new,
        say=words,
        twin_days=TWIN_LIFE.days,
    )


@bp.post("/organisme/acces")
@certifier_page(Permission.MANAGE_TEAM)
def make(body: BodyAccess) -> ResponseReturnValue:
    """Make a token; its text is shown once."""
    form = TokenForm()
    if not form.validate():
        return _page(body, form), 422
    if not current_user.has_second_factor:
        return _page(body, form, words.REFUSALS[ApiRefusal.NO_SECOND_FACTOR]({})), 409
    if not password_confirmed(form):
        return _page(body, form), 422

    def act(db: Session) -> str:
        made = use_cases.make_token(
            db,
            body.id,
            form.name.data,
            form.scopes.data,
            int(form.days.data),
            by=current_user.id,
            has_second_factor=current_user.has_second_factor,
            at=now(),
        )
        session[_NEW] = made.text
        return url_for(".tokens")

    return run_once(form.nonce.data, act)


@bp.get("/organisme/acces/<uuid:token_id>")
@certifier_page(Permission.MANAGE_TEAM)
def token(body: BodyAccess, token_id: UUID) -> ResponseReturnValue:
    """Show a token with its last calls."""
    return _one(_token_or_404(body, token_id), PasswordConfirmForm(formdata=None))


def _one(found: use_cases.ListedToken, form: PasswordConfirmForm, stopped: str = "") -> str:
    calls = use_cases.list_calls(read_session(), found.id, _LAST_CALLS)
    return render_template(
        "certifier/api_tokens/token.html",
        token=found,
        calls=calls,
        live=TokenState.LIVE,
        form=form,
        stopped=stopped,
        say=words,
        twin_days=TWIN_LIFE.days,
    )


@bp.post("/organisme/acces/<uuid:token_id>/renouveler")
@certifier_page(Permission.MANAGE_TEAM)
def renew(body: BodyAccess, token_id: UUID) -> ResponseReturnValue:
    """Make the twin of a token; its text is shown once."""
    found, form = _token_or_404(body, token_id), PasswordConfirmForm()
    if not form.validate() or not password_confirmed(form):
        return _one(found, form), 422

    def act(db: Session) -> str:
        factor = current_user.has_second_factor
        made = use_cases.renew_token(db, body.id, token_id, by=current_user.id, has_second_factor=factor, at=now())
        session[_NEW] = made.text
        session["notice"] = words.renewed_notice(found.name, min(found.expires_at, now() + TWIN_LIFE))
        return url_for(".tokens")

    try:
        return run_once(form.nonce.data, act)
    except Refusal as refusal:
        return _one(found, form, words.REFUSALS[ApiRefusal(refusal.code)](refusal.facts)), 409


@bp.post("/organisme/acces/<uuid:token_id>/arreter")
@certifier_page(Permission.MANAGE_TEAM)
def revoke(body: BodyAccess, token_id: UUID) -> ResponseReturnValue:
    """Stop a token at once."""
    found = _token_or_404(body, token_id)
    with transaction() as db:
        use_cases.revoke_token(db, token_id, by=current_user.id, at=now())
    session["notice"] = f"L’accès « {found.name} » est arrêté. Le logiciel qui s’en servait ne peut plus appeler."
    return redirect(url_for(".tokens"), 303)


def _token_or_404(body: BodyAccess, token_id: UUID) -> use_cases.ListedToken:
    found = use_cases.list_tokens(read_session(), body.id, at=now(), only=token_id)
    return found[0] if found else abort(404)
