"""One FICHE element as an entry with its doubts (V4.x and V3; V2 by the names its elements have)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from lxml import etree

from portfolio.domain.certification.readers.france_competences.blocks import blocks_of
from portfolio.domain.certification.readers.france_competences.details import details_of
from portfolio.domain.certification.readers.france_competences.registration import registrations_of
from portfolio.domain.certification.readers.france_competences.routes import jury_of, routes_of
from portfolio.domain.certification.readers.france_competences.stream import number_of
from portfolio.domain.certification.readers.france_competences.texts import has_markup, line_of, raw_of
from portfolio.domain.certification.rules.details import EntryDetails
from portfolio.domain.certification.rules.doubts import Doubt, DoubtCode
from portfolio.domain.certification.rules.entry import Entry
from portfolio.domain.certification.rules.import_result import (
    Part,
    PartFinding,
    RejectionReason,
    UnreadableEntry,
)

LEVEL = re.compile(r"NIV(\d)", re.IGNORECASE)
TERRITORIES = {
    "new_caledonia": ("ACCESSIBLE_NOUVELLE_CALEDONIE", "Nouvelle-Calédonie"),
    "french_polynesia": ("ACCESSIBLE_POLYNESIE_FRANCAISE", "Polynésie française"),
}


def entry_of(element: etree._Element) -> Entry:
    """Return the entry of a FICHE element, with a doubt beside each thing that is absent, unreadable or
    deduced.

    Raise UnreadableEntry for an entry of the specific register, one without a number, a route that is none of
    the six, or a block code that two blocks share.
    """
    number, title = number_of(element), line_of(element, "INTITULE")
    _refuse(number, title)
    blocks, about_blocks = blocks_of(element, number)
    routes, about_routes = routes_of(element)
    jury, about_jury = jury_of(routes)
    registrations, about_registrations = registrations_of(element, title)
    details = details_of(element)
    level = LEVEL.search(line_of(element, "NOMENCLATURE_EUROPE/NIVEAU"))
    entry = Entry(
        code=number,
        title=title,
        blocks=blocks,
        titles_seen=(title,) if title else (),
        level=level[1] if level else None,
        nsf=tuple(labelled.code for labelled in details.nsf if labelled.code),
        rome=tuple(labelled.code for labelled in details.rome if labelled.code),
        certifiers=tuple(
            dict.fromkeys(
                certifier.name for certifier in details.certifiers if certifier.is_active is not False
            )
        ),
        predecessor=next(iter(details.predecessors), None),
        registrations=registrations,
        routes=routes,
        jury=jury,
        details=details,
    )
    doubts = [
        *_heading(entry, element),
        *about_registrations,
        *about_routes,
        *_territories(element, details),
        *about_jury,
    ]
    doubts += [*about_blocks, Doubt("permanence", DoubtCode.PERMANENCE_UNKNOWN)]
    return replace(entry, doubts=tuple(dict.fromkeys(doubts)))


def _refuse(number: str, title: str) -> None:
    if re.fullmatch(r"RS\d{1,6}", number):
        raise UnreadableEntry(RejectionReason.SPECIFIC_REGISTER, [PartFinding(Part.NUMBER, (number,))])
    if not re.fullmatch(r"RNCP\d{1,6}", number):
        understood = [PartFinding(Part.TITLE, (title[:200],))] if title else []
        raise UnreadableEntry(RejectionReason.NOT_AN_ENTRY, understood, [PartFinding(Part.CODE)])


def _heading(entry: Entry, element: etree._Element) -> Iterator[Doubt]:
    if not entry.title:
        yield Doubt("title", DoubtCode.TITLE_MISSING)
    elif has_markup(raw_of(element, "INTITULE")):
        yield Doubt("title", DoubtCode.MARKUP_REMOVED)
    for name in ("level", "nsf", "rome", "certifiers"):
        if not getattr(entry, name):
            yield Doubt(name, DoubtCode.SECTION_MISSING, (name,))


def _territories(element: etree._Element, details: EntryDetails) -> Iterator[Doubt]:
    for name, (tag, label) in TERRITORIES.items():
        if getattr(details, name) is None and element.find(tag) is not None:
            yield Doubt(
                f"territories.{name}", DoubtCode.ANSWER_UNREADABLE, (raw_of(element, tag)[:40] or label,)
            )
