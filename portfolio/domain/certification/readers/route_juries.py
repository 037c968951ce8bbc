"""The juries of the routes whose text is not the one that the rule of the entry was read in."""

from dataclasses import replace

from portfolio.domain.certification.readers.france_competences.jury import certain_rule
from portfolio.domain.certification.rules.doubts import Doubt, DoubtCode
from portfolio.domain.certification.rules.entry import Entry, RouteEntry
from portfolio.domain.certification.rules.juries import origin_of, same_words
from portfolio.domain.certification.rules.jury_rule import JuryRule


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
