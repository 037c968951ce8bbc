"""The rule of a jury laid out as rows, and which rule each route of access takes."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import groupby

from portfolio.domain.certification.rules.entry import Entry, Habilitation, HabilitationState, Route, RouteEntry
from portfolio.domain.certification.rules.jury_rule import (
    CONDITION_TERMS,
    TERM_SEATS,
    JuryCondition,
    JuryRule,
    JuryTerm,
    ParityBasis,
    Seat,
    SeatTerms,
    TermSource,
)

NO_TERMS = SeatTerms()
SHARES = {JuryTerm.EXTERNAL_MIN: "external_min", JuryTerm.REPRESENTATIVES_MIN: "representatives_min"}


@dataclass(frozen=True, slots=True)
class SeatLine:
    """Seats of one kind that ask the same, with their number."""

    seat: Seat
    count: int = 1
    terms: SeatTerms = NO_TERMS


@dataclass(frozen=True, slots=True)
class ConditionLine:
    """One condition of a rule, and who asks for it: a number of members, a share, or a text, where the
    term needs one.
    """

    term: JuryTerm
    count: int | None = None
    share: float | None = None
    text: str = ""
    source: TermSource | None = None
    basis: ParityBasis | None = None


@dataclass(frozen=True, slots=True)
class RouteJury:
    """The rule of the juries of one route; `taken_from` names the route whose text it was read in, when that
    is another one.
    """

    route: Route
    rule: JuryRule | None
    taken_from: Route | None = None


def seat_lines(rule: JuryRule) -> tuple[SeatLine, ...]:
    """Return the seats of a rule in order, those that follow each other and ask the same together."""
    seats = [(seat, rule.terms_of_seat(rank)) for rank, seat in enumerate(rule.seats)]
    return tuple(SeatLine(seat, len(list(group)), terms) for (seat, terms), group in groupby(seats))


def condition_lines(rule: JuryRule) -> tuple[ConditionLine, ...]:
    """Return the conditions that a rule asks for beside its seats, in the order in which they are read aloud."""
    return tuple(_line(rule, term) for term in JuryTerm if term is not JuryTerm.SEATS and _is_asked(rule, term))


def _is_asked(rule: JuryRule, term: JuryTerm) -> bool:
    return getattr(rule, SHARES[term]) is not None if term in SHARES else rule.asks(term)


def _line(rule: JuryRule, term: JuryTerm) -> ConditionLine:
    source, condition = rule.source_of(term), rule.condition(term)
    if condition is not None:
        return ConditionLine(term, condition.count, None, condition.text, source, condition.basis)
    if term in SHARES:
        return ConditionLine(term, share=getattr(rule, SHARES[term]), source=source)
    counts = {JuryTerm.SIZE: rule.size, JuryTerm.QUORUM: rule.quorum}
    return ConditionLine(term, counts.get(term), source=source)


def rule_from_lines(seats: Iterable[SeatLine], conditions: Iterable[ConditionLine], *, half_external: bool) -> JuryRule:
    """Return the rule that rows hold: the way back from `seat_lines` and `condition_lines`.

    The line of the seats among the conditions, where there is one, tells only who asks for them.
    """
    lines = {line.term: line for line in conditions}
    listed = [(line.seat, line.terms) for line in seats for _ in range(line.count)]
    kinds, terms = tuple(seat for seat, _ in listed), tuple(terms for _, terms in listed)
    return JuryRule(
        _count(lines, JuryTerm.SIZE),
        kinds,
        _share(lines, JuryTerm.EXTERNAL_MIN),
        _share(lines, JuryTerm.REPRESENTATIVES_MIN),
        _count(lines, JuryTerm.QUORUM),
        half_external,
        tuple((term, line.source) for term, line in lines.items() if line.source is not None),
        terms if any(seat_terms != NO_TERMS for seat_terms in terms) else (),
        tuple(_condition(lines[term]) for term in CONDITION_TERMS if term in lines),
        frozenset(term for term, seat in TERM_SEATS.items() if seat in kinds and term not in lines),
        JuryTerm.NO_CASTING_VOTE not in lines,
    )


def _condition(line: ConditionLine) -> JuryCondition:
    return JuryCondition(line.term, line.count or 0, line.text, line.basis)


def _count(lines: dict[JuryTerm, ConditionLine], term: JuryTerm) -> int | None:
    return lines[term].count if term in lines else None


def _share(lines: dict[JuryTerm, ConditionLine], term: JuryTerm) -> float | None:
    return lines[term].share if term in lines else None


def normalised(rule: JuryRule) -> JuryRule:
    """Return a rule without what its seats make idle, so that two rules that ask the same are equal."""
    seats = ConditionLine(JuryTerm.SEATS, source=rule.source_of(JuryTerm.SEATS))
    asked = (seats, *condition_lines(rule)) if rule.seats else condition_lines(rule)
    return rule_from_lines(seat_lines(rule), asked, half_external=rule.half_external)


def origin_of(entry: Entry) -> Route | None:
    """Return the route whose text the rule of an entry is read in: VAE, else the first that has one; None
    without a text.
    """
    texts = [route.route for route in entry.routes if route.jury]
    return Route.VAE if Route.VAE in texts else next(iter(texts), None)


def route_juries(entry: Entry, common: JuryRule | None) -> tuple[RouteJury, ...]:
    """Return the rule of the juries of each of the six routes: its own, else the common one, with where that
    comes from.
    """
    own = {route.route: route.rule for route in entry.routes if route.rule is not None}
    return tuple(RouteJury(route, own[route]) if route in own else _shared(entry, common, route) for route in Route)


def juries_of(entry: Entry, common: JuryRule | None) -> tuple[tuple[JuryRule, tuple[Route, ...]], ...]:
    """Return each rule of an entry once, that of VAE first, with the routes that take it."""
    by_rule: dict[JuryRule, list[Route]] = {}
    for jury in sorted(route_juries(entry, common), key=lambda jury: jury.route is not Route.VAE):
        if jury.rule is not None:
            by_rule.setdefault(normalised(jury.rule), []).append(jury.route)
    order = list(Route)
    return tuple((rule, tuple(sorted(routes, key=order.index))) for rule, routes in by_rule.items())


def _shared(entry: Entry, common: JuryRule | None, route: Route) -> RouteJury:
    origin = origin_of(entry)
    texts = {route_entry.route: same_words(route_entry.jury or "") for route_entry in entry.routes}
    is_same = origin is None or origin is route or texts.get(route) == texts[origin]
    return RouteJury(route, common, None if is_same else origin)


def with_seats(rule: JuryRule, seats: tuple[Seat, ...]) -> JuryRule:
    """Return a rule with other seats; each that was there keeps what it asks."""
    left = [(seat, rule.terms_of_seat(rank)) for rank, seat in enumerate(rule.seats)]
    terms = []
    for seat in seats:
        found = next((pair for pair in left if pair[0] is seat), (seat, NO_TERMS))
        terms.append(found[1])
        if found in left:
            left.remove(found)
    kept = tuple(terms) if any(term != NO_TERMS for term in terms) else ()
    return replace(
        rule, seats=seats, seat_terms=kept, left_out=frozenset(t for t in rule.left_out if TERM_SEATS[t] in seats)
    )


def with_own_rule(entry: Entry, route: Route | None, rule: JuryRule) -> Entry:
    """Return an entry with the rule typed for a route, or, without a route, with the common one; an empty one
    is to settle.
    """
    if route is None:
        return replace(entry, jury=None if rule.is_empty else rule)
    known = {route_entry.route: route_entry for route_entry in entry.routes}
    known[route] = replace(known.get(route, RouteEntry(route, None)), rule=rule)
    return replace(entry, routes=tuple(known[known_route] for known_route in Route if known_route in known))


def same_words(text: str) -> str:
    """Return a text without its line ends, so that two ways of laying it out are equal."""
    return " ".join(text.casefold().split())


class Purpose(StrEnum):
    """Purposes for which a partner is asked: prepare candidates, or hold the assessment and the jury."""

    TRAIN = "train"
    ORGANISE = "organise"


class HabilitationGround(StrEnum):
    """Grounds of the answer about a habilitation."""

    HELD = "held"
    OTHER_PURPOSE = "other_purpose"
    NOT_YET = "not_yet"
    ENDED = "ended"
    INACTIVE = "inactive"
    UNKNOWN = "unknown"
    NOT_PARTNER = "not_partner"


COVERED = {
    Purpose.TRAIN: {Habilitation.TRAIN, Habilitation.BOTH},
    Purpose.ORGANISE: {Habilitation.ORGANISE, Habilitation.BOTH},
}


@dataclass(frozen=True, slots=True)
class HabilitationPeriod:
    """The habilitation of a partner and the days between which it holds; both belong to it, None is not known."""

    habilitation: Habilitation | None
    state: HabilitationState | None
    starts_on: date | None = None
    ends_on: date | None = None


@dataclass(frozen=True, slots=True)
class HabilitationAnswer:
    """Answer about the right of a partner to do something on a day, and the ground."""

    purpose: Purpose
    on: date
    ground: HabilitationGround
    since: date | None = None
    until: date | None = None

    @property
    def holds(self) -> bool:
        """Return whether the habilitation covers the purpose on the day."""
        return self.ground is HabilitationGround.HELD


def habilitation_on(period: HabilitationPeriod, purpose: Purpose, on: date) -> HabilitationAnswer:
    """Return whether a partner's habilitation covers a purpose on a day.

    What is not known does not hold, and says so.
    """
    return HabilitationAnswer(purpose, on, _ground(period, purpose, on), period.starts_on, period.ends_on)


def _ground(period: HabilitationPeriod, purpose: Purpose, on: date) -> HabilitationGround:
    if period.habilitation is not None and period.habilitation not in COVERED[purpose]:
        return HabilitationGround.OTHER_PURPOSE
    if period.starts_on is not None and on < period.starts_on:
        return HabilitationGround.NOT_YET
    if period.ends_on is not None:
        if on > period.ends_on:
            return HabilitationGround.ENDED
    elif period.state in (HabilitationState.INACTIVE, HabilitationState.REMOVED):
        return HabilitationGround.INACTIVE
    if period.habilitation is None or period.state is None:
        return HabilitationGround.UNKNOWN
    return HabilitationGround.HELD
