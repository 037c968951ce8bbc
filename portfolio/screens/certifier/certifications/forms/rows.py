"""The lines of an entry's form: a registration, a route, a competency, a block, a site, a number of holders."""

from collections.abc import Callable, Sequence
from typing import Any

from wtforms import BooleanField, HiddenField
from wtforms.validators import Length, ValidationError

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
from portfolio.screens.certifier.certifications.forms.fields import (
    LinesField,
    LongLineField,
    NumberField,
    QuietField,
    Row,
    rows_of,
)
from portfolio.web.forms import FrenchDateField, RadioChoiceField, SelectChoiceField, SingleLineField
from portfolio.wording.certification import SITE_KIND_NAMES

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
