"""Passkeys of one's own account: add one, list them, remove one; the challenges that browsers sign."""

from typing import Any
from uuid import UUID

from flask import Response, abort, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portfolio.access.decorators import own_page, public_page
from portfolio.db.engine import read_session, transaction
from portfolio.domain.account import passkeys
from portfolio.domain.account.passkeys import Site
from portfolio.domain.account.rules import PasskeyPurpose
from portfolio.screens.account.login import session_start
from portfolio.screens.account.login.session_start import has_just_proved, mark_proved
from portfolio.screens.account.reauthentication import passkey_site, password_is_right
from portfolio.screens.account.security.forms import ConfirmForm, PasskeyForm
from portfolio.screens.account.security.views import ending
from portfolio.screens.blueprints import blueprint_of
from portfolio.web.clock import now
from portfolio.wording.account import NO_PASSKEY_ADDED, browser_name

bp = blueprint_of(__name__)


def _site() -> Site:
    return passkey_site() or abort(404)


@bp.get("/compte/cles-d-acces", endpoint="list_passkeys")
@own_page
def show_passkeys() -> ResponseReturnValue:
    """List the passkeys of the person connected, and let them add one."""
    return _page()


def _page(form: Any = None, confirm_form: Any = None) -> str:
    site, keys = passkey_site(), passkeys.list_passkeys(read_session(), current_user.id)
    name = browser_name(request.user_agent.string)
    return render_template(
        "account/security/passkeys.html",
        keys=keys,
        is_possible=site is not None,
        address=current_app.config["SETTINGS"].address,
        asks_password=not has_just_proved(),
        form=form or PasskeyForm(formdata=None, name=name),
        confirm_form=confirm_form or ConfirmForm(formdata=None),
    )


@bp.post("/compte/cles-d-acces/confirmer")
@own_page
def confirm() -> ResponseReturnValue:
    """Check the password, and the code when there is one, before a passkey may be added."""
    form = ConfirmForm()
    if not form.validate() or not password_is_right(form):
        return _page(confirm_form=form), 422
    mark_proved()
    return redirect(url_for(".list_passkeys"), 303)


@bp.post("/compte/cles-d-acces/defi")
@own_page
def creation_options() -> ResponseReturnValue:
    """Return what a browser needs to make a passkey."""
    site = _site()
    if not has_just_proved():
        abort(403)
    with transaction() as db:
        return _json(passkeys.creation_options(db, current_user.id, site, at=now()))


@bp.post("/compte/cles-d-acces")
@own_page
def add() -> ResponseReturnValue:
    """Add the passkey that the browser has made; show the recovery codes when it is the first second factor."""
    site, form = _site(), PasskeyForm()
    if not has_just_proved():
        return redirect(url_for(".list_passkeys"), 303)
    if not form.validate():
        return _page(form), 422
    with transaction() as db:
        codes = passkeys.add(db, current_user.id, form.name.data, form.credential.data or "", site, at=now())
    if codes is None:
        form.name.errors = [NO_PASSKEY_ADDED]
        return _page(form), 422
    if codes:
        return render_template("account/security/recovery_codes.html", codes=codes)
    session["notice"] = f"La clé d’accès « {form.name.data} » est ajoutée."
    return redirect(url_for(".list_passkeys"), 303)


@bp.post("/compte/cles-d-acces/defi-signature")
@own_page
def signing_options() -> ResponseReturnValue:
    """Return what a browser needs to use a passkey before signing."""
    return _request_options(current_user.id, PasskeyPurpose.SIGN)


@bp.post("/connexion/cle/defi")
@public_page
def login_options() -> ResponseReturnValue:
    """Return what a browser needs to use a passkey after the password."""
    person_id = session_start.person_waiting()
    return _request_options(person_id, PasskeyPurpose.LOG_IN) if person_id else abort(404)


def _request_options(person_id: UUID, purpose: PasskeyPurpose) -> ResponseReturnValue:
    site = _site()
    with transaction() as db:
        options = passkeys.request_options(db, person_id, purpose, site, at=now())
    return _json(options) if options else abort(404)


def _json(text: str) -> Response:
    return current_app.response_class(text, mimetype="application/json")


@bp.get("/compte/cles-d-acces/<uuid:key_id>/retirer")
@own_page
def remove_form(key_id: UUID) -> ResponseReturnValue:
    """Ask for the password before a passkey is removed."""
    return _remove_page(key_id, ConfirmForm(formdata=None))


def _remove_page(key_id: UUID, form: ConfirmForm) -> str:
    own = passkeys.list_passkeys(read_session(), current_user.id)
    name = next((key.name for key in own if key.id == key_id), None) or abort(404)
    lead = f"« {name} » ne servira plus à entrer ni à signer. Supprimez-la aussi de votre appareil.{ending()}"
    words = {"title": "Retirer une clé d’accès", "lead": lead, "label": "Retirer la clé"}
    return render_template("shared/change.html", form=form, fields=(), **words)


@bp.post("/compte/cles-d-acces/<uuid:key_id>/retirer")
@own_page
def remove(key_id: UUID) -> ResponseReturnValue:
    """Remove a passkey, the password and a code or a passkey given again."""
    form = ConfirmForm()
    if not form.validate() or not password_is_right(form):
        return _remove_page(key_id, form), 422
    with transaction() as db:
        if not passkeys.remove(db, current_user.id, key_id, at=now(), but=current_user.token):
            abort(404)
    session["notice"] = "La clé d’accès est retirée de votre compte."
    return redirect(url_for(".list_passkeys"), 303)
