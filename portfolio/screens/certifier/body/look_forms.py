"""What a manager chooses of the look of the documents: a logo, an accent colour."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from flask_wtf.file import FileField
from wtforms import StringField
from wtforms.validators import ValidationError

from portfolio.domain.certifying_body.look import is_readable, nearest_readable, read_colour
from portfolio.web.forms import ConfirmField, Form, RadioChoiceField
from portfolio.wording import look as words

# What the picker shows before anything is chosen: the colour of the product.
USUAL_COLOUR = "#14564f"


class ColourChoice(StrEnum):
    """Whether the documents take the usual colour."""

    USUAL = "usual"
    OWN = "own"


class LogoForm(Form):
    """A logo, and the attestation that it shows no emblem of the State."""

    logo = FileField(
        "Le fichier du logo", render_kw={"accept": ".png,.jpg,.jpeg,.svg,image/png,image/jpeg,image/svg+xml"}
    )
    attested = ConfirmField(words.ATTESTATION, missing=words.ATTESTATION_MISSING)

    def validate_logo(self, field: FileField) -> None:
        """Without a file there is no logo; a browser sends a nameless file when none was chosen."""
        if not field.data or not field.data.filename:
            raise ValidationError("Choisissez un fichier : PNG, JPEG ou SVG.")


class AccentForm(Form):
    """The usual colour, or one that can be read on white; `proposed` is set when a darker one is offered
    instead.
    """

    choice = RadioChoiceField(
        "Couleur des titres et des filets", ColourChoice, missing="Choisissez.", choices=words.COLOUR_CHOICES
    )
    colour = StringField("La couleur de l’organisme", render_kw={"type": "color"}, default=USUAL_COLOUR)

    def __init__(self, *args: Any, **more: Any) -> None:
        """Read the form; nothing is proposed yet."""
        super().__init__(*args, **more)
        self.proposed = ""

    def validate_colour(self, field: StringField) -> None:
        """Refuse what is no colour, and a colour that is too pale on white."""
        if self.choice.data != ColourChoice.OWN:
            return
        colour = read_colour(field.data or "")
        if colour is None:
            raise ValidationError(words.NOT_A_COLOUR)
        field.data = colour
        if not is_readable(colour):
            self.proposed = nearest_readable(colour)
            raise ValidationError(words.too_pale_message(colour, self.proposed))

    @property
    def accent(self) -> str:
        """The colour that was chosen; empty for the usual one."""
        return str(self.colour.data) if self.choice.data == ColourChoice.OWN else ""
