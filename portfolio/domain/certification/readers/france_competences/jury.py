"""The rule of a jury read from its prose: kept only when every part of the text is understood.

The six routes of an entry and their juries: SI_JURY_x holds elements since V3, plain text in V2.

The juries of the routes whose text is not the one that the rule of the entry was read in.
"""

import re
from dataclasses import replace

from lxml import etree

from portfolio.domain.certification.readers.cncp_text.jury import RANGE, jury_rule_of, sources_of, stated_size
from portfolio.domain.certification.readers.cncp_text.jury_conditions import rule_without_seats, without_conditions
from portfolio.domain.certification.readers.france_competences.texts import (
    answer_of,
    has_markup,
    raw_of,
    squeeze,
    text_of,
)
from portfolio.domain.certification.rules.doubts import Doubt, DoubtCode
from portfolio.domain.certification.rules.entry import Entry, Route, RouteEntry
from portfolio.domain.certification.rules.juries import origin_of, same_words
from portfolio.domain.certification.rules.jury_rule import JuryRule, Seat
from portfolio.domain.certification.rules.registration import Part, PartFinding, RejectionReason, UnreadableEntry

# Words that a rule of sizes, seats and minimum shares does not hold, or that make a seat conditional.
BEYOND_RULE = re.compile(
    r"\bparite\b|\bparts?\s+egales?\b|\bmajorite|\bmajoritaire|\bmaxim|\bau\s+plus\b|\bau\s+moins\s+un|\binternes?\b|\bautant\b"
    r"|\bsuppleant|\bou\s+(?:un|une|deux|des|trois)\b|\bet/ou\b|\bcas\s+echeant|\beventuellement|\bselon\b|\bsi\b|\bsauf\b"
    r"|\bart(?:icle)?s?\b|\barrete\b|\bdecret\b|\brecteur\b|\bchaque\b|\bpar\s+candidat|\bnombre\s+egal|\bidem\b"
)
# A director or an accountant of an outside firm holds no seat of the certifier's direction or of the
# employees.
OUTSIDE_DIRECTOR = re.compile(
    r"\bdirect(?:eur|rice)\w*\s+(?:d'|de\s+l|des?\s+)(?:une?\s+)?(?:entreprise|societe|agence|cabinet|association)"
)
EMPLOYEE_OF_FIRM = re.compile(r"\bsalariee?s?\s+(?:du|de\s+la|de\s+l|d'un|d'une)\b")
OUTSIDE_TEACHER = re.compile(
    r"(?:president|enseignant|formateur|directeur|directrice|responsable)\w*[^.;\n]{0,40}\bexterieur"
)

# The seat of a professional is one of a person from outside: a text that does not say so of each is not that
# seat.
PROFESSIONAL = re.compile(
    r"\b(?:professionnel|expert)\w*(?P<outside>[^.;,\n]{0,20}\b(?:exterieur|externe|independant))?"
)


def certain_rule(text: str) -> tuple[JuryRule | None, list[Doubt]]:
    """Return the rule of a jury with its minor doubts, or None with one doubt when a part of the text is not
    understood.
    """
    lines = re.sub(r"[ \t]{2,}", "\n", text)
    rule, doubts = jury_rule_of(lines)
    if not _is_certain(rule, lines, doubts):
        return None, [Doubt("jury", DoubtCode.JURY_NOT_CERTAIN)]
    return replace(rule, sources=sources_of(rule, lines)), doubts


def _is_certain(rule: JuryRule, text: str, doubts: list[Doubt]) -> bool:
    if rule_without_seats(text) is not None:
        return True
    folded = without_conditions(text)
    if any(
        pattern.search(folded) for pattern in (BEYOND_RULE, OUTSIDE_DIRECTOR, EMPLOYEE_OF_FIRM, OUTSIDE_TEACHER, RANGE)
    ):
        return False
    if Seat.EXTERNAL_PROFESSIONAL in rule.seats and not all(
        match["outside"] for match in PROFESSIONAL.finditer(folded)
    ):
        return False
    unsure = {
        DoubtCode.JURY_SEAT_UNKNOWN,
        DoubtCode.JURY_SIZE_UNKNOWN,
        DoubtCode.JURY_SIZE_DIFFERS,
        DoubtCode.JURY_SIZE_READ_FROM_MINIMUM,
    }
    if any(doubt.what in unsure for doubt in doubts):
        return False
    return (
        rule.size is not None
        and rule.size == stated_size(text) == len(rule.seats)
        and rule.seats.count(Seat.PRESIDENT) == 1
    )


ROUTES = {
    "FI": Route.INITIAL_TRAINING,
    "CA": Route.APPRENTICESHIP,
    "FC": Route.CONTINUING_TRAINING,
    "CQ": Route.PROFESSIONALISATION,
    "CL": Route.INDIVIDUAL,
    "VAE": Route.VAE,
}
ROUTE_ELEMENT = re.compile(r"(?:SI_)?JURY_([A-Z0-9_]+)")


def refuse_unknown_routes(entry: etree._Element) -> None:
    """Raise UnreadableEntry when an element describes the jury of a route that is none of the six."""
    for child in entry:
        match = ROUTE_ELEMENT.fullmatch(child.tag)
        if match and match[1] not in ROUTES:
            raise UnreadableEntry(RejectionReason.UNKNOWN_ROUTE, [PartFinding(Part.ELEMENT, (child.tag,))])


def routes_of(entry: etree._Element) -> tuple[tuple[RouteEntry, ...], list[Doubt]]:
    """Return the six routes, open, closed or unknown, each with the text of its jury; a closed route keeps its text."""
    refuse_unknown_routes(entry)
    routes: list[RouteEntry] = []
    doubts: list[Doubt] = []
    for code, route in ROUTES.items():
        found, about = _route(entry, code, route)
        routes.append(found)
        doubts += about
    order = list(Route)
    return tuple(sorted(routes, key=lambda route_entry: order.index(route_entry.route))), doubts


def _route(entry: etree._Element, code: str, route: Route) -> tuple[RouteEntry, list[Doubt]]:
    element, where = entry.find(f"SI_JURY_{code}"), f"routes.{route}"
    is_container = element is not None and len(element) > 0
    answer = raw_of(element, "ACTIF") if is_container else raw_of(entry, f"SI_JURY_{code}")
    path = f"SI_JURY_{code}/COMPOSITION" if is_container else f"JURY_{code}"
    jury = _lines(text_of(entry, path))
    doubts = [Doubt(where, DoubtCode.MARKUP_REMOVED)] if has_markup(raw_of(entry, path)) else []
    is_open = answer_of(answer)
    if element is None:
        doubts.append(Doubt(where, DoubtCode.ROUTE_ABSENT))
    elif is_open is None:
        doubts.append(Doubt(where, DoubtCode.ANSWER_UNREADABLE, (squeeze(answer)[:80],)))
    return RouteEntry(route, is_open, jury or None), doubts


def _lines(text: str) -> str:
    """Return a jury's text with its line ends; the export wrote each as two spaces or more."""
    lines = map(squeeze, re.split(r"\n+|[ \t]{2,}(?=[A-ZÀ-Ý0-9•*–—-])", text))
    return "\n".join(filter(None, lines))


def jury_of(routes: tuple[RouteEntry, ...]) -> tuple[JuryRule | None, list[Doubt]]:
    """Return the rule read in the jury of VAE when it is open, else of the first open route; name routes
    that differ.
    """
    texts = {
        route_entry.route: route_entry.jury
        for route_entry in routes
        if route_entry.jury and route_entry.open is not False
    }
    if not texts:
        return None, [Doubt("jury", DoubtCode.JURY_MISSING)]
    chosen = Route.VAE if Route.VAE in texts else next(iter(texts))
    rule, doubts = certain_rule(texts[chosen])
    same = squeeze(texts[chosen])
    different = [route for route, text in texts.items() if squeeze(text) != same] if rule else []
    borrowed = [Doubt("jury", DoubtCode.JURY_TAKEN_FROM_ROUTE, (str(chosen),))] if chosen is not Route.VAE else []
    return rule, [
        *borrowed,
        *doubts,
        *(Doubt(f"routes.{route}", DoubtCode.JURY_TEXTS_DIFFER, (str(chosen),)) for route in different),
    ]


def with_route_juries(entry: Entry) -> Entry:
    """Return an entry whose routes with a text of their own have its rule where it is certain, else an empty
    one to settle.

    A closed route keeps its text alone.
    """
    origin = origin_of(entry)
    if origin is None:
        return entry
    own = same_words(next(route.jury for route in entry.routes if route.route is origin) or "")
    routes, doubts = [], []
    for route in entry.routes:
        is_other = bool(route.jury) and route.open is not False and same_words(route.jury or "") != own
        found, about = _read(route, entry.jury) if is_other else (route, [])
        routes.append(found)
        doubts += [replace(doubt, facts=(str(origin), *doubt.facts)) for doubt in about]
    return replace(entry, routes=tuple(routes), doubts=(*entry.doubts, *doubts)) if doubts else entry


def _read(route: RouteEntry, common: JuryRule | None) -> tuple[RouteEntry, list[Doubt]]:
    """Return a route with its own rule and a doubt; one that asks the same in other words takes the common rule."""
    rule, _minor = certain_rule(route.jury or "")
    if rule is not None and rule == common:
        return route, []
    code = DoubtCode.JURY_OF_ROUTE_EMPTY if rule is None else DoubtCode.JURY_RULE_OF_ROUTE
    return replace(route, rule=rule or JuryRule(None)), [Doubt(f"routes.{route.route}", code)]
