"""Check which law is asked of a jury: D6412-6 binds VAE alone, and the paths begun since it applies (domain §4, §9)."""

from dataclasses import replace
from datetime import date

import pytest

from portfolio.domain.candidacy.rules.deadlines import Regime
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.certification.rules.jury_rule import JuryRule, JuryTerm, TermSource
from portfolio.domain.jury.rules.composition import (
    PathValue,
    PredicateAnswer,
    PredicateId,
    SourceKind,
    common_path,
    jury_rule_of,
    path_value,
)
from portfolio.domain.jury.rules.conditions import answer_from_record
from portfolio.domain.jury.rules.enums import RelationAsked, StatementKind
from portfolio.domain.jury.rules.predicates import relation_asked
from portfolio.domain.jury.rules.quorum import attendance_answers
from portfolio.wording.certification.jury_rules import rule_sentences
from portfolio.wording.jury import predicate_message, statement_words
from tests.jury.test_attendance_predicates import READY
from tests.jury.test_composition import PRESIDENT, RULE, SAMIA, SEATS

FIRST_DAY = date(2024, 4, 13)
BEFORE = path_value(Route.VAE, Regime.FRANCE_VAE, date(2024, 4, 12))
ELSEWHERE = [path_value(route, Regime.OTHER, date(2026, 1, 5)) for route in Route if route is not Route.VAE]
NO_RULE = jury_rule_of(None)


def answers(path: PathValue, rule=None) -> dict[PredicateId, PredicateAnswer]:
    composition = replace(READY.composition, path=path, rule=rule or READY.composition.rule)
    return {answer.id: answer for answer in attendance_answers(replace(READY, composition=composition))}


def cited(path: PathValue) -> set[PredicateId]:
    return {id for id, answer in answers(path).items() if answer.source.kind is SourceKind.LAW}


@pytest.mark.parametrize(
    ("route", "regime", "began", "binds"),
    [
        (Route.VAE, Regime.FRANCE_VAE, FIRST_DAY, True),
        (Route.VAE, Regime.FRANCE_VAE, date(2024, 4, 12), False),
        (Route.VAE, Regime.CERFA, FIRST_DAY, False),
        (Route.APPRENTICESHIP, Regime.FRANCE_VAE, FIRST_DAY, False),
        (Route.INDIVIDUAL, Regime.OTHER, FIRST_DAY, False),
    ],
)
def test_the_article_binds_paths_of_vae_begun_since_it_applies(route, regime, began, binds):
    assert path_value(route, regime, began) == PathValue(route, binds)


def test_a_path_of_vae_begun_since_then_cites_the_article():
    asked = {PredicateId.J9, PredicateId.J10_KNOWN, PredicateId.J10, PredicateId.J11, PredicateId.J12}
    assert cited(PathValue()) == asked


@pytest.mark.parametrize("path", [BEFORE, *ELSEWHERE], ids=str)
def test_no_other_path_cites_it_nor_asks_what_it_alone_asks(path: PathValue):
    assert cited(path) == set()
    assert PredicateId.J9 not in answers(path)


@pytest.mark.parametrize("path", [BEFORE, *ELSEWHERE], ids=str)
def test_other_paths_say_who_asks(path: PathValue):
    asked = answers(path)
    assert asked[PredicateId.J10].source.kind is SourceKind.DESIGN
    assert asked[PredicateId.J11].source.kind is SourceKind.ENTRY
    assert asked[PredicateId.J12].source.kind is SourceKind.CASE
    without_casting = replace(RULE, casting_vote=False, sources=((JuryTerm.NO_CASTING_VOTE, TermSource.CERTIFIER),))
    assert answers(path, without_casting)[PredicateId.J11].source.kind is SourceKind.CERTIFIER
    assert answers(path, NO_RULE)[PredicateId.J11].source.kind is SourceKind.DESIGN


def test_a_session_asks_the_article_as_soon_as_it_binds_one_candidate():
    apprentice = ELSEWHERE[1]
    assert common_path([BEFORE, PathValue(), BEFORE], None).is_bound
    assert not common_path([BEFORE], None).is_bound
    assert not common_path([apprentice], apprentice.route).is_bound
    assert common_path([], None).is_bound
    assert not common_path([], Route.APPRENTICESHIP).is_bound


def test_having_taught_bars_nobody_where_the_route_seats_teachers():
    assert relation_asked(Route.APPRENTICESHIP, SEATS) is RelationAsked.PERSONAL
    assert relation_asked(Route.APPRENTICESHIP, SEATS[:2]) is RelationAsked.ANY
    assert relation_asked(Route.VAE, SEATS) is RelationAsked.ANY


@pytest.mark.parametrize("kind", [StatementKind.NO_RELATION, StatementKind.RECUSAL_WITHDRAWN])
def test_a_teacher_swears_to_no_personal_tie_and_nothing_about_teaching(kind: StatementKind):
    sworn = statement_words(kind, "Samia Benali", relation=RelationAsked.PERSONAL)
    assert "aucun lien personnel avec Samia Benali" in sworn
    assert "Lui avoir enseigné, ici ou ailleurs, n’est pas un tel lien." in sworn
    assert "professionnel" not in sworn
    assert "professionnel ou personnel" in statement_words(kind, "Samia Benali")


def test_the_condition_says_what_was_declared():
    said = predicate_message(answers(ELSEWHERE[1], RULE)[PredicateId.J10])
    assert said == "Chaque membre déclare n’avoir aucun lien personnel ni intérêt personnel."
    assert predicate_message(answers(PathValue())[PredicateId.J10]) == "Chaque membre déclare n’avoir aucun lien."


def test_a_jury_annulled_for_bias_is_kept_away_by_cases_on_every_route():
    candidate = replace(SAMIA, judged_by=frozenset({PRESIDENT.person}))
    again = replace(READY.composition, path=BEFORE, candidate=candidate)
    (answer,) = (
        each for each in attendance_answers(replace(READY, composition=again)) if each.id is PredicateId.J10_KNOWN
    )
    assert (answer.holds, answer.source.kind) == (False, SourceKind.CASE)


def test_what_nobody_asks_is_not_answered():
    nothing = answers(BEFORE, NO_RULE)
    assert set(nothing) == {
        PredicateId.J10_KNOWN,
        PredicateId.J10,
        PredicateId.J11,
        PredicateId.J12,
        PredicateId.J13,
        PredicateId.J14,
        PredicateId.J15,
    }


@pytest.mark.parametrize(
    ("id", "facts"),
    [
        ("J1", {"members": 5, "repeated": []}),
        ("J3", {"seat": "president", "asked": False, "who": [], "unfit": []}),
        ("J7", {"found": 2, "members": 5, "who": []}),
        ("J8", {"found": 2, "members": 5, "who": [], "absent": []}),
    ],
)
def test_what_earlier_minutes_call_held_without_being_asked_is_without_object(id, facts):
    answer = answer_from_record({"id": id, "holds": True, "blocking": True, "facts": facts})
    assert answer.is_without_object


def test_the_rule_read_back_cites_the_article_for_vae_alone():
    rule = JuryRule(5, seats=SEATS)
    by_route = {route: rule_sentences(rule, [route]) for route in Route}
    citing = {route for route, said in by_route.items() if any("D6412-6" in line.source for line in said)}
    assert citing == {Route.VAE}
    assert any("lui avoir enseigné n’empêche pas" in line.text for line in by_route[Route.APPRENTICESHIP])
