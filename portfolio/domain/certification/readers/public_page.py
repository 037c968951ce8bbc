"""Reads the text pasted from today's public page of an entry: its tables keep tabs between their columns,
or lose them.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from portfolio.domain.certification.readers import mahara_matrix
from portfolio.domain.certification.readers.cncp_text.cleaning import (
    REPLACEMENT,
    SOFT_HYPHEN,
    UNPRINTABLE,
    fold,
    plain_lines,
    spans,
    squeeze,
)
from portfolio.domain.certification.readers.cncp_text.listing import DATE, day_of
from portfolio.domain.certification.readers.cncp_text.registrations import LABEL as ROUTE_LABEL
from portfolio.domain.certification.rules.doubts import Doubt, DoubtCode
from portfolio.domain.certification.rules.entry import (
    Entry,
    EntryBlock,
    EntryDetails,
    Labelled,
    Passage,
    RegisteredCertifier,
    Registration,
    Route,
    RouteEntry,
)
from portfolio.domain.certification.rules.registration import Part, PartFinding, RejectionReason, UnreadableEntry

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
ROME_LINE = re.compile(r"\b([A-Z]\d{4})\b[ \t]*[-–—:]?[ \t]*([^\n\t]*)")
NSF_LINE = re.compile(r"^[ \t]*(\d{3}[a-z]?)\b[ \t]*[:–—-]?[ \t]*([^\n\t]*)", re.MULTILINE)
CODE = re.compile(r"\b(RNCP|RS)\s?(\d{1,6})\b")
WRITTEN_DAY = re.compile(r"\d{1,2}[-/]\d{1,2}[-/]\d{4}")
ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>\"]+", re.IGNORECASE)
TERRITORIES = {"new_caledonia": r"nouvelle[ -]caledonie", "french_polynesia": r"polynesie"}
LONGEST = 64_000


def details_of(text: str, ends: list[int], sections: Mapping[str, str]) -> EntryDetails | None:
    """Return the details of a page; `ends` are the places of every label, where a text stops.

    None when there are none.
    """
    delivery = WRITTEN_DAY.search(sections.get("delivery", ""))
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
        certifiers=tuple(_other_certifiers(sections.get("certifiers", ""))),
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


def _other_certifiers(table: str) -> Iterator[RegisteredCertifier]:
    """Yield the certifiers of a table whose tabs are kept: name, SIRET, trade name, web site."""
    for line in table.split("\n"):
        cells = [cell.strip(" -") for cell in line.split("\t")]
        if len(cells) >= 2 and cells[0] and re.fullmatch(r"[\d ]{14,18}", cells[1]):
            trade, site = (cells[2] if len(cells) > 2 else ""), (cells[3] if len(cells) > 3 else "")
            siret = "".join(cells[1].split())
            yield RegisteredCertifier(cells[0], siret, trade_name=trade or None, website=site or None)


LABELS = {
    "level": r"nomenclature du niveau de qualification",
    "nsf": r"code\(s\) nsf",
    "formacode": r"formacode\(s\)",
    "start": r"date de debut des parcours certifiants|date d'effet de la certification",
    "decision": r"date de decision",
    "end": r"date d'echeance de l'enregistrement",
    "delivery": r"date de derniere delivrance possible de la certification",
    "certifiers": r"certificateur\(s\)|nom legal\b[^\n]*",
    "summary": (
        r"resume de la certification|objectifs et contexte de la certification|activites visees|competences "
        r"attestees"
        r"|l'essentiel"
    ),
    "general_assessment": r"modalites d'evaluation(?=\s*:)",
    "blocks": r"blocs? de competences(?=\s*$)",
    "after_blocks": r"description des modalites d'acquisition",
    "sectors": (
        r"secteurs? d'activites? et types? d'emplois?|secteurs? d'activites?(?=\s*:)|types? d'emplois? "
        r"accessibles?"
    ),
    "rome": r"code\(s\) rome",
    "rules": r"references juridiques",
    "access": r"voies? d'acces(?=\s*$)|le cas echeant, prerequis|pre-?requis distincts",
    "permanence": r"validite des composantes acquises",
    "routes": r"voies? d'acces a la certification",
    "territories": r"inscrite au cadre de|accessible en nouvelle|accessible en polynesie",
    "links": r"liens avec d'autres certifications",
    "legal": r"base legale|reference\S* au\S* textes?|reference des arretes|date du dernier journal",
    "duration": r"duree de l'enregistrement",
    "more": (
        r"pour plus d'informations?|statistiques|liste des organismes|historique des "
        r"changements|referentiel d'activite"
    ),
    "previous": r"certification\(s\) anterieure\(s\)",
    "next": r"nouvelle\(s\) certification\(s\)",
}
LABEL = re.compile(
    r"^[ \t]*(?:"
    + "|".join(f"(?P<{name}>{pattern.replace(' ', '[ ]+')})" for name, pattern in LABELS.items())
    + r")[ \t]*:?",
    re.MULTILINE,
)
HEAD = re.compile(
    r"^[ \t]*RNCP\s?(?P<number>\d{1,6})(?![\dB])[ \t]*(?:[-–—:\t][ "
    r"\t]*(?P<title>[^\n\t]*)|\n\s*(?P<below>[^\n\t]+))?",
    re.MULTILINE,
)
BLOCK = re.compile(
    r"^[ \t]*RNCP(?P<entry>\d{1,6})BC(?P<number>\d{1,3})[ \t]*[-–—:\t]?[ \t]*(?P<title>[^\n\t]*)", re.MULTILINE
)
COLUMNS = re.compile(r"^[ \t]*liste (?:de|des) competences[ \t]*(?P<other>\t[^\n]*)?$", re.MULTILINE)
ASSESSMENT = re.compile(r"^[ \t]*modalites d'evaluation[ \t]*:?[ \t]*$", re.MULTILINE)
ROME = re.compile(r"\b[A-Z]\d{4}\b")
NSF = re.compile(r"(?<!\w)\d{3}[a-z]?(?!\w)")
OTHER_CODE = re.compile(r"\bRNCP\s?(\d{1,6})\b")
TRAILING_DATE = re.compile(r"\s*\d{1,2}[/-]\d{1,2}[/-]\d{4}\s*\Z")


def recognises(data: bytes) -> bool:
    """Return whether a text has the block codes or the labels of a public page, and no heading of the older form."""
    text = fold(_decoded(data[:400_000]))
    if "resume descriptif de la certification" in text or text.lstrip()[:1] in ("<", "{", "["):
        return False
    names = {match.lastgroup for match in LABEL.finditer(text)}
    return len(names) >= 3 and (
        re.search(r"^\s*rncp\d+bc\d+", text, re.MULTILINE) is not None or {"routes", "end"} <= names
    )


def read(data: bytes) -> Entry:
    """Return the entry of a pasted page.

    Raise UnreadableEntry when it has no code, no block, or a block without a competency.
    """
    text = plain_lines(SOFT_HYPHEN.sub("", UNPRINTABLE.sub(REPLACEMENT, _decoded(data))))
    first_label = LABEL.search(fold(text))
    heads = list(HEAD.finditer(text, 0, first_label.start() if first_label else len(text)))
    head = heads[0] if heads else HEAD.search(text)
    found_blocks = list(BLOCK.finditer(text))
    if head is None and not found_blocks:
        raise UnreadableEntry(RejectionReason.NOT_AN_ENTRY, missing=[PartFinding(Part.CODE), PartFinding(Part.BLOCKS)])
    code = f"RNCP{int(head['number'] if head else found_blocks[0]['entry'])}"
    title = squeeze(_title(head)) if head else ""
    sections = _sections(text)
    blocks, about_blocks = _blocks(text, found_blocks, code)
    mahara_matrix.check_blocks(blocks)
    routes, about_routes = _routes(sections.get("routes", ""))
    jury, about_jury = mahara_matrix.jury_of(routes)
    registrations, about_registrations = _registrations(sections, title)
    level = re.search(r"\bniveau\s+([1-8])\b", fold(sections.get("level", "")))
    previous = OTHER_CODE.search(sections.get("previous", ""))
    doubts = mahara_matrix.title_doubts(title)
    doubts += [] if head else [Doubt("code", DoubtCode.CODE_DEDUCED, (code,))]
    doubts += [
        Doubt("title", DoubtCode.ELEMENT_TWICE, ("INTITULE", squeeze(other[0])[:200]))
        for other in heads[1:]
        if squeeze(other[0]) != squeeze(heads[0][0])
    ]
    doubts += _written_twice(text)
    certifiers = _certifiers(sections.get("certifiers", ""))
    doubts += [] if certifiers else [Doubt("certifiers", DoubtCode.SECTION_MISSING, ("certifiers",))]
    doubts += [
        *about_registrations,
        *about_routes,
        *about_jury,
        Doubt("permanence", DoubtCode.PERMANENCE_UNKNOWN),
        *about_blocks,
    ]
    return Entry(
        code=code,
        title=title,
        titles_seen=mahara_matrix.titles_of(title),
        blocks=tuple(blocks),
        level=level[1] if level else None,
        nsf=tuple(dict.fromkeys(NSF.findall(sections.get("nsf", "")))),
        rome=tuple(dict.fromkeys(ROME.findall(sections.get("rome", "")))),
        certifiers=certifiers,
        predecessor=f"RNCP{int(previous[1])}" if previous else None,
        registrations=registrations,
        routes=routes,
        jury=jury,
        details=details_of(text, [match.start() for match in LABEL.finditer(fold(text))], sections),
        doubts=tuple(doubts),
    )


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "ignore")
    try:
        return data.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError as error:
        # A file cut for its recognition may end inside a letter.
        return data.decode("utf-8", "ignore") if error.start > len(data) - 4 else data.decode("cp1252", "replace")


def _title(head: re.Match[str]) -> str:
    """Return the title beside a number, else below it; the state of the entry stands there too, and is none."""
    below = head["below"] or ""
    return head["title"] or ("" if STATE.search(fold(below)) or LABEL.match(fold(below)) else below)


# Labels that a page writes once, and of which another text would be another fact.
ONCE = {
    "level": "NIVEAU",
    "decision": "DATE_DECISION",
    "end": "DATE_FIN_ENREGISTREMENT",
    "delivery": "DATE_LIMITE_DELIVRANCE",
    "routes": "ROUTES",
}


def _written_twice(text: str) -> Iterator[Doubt]:
    """Yield a doubt for each of these labels that comes twice with other words, or holds two days or levels."""
    bodies: dict[str, list[str]] = {}
    labels = list(LABEL.finditer(fold(text)))
    for label, (_, end) in zip(labels, spans([label.start() for label in labels], len(text)), strict=True):
        bodies.setdefault(label.lastgroup or "", []).append(squeeze(text[label.end() : end]))
    for name, written in ONCE.items():
        different = list(dict.fromkeys(filter(None, bodies.get(name, ()))))
        if name in ("level", "end"):
            values = re.findall(r"niveau\s+\d+|\d+[-/]\d+[-/]\d+", fold(" ".join(different)))
            different = list(dict.fromkeys(values))
        for other in different[1:]:
            yield Doubt("file", DoubtCode.ELEMENT_TWICE, (written, other[:200]))


def _sections(text: str) -> dict[str, str]:
    """Return the text under each label, up to the next one; the first of a label that is repeated, unless
    it is empty.
    """
    labels = list(LABEL.finditer(fold(text)))
    found: dict[str, str] = {}
    for label, (_, end) in zip(labels, spans([label.start() for label in labels], len(text)), strict=True):
        body = text[label.end() : end].strip("\n ")
        name = label.lastgroup or ""
        found[name] = found.get(name) or body
    return found


def _blocks(text: str, heads: Sequence[re.Match[str]], code: str) -> tuple[list[EntryBlock], list[Doubt]]:
    blocks: list[EntryBlock] = []
    doubts: list[Doubt] = []
    folded = fold(text)
    for head, (_, next_start) in zip(heads, spans([head.start() for head in heads], len(text)), strict=True):
        body_end = min(next_start, _end_of_blocks(folded, head.end()))
        number = int(head["number"])
        if number in {block.number for block in blocks}:
            raise UnreadableEntry(
                RejectionReason.BLOCK_CODE_TWICE, [PartFinding(Part.BLOCK_IDENTIFIER, (head[0].strip()[:40],))]
            )
        body = text[head.end() : body_end]
        source, assessment, lost = _columns(body)
        second = list(COLUMNS.finditer(fold(body)))[1:2]
        again = squeeze(body[second[0].end() :])[:200] if second else ""
        pieces = mahara_matrix.cut_block(number, source)
        assessments = (assessment,) if assessment else ()
        title, code_seen = squeeze(head["title"]), "".join(head[0].split()).partition("-")[0]
        blocks.append(EntryBlock(number, title, pieces.competencies, assessments, code=code_seen, source=pieces.source))
        where = f"blocks.{number}"
        checks = (
            (
                f"RNCP{int(head['entry'])}" != code,
                Doubt(where, DoubtCode.BLOCK_OF_OTHER_ENTRY, (f"RNCP{int(head['entry'])}",)),
            ),
            (not head["title"].strip(), Doubt(where, DoubtCode.BLOCK_TITLE_MISSING)),
            (lost, Doubt(where, DoubtCode.PAGE_COLUMNS_LOST)),
            (bool(second), Doubt(where, DoubtCode.ELEMENT_TWICE, ("LISTE_COMPETENCES", again))),
            (not assessment, Doubt(f"{where}.assessments", DoubtCode.ASSESSMENT_MISSING)),
        )
        doubts += [*pieces.doubts, *(doubt for holds, doubt in checks if holds)]
    return blocks, doubts


def _end_of_blocks(folded: str, start: int) -> int:
    ends = (
        match.start()
        for match in LABEL.finditer(folded, start)
        if match.lastgroup not in ("blocks", "general_assessment", "summary")
    )
    return next(ends, len(folded))


def _columns(body: str) -> tuple[str, str, bool]:
    """Return the competencies, the assessment, and whether nothing separates the two columns of a block's table."""
    folded = fold(body)
    columns, own_line = COLUMNS.search(folded), ASSESSMENT.search(folded)
    content = body[columns.end() :] if columns else body
    if (
        own_line
        and (not columns or own_line.start() > columns.end())
        and body[columns.end() if columns else 0 : own_line.start()].strip()
    ):
        return (
            body[columns.end() if columns else 0 : own_line.start()].strip(),
            squeeze(body[own_line.end() :]),
            False,
        )
    if own_line and columns and own_line.start() > columns.end():
        content = body[own_line.end() :]
    competencies, separator, assessment = content.strip().partition("\t")
    return competencies.strip(), squeeze(assessment), not separator or "\t" in assessment.strip()


def _routes(table: str) -> tuple[tuple[RouteEntry, ...], list[Doubt]]:
    labels = list(ROUTE_LABEL.finditer(fold(table)))
    rows: dict[Route, str] = {}
    is_turned = re.match(r"[^\n]*\bnon\b[^\n]*\boui\b", fold(table)) is not None
    for label, (_, end) in zip(labels, spans([label.start() for label in labels], len(table)), strict=True):
        rows.setdefault(Route[label.lastgroup or ""], table[label.end() : end])
    routes, doubts = [], []
    for route in Route:
        is_open, jury = _answer(rows.get(route, ""))
        is_open = None if is_turned else is_open
        if is_open is None:
            doubts.append(
                Doubt(f"routes.{route}", DoubtCode.ROUTE_UNKNOWN if route in rows else DoubtCode.ROUTE_ABSENT)
            )
        routes.append(RouteEntry(route, is_open, jury))
    return tuple(routes), doubts


def _answer(row: str) -> tuple[bool | None, str | None]:
    """Return whether a row of the table says yes or no, by the column of its cross, and the text of its jury."""
    cells = [cell.strip() for cell in row.strip("\n ").split("\t")]
    if len(cells) < 3:
        rest = TRAILING_DATE.sub("", re.sub(r"\A\s*x\b", "", squeeze(row), flags=re.I)).strip(" -")
        return None, rest or None
    yes, no = (cell.casefold() == "x" for cell in cells[1:3])
    jury = TRAILING_DATE.sub("", "\n".join(cells[3:])).strip(" -\n")
    return (yes if yes != no else None), jury or None


def _registrations(sections: Mapping[str, str], title: str) -> tuple[tuple[Registration, ...], list[Doubt]]:
    days = {name: re.search(DATE, fold(sections.get(name, ""))) for name in ("start", "decision", "end")}
    if not any(days.values()):
        return (), [Doubt("registrations", DoubtCode.SECTION_MISSING, ("registrations",))]
    where = "registrations.1"
    read = {name: day_of(match[0]) if match else None for name, match in days.items()}
    wrong = [match[0] for name, match in days.items() if match and read[name] is None]
    doubts = [Doubt(where, DoubtCode.REGISTRATION_DATE_IMPOSSIBLE, (written,)) for written in wrong]
    since, until = read["start"] or read["decision"], read["end"]
    if since is None or until is None:
        doubts.append(Doubt(where, DoubtCode.REGISTRATION_DATES_MISSING))
    return (Registration(title, "", since, until),), doubts


def _certifiers(table: str) -> tuple[str, ...]:
    rows = [line.split("\t")[0].strip() for line in table.split("\n")]
    return tuple(dict.fromkeys(row for row in rows if row and not fold(row).startswith(("nom legal", "siret", "-"))))[
        :20
    ]
