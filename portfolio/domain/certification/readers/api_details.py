"""The details of an answer of the API: its keys are the elements of the published XML, so the same reader
reads both.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lxml import etree

from portfolio.domain.certification.readers.bounded_json import plain
from portfolio.domain.certification.readers.france_competences.details import details_of
from portfolio.domain.certification.rules.details import EntryDetails

NAME = re.compile(r"[A-Z][A-Z0-9_]{0,80}")
# The XML wraps the items of a list; the API gives the list itself.
ITEMS = {
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
}


def details_of_answer(fiche: Mapping[str, Any]) -> EntryDetails | None:
    """Return the details of an entry of the API; None when it has none."""
    element = etree.Element("FICHE")
    _fill(element, fiche)
    found = details_of(element)
    return found if found != EntryDetails() else None


def _fill(element: etree._Element, values: Mapping[str, Any]) -> None:
    for key, value in values.items():
        if not isinstance(key, str) or not NAME.fullmatch(key):
            continue
        if isinstance(value, list) and key in ITEMS:
            _append_all(etree.SubElement(element, key), ITEMS[key], value)
        else:
            _append_all(element, key, value if isinstance(value, list) else [value])


def _append_all(element: etree._Element, tag: str, items: list[Any]) -> None:
    for item in items:
        if isinstance(item, Mapping):
            _fill(etree.SubElement(element, tag), item)
        elif isinstance(item, str | int) and not isinstance(item, bool):
            etree.SubElement(element, tag).text = plain(str(item))
