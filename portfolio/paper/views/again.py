"""The password, asked again before a name is put under something."""

from __future__ import annotations

from flask_login import current_user

from portfolio.account.confirming import Confirmation, confirm
from portfolio.db import database, end_reading
from portfolio.paper.forms import PasswordAgain
from portfolio.web.clock import now


def confirmed(form: PasswordAgain) -> int:
    """Say 200 when the password is right; else put the sentence beside its field and say the status of the answer."""
    end_reading()  # a read left open across a write fails at once on SQLite
    answer = confirm(database(), current_user.id, current_user.email, form.password.data or "", at=now())
    if answer is Confirmation.YES:
        return 200
    if answer is Confirmation.TOO_MANY:
        form.password.errors = ["Trop d’essais pour ce compte. Attendez dix minutes, puis recommencez."]
        return 429
    form.password.errors = ["Ce n’est pas votre mot de passe. Rien n’est signé : écrivez-le de nouveau."]
    return 422
