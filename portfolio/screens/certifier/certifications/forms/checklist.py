"""Points of a draft that a person still has to look at: each doubt beside its field, each fault with a way to it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from portfolio.domain.certification.rules.doubts import Doubt
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.certification.rules.publication import PublicationError
from portfolio.domain.certification.rules.versioning import doubt_key, longest_place
from portfolio.screens.certifier.certifications.forms.draft import DraftForm
from portfolio.wording.certification import doubt_message, field_location_message, publication_error_message

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
