"""Forms by which a person changes their own account."""

from typing import Any

from wtforms import HiddenField, PasswordField
from wtforms.validators import Length

from portfolio.domain.account.models import Person
from portfolio.screens.account.login.forms import ChoosePasswordForm, EmailField
from portfolio.web.forms import Form, IdempotentForm, Required, SingleLineField


def _current_password() -> PasswordField:
    return PasswordField(
        "Votre mot de passe actuel",
        [Required("Donnez votre mot de passe actuel."), Length(max=1024, message="Ce mot de passe est trop long.")],
        render_kw={"autocomplete": "current-password"},
    )


class NameForm(Form):
    """The account as its owner writes it; each field has the name of its column."""

    name = SingleLineField(
        "Prénom et nom", missing="Donnez votre prénom et votre nom.", render_kw={"autocomplete": "name"}
    )

    def profile(self) -> dict[str, Any]:
        """Return what was typed, by column."""
        return {field.name: field.data for field in self if field.name in Person.__table__.columns}


class EmailForm(IdempotentForm):
    """The new address, and the password again."""

    email = EmailField("Nouvelle adresse électronique", missing="Donnez la nouvelle adresse.")
    current_password = _current_password()


class PasswordForm(ChoosePasswordForm):
    """A new password, and the one it replaces."""

    current_password = _current_password()


class ConfirmForm(Form):
    """The password again, before something that protects the account goes."""

    current_password = _current_password()


class FirstCodeForm(Form):
    """The first code of an application that is being added."""

    code = SingleLineField(
        "Code affiché par votre application",
        missing="Donnez le code à six chiffres que votre application affiche.",
        limit=20,
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )


class PasskeyForm(Form):
    """The name of a passkey, and what the browser answered."""

    name = SingleLineField(
        "Nom de la clé",
        missing="Donnez un nom à cette clé, par exemple celui de l’appareil.",
        limit=100,
        description="Pour la reconnaître dans la liste : le nom de l’appareil, par exemple.",
        render_kw={"autocomplete": "off"},
    )
    credential = HiddenField(default="")


class EmptyForm(Form):
    """A form that only carries its token."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
