"""The form of a new certification: its code and title, and where its blocks come from."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any
from uuid import UUID

from flask_wtf.file import FileField
from wtforms.validators import ValidationError

from portfolio.domain.certification.readers import MAX_BYTES
from portfolio.domain.certification.readers.formats import decoded, foreign_format
from portfolio.domain.certification.readers.spreadsheet import read_sheet, with_blocks_of
from portfolio.domain.certification.rules.entry import CodeKind, Entry, is_own_code, normalised_code
from portfolio.domain.certification.rules.publication import CODE
from portfolio.domain.certification.rules.spreadsheet import Sheet, SheetFault, SheetFaultCode
from portfolio.screens.certifier.certifications.forms.fields import LongLineField, QuietField
from portfolio.web.forms import IdempotentForm, RadioChoiceField, SelectChoiceField, SingleLineField, clean

LEVELS = {
    "": "Pas de niveau, ou pas encore connu",
    "3": "3 (CAP)",
    "4": "4 (baccalauréat)",
    "5": "5 (bac + 2)",
    "6": "6 (licence)",
    "7": "7 (master)",
    "8": "8 (doctorat)",
}


class Start(StrEnum):
    """Sources of the blocks of a new certification."""

    BLANK = "blank"
    COPY = "copy"
    SPREADSHEET = "spreadsheet"


STARTS = {
    Start.BLANK: "Je les saisis à l’écran",
    Start.COPY: "Je copie une autre de mes certifications",
    Start.SPREADSHEET: "Je les prends dans un tableur",
}
KINDS = {CodeKind.REGISTER: "Un numéro du répertoire (RNCP)", CodeKind.OWN: "Un code propre à mon organisme"}
WRONG_CODES = {
    CodeKind.REGISTER: "Écrivez « RNCP » suivi du numéro, par exemple RNCP12345.",
    CodeKind.OWN: (
        "Un code propre a des lettres sans accent, des chiffres, des points ou des tirets, et au moins une "
        "lettre, par exemple CQP-VENTE-2. Il ne commence pas par RNCP."
    ),
}


class NewCertificationForm(IdempotentForm):
    """A new certification; what was typed for one way of starting is kept when another is chosen."""

    kind = RadioChoiceField("Quel code porte-t-elle ?", CodeKind, choices=KINDS, missing="Choisissez la sorte de code.")
    code = SingleLineField("Code", missing="Donnez le code de la certification.", limit=40)
    title = LongLineField("Intitulé exact", limit=500)
    level = SelectChoiceField("Niveau européen", str, choices=LEVELS)
    start = RadioChoiceField(
        "D’où viennent les blocs et les compétences ?",
        Start,
        choices=STARTS,
        default=Start.BLANK,
        missing="Choisissez d’où viennent les blocs.",
    )
    base = SelectChoiceField("Certification à copier", UUID)
    file = FileField("Fichier CSV")
    text = QuietField("Ou collez les lignes du tableur", limit=MAX_BYTES)

    def __init__(self, bases: Iterable[tuple[str, str]], **more: Any) -> None:
        super().__init__(**more)  # type: ignore[no-untyped-call]
        self.base.choices = [("", "Choisissez"), *bases]
        self._sheet: Sheet | None = None
        self._content: bytes | None = None

    def validate_code(self, _field: SingleLineField) -> None:
        """Refuse a code that is not of the kind chosen."""
        kind = self.kind.data
        if kind is None:
            return
        code = self.entry_code
        if not (CODE.fullmatch(code) if kind is CodeKind.REGISTER else is_own_code(code)):
            raise ValidationError(WRONG_CODES[kind])

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the fields, then what the chosen way of starting needs."""
        fine = super().validate(extra_validators)
        self._ask_for_the_rest()
        return fine and not self.errors

    def _ask_for_the_rest(self) -> None:
        if self.start.data is not Start.COPY and not self.title.data:
            self.title.errors = ["Donnez l’intitulé qui figurera sur les documents."]
        if self.start.data is Start.COPY and self.base.data is None and not self.base.errors:
            self.base.errors = ["Choisissez la certification à copier."]
        if self.start.data is Start.SPREADSHEET and not self.has_file and not self.text.data:
            self.file.errors = ["Choisissez un fichier CSV, ou collez ses lignes ci-dessous."]
        if self.start.data is not Start.SPREADSHEET and self.has_file:
            self.start.errors = [
                "Vous aviez joint un tableur. Pour le prendre, choisissez «\u00a0Je les prends dans un "
                "tableur\u00a0» et joignez-le de nouveau. Sans lui, créez simplement le brouillon."
            ]

    @property
    def entry_code(self) -> str:
        """Return the code typed, as it is stored."""
        return normalised_code(self.code.data or "", self.kind.data or CodeKind.REGISTER)

    @property
    def has_file(self) -> bool:
        """Return whether a file was chosen."""
        return bool(self.file.data is not None and self.file.data.filename)

    @property
    def has_sheet(self) -> bool:
        """Return whether a spreadsheet was given, and is what the certification starts from."""
        return bool(self.is_submitted() and self.start.data is Start.SPREADSHEET and (self.has_file or self.text.data))

    @property
    def sheet(self) -> Sheet:
        """Return the spreadsheet, read once; the file goes before the pasted lines."""
        if self._sheet is None:
            content = self.file.data.stream.read(MAX_BYTES + 1) if self.has_file else (self.text.data or "").encode()
            self._content = content
            too_large = len(content) > MAX_BYTES
            fault = SheetFault(SheetFaultCode.TOO_LARGE, None, (str(MAX_BYTES),))
            self._sheet = Sheet((), (fault,)) if too_large else read_sheet(content)
        return self._sheet

    def keep_text(self) -> None:
        """Put the lines of a refused file where they can be corrected: a file field forgets what was chosen."""
        content = self._content or b""
        if content and len(content) <= MAX_BYTES and foreign_format(content) is None and (text := decoded(content)):
            self.text.data = clean(text[0]).strip("\n")

    def entry(self) -> Entry:
        """Return the entry of a certification that is not a copy."""
        entry = Entry(code=self.entry_code, title=self.title.data or "", blocks=(), level=self.level.data or None)
        return with_blocks_of(self.sheet, entry) if self.start.data is Start.SPREADSHEET else entry
