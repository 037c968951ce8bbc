"""The six ways in and their juries, from a table whose OUI and NON columns the text has lost."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from portfolio.domain.certification.readers.cncp_text.cleaning import fold, spans, squeeze
from portfolio.domain.certification.readers.cncp_text.jury import jury_rule_of
from portfolio.domain.certification.readers.cncp_text.jury_sources import sources_of
from portfolio.domain.certification.readers.cncp_text.listing import BULLET_SIGNS, unmarked
from portfolio.domain.certification.readers.cncp_text.sections import Chunk, Section, text_of
from portfolio.domain.certification.rules.doubts import Doubt, DoubtCode
from portfolio.domain.certification.rules.entry import Route, RouteEntry
from portfolio.domain.certification.rules.jury_rule import JuryRule

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
