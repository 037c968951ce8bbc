"""The password, asked again before a name is put under something."""

from __future__ import annotations

from portfolio.jury.views.signing import signature_fault
from portfolio.paper.forms import PasswordAgain


def confirmed(form: PasswordAgain) -> bool:
    """Say whether the password is right; else say beside its field why not. Tries are counted with those of logging in."""
    fault = signature_fault(form.password.data or "")
    form.password.errors = [fault] if fault else []
    return fault is None
