"""Fields that only the form of an entry needs: lines, whole numbers, shares, and rows that can be added and removed."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from wtforms import BooleanField, FieldList, Form, FormField, HiddenField, StringField, TextAreaField
from wtforms.validators import Length, Optional, ValidationError
from wtforms.widgets import TextArea

from portfolio.domain.certification.rules.entry import (
    EntryBlock,
    EntryCompetency,
    Holders,
    Registration,
    Route,
    RouteEntry,
    Site,
    SiteKind,
)
from portfolio.web.forms import (
    FrenchDateField,
    MultiLineField,
    RadioChoiceField,
    SelectChoiceField,
    SingleLineField,
    clean,
    clean_line,
)
from portfolio.wording.certification import SITE_KIND_NAMES

LIST_MAX_CHARS = 20_000
WHOLE = re.compile(r"\d{1,6}")
SHARE = re.compile(r"(\d{1,3})(?:[.,](\d{1,4}))?\s*%?")


class QuietField(MultiLineField):
    """A text whose limit is far: it is checked, but a counter below each of forty fields would only be noise."""

    def __init__(self, label: str, *, limit: int, **more: Any) -> None:
        super().__init__(label, limit=limit, **more)
        self.flags.maxlength = None


class LongLineField(SingleLineField):
    """One line, drawn on as many as it takes: what is read again is never cut by the edge of a field."""

    widget = TextArea()

    def __init__(self, label: str, *, limit: int, **more: Any) -> None:
        super().__init__(label, limit=limit, **more)
        self.flags.maxlength = None


class LinesField(TextAreaField):
    """A list, one item a line; lines left empty are not items."""

    data: Any

    def __init__(self, label: str, *, limit: int = LIST_MAX_CHARS, **more: Any) -> None:
        super().__init__(label, [Optional()], **more)
        self.limit = limit

    def process_data(self, value: Any) -> None:
        """Take a list."""
        self.data = list(value or ())

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Cut what came in into lines."""
        lines = clean(valuelist[0]).split("\n") if valuelist else []
        self.data = [line for line in map(clean_line, lines) if line]

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002
        """Refuse a text far too long."""
        if sum(map(len, self.data)) > self.limit:
            limit = f"{self.limit:,}".replace(",", "\u00a0")
            raise ValidationError(f"Ce texte est trop long : {limit} caractères au plus. Raccourcissez-le.")

    def _value(self) -> str:
        return "\n".join(self.data or ())


class NumberField(StringField):
    """A whole number, typed as people write it."""

    data: Any

    def __init__(
        self, label: str, *, required_message: str | None = None, least: int = 0, most: int = 999_999, **more: Any
    ) -> None:
        super().__init__(label, [], **more)
        self.missing, self.least, self.most = required_message, least, most
        self.flags.required = bool(required_message)

    def process_data(self, value: Any) -> None:
        """Take a number."""
        self.data = value

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read the number; what was typed stays in `raw_data`."""
        typed = clean_line(valuelist[0]) if valuelist else ""
        self.data = None
        if typed and not WHOLE.fullmatch(typed):
            raise ValueError("Écrivez un nombre entier, en chiffres.")
        if typed:
            self.data = int(typed)

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002
        """Refuse a number out of bounds, or none where one is needed."""
        if self.process_errors:
            return
        if self.data is None and self.missing:
            raise ValidationError(self.missing)
        if self.data is not None and not self.least <= self.data <= self.most:
            raise ValidationError(f"Écrivez un nombre entre {self.least} et {self.most}.")

    def _value(self) -> str:
        if self.raw_data:
            return clean_line(self.raw_data[0])
        return "" if self.data is None else str(self.data)


class ShareField(StringField):
    """A share in percent; its value lies between 0 and 1."""

    data: Any

    def __init__(self, label: str, **more: Any) -> None:
        super().__init__(label, [Optional()], **more)

    def process_data(self, value: Any) -> None:
        """Take a share between 0 and 1."""
        self.data = value

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read « 40 », « 40 % » or « 33,3 »."""
        typed = clean_line(valuelist[0]) if valuelist else ""
        self.data = None
        match = SHARE.fullmatch(typed)
        if typed and (match is None or float(f"{match[1]}.{match[2] or 0}") > 100):
            raise ValueError("Écrivez un pourcentage entre 0 et 100, par exemple 40.")
        if match:
            self.data = round(float(f"{match[1]}.{match[2] or 0}") / 100, 6)

    def _value(self) -> str:
        if self.raw_data:
            return clean_line(self.raw_data[0])
        return "" if self.data is None else f"{self.data * 100:.6g}".replace(".", ",")


class Row(Form):
    """One line of several fields.

    `origin` says which place of the entry it was filled from, so that doubts follow it.
    """

    @property
    def is_removed(self) -> bool:
        """Return whether a person removed it: it is shown apart, can be put back, and is not kept when the
        draft is saved.
        """
        return "removed" in self and bool(self["removed"].data)

    @property
    def places(self) -> list[str]:
        """Return the places of the entry it was filled from: several once lines were merged."""
        return (self["origin"].data or "").split() if "origin" in self else []

    def validate(self, extra_validators: Any = None) -> bool:
        """Check a line that is kept; one that was removed prevents nothing."""
        return self.is_removed or bool(super().validate(extra_validators))

    @property
    def is_blank(self) -> bool:
        """Return whether nothing was typed in it; a blank line is not kept."""
        return not any(
            _typed(field) for field in self if field.short_name not in {"origin", "number", "kind", "removed"}
        )


def _typed(field: Any) -> bool:
    if isinstance(field, Rows):
        return any(not entry.form.is_blank for entry in field.entries)
    return bool(field.data) or bool(field.raw_data and field.raw_data[0].strip())


class Rows(FieldList):  # type: ignore[type-arg]
    """Lines that can be added and removed, up to a limit that is told."""

    errors: Any  # a list, of those of the lines too

    def __init__(
        self, line: Any, label: str, *, most: int, is_numbered: bool = False, new: Any = None, **more: Any
    ) -> None:
        super().__init__(line, label, **more)
        self.new: dict[str, Any] = dict(new or {})  # what a line that is added holds
        self.is_numbered = is_numbered
        self.type = "FieldList"  # the error summary knows the library's fields by name
        self.most = most
        self.is_over = False

    def _extract_indices(self, prefix: str, formdata: Any) -> Iterator[int]:
        found = sorted(set(super()._extract_indices(prefix, formdata)))  # type: ignore[misc]
        self.is_over = len(found) > self.most
        yield from found[: self.most]

    def validate(self, form: Any, extra_validators: Any = ()) -> bool:
        """Check every line, then their number."""
        fine: bool = super().validate(form, extra_validators)
        if self.is_over:
            self.errors = [*self.errors, f"{self.most} lignes au plus : les suivantes ne sont pas gardées."]
        return fine and not self.is_over

    @property
    def is_full(self) -> bool:
        """Return whether no line can be added."""
        return len(self.entries) >= self.most

    def remove(self, rank: int) -> bool:
        """Remove a line; False when there is none of this rank."""
        if rank >= len(self.entries):
            return False
        self.pop_entry(rank)  # type: ignore[call-arg]
        return True

    def add(self) -> bool:
        """Add an empty line, under the next number where lines have one; False when the list is full."""
        if self.is_full:
            return False
        numbers = [entry.form["number"].data or 0 for entry in self.entries if "number" in getattr(entry, "form", ())]
        self.append_entry({"number": max(numbers, default=0) + 1, **self.new} if self.is_numbered else None)
        return True

    @property
    def rows(self) -> list[Any]:
        """Return the forms of the lines that are neither blank nor removed, in the order of the screen."""
        return [entry.form for entry in self.entries if not entry.form.is_blank and not entry.form.is_removed]


def rows_of(kind: type[Row], label: str, *, most: int, new: Any = None) -> Any:
    """Lines made of several fields."""
    return Rows(FormField(kind), label, most=most, is_numbered=hasattr(kind, "number"), new=new)


ROW_LINE_MAX_CHARS = 1000
OPEN = {"yes": "Ouverte", "no": "Fermée", "unknown": "Non précisé"}
IS_OPEN = {"yes": True, "no": False, "unknown": None}


NEW_BLOCK = {"competencies": [{"number": number} for number in (1, 2, 3)]}  # blank lines are not kept


def _origin() -> HiddenField:
    return HiddenField(validators=[Length(max=800)])


def _removed() -> HiddenField:
    return HiddenField(validators=[Length(max=1)])


class RegistrationRow(Row):
    """One act of registration."""

    origin = _origin()
    title = LongLineField("Intitulé donné par l’acte", limit=ROW_LINE_MAX_CHARS)
    act = LongLineField("Acte", limit=5000)
    since = FrenchDateField("Du")
    until = FrenchDateField("Au")

    def value(self) -> Registration:
        """Return the registration typed; a date left empty stays unknown."""
        return Registration(self.title.data or "", self.act.data or "", self.since.data, self.until.data)


class RouteRow(Row):
    """One way in, in the order of the entry's table."""

    route = HiddenField(validators=[Length(max=40)])
    open = RadioChoiceField("Voie ouverte", str, choices=OPEN, default="unknown")
    jury = QuietField("Jury de cette voie, comme la fiche l’écrit", limit=20_000)

    def value(self, route: Route) -> RouteEntry:
        """Return the route typed; no answer is « unknown », never « no »."""
        return RouteEntry(route, IS_OPEN.get(self.open.data or "unknown"), self.jury.data or None)


class CompetencyRow(Row):
    """One competency of a block."""

    origin = _origin()
    removed = _removed()
    number = NumberField("N°", most=999)
    text = QuietField("Compétence", limit=20_000)
    alias = QuietField("Autre rédaction, dans la liste générale", limit=2000)

    def validate_number(self, field: NumberField) -> None:
        """A competency is known by its number."""
        if field.data is None and not self.is_blank:
            raise ValidationError("Donnez un numéro à cette compétence.")

    def value(self) -> EntryCompetency:
        """Return the competency typed."""
        return EntryCompetency(self.number.data or 0, self.text.data or "", self.alias.data or None)


class BlockRow(Row):
    """One block."""

    origin = _origin()
    removed = _removed()
    number = NumberField("N°", most=999)
    title = LongLineField("Titre du bloc", limit=ROW_LINE_MAX_CHARS)
    competencies = rows_of(CompetencyRow, "Compétences", most=100)
    assessments = LinesField("Modalités d’évaluation", limit=100_000)
    certificate_stated = BooleanField("La fiche indique, sous ce bloc, qu’un certificat de compétences est délivré")

    def validate_number(self, field: NumberField) -> None:
        """A block is known by its number."""
        if field.data is None and not self.is_blank:
            raise ValidationError("Donnez un numéro à ce bloc.")

    def value(self) -> EntryBlock:
        """Return the block typed, its competencies in the order of their numbers."""
        competencies = sorted((row.value() for row in self.competencies.rows), key=lambda competency: competency.number)
        return EntryBlock(
            number=self.number.data or 0,
            title=self.title.data or "",
            competencies=tuple(competencies),
            assessments=tuple(self.assessments.data or ()),
            certificate_stated=bool(self.certificate_stated.data),
        )


class SiteRow(Row):
    """One place."""

    kind = SelectChoiceField("Sorte", SiteKind, choices=SITE_KIND_NAMES, default=SiteKind.PREPARATION)
    site = SingleLineField("Lieu", limit=ROW_LINE_MAX_CHARS)
    declared_by = SingleLineField("Déclaré par", limit=ROW_LINE_MAX_CHARS)

    def value(self) -> Site:
        """Return the place typed."""
        return Site(self.kind.data or SiteKind.PREPARATION, self.site.data or "", self.declared_by.data or None)


class HoldersRow(Row):
    """Number of people who obtain the certification in a year at one place."""

    site = SingleLineField("Lieu", limit=ROW_LINE_MAX_CHARS)
    holders = NumberField("Titulaires par an")

    def validate_holders(self, field: NumberField) -> None:
        """A place without a number says nothing."""
        if field.data is None and not self.is_blank and not field.process_errors:
            raise ValidationError("Donnez le nombre de titulaires, ou effacez le lieu.")

    def value(self) -> Holders:
        """Return the number typed."""
        return Holders(self.site.data or "", self.holders.data or 0)


def registration_data(registration: Registration, rank: int) -> dict[str, Any]:
    """Fill a line with a registration."""
    return {
        "origin": f"registrations.{rank}",
        "title": registration.title,
        "act": registration.act,
        "since": registration.since,
        "until": registration.until,
    }


def blocks_data(blocks: Sequence[EntryBlock]) -> list[dict[str, Any]]:
    """Fill blocks and their competencies.

    Of two that bear one number, which a draft may hold until it is published, doubts stand beside the first.
    """
    taken: set[str] = set()

    def origin(place: str) -> str:
        is_first = place not in taken
        taken.add(place)
        return place if is_first else ""

    return [_block_data(block, origin) for block in blocks]


def _block_data(block: EntryBlock, origin: Callable[[str], str]) -> dict[str, Any]:
    place = f"blocks.{block.number}"
    return {
        "origin": origin(place),
        "number": block.number,
        "title": block.title,
        "assessments": block.assessments,
        "certificate_stated": block.certificate_stated,
        "competencies": [
            {
                "origin": origin(f"{place}.competencies.{competency.number}"),
                "number": competency.number,
                "text": competency.text,
                "alias": competency.alias,
            }
            for competency in block.competencies
        ],
    }


def route_data(entries: dict[Route, RouteEntry]) -> list[dict[str, Any]]:
    """Fill the six routes; one that the entry does not name is unknown."""
    words = {answer: word for word, answer in IS_OPEN.items()}
    found = [entries.get(route, RouteEntry(route, None)) for route in Route]
    return [
        {"route": route_entry.route.value, "open": words[route_entry.open], "jury": route_entry.jury}
        for route_entry in found
    ]
