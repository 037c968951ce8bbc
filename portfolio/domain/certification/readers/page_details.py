"""Further parts of a pasted public page: its texts, labels, territories, other entries, and the last day
of delivery.
"""

import re
from collections.abc import Iterator, Mapping

from portfolio.domain.certification.readers.cncp_text.cleaning import fold, squeeze
from portfolio.domain.certification.readers.cncp_text.listing import day_of
from portfolio.domain.certification.rules.entry import EntryDetails, Labelled, Passage, RegisteredCertifier

PASSAGES = {
    "OBJECTIFS_CONTEXTE": r"objectifs et contexte de la certification",
    "ACTIVITES_VISEES": r"activites visees",
    "CAPACITES_ATTESTEES": r"competences attestees",
    "SECTEURS_ACTIVITE": r"secteurs? d'activites?",
    "TYPE_EMPLOI_ACCESSIBLES": r"types? d'emplois? accessibles?",
    "REGLEMENTATIONS_ACTIVITES": r"references juridiques des reglementations d'activite",
    "STATISTIQUES": r"statistiques",
}
HEADS = {
    name: re.compile(rf"^[ \t]*{pattern.replace(' ', '[ ]+')}[ \t]*:?[ \t]*", re.MULTILINE)
    for name, pattern in PASSAGES.items()
}
STATE = re.compile(r"^[ \t]*(?:fiche )?(?P<state>active|inactive|non active)[ \t]*$", re.MULTILINE)
ROME_LINE = re.compile(r"\b([A-N]\d{4})\b[ \t]*[-–—:]?[ \t]*([^\n\t]*)")
NSF_LINE = re.compile(r"^[ \t]*(\d{3}[a-z]?)\b[ \t]*[:–—-]?[ \t]*([^\n\t]*)", re.MULTILINE)
CODE = re.compile(r"\b(RNCP|RS)\s?(\d{1,6})\b")
DATE = re.compile(r"\d{1,2}[-/]\d{1,2}[-/]\d{4}")
ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>\"]+", re.IGNORECASE)
TERRITORIES = {"new_caledonia": r"nouvelle[ -]caledonie", "french_polynesia": r"polynesie"}
LONGEST = 64_000


def details_of(text: str, ends: list[int], sections: Mapping[str, str]) -> EntryDetails | None:
    """Return the details of a page; `ends` are the places of every label, where a text stops.

    None when there are none.
    """
    delivery = DATE.search(sections.get("delivery", ""))
    address = ADDRESS.search(sections.get("more", ""))
    state = STATE.search(fold(text))
    details = EntryDetails(
        is_active=state["state"] == "active" if state else None,
        delivery_until=day_of(delivery[0]) if delivery else None,
        web_address=address[0] if address else None,
        new_caledonia=_territory(text, "new_caledonia"),
        french_polynesia=_territory(text, "french_polynesia"),
        predecessors=_codes(sections.get("previous", "")),
        successors=_codes(sections.get("next", "")),
        nsf=_labels(NSF_LINE, sections.get("nsf", "")),
        rome=_labels(ROME_LINE, sections.get("rome", "")),
        certifiers=tuple(_certifiers(sections.get("certifiers", ""))),
        passages=tuple(_passages(text, ends)),
    )
    return details if details != EntryDetails() else None


def _passages(text: str, ends: list[int]) -> Iterator[Passage]:
    folded = fold(text)
    starts = {name: match for name, head in HEADS.items() if (match := head.search(folded))}
    stops = sorted({*ends, *(match.start() for match in starts.values())})
    for name, match in starts.items():
        end = next((stop for stop in stops if stop > match.start()), len(text))
        found = "\n".join(
            filter(None, (squeeze(line) for line in text[match.end() : max(end, match.end())].split("\n")))
        )
        if re.search(r"\w{2}", found):
            yield Passage(name, found[:LONGEST])


def _territory(text: str, name: str) -> bool | None:
    """Return the column of the cross; unknown when the tabs of the table are lost."""
    match = re.search(rf"{TERRITORIES[name]}[^\t\n]*\t([^\t\n]*)(?:\t([^\t\n]*))?", fold(text))
    if match is None:
        return None
    yes, no = (cell is not None and cell.strip() == "x" for cell in (match[1], match[2]))
    return yes if yes != no else None


def _codes(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"{match[1]}{int(match[2])}" for match in CODE.finditer(text)))


def _labels(pattern: re.Pattern[str], text: str) -> tuple[Labelled, ...]:
    found = {match[1]: squeeze(match[2]) for match in pattern.finditer(text)}
    return tuple(Labelled(code, label[:300]) for code, label in found.items())


def _certifiers(table: str) -> Iterator[RegisteredCertifier]:
    """Yield the certifiers of a table whose tabs are kept: name, SIRET, trade name, web site."""
    for line in table.split("\n"):
        cells = [cell.strip(" -") for cell in line.split("\t")]
        if len(cells) >= 2 and cells[0] and re.fullmatch(r"[\d ]{14,18}", cells[1]):
            trade, site = (cells[2] if len(cells) > 2 else ""), (cells[3] if len(cells) > 3 else "")
            siret = "".join(cells[1].split())
            yield RegisteredCertifier(cells[0], siret, trade_name=trade or None, website=site or None)
