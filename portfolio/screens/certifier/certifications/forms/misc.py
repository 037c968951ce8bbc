"""The short forms: the text of an entry, a confirmation, the successor."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from os import SEEK_END

from flask_wtf.file import FileField
from wtforms import StringField
from wtforms.validators import Length, ValidationError

from portfolio.domain.certification.readers import (
    MAX_BYTES,
    MAX_EXPORT_BYTES,
    MAX_FILE_BYTES,
    read_entry,
    read_entry_file,
)
from portfolio.domain.certification.readers.cncp_text.cleaning import fold
from portfolio.domain.certification.readers.formats import decoded, foreign_format
from portfolio.domain.certification.readers.france_competences import looks_like_export, opened_text
from portfolio.domain.certification.rules.doubts import DoubtCode
from portfolio.domain.certification.rules.entry import Entry, is_own_code
from portfolio.domain.certification.rules.publication import CODE
from portfolio.domain.certification.rules.registration import IndexLine
from portfolio.screens.certifier.certifications.forms.fields import QuietField
from portfolio.web.forms import IdempotentForm, SingleLineField, VersionedForm, clean, clean_line
from portfolio.web.progress import Progress

CODE_FORM = (
    "« {code} » ne peut pas servir de code. Écrivez « RNCP » suivi du numéro, ou un code à vous : des "
    "lettres sans accent, des chiffres, des points ou des tirets, dont au moins une lettre."
)
XML_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")


class ImportForm(IdempotentForm):
    """A file, or a text; the file goes before the text.

    A file of several entries asks which one, by number.
    """

    file = FileField("Fichier de la fiche")
    text = QuietField("Ou collez le texte de la fiche", limit=MAX_BYTES)

    number = SingleLineField("Numéro de la fiche, si le fichier en contient plusieurs", limit=40)
    code = SingleLineField("Code de la certification", limit=40)
    choice = StringField(validators=[Length(max=40)])
    search = SingleLineField("Chercher une fiche par son intitulé", limit=200)
    do = StringField(validators=[Length(max=20)])

    asks_code = False

    @property
    def has_file(self) -> bool:
        """Return whether a file was chosen."""
        return bool(self.file.data is not None and self.file.data.filename)

    @property
    def filename(self) -> str:
        """Return the name of the file chosen; empty for a text."""
        return clean_line(self.file.data.filename)[:200] if self.has_file else ""

    def validate_file(self, _field: FileField) -> None:
        """Ask for one of the two."""
        if not self.has_file and not self.text.data:
            raise ValidationError("Choisissez le fichier de la fiche, ou collez son texte ci-dessous.")

    def entry(self, progress: Progress | None = None) -> Entry:
        """Read the entry that was given; raise UnreadableEntry when it cannot be."""
        if not self.has_file:
            # A text typed in a form is no longer in the encoding that its declaration names.
            return read_entry(XML_DECLARATION.sub("", self.text.data or "").encode(), "", self.chosen)
        stream, name = self.file.data.stream, clean_line(self.file.data.filename)[:200]
        return read_entry_file(
            stream, stream.seek(0, SEEK_END), name, self.chosen, progress=progress, max_bytes=MAX_EXPORT_BYTES
        )

    def with_code(self, entry: Entry) -> Entry | None:
        """Return an entry under its own code, else under the code typed; None when one must be typed, or
        typed otherwise.

        A framework that is no entry of the register comes without a code.
        """
        if entry.code:
            return entry
        self.asks_code = True
        typed = "".join((self.code.data or "").upper().split())
        code = (
            f"RNCP{typed}"
            if typed.isascii() and typed.isdecimal()
            else "-".join((self.code.data or "").upper().split())
        )
        if CODE.fullmatch(typed):
            code = typed
        if not CODE.fullmatch(code) and not is_own_code(code):
            missing = "Ce fichier ne donne pas le code de la certification. Écrivez-le, puis recommencez."
            wrong = CODE_FORM.format(code=code)
            self.code.errors = [wrong if typed else missing]
            return None
        left = tuple(doubt for doubt in entry.doubts if doubt.what is not DoubtCode.FRAMEWORK_WITHOUT_CODE)
        return replace(entry, code=code, doubts=left)

    def restore_text(self) -> None:
        """Put the text of a refused file where it can be corrected: a file field forgets what was chosen."""
        content = self._content()
        if content and looks_like_export(content):
            self.text.data = XML_DECLARATION.sub("", opened_text(content, MAX_BYTES))
        elif (
            content
            and len(content) <= MAX_BYTES
            and foreign_format(content) is None
            and (text := decoded(content))
        ):
            self.text.data = clean(text[0]).strip()

    def _content(self) -> bytes:
        """Return what the file holds; nothing when it is too long to be kept on a page, even unzipped."""
        if not self.has_file:
            return b""
        stream = self.file.data.stream
        stream.seek(0)
        content: bytes = stream.read(MAX_FILE_BYTES + 1)
        return content if len(content) <= MAX_FILE_BYTES else b""

    @property
    def chosen(self) -> str:
        """Return the number of the entry to read: the one pressed in the list, else the one typed, unless a
        search is asked.
        """
        return self.choice.data or ("" if self.do.data == "search" else self.number.data or "")

    def matching(self, index: Sequence[IndexLine]) -> list[IndexLine]:
        """List the entries whose number or title holds every word searched."""
        words = fold(self.search.data or "").split()
        return [line for line in index if all(word in fold(f"{line.number} {line.title}") for word in words)]


class ConfirmForm(VersionedForm):
    """Publish what was read, as it was read."""


class SuccessorForm(IdempotentForm):
    """The entry that follows an expired one."""

    successor = SingleLineField("Code de la fiche qui la remplace", limit=40)

    @property
    def code(self) -> str:
        """The code typed; a bare number is read as the register writes it."""
        typed = (self.successor.data or "").replace(" ", "").upper()
        return f"RNCP{typed}" if typed.isdecimal() else typed
