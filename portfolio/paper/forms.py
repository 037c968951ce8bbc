"""What a body says of itself, signing certificates, writing the letter of a result."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from wtforms import HiddenField, PasswordField
from wtforms.validators import Length

from portfolio.paper.rules import BodyWords, Letter, Said
from portfolio.paper.wording import TOLD, way_words
from portfolio.web.forms import CreationForm, LineField, ListField, ManyOfField, ProseField, Required, RevisedForm, pairs

LONG = 4000


class BodyForm(RevisedForm):
    """What a body says of itself on its documents."""

    legal_name = LineField(
        "Nom légal de l’organisme", missing="Donnez le nom légal : les documents le portent en tête.", limit=300
    )
    address = ProseField("Adresse postale", limit=1000)
    city = LineField("Ville où les documents sont signés")
    signatory_id = ListField("Personne qui signe", UUID)
    signatory_quality = LineField("En qualité de", limit=300)
    remedies = ProseField("Voies et délais de recours", limit=LONG)
    contact = ProseField("Contact indiqué aux candidats", limit=1000)

    def __init__(self, members: Iterable[tuple[UUID, str]], **more: Any) -> None:
        super().__init__(**more)
        self.signatory_id.choices = pairs([("", "Personne pour l’instant"), *members])

    def validate(self, extra_validators: Any = None) -> bool:
        """A signatory signs in some quality."""
        valid: bool = super().validate(extra_validators)
        if self.signatory_id.data and not self.signatory_quality.data:
            self.signatory_quality.errors = ["Dites en quelle qualité cette personne signe, par exemple « Directrice »."]
        return valid and not self.errors

    def value(self) -> BodyWords:
        """What was written."""
        return BodyWords(
            self.legal_name.data or "",
            self.address.data or "",
            self.city.data or "",
            self.signatory_id.data or None,
            self.signatory_quality.data or "",
            self.remedies.data or "",
            self.contact.data or "",
        )


class PasswordAgain(CreationForm):
    """An act that carries a name: the password is asked again."""

    password = PasswordField(
        "Votre mot de passe, de nouveau",
        [
            Required("Donnez votre mot de passe : il sert de signature."),
            Length(max=1024, message="Ce mot de passe est trop long."),
        ],
        render_kw={"autocomplete": "current-password"},
    )


class SigningForm(PasswordAgain):
    """The certificates to sign."""

    certificates = ManyOfField("Certificats à signer", UUID, missing="Cochez au moins un certificat.")

    def __init__(self, waiting: Sequence[tuple[UUID, str]], **more: Any) -> None:
        super().__init__(**more)
        self.certificates.choices = pairs(waiting)
        if not self.is_submitted():
            self.certificates.data = [one for one, _label in waiting]


class LetterForm(PasswordAgain):
    """The letter of a result: four texts per competency that is not acquired. Built by `letter_form`."""

    step = HiddenField(default="preview")

    def texts_of(self, number: str) -> list[Any]:
        """The four fields of a competency, in the order in which a stranger reads them."""
        return [self[f"{_key(number)}_{part}"] for part in PARTS]

    def said(self, numbers: Iterable[str]) -> dict[str, Said]:
        """What was written, by competency."""
        return {number: Said(*(field.data or "" for field in self.texts_of(number))) for number in numbers}

    def is_written(self) -> bool:
        """Check the texts alone; the password is asked when the letter leaves."""
        valid: bool = self.validate()
        return valid or set(self.errors) <= {"password"}


PARTS = ("seen", "missing", "expected", "way")
# The list of what is left to write names the competency: two of them miss the same thing.
_MISSING = {
    "seen": "Dites ce que le jury a vu pour {number}.",
    "missing": "Dites ce qui manquait pour que {number} soit acquise.",
    "expected": "Dites ce qui est attendu la prochaine fois pour {number}.",
    "way": "Dites par où passer pour {number}.",
}


def _key(number: str) -> str:
    return "c" + number.replace(".", "_")


def letter_form(letter: Letter, **more: Any) -> LetterForm:
    """Build the form of one letter, filled with what the minutes already tell."""
    fields: dict[str, Any] = {}
    for block in letter.refused:
        for one in block.competencies:
            given = (one.said.seen, one.said.missing, one.said.expected, one.said.way or way_words(block, by_vae=letter.by_vae))
            for part, default in zip(PARTS, given, strict=True):
                label, missing = TOLD[part], _MISSING[part].format(number=one.number)
                fields[f"{_key(one.number)}_{part}"] = ProseField(label, missing=missing, limit=LONG, default=default)
    return type("OneLetterForm", (LetterForm,), fields)(**more)
