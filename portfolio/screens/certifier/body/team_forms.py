"""What a manager types about the members of a body."""

from __future__ import annotations

from portfolio.domain.account.rules import MemberRight
from portfolio.screens.account.login.forms import EmailField
from portfolio.web.forms import Form, IdempotentForm, RadioChoiceField, SelectChoiceField, SingleLineField
from portfolio.wording.members import RIGHTS


class MemberForm(IdempotentForm):
    """A colleague to invite."""

    name = SingleLineField("Prénom et nom", missing="Donnez le nom de cette personne.")
    email = EmailField("Adresse électronique", missing="Donnez l’adresse : l’invitation y est envoyée.")
    right = RadioChoiceField(
        "Droits", MemberRight, missing="Choisissez les droits.", choices=RIGHTS, default=MemberRight.SIGNATORY
    )


def chosen_right(form: MemberForm | RightForm) -> MemberRight:
    """Return the right that a valid form chose."""
    return MemberRight(str(form.right.data))


class RightForm(Form):
    """The right of one member."""

    right = SelectChoiceField("Droits", MemberRight, missing="Choisissez les droits.", choices=RIGHTS)
