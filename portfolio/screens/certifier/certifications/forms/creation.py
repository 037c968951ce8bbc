"""The form of a new certification, and the points of its draft that a person still has to look at."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from flask_wtf.file import FileField
from wtforms.validators import ValidationError

from portfolio.domain.certification.readers import MAX_BYTES
from portfolio.domain.certification.readers.formats import decoded, foreign_format
from portfolio.domain.certification.readers.spreadsheet import read_sheet, with_blocks_of
from portfolio.domain.certification.rules.case_package import Sheet, SheetFault, SheetFaultCode
from portfolio.domain.certification.rules.doubts import Doubt
from portfolio.domain.certification.rules.entry import CodeKind, Entry, Route, is_own_code, normalised_code
from portfolio.domain.certification.rules.publication import CODE, PublicationError
from portfolio.domain.certification.rules.versioning import doubt_key, longest_place
from portfolio.screens.certifier.certifications.forms.draft import DraftForm
from portfolio.screens.certifier.certifications.forms.fields import LongLineField, QuietField
from portfolio.web.forms import IdempotentForm, RadioChoiceField, SelectChoiceField, SingleLineField, clean
from portfolio.wording.certification import doubt_message, field_location_message, publication_error_message

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
KINDS = {CodeKind.REGISTER: "Un numéro du répertoire (RNCP ou RS)", CodeKind.OWN: "Un code propre à mon organisme"}
WRONG_CODES = {
    CodeKind.REGISTER: "Écrivez « RNCP » suivi du numéro, par exemple RNCP12345.",
    CodeKind.OWN: (
        "Un code propre a des lettres sans accent, des chiffres, des points ou des tirets, et au moins une "
        "lettre, par exemple CQP-VENTE-2. Il ne commence pas par RNCP, ni par RS et un chiffre."
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


# The element of the page that shows each place of an entry which never moves, in the order of the page.
HEADING = {
    "title": "title_choice",
    **{
        name: name
        for name in (
            "code",
            "predecessor",
            "level",
            "level_1969",
            "nsf",
            "rome",
            "certifiers",
            "certifying_title",
            "signatory",
            "registrations",
        )
    },
}
JURY = {
    "jury": "seats",
    "jury.size": "jury_size",
    "jury.seats": "seats",
    "jury.external_min": "external_min",
    "jury.representatives_min": "representatives_min",
    "jury.quorum": "jury_quorum",
    "juries": "jury-complet",
    "blocks": "blocks",
}
REST = {name: name for name in ("deliverables", "defence", "permanence", "sites", "holders_per_year")}
TERRITORIES = {f"territories.{name}": name for name in ("new_caledonia", "french_polynesia")}
FIXED = {**HEADING, "routes": "routes", **TERRITORIES, **JURY, **REST}
# Doubts about what the form has no field for stand at the head of the nearest section.
NEAREST = {"territories": "routes", "general_list": "blocks"}
HEAD = "file"


@dataclass(frozen=True)
class DoubtSummary:
    """A doubt as the page shows it."""

    key: str
    where: str
    place: str
    sentence: str
    settled: bool

    @property
    def id(self) -> str:
        """Return the id of its box."""
        return f"doute-{self.key}"


class Checklist:
    """The doubts of a draft by place, and its faults; built on the form as it stands, saved or not."""

    def __init__(
        self, form: DraftForm, doubts: Iterable[Doubt], settled: Collection[str], faults: Iterable[PublicationError]
    ) -> None:
        self._anchors = {**FIXED, **_now(form)}
        spots = _spots(form)
        self._hidden = _removed(form)
        self._by_spot: dict[str, list[DoubtSummary]] = {spot: [] for spot in spots}
        for doubt in doubts:
            key = doubt_key(doubt)
            line = DoubtSummary(
                key, doubt.where, field_location_message(doubt.where), doubt_message(doubt), key in settled
            )
            self._by_spot[_spot(doubt.where, spots)].append(line)
        self.faults = [(publication_error_message(fault), f"#{self.anchor(fault.where)}") for fault in faults]

    def at(self, spot: str) -> list[DoubtSummary]:
        """Return the doubts to show beside a place."""
        return self._by_spot.get(spot, [])

    def asks(self, place: str) -> bool:
        """Return whether a doubt that nobody settled, or a fault, is about a part of the entry."""
        in_faults = any(href.startswith(f"#{place}") for _sentence, href in self.faults)
        return in_faults or any(line.where.split(".")[0] == place for line in self.left)

    def doubts_in(self, *spots: str) -> bool:
        """Return whether a doubt that nobody settled is shown beside one of these places."""
        return any(not line.settled for spot in spots for line in self.at(spot))

    def anchor(self, where: str) -> str:
        """Return the id of the element that shows a place."""
        return self._anchors.get(longest_place(where, self._anchors) or "", "contenu")

    @property
    def lines(self) -> list[DoubtSummary]:
        """Every doubt, in the order of the page; those of a removed line are not shown."""
        return [line for spot, lines in self._by_spot.items() if spot not in self._hidden for line in lines]

    @property
    def left(self) -> list[DoubtSummary]:
        """Return the doubts nobody has looked at."""
        return [line for line in self.lines if not line.settled]


def _spot(where: str, spots: Collection[str]) -> str:
    place = longest_place(where, spots)
    return place or NEAREST.get(where.split(".")[0], HEAD)


def _spots(form: DraftForm) -> list[str]:
    """Return the places beside which the page shows doubts, in its order; a line is the place it was filled from."""
    spots = [HEAD, *HEADING, *(entry.form.origin.data for entry in form.registrations.entries)]
    spots += ["routes", *(f"routes.{route}" for route in Route), *JURY]
    for block in form.blocks.entries:
        if origin := block.form.origin.data:
            spots += [origin, f"{origin}.assessments", f"{origin}.certificate_stated"]
        spots += [place for entry in block.form.competencies.entries for place in entry.form.places]
    return [spot for spot in (*spots, *REST) if spot]


def _removed(form: DraftForm) -> set[str]:
    """Return the places of the lines that a person removed."""
    found: set[str] = set()
    for block in form.blocks.entries:
        for row in (block.form, *(entry.form for entry in block.form.competencies.entries)):
            found |= set(row.places) if row.is_removed or block.form.is_removed else set()
        if block.form.is_removed:
            found |= {f"{place}.{end}" for place in block.form.places for end in ("assessments", "certificate_stated")}
    return found


def _now(form: DraftForm) -> dict[str, str]:
    """Return the places as they are numbered in the form, and the id of each."""
    found = {f"registrations.{rank}": entry.id for rank, entry in enumerate(form.registrations.entries, 1)}
    for block in (entry for entry in form.blocks.entries if not entry.form.is_removed):
        where = f"blocks.{block.form.number.data}"
        found[where] = block.id
        kept = [entry for entry in block.form.competencies.entries if not entry.form.is_removed]
        found |= {f"{where}.competencies.{entry.form.number.data}": entry.id for entry in kept}
    return found
