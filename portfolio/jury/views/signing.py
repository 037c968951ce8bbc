"""A signature is a named click with the password again; too many tries wait."""

from __future__ import annotations

from flask_login import current_user

from portfolio.account.passwords import matches
from portfolio.account.services import find_account
from portfolio.account.throttle import give_back, take_signature_try
from portfolio.account.wording import duration
from portfolio.db import reading, transaction
from portfolio.journal.services import note
from portfolio.web.clock import now

WRONG = "Ce n’est pas votre mot de passe : rien n’est signé. Vérifiez-le, puis signez."
TOO_MANY = "Trop d’essais dans cette session : rien n’est signé. Attendez {wait}, puis signez."


def signature_fault(password: str) -> str | None:
    """Say why this password does not sign for the person connected; None when it does.

    The try is counted before the password is looked at, and argon2 runs outside any transaction. Signatures are counted for
    the person and the session of login: tries to log in, by anybody, do not stop them.
    """
    with transaction() as db:
        attempt = take_signature_try(db, current_user.id, current_user.token, at=now())
    if attempt.wait:
        return TOO_MANY.format(wait=duration(attempt.wait))
    account = find_account(reading(), current_user.email)
    right = account is not None and not account.suspended and matches(password, account.password_hash)
    with transaction() as db:
        if right:
            give_back(db, attempt)
        else:
            note(db, "signature_failed", ("person", current_user.id), by=current_user.id, at=now())
    return None if right else WRONG
