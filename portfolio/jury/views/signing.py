"""A signature is a named click with the password again; too many tries wait."""

from __future__ import annotations

from flask_login import current_user

from portfolio.account.passwords import matches
from portfolio.account.services import find_account, forget_tries, take_try
from portfolio.db import reading, transaction
from portfolio.web.clock import now

WRONG = "Ce n’est pas votre mot de passe : rien n’est signé. Vérifiez-le, puis signez."
TOO_MANY = "Trop d’essais. Attendez dix minutes, puis signez."


def signature_fault(password: str) -> str | None:
    """Say why this password does not sign for the person connected; None when it does.

    The try is counted before the password is looked at, and argon2 runs outside any transaction.
    """
    with transaction() as db:
        if not take_try(db, current_user.email, at=now()):
            return TOO_MANY
    account = find_account(reading(), current_user.email)
    if account is None or account.suspended or not matches(password, account.password_hash):
        return WRONG
    with transaction() as db:
        forget_tries(db, current_user.email)
    return None
