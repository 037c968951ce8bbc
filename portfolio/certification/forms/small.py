"""The short forms: the text of an entry, a confirmation, the successor."""

from __future__ import annotations

from typing import Any

from flask_wtf.file import FileField
from wtforms.validators import ValidationError

from portfolio.certification.forms.fields import QuietField
from portfolio.certification.readers import MAX_BYTES
from portfolio.certification.readers.formats import decoded, foreign_format
from portfolio.web.forms import CreationForm, LineField, RevisedForm, clean, clean_line


class ImportForm(CreationForm):
    """A file, or a text; the file goes before the text."""

    file = FileField("Fichier texte de la fiche")
    text = QuietField("Ou collez le texte de la fiche", limit=MAX_BYTES)

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)  # type: ignore[no-untyped-call]
        self._content: bytes | None = None

    @property
    def has_file(self) -> bool:
        """Whether a file was chosen."""
        return bool(self.file.data is not None and self.file.data.filename)

    def validate_file(self, _field: FileField) -> None:
        """Ask for one of the two."""
        if not self.has_file and not self.text.data:
            raise ValidationError("Choisissez le fichier de la fiche, ou collez son texte ci-dessous.")

    def given(self) -> tuple[bytes, str]:
        """The bytes to read, and what to call them."""
        if not self.has_file:
            return (self.text.data or "").encode(), ""
        # One byte more than the limit is enough to know that it is passed.
        self._content = self._content or self.file.data.stream.read(MAX_BYTES + 1)
        return self._content, clean_line(self.file.data.filename)[:200]

    def keep_text(self) -> None:
        """Put the text of a refused file where it can be corrected: a file field forgets what was chosen."""
        content = self._content or b""
        if content and len(content) <= MAX_BYTES and foreign_format(content) is None and (text := decoded(content)):
            self.text.data = clean(text[0]).strip()


class ConfirmForm(RevisedForm):
    """Publish what was read, as it was read."""


class SuccessorForm(CreationForm):
    """The entry that follows an expired one."""

    successor = LineField("Code de la fiche qui la remplace", limit=40)

    @property
    def code(self) -> str:
        """The code typed; a bare number is read as the register writes it."""
        typed = (self.successor.data or "").replace(" ", "").upper()
        return f"RNCP{typed}" if typed.isdecimal() else typed
