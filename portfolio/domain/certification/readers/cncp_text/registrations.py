"""Acts of registration, the six ways in whose OUI and NON columns the text has lost, and the places."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

from portfolio.domain.certification.readers.acts import ActNature, ends, nature_of
from portfolio.domain.certification.readers.cncp_text.cleaning import fold, spans, squeeze
from portfolio.domain.certification.readers.cncp_text.jury import jury_rule_of, sources_of
from portfolio.domain.certification.readers.cncp_text.listing import (
    BULLET_SIGNS,
    DATE,
    ENTRY_NUMBER,
    NUMBER,
    day_of,
    entry_code,
    number_of,
    unmarked,
    years_after,
)
from portfolio.domain.certification.readers.cncp_text.sections import Chunk, Section, text_of
from portfolio.domain.certification.rules.doubts import Doubt, DoubtCode
from portfolio.domain.certification.rules.entry import Holders, Registration, Route, RouteEntry, Site, SiteKind
from portfolio.domain.certification.rules.jury_rule import JuryRule

# Case matters: an act that modifies "l'arrêté du …" names another one in lower case.
ACT = re.compile(
    r"\b(?:Arrêté|Arrete|ARRÊTÉ|Décret|Decret|Décision|Decision)\s+(?:n\s*°\s*\S+\s+)?(?:du|de)\s+(?=\d|premier)"
)
IS_REGISTRATION = re.compile(r"\benregistrement\b")
PUBLISHED = re.compile(
    rf"\b(?:publiee?|parue?)\s+au\s+(?:journal\s+officiel(?:\s+de\s+la\s+republique\s+francaise)?|jo|jorf)(?:\s+n\s*°\s*\d+)?\s+(?:du\s+)?(?P<day>{DATE})"
)
NAMED = re.compile(
    r"\bsous\s+l'intitule\s*:?\s*(?P<title>.+?)(?=\s*,?\s*(?:avec\s+effet|prenant\s+effet|a\s+compter|jusqu')|\.\s|\.?\Z)"
)
SINCE = re.compile(
    rf"\b(?:avec|prenant)\s+effet\s+(?:au|du|le|a\s+compter\s+du|a\s+partir\s+du)\s+(?P<day>{DATE})|\ba\s+compter\s+du\s+(?P<from>{DATE})"
)
UNTIL = re.compile(rf"\bjusqu'(?:au|a\s+la\s+date\s+du)\s+(?P<day>{DATE})")
YEARS = re.compile(
    rf"\benregistrement\s+pour\s+(?:une\s+duree\s+de\s+)?(?P<years>{NUMBER})\s*(?:\(\s*\w+\s*\)\s*)?ans?\b"
)
IMPOSSIBLE = re.compile(DATE)
EXPIRY = re.compile(
    rf"\bdate\s+d'(?:echeance|expiration)(?:\s+de\s+(?:l'enregistrement|la\s+certification))?\s*:?\s*(?:le\s+)?(?P<day>{DATE})\.?"
)
QUOTES = " \"'«»“”„’‘,;:"
LONGEST_ACT = 300


def registrations_of(chunks: Sequence[Chunk]) -> tuple[tuple[Registration, ...], list[Doubt]]:
    """Read the acts in the order of their dates; what is deduced, missing or contradictory is doubted."""
    read: dict[Registration, list[Doubt]] = {}
    ending: list[Doubt] = []
    for piece in _acts(chunks):
        if (nature := nature_of(piece)) in (ActNature.ENDS, ActNature.AMENDS) or ends(piece):
            code = DoubtCode.ACT_NOT_KEPT if nature is ActNature.AMENDS else DoubtCode.ACT_ABROGATES
            ending.append(Doubt("registrations", code, (piece[:LONGEST_ACT],)))
            if nature is not ActNature.REGISTERS:
                continue
        registration, doubts = _registration(piece)
        read.setdefault(registration, doubts)
    _give_expiry(read, _expiry(chunks))
    ordered = sorted(read, key=_order)
    found = [
        Doubt(f"registrations.{number}", doubt.what, doubt.facts)
        for number, ordered_registration in enumerate(ordered, 1)
        for doubt in read[ordered_registration]
    ]
    if not ordered:
        found.append(Doubt("registrations", DoubtCode.SECTION_MISSING, ("registrations",)))
    return tuple(ordered), [*found, *ending, *_continuity_doubts(ordered)]


def _order(registration: Registration) -> tuple[date, date, str]:
    return (registration.since or date.max, registration.until or date.max, registration.act)


def _expiry(chunks: Sequence[Chunk]) -> str | None:
    """Return the date that stands after "Date d'échéance", folded, as it is written; the last one when there
    are several.
    """
    texts = [squeeze(fold(chunk.text)) for chunk in chunks if chunk.section is Section.LEGAL]
    found = [match["day"] for text in texts for match in EXPIRY.finditer(text)]
    return found[-1] if found else None


def _give_expiry(read: dict[Registration, list[Doubt]], written: str | None) -> None:
    """Give the expiry date of the entry to its latest act when that act has no end of its own; doubt it when
    they differ.

    Without any act it is kept as a registration whose beginning is unknown.
    """
    if written is None:
        return
    day = day_of(written)
    if day is None:
        latest = max(read, key=_order, default=Registration("", "Date d’échéance", None, None))
        read.setdefault(latest, []).append(Doubt("", DoubtCode.REGISTRATION_DATE_IMPOSSIBLE, (written,)))
        return
    if not read:
        read[Registration("", f"Date d’échéance : {written}", None, day)] = [
            Doubt("", DoubtCode.REGISTRATION_DATES_MISSING)
        ]
        return
    latest = max(read, key=_order)
    doubts = read.pop(latest)
    deduced = any(doubt.what is DoubtCode.REGISTRATION_END_DEDUCED for doubt in doubts)
    if latest.until is None or deduced:
        kept = [doubt for doubt in doubts if doubt.what is not DoubtCode.REGISTRATION_END_DEDUCED]
        if latest.since is not None:
            kept = [doubt for doubt in kept if doubt.what is not DoubtCode.REGISTRATION_DATES_MISSING]
        if deduced and latest.until != day:
            kept.append(
                Doubt("", DoubtCode.REGISTRATION_EXPIRY_DIFFERS, (day.isoformat(), (latest.until or day).isoformat()))
            )
        read[replace(latest, until=day)] = kept
        return
    if latest.until != day:
        doubts.append(Doubt("", DoubtCode.REGISTRATION_EXPIRY_DIFFERS, (day.isoformat(), latest.until.isoformat())))
    read[latest] = doubts


def _acts(chunks: Sequence[Chunk]) -> Iterator[str]:
    for chunk in chunks:
        if chunk.section is Section.LEGAL:
            text = squeeze(chunk.text)
            text = _without_expiry(text)
            for start, end in spans([match.start() for match in ACT.finditer(text)], len(text)):
                if IS_REGISTRATION.search(fold(text[start:end])):
                    yield text[start:end].strip()


def _without_expiry(text: str) -> str:
    """Return a text without its expiry dates, which would be read as the end of an act's title."""
    for match in reversed(list(EXPIRY.finditer(fold(text)))):
        text = f"{text[: match.start()].rstrip()} {text[match.end() :].lstrip()}"
    return text.strip()


def _registration(piece: str) -> tuple[Registration, list[Doubt]]:
    folded = fold(piece)
    doubts: list[Doubt] = []
    published, named = _day(PUBLISHED, folded), NAMED.search(folded)
    since, until = _day(SINCE, folded), _day(UNTIL, folded)
    impossible = [written for written in IMPOSSIBLE.findall(folded) if day_of(written) is None]
    doubts += [Doubt("", DoubtCode.REGISTRATION_DATE_IMPOSSIBLE, (written,)) for written in dict.fromkeys(impossible)]
    years = None if impossible else YEARS.search(folded)  # nothing is deduced beside a date that does not exist
    ends = _end_dates(since, published, number_of(years["years"]) if years else None)
    if since is None and published is not None and not impossible:
        since = published
        doubts.append(Doubt("", DoubtCode.REGISTRATION_START_DEDUCED, (since.isoformat(),)))
    if until is None and ends:
        until = ends[0]
        doubts.append(Doubt("", DoubtCode.REGISTRATION_END_DEDUCED, (until.isoformat(),)))
    elif until is not None and ends and until not in ends:
        doubts.append(
            Doubt("", DoubtCode.REGISTRATION_DURATION_DIFFERS, (years["years"] if years else "", until.isoformat()))
        )
    if since is None or until is None:
        doubts.append(Doubt("", DoubtCode.REGISTRATION_DATES_MISSING))
    title = piece[named.start("title") : named.end("title")].strip(QUOTES) if named else ""
    if not title:
        doubts.append(Doubt("", DoubtCode.REGISTRATION_TITLE_MISSING))
    return Registration(title, _name_of(piece), since, until), doubts


def _day(pattern: re.Pattern[str], folded: str) -> date | None:
    match = pattern.search(folded)
    return day_of(next(filter(None, match.groups()))) if match else None


def _end_dates(since: date | None, published: date | None, years: int | None) -> list[date]:
    """A duration runs from the publication, as in every act of the reference entry; some count it from the effect."""
    if years is None:
        return []
    ends = (years_after(day, years) for day in (published, since) if day is not None)
    return [end for end in ends if end is not None]


def _name_of(piece: str) -> str:
    """Return the name of an act, which stops before what it does ("portant enregistrement…")."""
    stop = re.search(r"\s*,?\s+portant\b|\.\s", fold(piece))
    return piece[: stop.start() if stop else None][:LONGEST_ACT].strip(" .,")


def _continuity_doubts(ordered: Sequence[Registration]) -> Iterator[Doubt]:
    """Say where two registrations leave days between them, or hold together for more than the day they meet."""
    for number, (registration, following) in enumerate(pairwise(ordered), 2):
        if registration.until is None or following.since is None:
            continue
        facts = (registration.until.isoformat(), following.since.isoformat())
        if following.since - registration.until > timedelta(days=1):
            yield Doubt(f"registrations.{number}", DoubtCode.REGISTRATION_GAP, facts)
        elif following.since < registration.until:
            yield Doubt(f"registrations.{number}", DoubtCode.REGISTRATION_OVERLAP, facts)


_LABELS = {
    Route.INITIAL_TRAINING: r"apres un parcours de formation sous statut d'eleve(?: ou d'etudiant)?",
    Route.APPRENTICESHIP: r"en contrat d'apprentissage",
    Route.CONTINUING_TRAINING: r"apres un parcours de formation continue",
    Route.PROFESSIONALISATION: r"en contrat de professionnalisation",
    Route.INDIVIDUAL: r"par candidature individuelle",
    Route.VAE: (
        r"(?:par (?:l')?experience(?: (?:\(?dispositif vae\)?|professionnelle))?(?: prevue? (?:en|des) "
        r"\d{4})?"
        r"|par (?:la )?(?:vae|validation des acquis de l'experience))"
    ),
}
LABEL = re.compile(
    r"^[ \t]*(?:"
    + "|".join(f"(?P<{route.name}>{p.replace(' ', chr(92) + 's+')})" for route, p in _LABELS.items())
    + r")",
    re.MULTILINE,
)
MARK = re.compile(r"\s*(?:(?P<cross>x)|(?P<yes>oui)|(?P<no>non))(?=\s|\Z)")
TERRITORY = re.compile(
    r"\baccessible\s+en\s+(?P<name>nouvelle[\s-]caledonie|polynesie[\s-]francaise)\s*(?P<told>oui\b|non\b)?"
)
TERRITORY_IDS = {"nouvelle": "new_caledonia", "polynesie": "french_polynesia"}
IDEM = re.compile(
    r"\W*(?:idem|ibidem|(?:meme|memes)\s+(?:jury|composition|membres)|(?:jury|composition)\s+identique)[^.]{0,60}\.?"
)
WORDS = re.compile(r"[^\W\d_]{3,}")


def routes_of(text: str, chunks: Sequence[Chunk]) -> tuple[tuple[RouteEntry, ...], JuryRule | None, list[Doubt]]:
    """Read the table of ways in, and the rule of its juries.

    A way with a jury's text is open; a cross alone does not tell in which column it stood: that way is
    unknown, and unknown is not "no". Ways whose texts differ only by bullets and white space share one text.
    """
    cells = _cells(text_of(chunks, Section.CONDITIONS))
    doubts = [_route_doubt(route, cells.get(route)) for route in Route]
    juries = _jury_texts(cells)
    shared = _shared_texts(juries)
    routes = tuple(
        RouteEntry(route, _is_open(cells.get(route, ""), shared.get(route)), shared.get(route)) for route in Route
    )
    rule, about_rule = _rule(juries, shared)
    columns = [Doubt("routes", DoubtCode.ROUTES_COLUMNS_LOST)] if juries else []
    return routes, rule, [*columns, *filter(None, doubts), *about_rule, *territory_doubts(text)]


def _cells(text: str) -> dict[Route, str]:
    labels = list(LABEL.finditer(fold(text)))
    cells: dict[Route, str] = {}
    for label, (_, end) in zip(labels, spans([label.start() for label in labels], len(text)), strict=True):
        cells.setdefault(Route[label.lastgroup or ""], text[label.end() : end].strip("\n"))
    return cells


def _find_open_answer(cell: str) -> re.Match[str] | None:
    return MARK.match(fold(cell))


def _jury_text(cell: str) -> str:
    mark = _find_open_answer(cell)
    rest = cell[mark.end() :] if mark else cell
    return rest.strip() if WORDS.search(rest) else ""


def _jury_texts(cells: Mapping[Route, str]) -> dict[Route, str]:
    """Give the text of each way's jury; one that only says "idem" has the text of the way above it."""
    juries: dict[Route, str] = {}
    above = ""
    for route, cell in cells.items():
        text = _jury_text(cell)
        above = above if above and IDEM.fullmatch(squeeze(fold(text))) else text or above
        if text:
            juries[route] = above
    return juries


def _is_open(cell: str, jury: str | None) -> bool | None:
    mark = _find_open_answer(cell)
    if mark and not mark["cross"]:
        return mark["yes"] is not None
    return True if jury else None


def _route_doubt(route: Route, cell: str | None) -> Doubt | None:
    where = f"routes.{route}"
    if cell is None:
        return Doubt(where, DoubtCode.ROUTE_ABSENT)
    return Doubt(where, DoubtCode.ROUTE_UNKNOWN) if _is_open(cell, _jury_text(cell) or None) is None else None


def _shared_texts(juries: dict[Route, str]) -> dict[Route, str]:
    """Give each way its jury on one line; the first of those that say the same is given to all of them."""
    first: dict[str, str] = {}
    return {route: first.setdefault(_bare(jury), squeeze(jury)) for route, jury in juries.items()}


def _bare(jury: str) -> str:
    return squeeze(fold("\n".join(map(unmarked, jury.split("\n")))).translate(dict.fromkeys(map(ord, BULLET_SIGNS))))


def _rule(juries: dict[Route, str], shared: dict[Route, str]) -> tuple[JuryRule | None, list[Doubt]]:
    """Return the jury rule and its doubts: the rule is that of the VAE's jury, which this product serves first,
    else of the first way that has one.
    """
    if not juries:
        return None, [Doubt("jury", DoubtCode.JURY_MISSING)]
    chosen = Route.VAE if Route.VAE in juries else next(route for route in Route if route in juries)
    rule, doubts = jury_rule_of(juries[chosen])
    rule = replace(rule, sources=sources_of(rule, juries[chosen]))
    different = [route for route in Route if route in shared and shared[route] != shared[chosen]]
    if chosen is not Route.VAE:
        doubts.append(Doubt("jury", DoubtCode.JURY_TAKEN_FROM_ROUTE, (str(chosen),)))
    return rule, doubts + [Doubt(f"routes.{route}", DoubtCode.JURY_TEXTS_DIFFER, (str(chosen),)) for route in different]


def territory_doubts(text: str) -> list[Doubt]:
    """Return which territories the entry names without telling whether it is open there."""
    doubts = []
    for match in TERRITORY.finditer(fold(text)):
        if not match["told"]:
            name = squeeze(text[match.start("name") : match.end("name")])
            place = TERRITORY_IDS[re.split(r"[\s-]", match["name"])[0]]
            doubts.append(Doubt(f"territories.{place}", DoubtCode.TERRITORY_UNKNOWN, (name,)))
    return doubts


LINK = re.compile(r"\s*(?:https?://|www\.)\S+\s*")
PER_SITE = re.compile(
    r"(?P<site>.*[^\W\d_].*?)[\s:\-–—]+(?P<count>\d{1,6})\s+"
    r"(?:titres?|diplomes?|certifies?|personnes?|candidats?|laureats?|titulaires?|titularises?)\b"
)
LONGEST_LINE = 300
KINDS = {Section.CERTIFICATION_SITES: SiteKind.CERTIFICATION, Section.PREPARATION_SITES: SiteKind.PREPARATION}
PREVIOUS_LINK = re.compile(r"https?://\S*[?&]fiche=(\d{1,6})")
PREVIOUS = re.compile(r"^[ \t]*certifications?\s+precedentes?[ \t]*:?[ \t]*([^\n]*)", re.MULTILINE)
NEXT = re.compile(r"^[ \t]*certifications?\s+suivantes?", re.MULTILINE)
NAMED_CODE = re.compile(
    rf"\brncp\s*(?:n\s*[°ºo]\s*)?({ENTRY_NUMBER})\b|\bfiche\s+(?:n\s*[°ºo]\s*)?({ENTRY_NUMBER})\b"
    r"|^(\d\d?[ .]\d{3}(?!\d)|\d{2,6})\b"
)


def sites_of(chunks: Sequence[Chunk]) -> tuple[Site, ...]:
    """Give every place on a line of its own, with the body that declared it where a heading names it."""
    return tuple(
        Site(KINDS[chunk.section], line, declared_by)
        for chunk in chunks
        if chunk.section in KINDS
        for declared_by, lines in [_declarer_and_lines(chunk)]
        for line in lines
    )


def _declarer_and_lines(chunk: Chunk) -> tuple[str | None, list[str]]:
    """Return the body that certifies and the lines after it: what stands on the heading's own line after
    "l'organisme certificateur" names that body.
    """
    own, _, rest = chunk.text.partition("\n")
    if chunk.section is Section.PREPARATION_SITES and own.strip():
        return squeeze(own), _whole_lines(rest)
    return None, _whole_lines(chunk.text)


def _whole_lines(text: str) -> list[str]:
    lines: list[list[str]] = []
    for line in map(squeeze, map(unmarked, text.split("\n"))):
        if not line or LINK.fullmatch(line):
            continue
        if lines and line[0].islower():
            lines[-1].append(line)
        else:
            lines.append([line])
    return [" ".join(parts) for parts in lines]


def holders_of(chunks: Sequence[Chunk]) -> tuple[Holders, ...]:
    """Give the yearly number of holders of each site that the statistics name."""
    return tuple(_holders(text_of(chunks, Section.STATISTICS)))


def _holders(text: str) -> Iterator[Holders]:
    for line in map(squeeze, map(unmarked, text.split("\n"))):
        match = PER_SITE.match(fold(line)) if len(line) <= LONGEST_LINE else None
        if match:
            yield Holders(line[: match.end("site")].strip(), int(match["count"]))


def predecessor_of(raw: str, own_code: str) -> tuple[str | None, list[Doubt]]:
    """Find the code of the entry before this one, from its link, wherever the PDF put it below the heading.

    `raw` is the text with its links. A predecessor named without any code is doubted.
    """
    folded = fold(raw)
    heading = PREVIOUS.search(folded)
    if not heading:
        return None, []
    named = NAMED_CODE.search(heading[1])
    if named:
        return entry_code(next(filter(None, named.groups()))), []
    # A "certification suivante" named first would own the first link.
    following = NEXT.search(folded)
    links = [f"RNCP{int(code)}" for code in PREVIOUS_LINK.findall(folded[heading.end() :])]
    links = [code for code in dict.fromkeys(links) if code != own_code]
    index = 1 if following and following.start() < heading.start() and len(links) > 1 else 0
    if len(links) > index:
        return links[index], []
    title = squeeze(raw[heading.start(1) : heading.end(1)])
    return None, [Doubt("predecessor", DoubtCode.PREDECESSOR_WITHOUT_CODE, (title,))] if title else []
