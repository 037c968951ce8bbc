"""Forms of the holders of before: a list with its proofs, its confirmation, a rectification."""

from __future__ import annotations

from flask_wtf.file import FileField, MultipleFileField
from wtforms import HiddenField
from wtforms.validators import ValidationError

from portfolio.screens.certifier.certificates.proof_forms import ACCEPTED, ProofForm
from portfolio.screens.certifier.notifications.forms import PasswordConfirmForm
from portfolio.web.forms import ConfirmField, FrenchDateField, IdempotentForm, MultiLineField

MAX_PROOFS = 200


class HolderListForm(IdempotentForm):
    """A spreadsheet saved as CSV, and the files that prove its lines."""

    sheet = FileField("La liste, en CSV", render_kw={"accept": ".csv,text/csv,text/plain"})
    proofs = MultipleFileField("Les preuves", render_kw={"accept": ACCEPTED})

    def validate_sheet(self, field: FileField) -> None:
        """Without a list nothing is read."""
        if not field.data or not field.data.filename:
            raise ValidationError("Choisissez la liste : un tableur enregistré au format CSV.")

    def validate_proofs(self, field: MultipleFileField) -> None:
        """Without a proof nothing is recorded; a browser sends a nameless file when none was chosen."""
        field.data = [file for file in field.data or [] if file and file.filename]
        if not field.data:
            raise ValidationError(
                "Joignez au moins une preuve : un PDF ou une image, pour toute la liste ou pour chaque ligne."
            )
        if len(field.data) > MAX_PROOFS:
            raise ValidationError(
                f"{MAX_PROOFS} preuves au plus à la fois. Coupez la liste en plusieurs envois."
            )


class ConfirmImportForm(PasswordConfirmForm):
    """The confirmation of the lines that were shown."""

    expected = HiddenField()
    sure = ConfirmField(
        "J’ai vérifié les preuves de ces lignes.",
        missing="Vérifiez les preuves, puis cochez cette case : ce que vous confirmez fait foi.",
    )

    @property
    def holdings(self) -> int:
        """How many holdings the page showed; -1 when it cannot be read."""
        typed = self.expected.data or ""
        return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 8 else -1


class RectifyHoldingForm(ProofForm):
    """Why a holding was written by mistake, since when it is known, and the proof of it."""

    reason = MultiLineField(
        "Motif", missing="Dites ce qui était faux, et sur quelle pièce vous l’avez vérifié.", limit=5000
    )
    decided_on = FrenchDateField("Date de la décision", missing="Donnez la date de la décision.")
    sure = ConfirmField(
        "Ce bloc ne doit plus compter pour cette personne.",
        missing="Relisez, puis cochez cette case : une rectification ne se reprend pas.",
    )
