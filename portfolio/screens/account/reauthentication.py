"""A signature is a named click with the password again, and a code of the second factor when there is one.

The site for which passkeys are made and accepted.

The password, asked again before a name is put under something.
"""

from __future__ import annotations

from typing import Any

from flask import current_app, request
from flask_login import current_user
from wtforms import PasswordField
from wtforms.validators import Length

from config import Config
from portfolio.db.engine import read_session, transaction
from portfolio.domain.account import passkeys, second_factor
from portfolio.domain.account.passkeys import Site
from portfolio.domain.account.passwords import verify_password
from portfolio.domain.account.rules import PasskeyPurpose
from portfolio.domain.account.throttle import refund_attempt, register_signature_attempt
from portfolio.domain.account.use_cases import find_account
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.web.clock import now
from portfolio.web.forms import IdempotentForm, Required
from portfolio.wording.account import TOO_MANY_CODES, WRONG_PASSKEY, duration, wrong_code_message


def passkey_site() -> Site | None:
    """Return the host name and origin of this site; None where the standard allows no passkey."""
    config: Config = current_app.config["SETTINGS"]
    return Site(config.passkey_host, config.origin) if config.passkey_host else None


WRONG = "Ce n’est pas votre mot de passe : rien n’est signé. Vérifiez-le, puis signez."
TOO_MANY = "Trop d’essais dans cette session : rien n’est signé. Attendez {wait}, puis signez."


def signature_error(password: str) -> str | None:
    """Say why this password does not sign for the person connected; None when it does.

    The try is counted before the password is looked at, and argon2 runs outside any transaction. Signatures
    are counted for the person and the session of login: tries to log in, by anybody, do not stop them.
    """
    with transaction() as db:
        attempt = register_signature_attempt(db, current_user.id, current_user.token, at=now())
    if attempt.wait:
        return TOO_MANY.format(wait=duration(attempt.wait))
    account = find_account(read_session(), current_user.email)
    right = account is not None and not account.suspended and verify_password(password, account.password_hash)
    with transaction() as db:
        if right:
            refund_attempt(db, attempt)
        else:
            record_event(db, "signature_failed", ("person", current_user.id), by=current_user.id, at=now())
    if not right:
        return WRONG
    if not current_user.has_second_factor:
        return None
    if answer := request.form.get("passkey", ""):
        return passkey_error(answer)
    return second_factor_error(request.form.get("code", ""))


def passkey_error(answer: str) -> str | None:
    """Say why what a passkey answered does not serve the person connected; None when it does."""
    site = passkey_site()
    with transaction() as db:
        is_right = site is not None and passkeys.verify(
            db, current_user.id, PasskeyPurpose.SIGN, answer, site, at=now()
        )
    return None if is_right else WRONG_PASSKEY


def second_factor_error(code: str) -> str | None:
    """Say why this code of the second factor does not serve the person connected; None when it does."""
    with transaction() as db:
        attempt = second_factor.register_attempt(db, current_user.id, at=now())
    if attempt.wait:
        return TOO_MANY_CODES.format(wait=duration(attempt.wait))
    key = str(current_app.config["SECRET_KEY"])
    with transaction() as db:
        is_right = second_factor.verify(db, current_user.id, code, key, attempt, at=now())
    return None if is_right else wrong_code_message(has_application=current_user.has_application)


def password_is_right(form: Any) -> bool:
    """Say whether the password, and the code when there is one, are right; else say beside the field why not."""
    fault = signature_error(form.current_password.data or "")
    form.current_password.errors = [fault.replace("rien n’est signé", "rien n’est changé")] if fault else []
    return fault is None


def password_confirmed(form: PasswordConfirmForm) -> bool:
    """Return whether the password is right; else say beside its field why not.

    Tries are counted with those of logging in.
    """
    fault = signature_error(form.password.data or "")
    form.password.errors = [fault] if fault else []
    return fault is None


class PasswordConfirmForm(IdempotentForm):
    """An act that carries a name: the password is asked again."""

    password = PasswordField(
        "Votre mot de passe, de nouveau",
        [
            Required("Donnez votre mot de passe : il sert de signature."),
            Length(max=1024, message="Ce mot de passe est trop long."),
        ],
        render_kw={"autocomplete": "current-password"},
    )
