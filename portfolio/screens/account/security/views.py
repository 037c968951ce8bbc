"""The account page: name, address, password, second factor, open sessions."""

from typing import Any

import segno
from flask import abort, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.decorators import own_page
from portfolio.db.engine import read_session, transaction
from portfolio.domain.account import identities, passkeys, profile, second_factor
from portfolio.domain.account.credentials import count_credentials
from portfolio.domain.account.models import Person
from portfolio.domain.account.passwords import hash_password
from portfolio.domain.account.throttle import refund_attempt
from portfolio.screens.account.login.openid import label_of
from portfolio.screens.account.navigation import delivery_notice
from portfolio.screens.account.reauthentication import passkey_site, password_is_right
from portfolio.screens.account.security.forms import (
    ConfirmForm,
    EmailForm,
    EmptyForm,
    FirstCodeForm,
    NameForm,
    PasswordForm,
)
from portfolio.screens.blueprints import blueprint_of
from portfolio.web.clock import now
from portfolio.web.forms import remember_result, run_once
from portfolio.wording.credentials import ending_message

bp = blueprint_of(__name__)


def _key() -> str:
    return str(current_app.config["SECRET_KEY"])


@bp.get("/compte")
@own_page
def account() -> ResponseReturnValue:
    """Show what a person can change of their account."""
    return _account_page()


def _account_page(**forms: Any) -> str:
    reader = read_session()
    person = reader.get_one(Person, current_user.id)
    shown = {"name_form": NameForm(formdata=None, obj=person), **forms}
    sessions = profile.list_sessions(reader, current_user.id, current_user.token, at=now())
    linked = identities.list_identities(reader, current_user.id)
    left = second_factor.count_recovery_codes(reader, current_user.id) if current_user.has_second_factor else 0
    keys = passkeys.list_passkeys(reader, current_user.id)
    facts: dict[str, Any] = {"keys": keys, "has_site": passkey_site() is not None}
    facts |= {"sessions": sessions, "codes_left": left, "linked": linked, "label_of": label_of}
    return render_template("account/security/profile.html", user=current_user, **facts, **shown)


@bp.post("/compte/nom")
@own_page
def save_name() -> ResponseReturnValue:
    """Change the name of the account."""
    form = NameForm()
    if not form.validate():
        return _account_page(name_form=form), 422
    with transaction() as db:
        profile.change_profile(db, current_user.id, form.profile(), at=now())
    session["notice"] = "Votre nom est changé. Les documents déjà délivrés gardent celui qu’ils portent."
    return redirect(url_for(".account"), 303)


@bp.get("/compte/adresse")
@own_page
def email_form() -> ResponseReturnValue:
    """Show the form that changes the address."""
    return _email_page(EmailForm(formdata=None))


def _email_page(form: EmailForm) -> str:
    lead = "Un lien est envoyé à la nouvelle adresse. Rien ne change tant que vous ne l’avez pas ouvert."
    return _change_page(form, "Changer d’adresse électronique", lead, ("email",), "Envoyer le lien")


def _change_page(form: Any, title: str, lead: str, fields: tuple[str, ...], label: str) -> str:
    return render_template("shared/change.html", form=form, title=title, lead=lead, fields=fields, label=label)


@bp.post("/compte/adresse")
@own_page
def ask_email_change() -> ResponseReturnValue:
    """Send a link to the new address; nothing changes until it is opened."""
    form = EmailForm()
    if not form.validate() or not password_is_right(form):
        return _email_page(form), 422

    def act(db: Session) -> str:
        profile.ask_email_change(db, current_user.id, form.email.data, at=now())
        return url_for(".account")

    response = run_once(form.nonce.data, act)
    session["notice"] = (
        f"Votre adresse ne change pas encore. Si {form.email.data} n’a pas déjà un compte, un lien y est "
        f"envoyé : ouvrez-le dans les deux heures. {delivery_notice()}"
    )
    return response


@bp.get("/compte/adresse/<token>")
@own_page
def email_change_form(token: str) -> ResponseReturnValue:
    """Ask the person connected to confirm their new address; opening the link changes nothing."""
    return render_template("account/security/confirm_email.html", token=token, form=EmptyForm(formdata=None))


@bp.post("/compte/adresse/<token>")
@own_page
def confirm_email_change(token: str) -> ResponseReturnValue:
    """Change the address of the account."""
    with transaction() as db:
        is_changed = profile.confirm_email_change(db, current_user.id, token, at=now())
    if not is_changed:
        return render_template("shared/link_used.html"), 404
    session["notice"] = "Votre adresse est changée. L’ancienne adresse en est prévenue."
    return redirect(url_for(".account"), 303)


@bp.get("/compte/mot-de-passe")
@own_page
def password_form() -> ResponseReturnValue:
    """Show the form that changes the password."""
    return _password_page(PasswordForm(formdata=None))


def ending() -> str:
    """Return what a new password or a removed factor ends, but the session of this person."""
    served = count_credentials(read_session(), current_user.id, at=now(), but=current_user.token)
    return ending_message(served)


def _password_page(form: PasswordForm) -> str:
    lead = f"Vos autres sessions seront fermées.{ending()}"
    return _change_page(
        form, "Changer de mot de passe", lead, ("password", "password_again"), "Changer le mot de passe"
    )


@bp.post("/compte/mot-de-passe")
@own_page
def save_password() -> ResponseReturnValue:
    """Change the password; every other session ends."""
    form = PasswordForm(email=current_user.email, about=(current_user.name,))
    if not form.validate() or not password_is_right(form):
        return _password_page(form), 422
    password_hash = hash_password(form.password.data)
    with transaction() as db:
        profile.change_password(db, current_user.id, password_hash, current_user.token, at=now())
        remember_result(db, url_for(".account"))
    session["notice"] = "Votre mot de passe est changé. Vos autres sessions sont fermées."
    return redirect(url_for(".account"), 303)


@bp.post("/compte/sessions")
@own_page
def end_sessions() -> ResponseReturnValue:
    """End one session of the person connected, or every other one."""
    asked = request.form.get("session", "")
    with transaction() as db:
        if asked:
            ended = int(profile.end_one_session(db, current_user.id, asked[:64], at=now()))
        else:
            ended = profile.end_other_sessions(db, current_user.id, current_user.token, at=now())
    session["notice"] = "La session est fermée." if ended == 1 else "Vos autres sessions sont fermées."
    return redirect(url_for(".account"), 303)


@bp.get("/compte/double-authentification", endpoint="second_factor")
@own_page
def show_second_factor() -> ResponseReturnValue:
    """Show how to add an application, or what to do with the one that counts."""
    return _second_factor_page()


def _second_factor_page(form: Any = None, confirm_form: Any = None) -> str:
    facts: dict[str, Any] = {
        "is_on": current_user.has_application,
        "must": current_user.must_add_second_factor,
        "codes_left": 0,
        "ending": ending(),
    }
    facts |= {"has_passkeys": current_user.has_passkeys, "has_site": passkey_site() is not None}
    if current_user.has_second_factor:
        facts["codes_left"] = second_factor.count_recovery_codes(read_session(), current_user.id)
    secret = (
        None
        if current_user.has_application
        else second_factor.find_prepared(read_session(), current_user.id, _key(), at=now())
    )
    if secret:
        uri = second_factor.provisioning_uri(secret, current_user.email)
        facts |= {
            "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
            "qr": _qr_code(uri),
            "uri": uri,
        }
    return render_template(
        "account/security/second_factor.html",
        form=form or FirstCodeForm(formdata=None),
        confirm_form=confirm_form or ConfirmForm(formdata=None),
        **facts,
    )


def _qr_code(uri: str) -> str:
    code = segno.make(uri, error="m")
    return code.svg_inline(scale=5, border=2, dark="#000", light="#fff", svgclass="qr", lineclass=None)


@bp.post("/compte/double-authentification/ajouter")
@own_page
def prepare_second_factor() -> ResponseReturnValue:
    """Prepare the secret of an application; the page then shows it, and it counts for nothing until a
    code confirms it.
    """
    if not current_user.has_application:
        with transaction() as db:
            second_factor.prepare(db, current_user.id, _key(), at=now())
    return redirect(url_for(".second_factor"), 303)


@bp.post("/compte/double-authentification")
@own_page
def add_second_factor() -> ResponseReturnValue:
    """Make the application count once its first code is right, and show the recovery codes, this once."""
    form = FirstCodeForm()
    if current_user.has_application:
        return redirect(url_for(".second_factor"), 303)
    if not form.validate():
        return _second_factor_page(form), 422
    with transaction() as db:
        attempt = second_factor.register_attempt(db, current_user.id, at=now())
    if attempt.wait:
        abort(429)
    with transaction() as db:
        codes = second_factor.confirm(db, current_user.id, form.code.data, _key(), at=now())
        if codes is not None:
            refund_attempt(db, attempt)
    if codes is None:
        form.code.errors = [
            "Ce code ne convient pas. Vérifiez l’heure de votre téléphone, puis recopiez le code suivant."
        ]
        return _second_factor_page(form), 422
    return render_template("account/security/recovery_codes.html", codes=codes)


@bp.post("/compte/double-authentification/retirer")
@own_page
def remove_second_factor() -> ResponseReturnValue:
    """Remove the application, the password and a code given again."""
    form = ConfirmForm()
    if not form.validate() or not password_is_right(form):
        return _second_factor_page(confirm_form=form), 422
    with transaction() as db:
        second_factor.remove_application(db, current_user.id, by=current_user.id, at=now(), but=current_user.token)
    session["notice"] = "L’application d’authentification est retirée. Vos autres sessions sont fermées."
    return redirect(url_for(".account"), 303)


@bp.post("/compte/double-authentification/codes")
@own_page
def renew_codes() -> ResponseReturnValue:
    """Replace the recovery codes, the password and a code given again; show them, this once."""
    form = ConfirmForm()
    if not current_user.has_second_factor:
        return redirect(url_for(".second_factor"), 303)
    if not form.validate() or not password_is_right(form):
        return _second_factor_page(confirm_form=form), 422
    with transaction() as db:
        codes = second_factor.renew_recovery_codes(db, current_user.id, at=now())
    return render_template("account/security/recovery_codes.html", codes=codes)
