"""Reads one entry from an answer of the register's API v2 (JSON).

Its keys are the elements of the published XML: an answer is written as such an element, and one reader reads both.
"""

import re
from collections.abc import Mapping
from typing import Any

from lxml import etree

from portfolio.domain.certification.readers import bounded_json, mahara_matrix
from portfolio.domain.certification.readers.bounded_json import LINE_END, UNPRINTABLE, line_at, objects_at
from portfolio.domain.certification.readers.france_competences.entry import entry_of
from portfolio.domain.certification.rules.entry import Entry
from portfolio.domain.certification.rules.registration import Part, PartFinding, RejectionReason, UnreadableEntry

NAME = re.compile(r"[A-Z][A-Z0-9_]{0,80}")
# The XML wraps the items of a list; the API gives the list itself, or one item alone.
ITEMS = {
    "BLOCS_COMPETENCES": "BLOC_COMPETENCES",
    "CODES_NSF": "NSF",
    "CODES_ROME": "ROME",
    "FORMACODES": "FORMACODE",
    "CODES_IDCC": "IDCC",
    "CERTIFICATEURS": "CERTIFICATEUR",
    "PARTENAIRES": "PARTENAIRE",
    "STATISTIQUES_PROMOTIONS": "STATISTIQUES_PROMOTION",
    "ANCIENNES_CERTIFICATIONS": "ANCIENNE_CERTIFICATION",
    "NOUVELLES_CERTIFICATIONS": "NOUVELLE_CERTIFICATION",
    "CORRESPONDANCES": "CORRESPONDANCE",
    "PUBLICATION_DECRET_GENERAL": "PUBLICATION_JO",
    "PUBLICATION_DECRET_CREATION": "PUBLICATION_JO",
    "PUBLICATION_DECRET_AUTRE": "PUBLICATION_JO",
}
ANSWERS = {True: "Oui", False: "Non"}


def recognises(data: bytes) -> bool:
    """Return whether a file is JSON that names a NUMERO_FICHE, or an answer of the API without any entry."""
    return bounded_json.looks_like_json(data) and (b'"NUMERO_FICHE"' in data or b'"nombreResultats"' in data[:2000])


def read(data: bytes) -> Entry:
    """Return the entry of an answer. Raise UnreadableEntry when the answer holds none, or several."""
    element = etree.Element("FICHE")
    _fill(element, _only(bounded_json.parse(data)))
    number = element.find("NUMERO_FICHE")
    if number is not None and (bare := "".join((number.text or "").split())).isdecimal():
        number.text = f"RNCP{bare}"
    entry = entry_of(element)
    mahara_matrix.check_blocks(entry.blocks)
    return entry


def _only(answer: Any) -> Mapping[str, Any]:
    if isinstance(answer, Mapping) and "NUMERO_FICHE" in answer:
        return answer
    fiches = list(objects_at({"fiches": answer} if isinstance(answer, list) else answer, "fiches"))
    if not fiches:
        raise UnreadableEntry(RejectionReason.NO_ENTRY_IN_ANSWER)
    if len(fiches) > 1:
        understood = [PartFinding(Part.CODE, (line_at(fiche, "NUMERO_FICHE")[:20],)) for fiche in fiches[:50]]
        raise UnreadableEntry(RejectionReason.SEVERAL_ENTRIES, understood)
    return fiches[0]


def _fill(element: etree._Element, values: Mapping[str, Any]) -> None:
    for key, value in values.items():
        if not isinstance(key, str) or not NAME.fullmatch(key):
            continue
        items = value if isinstance(value, list) else [value]
        inner = ITEMS.get(key)
        if inner is None or not any(isinstance(item, Mapping) for item in items):
            _append_all(element, key, items)
            continue
        group = etree.SubElement(element, key)
        for item in items:
            wraps = isinstance(item, Mapping) and inner in item
            _fill(group, item) if wraps else _append_all(group, inner, [item])


def _append_all(element: etree._Element, tag: str, items: list[Any]) -> None:
    for item in items:
        if isinstance(item, Mapping):
            _fill(etree.SubElement(element, tag), item)
        elif isinstance(item, str | int):
            written = ANSWERS[item] if isinstance(item, bool) else str(item)
            etree.SubElement(element, tag).text = UNPRINTABLE.sub("\ufffd", LINE_END.sub("\n", written))
