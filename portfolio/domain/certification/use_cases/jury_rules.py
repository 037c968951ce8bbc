"""The rules of the juries of a published version: written once at publication, read by each session and hearing."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, object_session, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from portfolio.db.engine import fetch_rows
from portfolio.domain.certification.models import (
    CertificationVersion,
    JuryRuleLine,
    JuryRuleRecord,
    JuryRuleRoute,
    lines_of,
)
from portfolio.domain.certification.readers.cncp_text.jury import sourced
from portfolio.domain.certification.rules.entry import Entry, Route
from portfolio.domain.certification.rules.juries import (
    ConditionLine,
    SeatLine,
    condition_lines,
    normalised,
    route_juries,
    rule_from_lines,
    seat_lines,
)
from portfolio.domain.certification.rules.jury_rule import JuryRule, JuryTerm


def with_jury_rules() -> tuple[ORMOption, ...]:
    """Return the options that load the rules of a version in one query."""
    rule = selectinload(CertificationVersion.jury_routes).joinedload(JuryRuleRoute.rule)
    return (rule.joinedload(JuryRuleRecord.lines),)


def write_jury_rules(session: Session, version_id: UUID, entry: Entry) -> None:
    """Write the rule of each route from an entry; routes whose juries ask the same share one rule."""
    session.info.pop(_KNOWN, None)
    known: dict[tuple[JuryRule, frozenset[object]], JuryRuleRecord] = {}
    for jury in route_juries(entry, sourced(entry)):
        if jury.rule is None:
            continue
        rule = normalised(jury.rule)
        key = (rule, frozenset(rule.sources))  # two rules that ask the same for other reasons are two
        if key not in known:
            known[key] = _record(version_id, rule)
        session.add(JuryRuleRoute(version_id=version_id, rule=known[key], route=jury.route, taken_from=jury.taken_from))
    session.flush()


def _record(version_id: UUID, rule: JuryRule) -> JuryRuleRecord:
    lines = [*_seats(rule), *_conditions(rule)]
    for position, line in enumerate(lines, 1):
        line.position = position
    return JuryRuleRecord(version_id=version_id, half_external=rule.half_external, lines=lines)


def _seats(rule: JuryRule) -> Iterator[JuryRuleLine]:
    for line in seat_lines(rule):
        yield JuryRuleLine(
            term=JuryTerm.SEATS,
            count=line.count,
            text=line.terms.quality,
            seat=line.seat,
            college=line.terms.college,
            appointed_by=line.terms.appointed_by,
            source=rule.source_of(JuryTerm.SEATS),
        )


def _conditions(rule: JuryRule) -> Iterator[JuryRuleLine]:
    for line in condition_lines(rule):
        share = None if line.share is None else repr(line.share)
        told = {"share": share, "text": line.text, "source": line.source, "basis": line.basis}
        yield JuryRuleLine(term=line.term, count=line.count, **told)


Rules = dict[UUID, dict[Route, JuryRule]]
_KNOWN = "jury_rules"  # the rules that a session has read: those of a published version never change


def jury_rule_of(version: CertificationVersion, route: Route = Route.VAE) -> JuryRule | None:
    """Return how the juries of a published version are composed for a route, and who asks for each condition."""
    session = object_session(version)
    if session is None:
        raise LookupError("the version belongs to no session")
    if version.id not in session.info.get(_KNOWN, {}):
        load_jury_rules(session, [version.id])
    known: Rules = session.info[_KNOWN]
    return known[version.id].get(route)


def load_jury_rules(session: Session, versions: Iterable[UUID]) -> None:
    """Read the rules of versions in one query, for `jury_rule_of` to find them."""
    known: Rules = session.info.setdefault(_KNOWN, {})
    wanted = sorted(set(versions) - known.keys())
    known.update((version_id, {}) for version_id in wanted)
    rows = fetch_rows(session, _RULES, {"versions": wanted}) if wanted else ()
    seats: defaultdict[UUID, list[SeatLine]] = defaultdict(list)
    conditions: defaultdict[UUID, list[ConditionLine]] = defaultdict(list)
    # Every route that shares a rule comes with its lines: those of the first one are read.
    first: dict[UUID, Route] = {}
    for _, route, rule_id, _, *values in rows:
        if first.setdefault(rule_id, route) is route:
            seat, condition = lines_of(*values)
            seats[rule_id].extend([seat] if seat else [])
            conditions[rule_id].append(condition)
    half = {row.id: row.half_external for row in rows}
    made = {rule: rule_from_lines(seats[rule], lines, half_external=half[rule]) for rule, lines in conditions.items()}
    for row in rows:
        known[row.version_id][row.route] = made[row.id]


_RULES = (
    select(
        JuryRuleRoute.version_id,
        JuryRuleRoute.route,
        JuryRuleRecord.id,
        JuryRuleRecord.half_external,
        JuryRuleLine.term,
        JuryRuleLine.count,
        JuryRuleLine.share,
        JuryRuleLine.text,
        JuryRuleLine.seat,
        JuryRuleLine.college,
        JuryRuleLine.appointed_by,
        JuryRuleLine.source,
        JuryRuleLine.basis,
    )
    .join(JuryRuleRoute.rule)
    .join(JuryRuleRecord.lines)
    .where(JuryRuleRoute.version_id.in_(bindparam("versions", expanding=True)))
    .order_by(JuryRuleLine.position)
)


@dataclass(frozen=True)
class RuleOfRoutes:
    """A rule of a published version, the routes that take it, and the route whose text it was read in for
    some of them.
    """

    rule: JuryRule
    routes: tuple[Route, ...]
    taken_from: tuple[tuple[Route, Route], ...] = ()


def rules_of(version: CertificationVersion) -> tuple[RuleOfRoutes, ...]:
    """Return the rules of a published version, that of VAE first, each with its routes in their order."""
    order = list(Route)
    rows = sorted(version.jury_routes, key=lambda row: (row.route is not Route.VAE, order.index(row.route)))
    by_rule: dict[UUID, list[JuryRuleRoute]] = {}
    for row in rows:
        by_rule.setdefault(row.rule_id, []).append(row)
    return tuple(_of_routes(sorted(rows, key=lambda row: order.index(row.route))) for rows in by_rule.values())


def _of_routes(rows: list[JuryRuleRoute]) -> RuleOfRoutes:
    taken = tuple((row.route, row.taken_from) for row in rows if row.taken_from is not None)
    return RuleOfRoutes(rows[0].rule.to_value(), tuple(row.route for row in rows), taken)
