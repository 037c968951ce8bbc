"""The password, asked again before a name is put under something."""

from __future__ import annotations

from portfolio.screens.account.reauthentication import signature_error
from portfolio.screens.certifier.notifications.forms import PasswordConfirmForm


def password_confirmed(form: PasswordConfirmForm) -> bool:
    """Return whether the password is right; else say beside its field why not.

    Tries are counted with those of logging in.
    """
    fault = signature_error(form.password.data or "")
    form.password.errors = [fault] if fault else []
    return fault is None
