"""The rules of the juries of a published version: written once at publication, read by each session and hearing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from portfolio.certification.models import (
    CertificationVersion,
    JuryRuleLine,
    JuryRuleRecord,
    JuryRuleRoute,
)
from portfolio.certification.readers.cncp_text.jury_sources import sourced
from portfolio.certification.rules import Entry, JuryRule, JuryTerm, Route
from portfolio.certification.rules.juries import condition_lines, normalised, route_juries, seat_lines


def with_jury_rules() -> tuple[ORMOption, ...]:
    """Return the options that load the rules of a version in one query."""
    rule = selectinload(CertificationVersion.jury_routes).joinedload(JuryRuleRoute.rule)
    return (rule.joinedload(JuryRuleRecord.lines),)


def write_jury_rules(session: Session, version_id: UUID, entry: Entry) -> None:
    """Write the rule of each route from an entry; routes whose juries ask the same share one rule."""
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
        yield JuryRuleLine(term=line.term, count=line.count, share=share, text=line.text, source=line.source)


def jury_rule_of(version: CertificationVersion, route: Route = Route.VAE) -> JuryRule | None:
    """Return how the juries of a published version are composed for a route, and who asks for each condition."""
    row = next((row for row in version.jury_routes if row.route is route), None)
    return row.rule.to_value() if row is not None else None


@dataclass(frozen=True)
class RuleOfRoutes:
    """A rule of a published version, the routes that take it, and the route whose text it was read in for some of them."""

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
