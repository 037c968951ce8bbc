"""Reads one entry from an answer of the register's API v2 (JSON).

The details of an answer of the API: its keys are the elements of the published XML, so the same reader reads both.
"""

import re
from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

from lxml import etree

from portfolio.domain.certification.readers import bounded_json, mahara_matrix
from portfolio.domain.certification.readers.bounded_json import line_at, objects_at, plain, text_at
from portfolio.domain.certification.readers.cncp_text.listing import day_of
from portfolio.domain.certification.readers.france_competences.entry import details_of
from portfolio.domain.certification.rules.doubts import Doubt, DoubtCode
from portfolio.domain.certification.rules.entry import Entry, EntryBlock, EntryDetails, Registration, Route, RouteEntry
from portfolio.domain.certification.rules.registration import Part, PartFinding, RejectionReason, UnreadableEntry

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


CODE = re.compile(r"(?:RNCP)?\s*(\d{1,6})")
LEVEL = re.compile(r"NIV(?:EAU)?\s*([1-8])")
SUFFIXES = {
    Route.INITIAL_TRAINING: "FI",
    Route.APPRENTICESHIP: "CA",
    Route.CONTINUING_TRAINING: "FC",
    Route.PROFESSIONALISATION: "CQ",
    Route.INDIVIDUAL: "CL",
    Route.VAE: "VAE",
}
ANSWERS = {"oui": True, "non": False}


def recognises(data: bytes) -> bool:
    """Return whether a file is JSON that names a NUMERO_FICHE, or an answer of the API without any entry."""
    return bounded_json.looks_like_json(data) and (b'"NUMERO_FICHE"' in data or b'"nombreResultats"' in data[:2000])


def read(data: bytes) -> Entry:
    """Return the entry of an answer. Raise UnreadableEntry when the answer holds none, or several."""
    fiche = _only(bounded_json.parse(data))
    code = CODE.fullmatch(line_at(fiche, "NUMERO_FICHE").upper())
    title = line_at(fiche, "INTITULE")
    if code is None:
        raise UnreadableEntry(RejectionReason.NOT_AN_ENTRY, missing=[PartFinding(Part.CODE)])
    blocks, about_blocks = _blocks(fiche)
    mahara_matrix.check_blocks(blocks)
    registrations, about_registrations = _registrations(fiche, title)
    routes, about_routes = _routes(fiche)
    jury, about_jury = mahara_matrix.jury_of(routes)
    level = LEVEL.match(line_at(next(objects_at(fiche, "NOMENCLATURE_EUROPE"), {}), "NIVEAU").upper())
    predecessor = CODE.fullmatch(_predecessor(fiche).upper())
    doubts = mahara_matrix.title_doubts(title)
    doubts += [
        *about_registrations,
        *about_routes,
        *about_jury,
        Doubt("permanence", DoubtCode.PERMANENCE_UNKNOWN),
        *about_blocks,
    ]
    return Entry(
        code=f"RNCP{int(code[1])}",
        title=title,
        titles_seen=mahara_matrix.titles_of(title),
        blocks=tuple(blocks),
        level=level[1] if level else None,
        nsf=_codes(fiche, "CODES_NSF", "NSF"),
        rome=_codes(fiche, "CODES_ROME", "ROME"),
        certifiers=tuple(
            filter(
                None,
                (
                    line_at(certifier, "NOM_CERTIFICATEUR")
                    for certifier in objects_at(fiche, "CERTIFICATEURS", "CERTIFICATEUR")
                ),
            )
        ),
        predecessor=f"RNCP{int(predecessor[1])}" if predecessor else None,
        registrations=registrations,
        routes=routes,
        jury=jury,
        details=details_of_answer(fiche),
        doubts=tuple(doubts),
    )


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


def _blocks(fiche: Mapping[str, Any]) -> tuple[list[EntryBlock], list[Doubt]]:
    blocks: list[EntryBlock] = []
    doubts: list[Doubt] = []
    codes = Counter[str]()
    for number, found in enumerate(objects_at(fiche, "BLOCS_COMPETENCES", "BLOC_COMPETENCES"), 1):
        pieces = mahara_matrix.cut_block(number, text_at(found, "LISTE_COMPETENCES"))
        assessment = line_at(found, "MODALITES_EVALUATION")
        title = line_at(found, "LIBELLE") or line_at(found, "INTITULE")
        code = line_at(found, "CODE")
        assessments = (assessment,) if assessment else ()
        block = EntryBlock(number, title, pieces.competencies, assessments, code=code or None, source=pieces.source)
        blocks.append(block)
        codes[code] += 1
        doubts += pieces.doubts
        required = line_at(found, "PREREQUIS_VALIDATION_BLOC") or line_at(found, "PREREQUIS_ENTREE_FORMATION_BLOC")
        checks = (
            (not title, Doubt(f"blocks.{number}", DoubtCode.BLOCK_TITLE_MISSING)),
            (not assessment, Doubt(f"blocks.{number}.assessments", DoubtCode.ASSESSMENT_MISSING)),
            (bool(required), Doubt(f"blocks.{number}", DoubtCode.BLOCK_PREREQUISITE, (required[:300],))),
        )
        doubts += [doubt for holds, doubt in checks if holds]
    twice = [code for code, times in codes.items() if code and times > 1]
    if twice:
        raise UnreadableEntry(
            RejectionReason.BLOCK_CODE_TWICE, [PartFinding(Part.BLOCK_IDENTIFIER, (code[:40],)) for code in twice[:50]]
        )
    return blocks, doubts


def _registrations(fiche: Mapping[str, Any], title: str) -> tuple[tuple[Registration, ...], list[Doubt]]:
    written = {
        key: line_at(fiche, key)
        for key in ("DATE_EFFET", "DATE_DECISION", "DATE_DE_PUBLICATION", "DATE_FIN_ENREGISTREMENT")
    }
    if not any(written.values()):
        return (), [Doubt("registrations", DoubtCode.SECTION_MISSING, ("registrations",))]
    days: dict[str, date | None] = {key: day_of(value) for key, value in written.items()}
    where = "registrations.1"
    doubts = [
        Doubt(where, DoubtCode.REGISTRATION_DATE_IMPOSSIBLE, (value[:40],))
        for key, value in written.items()
        if value and not days[key]
    ]
    since, until = days["DATE_EFFET"] or days["DATE_DECISION"], days["DATE_FIN_ENREGISTREMENT"]
    if since is None and days["DATE_DE_PUBLICATION"]:
        since = days["DATE_DE_PUBLICATION"]
        doubts.append(Doubt(where, DoubtCode.REGISTRATION_START_DEDUCED, (since.isoformat(),)))
    if since is None or until is None:
        doubts.append(Doubt(where, DoubtCode.REGISTRATION_DATES_MISSING))
    return (Registration(title, line_at(fiche, "TYPE_ENREGISTREMENT"), since, until),), doubts


def _routes(fiche: Mapping[str, Any]) -> tuple[tuple[RouteEntry, ...], list[Doubt]]:
    """Return the routes; an absent element is unknown, and the text of a closed route's jury is kept."""
    routes, doubts = [], []
    for route, suffix in SUFFIXES.items():
        found = fiche.get(f"SI_JURY_{suffix}")
        written = line_at(found, "ACTIF") if isinstance(found, Mapping) else line_at(fiche, f"SI_JURY_{suffix}")
        jury = text_at(found, "COMPOSITION") or text_at(fiche, f"JURY_{suffix}")
        is_open = ANSWERS.get(written.casefold())
        if is_open is None:
            doubts.append(Doubt(f"routes.{route}", DoubtCode.ROUTE_UNKNOWN if found else DoubtCode.ROUTE_ABSENT))
        routes.append(RouteEntry(route, is_open, jury or None))
    return tuple(routes), doubts


def _codes(fiche: Mapping[str, Any], key: str, inner: str) -> tuple[str, ...]:
    found = (line_at(item, "CODE") for item in objects_at(fiche, key, inner))
    return tuple(dict.fromkeys(code[:10] for code in found if code))


def _predecessor(fiche: Mapping[str, Any]) -> str:
    older = next(objects_at(fiche, "ANCIENNES_CERTIFICATIONS", "ANCIENNE_CERTIFICATION"), None)
    return line_at(older, "ID_FICHE_ANCIENNE_CERTIFICATION") or line_at(fiche, "ANCIENNE_CERTIFICATION")
