"""What a person still has to look at in a draft: each doubt beside its field, each fault with a way to it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from portfolio.certification.forms.draft import DraftForm
from portfolio.certification.rules import Doubt, PublicationFault, Route
from portfolio.certification.rules.versioning import doubt_key, longest_place
from portfolio.certification.wording import doubt_sentence, fault_sentence, where_sentence

# The element of the page that shows each place of an entry which never moves.
FIXED = {
    "title": "title_choice",
    "jury": "seats",
    "jury.size": "jury_size",
    "jury.seats": "seats",
    "jury.external_min": "external_min",
    "jury.representatives_min": "representatives_min",
    **{
        name: name
        for name in ("code", "level", "level_1969", "nsf", "rome", "certifiers", "signatory", "predecessor", "registrations",
                     "routes", "blocks", "deliverables", "defence", "permanence", "sites", "holders_per_year")
    },
}  # fmt: skip
# Doubts about what the form has no field for stand at the head of the nearest section.
NEAREST = {"territories": "routes", "general_list": "blocks"}
HEAD = "file"


@dataclass(frozen=True)
class DoubtLine:
    """A doubt as the page shows it."""

    key: str
    place: str
    sentence: str
    settled: bool

    @property
    def id(self) -> str:
        """The id of its box."""
        return f"doute-{self.key}"


class Checklist:
    """The doubts of a draft by place, and its faults; built on the form as it stands, saved or not."""

    def __init__(
        self, form: DraftForm, doubts: Iterable[Doubt], settled: Collection[str], faults: Iterable[PublicationFault]
    ) -> None:
        self._anchors = {**FIXED, **_now(form)}
        spots = {*FIXED, HEAD, *_origins(form)}
        self._by_spot: dict[str, list[DoubtLine]] = {}
        for doubt in doubts:
            key = doubt_key(doubt)
            line = DoubtLine(key, where_sentence(doubt.where), doubt_sentence(doubt), key in settled)
            self._by_spot.setdefault(_spot(doubt.where, spots), []).append(line)
        self.faults = [(fault_sentence(fault), f"#{self.anchor(fault.where)}") for fault in faults]

    def at(self, spot: str) -> list[DoubtLine]:
        """The doubts to show beside a place."""
        return self._by_spot.get(spot, [])

    def anchor(self, where: str) -> str:
        """The id of the element that shows a place."""
        return self._anchors.get(longest_place(where, self._anchors) or "", "contenu")

    @property
    def lines(self) -> list[DoubtLine]:
        """Every doubt."""
        return [line for lines in self._by_spot.values() for line in lines]

    @property
    def left(self) -> list[DoubtLine]:
        """The doubts nobody has looked at."""
        return [line for line in self.lines if not line.settled]


def _spot(where: str, spots: Collection[str]) -> str:
    place = longest_place(where, spots)
    return place or NEAREST.get(where.split(".")[0], HEAD)


def _origins(form: DraftForm) -> set[str]:
    """The places that lines of the form were filled from."""
    found = {entry.form.origin.data for entry in form.registrations.entries}
    found |= {f"routes.{route}" for route in Route}
    for block in form.blocks.entries:
        origin = block.form.origin.data
        found |= {origin, f"{origin}.assessments", f"{origin}.certificate_stated"} if origin else set()
        found |= {entry.form.origin.data for entry in block.form.competencies.entries}
    return {origin for origin in found if origin}


def _now(form: DraftForm) -> dict[str, str]:
    """The places as they are numbered in the form, and the id of each."""
    found = {f"registrations.{rank}": entry.id for rank, entry in enumerate(form.registrations.entries, 1)}
    for block in form.blocks.entries:
        where = f"blocks.{block.form.number.data}"
        found[where] = block.id
        found |= {f"{where}.competencies.{one.form.number.data}": one.id for one in block.form.competencies.entries}
    return found
