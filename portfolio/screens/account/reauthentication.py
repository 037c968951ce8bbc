"""A signature is a named click with the password again; too many tries wait."""

from __future__ import annotations

from flask_login import current_user

from portfolio.db.engine import read_session, transaction
from portfolio.domain.account.passwords import verify_password
from portfolio.domain.account.throttle import refund_attempt, register_signature_attempt
from portfolio.domain.account.use_cases import find_account
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.web.clock import now
from portfolio.wording.account import duration

WRONG = "Ce n’est pas votre mot de passe : rien n’est signé. Vérifiez-le, puis signez."
TOO_MANY = "Trop d’essais dans cette session : rien n’est signé. Attendez {wait}, puis signez."


def signature_error(password: str) -> str | None:
    """Say why this password does not sign for the person connected; None when it does.

    The try is counted before the password is looked at, and argon2 runs outside any transaction. Signatures are counted for
    the person and the session of login: tries to log in, by anybody, do not stop them.
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
    return None if right else WRONG
