"""A rule typed for a jury settles the doubts about the rule that was left empty, and no other."""

from dataclasses import replace

from portfolio.domain.certification.rules.doubts import Doubt, DoubtCode
from portfolio.domain.certification.rules.entry import Entry, Route, RouteEntry
from portfolio.domain.certification.rules.jury_rule import JuryRule, Seat
from portfolio.domain.certification.rules.versioning import doubt_key, settled_by_rules

COMMON = Doubt("jury", DoubtCode.JURY_NOT_CERTAIN)
OF_ROUTE = Doubt(f"routes.{Route.APPRENTICESHIP}", DoubtCode.JURY_OF_ROUTE_EMPTY, (str(Route.VAE),))
OTHER = Doubt("permanence", DoubtCode.STATED, ("La durée manque.",))
OWN = RouteEntry(Route.APPRENTICESHIP, True, "Un jury de cinq personnes.", JuryRule(None))
EMPTY = Entry("RNCP1", "Titre", (), routes=(OWN,), doubts=(COMMON, OF_ROUTE, OTHER))


def test_an_empty_rule_settles_nothing() -> None:
    assert settled_by_rules(EMPTY) == frozenset()


def test_the_common_rule_settles_its_own_doubt_and_not_that_of_a_route_still_empty() -> None:
    typed = replace(EMPTY, jury=JuryRule(2, (Seat.PRESIDENT, Seat.MEMBER)))
    assert settled_by_rules(typed) == {doubt_key(COMMON)}


def test_a_route_that_takes_the_common_rule_or_its_own_leaves_no_doubt_about_it() -> None:
    rule = JuryRule(2, (Seat.PRESIDENT, Seat.MEMBER))
    for own in (None, JuryRule(3, (Seat.PRESIDENT, Seat.MEMBER, Seat.MEMBER))):
        typed = replace(EMPTY, jury=rule, routes=(replace(OWN, rule=own),))
        assert settled_by_rules(typed) == {doubt_key(COMMON), doubt_key(OF_ROUTE)}
