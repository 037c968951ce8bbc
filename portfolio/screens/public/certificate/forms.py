"""Checking a certificate by its number."""

from __future__ import annotations

from typing import Any

from wtforms.validators import ValidationError

from portfolio.domain.holdings.rules.completion import read_number
from portfolio.web.forms import Form, SingleLineField


class NumberForm(Form):
    """The number of a certificate, as it is typed or pasted. It only reads: no token is needed."""

    class Meta(Form.Meta):
        """A form that is sent by GET."""

        csrf = False

    numero = SingleLineField(
        "Numéro du certificat", missing="Écrivez le numéro du certificat. Il a seize signes."
    )

    def validate_numero(self, _field: Any) -> None:
        """Refuse what cannot be a number, and say how one looks."""
        if self.number is None:
            raise ValidationError(
                "Ce numéro n’a pas la bonne forme. Il a seize signes, par groupes de quatre, par exemple "
                "K7QD-94MT-XW2B-R8FN."
            )

    @property
    def number(self) -> str | None:
        """The number that was meant; the address of a certificate's page is understood too."""
        return read_number((self.numero.data or "").rstrip("/").rsplit("/", 1)[-1])
