"""Forms of a body about itself, signing certificates, writing the letter of a result."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from wtforms import HiddenField
from wtforms.validators import ValidationError

from portfolio.domain.certifying_body.rules import BodySettingsValue, RemedyKind
from portfolio.domain.complaint.rules import DAYS
from portfolio.domain.notification.rules.letter import Letter, MissingCompetencyText
from portfolio.screens.account.reauthentication import PasswordConfirmForm
from portfolio.web.forms import (
    Form,
    FrenchDateField,
    MultiChoiceField,
    MultiLineField,
    SelectChoiceField,
    SingleLineField,
    VersionedForm,
    pairs,
)
from portfolio.wording.certifying_body import BRACKETS_LEFT, REMEDIES_LABELS, has_brackets
from portfolio.wording.documents import ANSWER_LABELS, way_forward_message

LONG = 4000


class BodyForm(VersionedForm):
    """Texts of a body about itself on its documents."""

    legal_name = SingleLineField(
        "Nom légal de l’organisme", missing="Donnez le nom légal : les documents le portent en tête.", limit=300
    )
    siret = SingleLineField("SIRET", limit=20)
    address = MultiLineField("Adresse postale", limit=1000)
    city = SingleLineField("Ville où les documents sont signés")
    signatory_id = SelectChoiceField("Personne qui signe", UUID)
    signatory_quality = SingleLineField("En qualité de", limit=300)
    remedies_admissibility = MultiLineField(REMEDIES_LABELS[RemedyKind.ADMISSIBILITY], limit=LONG)
    remedies = MultiLineField(REMEDIES_LABELS[RemedyKind.JURY], limit=LONG)
    remedies_annulment = MultiLineField(
        REMEDIES_LABELS[RemedyKind.ANNULMENT],
        limit=LONG,
        description="Ce texte part dans un courrier qui ne dit pas la décision : la personne la lit sur sa page. "
        "N’y nommez pas l’acte.",
    )
    remedies_complaint = MultiLineField(REMEDIES_LABELS[RemedyKind.COMPLAINT], limit=LONG)
    contact = MultiLineField("Contact indiqué aux candidats", limit=1000)
    complaint_days = SingleLineField("Délai de réponse aux réclamations, en jours", limit=3)

    def __init__(self, members: Iterable[tuple[UUID, str]], **more: Any) -> None:
        super().__init__(**more)
        self.signatory_id.choices = pairs([("", "Personne pour l’instant"), *members])

    def validate(self, extra_validators: Any = None) -> bool:
        """A signatory signs in some quality."""
        valid: bool = super().validate(extra_validators)
        if self.signatory_id.data and not self.signatory_quality.data:
            self.signatory_quality.errors = [
                "Dites en quelle qualité cette personne signe, par exemple « Directrice »."
            ]
        return valid and not self.errors

    def validate_remedies(self, field: MultiLineField) -> None:
        """A passage of the model that is left between brackets reaches no letter."""
        if has_brackets(field.data or ""):
            raise ValidationError(BRACKETS_LEFT)

    validate_remedies_admissibility = validate_remedies_annulment = validate_remedies_complaint = validate_remedies

    def remedies_field(self, kind: RemedyKind) -> MultiLineField:
        """Return the field of the text of a kind of decision."""
        found: MultiLineField = self["remedies" if kind is RemedyKind.JURY else f"remedies_{kind}"]
        return found

    def validate_siret(self, field: SingleLineField) -> None:
        """A SIRET has fourteen digits, which may be typed with spaces."""
        field.data = "".join((field.data or "").split())
        if field.data and not (field.data.isascii() and field.data.isdecimal() and len(field.data) == 14):
            raise ValidationError("Un SIRET a 14 chiffres. Vérifiez-le, ou laissez ce champ vide.")

    def validate_complaint_days(self, field: SingleLineField) -> None:
        """A delay is a number of days; empty, it is the usual one."""
        typed = str(field.data or "")
        if typed and not (typed.isascii() and typed.isdecimal() and int(typed) in DAYS):
            raise ValidationError(f"Écrivez un nombre de jours, de {DAYS[0]} à {DAYS[-1]}.")

    def value(self) -> BodySettingsValue:
        """Return what was written."""
        return BodySettingsValue(
            self.legal_name.data or "",
            self.address.data or "",
            self.city.data or "",
            self.signatory_id.data or None,
            self.signatory_quality.data or "",
            self.remedies.data or "",
            self.contact.data or "",
            self.siret.data or "",
            int(self.complaint_days.data) if self.complaint_days.data else None,
            self.remedies_admissibility.data or "",
            self.remedies_annulment.data or "",
            self.remedies_complaint.data or "",
        )


class ReceiptForm(Form):
    """The proof that the letter on paper was received."""

    registered_number = SingleLineField(
        "Numéro de la lettre recommandée", missing="Donnez le numéro de la lettre recommandée.", limit=40
    )
    received_on = FrenchDateField("Reçue le", missing="Donnez le jour de la réception.")


class SigningForm(PasswordConfirmForm):
    """The certificates to sign."""

    certificates = MultiChoiceField("Certificats à signer", UUID, missing="Cochez au moins un certificat.")

    def __init__(self, waiting: Sequence[tuple[UUID, str]], **more: Any) -> None:
        super().__init__(**more)
        self.certificates.choices = pairs(waiting)
        if not self.is_submitted():
            self.certificates.data = [certificate_id for certificate_id, _label in waiting]


class LetterForm(PasswordConfirmForm):
    """The letter of a result: four texts per competency that is not acquired. Built by `letter_form`."""

    step = HiddenField(default="preview")

    def texts_of(self, number: str) -> list[Any]:
        """Return the four fields of a competency, in the order in which a stranger reads them."""
        return [self[f"{_key(number)}_{part}"] for part in PARTS]

    def said(self, numbers: Iterable[str]) -> dict[str, MissingCompetencyText]:
        """Return what was written, by competency."""
        return {
            number: MissingCompetencyText(*(field.data or "" for field in self.texts_of(number))) for number in numbers
        }

    def is_written(self) -> bool:
        """Check the texts alone; the password is asked when the letter is sent."""
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
        for competency in block.competencies:
            given = (
                competency.said.seen,
                competency.said.missing,
                competency.said.expected,
                competency.said.way or way_forward_message(block, by_vae=letter.by_vae),
            )
            for part, default in zip(PARTS, given, strict=True):
                label, missing = ANSWER_LABELS[part], _MISSING[part].format(number=competency.number)
                fields[f"{_key(competency.number)}_{part}"] = MultiLineField(
                    label, missing=missing, limit=LONG, default=default
                )
    return type("OneLetterForm", (LetterForm,), fields)(**more)
