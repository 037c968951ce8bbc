"""Logging in, asking for a new password, choosing one."""

import re
from collections.abc import Sequence
from typing import Any

from wtforms import HiddenField, PasswordField
from wtforms.validators import Length, ValidationError

from portfolio.domain.account.passwords import guessed_soon
from portfolio.domain.account.rules import PASSWORD_MIN, password_error
from portfolio.web.form_recovery import own_page, packed_fields_or_nothing
from portfolio.web.forms import Form, IdempotentForm, Required, SingleLineField
from portfolio.wording.account import PASSWORD_FAULTS

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


class EmailField(SingleLineField):
    """An e-mail address."""

    def __init__(self, label: str, *, missing: str = "Donnez l’adresse électronique.", **more: Any) -> None:
        render = {"autocomplete": "email", "inputmode": "email", "autocapitalize": "none", "spellcheck": "false"}
        super().__init__(label, missing=missing, limit=254, render_kw=render | more.pop("render_kw", {}), **more)

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002
        """Refuse what cannot be an address."""
        if self.data and not _EMAIL.fullmatch(self.data):
            raise ValidationError("Cette adresse n’est pas complète. Écrivez-la comme dans « prenom.nom@exemple.fr ».")


class LoginForm(Form):
    """An address and a password, and where the person was going."""

    email = EmailField("Adresse électronique", missing="Donnez votre adresse électronique.")
    password = PasswordField(
        "Mot de passe",
        [Required("Donnez votre mot de passe."), Length(max=1024, message="Ce mot de passe est trop long.")],
        render_kw={"autocomplete": "current-password"},
    )
    # Anything but a page of ours, or but fields that we packed, is dropped: nothing else is carried nor
    # printed.
    suite = HiddenField(default="", filters=[own_page])
    kept = HiddenField(default="", filters=[packed_fields_or_nothing])
    kept_path = HiddenField(default="", filters=[own_page])


class ResetForm(Form):
    """The address to send a link to."""

    email = EmailField("Adresse électronique", missing="Donnez votre adresse électronique.")


class ChoosePasswordForm(IdempotentForm):
    """A new password, typed twice."""

    password = PasswordField(
        "Mot de passe choisi",
        [Required("Choisissez un mot de passe.")],
        description=f"{PASSWORD_MIN} caractères au moins. Une phrase que vous retenez convient très bien.",
        render_kw={"autocomplete": "new-password"},
    )
    password_again = PasswordField(
        "Le même, une seconde fois",
        [Required("Écrivez le mot de passe une seconde fois.")],
        render_kw={"autocomplete": "new-password"},
    )

    def __init__(self, *args: Any, email: str = "", about: Sequence[str] = (), **more: Any) -> None:
        super().__init__(*args, **more)
        self._email, self._about = email, about

    def validate_password(self, field: PasswordField) -> None:
        """Refuse a password that is too easy to guess."""
        password = field.data or ""
        fault = password_error(password, self._email) or guessed_soon(password, self._email, *self._about)
        if fault is not None:
            raise ValidationError(PASSWORD_FAULTS[fault])

    def validate_password_again(self, field: PasswordField) -> None:
        """Refuse two different passwords."""
        if field.data != self.password.data:
            raise ValidationError("Les deux mots de passe diffèrent. Écrivez deux fois le même.")


class CodeForm(Form):
    """The code of the second factor, and where the person was going."""

    code = SingleLineField(
        "Code de votre application",
        missing="Donnez le code que votre application affiche, ou un code de secours.",
        limit=60,
        description="Six chiffres. Sans votre téléphone, donnez un de vos codes de secours.",
        render_kw={
            "autocomplete": "one-time-code",
            "inputmode": "text",
            "autocapitalize": "none",
            "spellcheck": "false",
            "autofocus": True,
        },
    )
    suite = HiddenField(default="", filters=[own_page])
    kept = HiddenField(default="", filters=[packed_fields_or_nothing])
    kept_path = HiddenField(default="", filters=[own_page])
