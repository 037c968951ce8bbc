"""The short forms: the text of an entry, a confirmation, the successor.

The form of the frame of the livret 2: a place, a title, guidance, a length and a demand for each part.

Partners and sites, as a certifier types them.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from os import SEEK_END
from typing import Any
from uuid import UUID

from flask_wtf.file import FileField
from wtforms import BooleanField, FormField, HiddenField, StringField
from wtforms import Form as PlainForm
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
from portfolio.domain.certification.rules.book_frame import (
    DEFAULT_ORDER,
    MAX_PAGES,
    BookPart,
    Frame,
    FrameSection,
    stored_frame,
    whole_frame,
)
from portfolio.domain.certification.rules.doubts import DoubtCode
from portfolio.domain.certification.rules.entry import Entry, Habilitation, HabilitationState, is_own_code
from portfolio.domain.certification.rules.publication import CODE
from portfolio.domain.certification.rules.registration import IndexLine
from portfolio.screens.certifier.certifications.forms.fields import NumberField, QuietField
from portfolio.web.forms import (
    Form,
    FrenchDateField,
    IdempotentForm,
    MultiLineField,
    RadioChoiceField,
    SingleLineField,
    VersionedForm,
    clean,
    clean_line,
)
from portfolio.web.progress import Progress
from portfolio.wording.certification import HABILITATION_NAMES, HABILITATION_STATES
from portfolio.wording.certification.versions import PART_NAMES, SAME_PLACE

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
        elif content and len(content) <= MAX_BYTES and foreign_format(content) is None and (text := decoded(content)):
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
        """Return the code typed; a bare number is read as the register writes it."""
        typed = (self.successor.data or "").replace(" ", "").upper()
        return f"RNCP{typed}" if typed.isdecimal() else typed


GUIDANCE_MAX_CHARS = 2000


class SectionForm(PlainForm):
    """One part; what cannot be asked of it is not shown, and not read."""

    place = NumberField("Place", required_message="Donnez la place de cette partie.", least=1, most=len(DEFAULT_ORDER))
    title = SingleLineField("Titre dans le livret", limit=120)
    guidance = MultiLineField("Ce que vous attendez ici", limit=GUIDANCE_MAX_CHARS)
    max_pages = NumberField("Longueur, en pages au plus", least=1, most=MAX_PAGES)
    is_required = BooleanField("Obligatoire pour déposer")

    def value(self, part: BookPart) -> FrameSection:
        """Return what is asked of this part."""
        typed = (self.title.data or "", self.guidance.data or "", self.max_pages.data)
        return FrameSection(part, *typed, bool(self.is_required.data))


# One group of fields a part.
_Parts: Any = type(
    "_Parts", (VersionedForm,), {part.value: FormField(SectionForm, PART_NAMES[part]) for part in BookPart}
)


class BookFrameForm(_Parts):  # type: ignore[misc]
    """The whole frame."""

    def __init__(self, before: Frame, revision: int, **more: Any) -> None:
        data: dict[str, Any] = {"revision": str(revision)}
        for place, section in enumerate(whole_frame(before), 1):
            data[section.part.value] = {
                "place": place,
                "title": section.title,
                "guidance": section.guidance,
                "max_pages": section.max_pages,
                "is_required": section.is_required,
            }
        super().__init__(data=data, **more)

    @property
    def parts(self) -> list[tuple[BookPart, SectionForm]]:
        """Return each part with its fields, in the order of their places."""
        shown = [(part, self[part.value].form) for part in BookPart]
        return sorted(shown, key=lambda pair: pair[1].place.data or len(shown) + 1)

    def validate(self, extra_validators: Any = None) -> bool:
        """Check each part, and that no two have the same place."""
        right = bool(super().validate(extra_validators))
        seen: set[int] = set()
        for _, form in self.parts:
            if form.place.data in seen and not form.place.errors:
                form.place.errors = [SAME_PLACE]
                right = False
            seen.add(form.place.data)
        return right

    def value(self) -> Frame:
        """Return the frame typed; empty when it is the usual one."""
        return stored_frame(form.value(part) for part, form in self.parts)


class PartnerSearchForm(Form):
    """A part of a name, or of a SIRET. It only reads: no token is needed."""

    class Meta(Form.Meta):
        """A form that is sent by GET."""

        csrf = False

    partenaire = SingleLineField("Nom ou SIRET du partenaire")


class PartnerForm(IdempotentForm):
    """A partner and the days of its habilitation."""

    revision = HiddenField(default="0")
    name = SingleLineField("Nom du partenaire", missing="Donnez le nom du partenaire.", limit=300)
    siret = SingleLineField("SIRET", limit=20)
    habilitation = RadioChoiceField("Ce que le partenaire peut faire", Habilitation)
    state = RadioChoiceField("État de l’habilitation", HabilitationState)
    starts_on = FrenchDateField("Début de l’habilitation")
    ends_on = FrenchDateField("Dernier jour de l’habilitation")

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.habilitation.choices = [
            (habilitation, name.capitalize()) for habilitation, name in HABILITATION_NAMES.items()
        ]
        self.state.choices = [(state, name.capitalize()) for state, name in HABILITATION_STATES.items()]

    def validate_siret(self, field: SingleLineField) -> None:
        """A SIRET has fourteen digits."""
        field.data = "".join((field.data or "").split())
        if field.data and not re.fullmatch(r"[0-9]{14}", field.data):
            raise ValidationError("Un SIRET a 14 chiffres. Vérifiez-le, ou laissez ce champ vide.")

    def validate_ends_on(self, field: FrenchDateField) -> None:
        """Refuse a last day before the first one."""
        if field.data and self.starts_on.data and field.data < self.starts_on.data:
            raise ValidationError("L’habilitation finit avant de commencer. Corrigez une des deux dates.")

    @property
    def seen_revision(self) -> int:
        """Return the revision that the author had before them; an unreadable one counts as none."""
        data = self.revision.data or ""
        return int(data) if data.isdecimal() and len(data) < 10 else 0

    @property
    def days(self) -> tuple[date | None, date | None]:
        """Return the first and the last day."""
        return self.starts_on.data, self.ends_on.data


class SiteForm(IdempotentForm):
    """A place where juries meet."""

    revision = HiddenField(default="0")
    name = SingleLineField("Nom du lieu", missing="Donnez un nom à ce lieu, par exemple la ville.", limit=200)
    address = SingleLineField("Adresse", limit=300)
    is_retired = BooleanField("Ne plus proposer ce lieu pour de nouvelles sessions")

    @property
    def seen_revision(self) -> int:
        """Return the revision that the author had before them; an unreadable one counts as none."""
        data = self.revision.data or ""
        return int(data) if data.isdecimal() and len(data) < 10 else 0


class NewSiteForm(SiteForm):
    """A new place, of the certifier or of the partner from whose page the form was opened."""

    partner_id = HiddenField()

    @property
    def partner(self) -> UUID | None:
        """Return the partner whose place it is; an unreadable identity is none."""
        try:
            return UUID(self.partner_id.data or "")
        except ValueError:
            return None
