"""The rule of a jury as rows and back, route by route; what a version published before gets.

On both stores.
"""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text

from portfolio.db.engine import Database
from portfolio.domain.certification.models import JuryRuleLine
from portfolio.domain.certification.readers import read_entry
from portfolio.domain.certification.rules.entry import Route, RouteEntry
from portfolio.domain.certification.rules.entry_schema import entry_as_json, entry_from_json
from portfolio.domain.certification.rules.juries import (
    ConditionLine,
    condition_lines,
    normalised,
    route_juries,
    rule_from_lines,
    seat_lines,
    with_seats,
)
from portfolio.domain.certification.rules.jury_rule import (
    CONDITION_TERMS,
    PARITIES,
    JuryCondition,
    JuryRule,
    JuryTerm,
    Seat,
    SeatCollege,
    SeatTerms,
    TermSource,
)
from portfolio.domain.certification.rules.publication import SAMPLES, publication_errors
from portfolio.domain.ledger.tracking import backfill
from portfolio.wording.certification.jury_rules import block_sentences, rule_sentences
from tests import factories

ASKED_TWICE = JuryRule(
    5, (Seat.PRESIDENT, Seat.TEACHER_TRAINER, Seat.TEACHER_TRAINER, Seat.MEMBER, Seat.TEACHER_TRAINER), 0.4
)

terms = st.builds(
    SeatTerms,
    st.sampled_from([None, *SeatCollege]),
    st.sampled_from(["", "expert"]),
    st.sampled_from(["", "le syndicat"]),
)
conditions = st.lists(st.sampled_from(CONDITION_TERMS), unique=True).flatmap(
    lambda listed: st.tuples(
        *(
            st.just(JuryCondition(term))
            if term in PARITIES
            else st.builds(JuryCondition, st.just(term), st.integers(0, 9))
            for term in sorted(listed, key=CONDITION_TERMS.index)
        )
    )
)


@st.composite
def rules(draw: st.DrawFn) -> JuryRule:
    """A rule as a certifier may type it: nothing idle in it."""
    seats = draw(st.lists(st.tuples(st.sampled_from(Seat), terms), max_size=6))
    share = st.sampled_from([None, 0.0, 0.1, 0.3333, 0.4, 0.5])
    rule = JuryRule(
        draw(st.one_of(st.none(), st.integers(1, 30))),
        tuple(seat for seat, _ in seats),
        draw(share),
        draw(share),
        draw(st.one_of(st.none(), st.integers(2, 9))),
        draw(st.booleans()),
        (),
        tuple(asked for _, asked in seats) if any(asked != SeatTerms() for _, asked in seats) else (),
        draw(conditions),
        draw(st.frozensets(st.sampled_from([JuryTerm.PRESIDENT_COLLEGE, JuryTerm.PRESIDENT_APPOINTED])))
        if Seat.PRESIDENT in {seat for seat, _ in seats}
        else frozenset(),
        draw(st.booleans()),
    )
    asked = [term for term in JuryTerm if rule.asks(term)]
    sources = draw(st.dictionaries(st.sampled_from(asked), st.sampled_from(TermSource))) if asked else {}
    return replace(rule, sources=tuple(sources.items()))


@pytest.mark.slow
@given(rules())
def test_a_rule_goes_to_rows_and_back_unchanged(rule: JuryRule) -> None:
    seats = ConditionLine(JuryTerm.SEATS, source=rule.source_of(JuryTerm.SEATS))
    lines = (*condition_lines(rule), *((seats,) if rule.seats else ()))
    again = rule_from_lines(seat_lines(rule), lines, half_external=rule.half_external)

    assert again == rule == normalised(rule)
    kept = {
        term: source
        for term, source in rule.sources
        if term not in (JuryTerm.EXTERNAL_MIN, JuryTerm.REPRESENTATIVES_MIN)
    }
    assert {term: source for term, source in again.sources if term in kept} == kept


@pytest.mark.slow
@given(rules())
def test_a_rule_goes_to_json_and_back_unchanged_and_can_be_said(rule: JuryRule) -> None:
    entry = entry_from_json(factories.entry())
    routes = (RouteEntry(Route.VAE, True), RouteEntry(Route.APPRENTICESHIP, True, "Un autre jury", rule))
    again = entry_from_json(entry_as_json(replace(entry, jury=rule, routes=routes)))

    assert (again.jury, again.routes[1].rule) == (rule, rule)
    assert again.jury.sources == tuple(sorted(rule.sources, key=lambda pair: list(JuryTerm).index(pair[0])))
    said = [sentence.text for sentence in rule_sentences(rule)]
    assert len(said) >= len(condition_lines(rule)) + len(seat_lines(rule))
    assert all(text.endswith(".") and text[:1].upper() == text[:1] for text in said)


def test_seats_of_one_kind_are_counted_and_those_that_ask_otherwise_are_apart() -> None:
    lines = seat_lines(replace(ASKED_TWICE, seat_terms=(*[SeatTerms()] * 4, SeatTerms(quality="expert"))))

    assert [(line.seat, line.count) for line in lines] == [
        (Seat.PRESIDENT, 1),
        (Seat.TEACHER_TRAINER, 2),
        (Seat.MEMBER, 1),
        (Seat.TEACHER_TRAINER, 1),
    ]


def test_other_seats_keep_what_each_asks() -> None:
    expert = SeatTerms(quality="expert")
    rule = JuryRule(2, (Seat.PRESIDENT, Seat.MEMBER), seat_terms=(SeatTerms(), expert))

    assert with_seats(rule, (Seat.MEMBER, Seat.MEMBER, Seat.PRESIDENT)).seat_terms == (expert, SeatTerms(), SeatTerms())


def test_a_route_without_a_text_of_its_own_takes_the_rule_of_another_and_says_which() -> None:
    entry = replace(
        entry_from_json(factories.entry()),
        routes=(
            RouteEntry(Route.APPRENTICESHIP, True, "Cinq\npersonnes."),
            RouteEntry(Route.VAE, True, "Cinq personnes."),
        ),
    )
    taken = {jury.route: jury.taken_from for jury in route_juries(entry, entry.jury)}

    assert (taken[Route.VAE], taken[Route.APPRENTICESHIP], taken[Route.INITIAL_TRAINING]) == (None, None, Route.VAE)


@pytest.mark.parametrize("rule", SAMPLES.values(), ids=map(str, SAMPLES))
def test_the_rules_that_a_certifier_may_begin_from_can_be_published(rule: JuryRule) -> None:
    entry = replace(entry_from_json(factories.entry()), jury=rule)

    assert publication_errors(entry) == []


@pytest.mark.parametrize(
    ("condition", "fault"),
    [
        ((JuryCondition(JuryTerm.PROFESSIONALS_MIN, 8),), "jury_count"),
        ((JuryCondition(JuryTerm.PROFESSIONALS_MIN, 0),), "jury_count"),
        ((JuryCondition(JuryTerm.EMPLOYERS_MIN, 3), JuryCondition(JuryTerm.EMPLOYERS_MAX, 2)), "jury_range"),
        ((JuryCondition(JuryTerm.EMPLOYERS_MIN, 2), JuryCondition(JuryTerm.EMPLOYERS_MAX, 2)), None),
    ],
)
def test_a_condition_that_no_jury_could_meet_prevents_publication(condition, fault) -> None:
    rule = JuryRule(5, (Seat.PRESIDENT, *[Seat.MEMBER] * 4), conditions=condition)
    entry = replace(entry_from_json(factories.entry()), jury=rule)

    assert [error.what for error in publication_errors(entry)] == ([fault] if fault else [])


def test_the_empty_rule_of_an_open_route_prevents_publication_and_that_of_a_closed_one_does_not() -> None:
    entry = entry_from_json(factories.entry())
    for is_open, faults in ((True, ["jury_of_route_empty"]), (None, ["jury_of_route_empty"]), (False, [])):
        routes = (*entry.routes, RouteEntry(Route.INDIVIDUAL, is_open, "Un autre jury", JuryRule(None)))
        assert [error.what for error in publication_errors(replace(entry, routes=routes))] == faults


def test_the_ledger_holds_the_rule_of_a_published_version(db: Database) -> None:
    with db.transaction() as session:
        factories.published_version(session, factories.body(session).id)
    with db.transaction() as session:
        assert backfill(session, at=factories.AT) == 0
        acts = set(session.execute(text("SELECT record_type FROM ledger_entry")).scalars())
    assert {"jury_rule", "jury_rule_route", "jury_rule_line"} <= acts


def test_each_line_of_a_rule_keeps_who_asks_for_it(db: Database) -> None:
    with db.transaction() as session:
        factories.published_version(session, factories.body(session).id)
    with db.reader() as session:
        lines = session.scalars(select(JuryRuleLine)).all()
        assert {line.term: line.share for line in lines}[JuryTerm.EXTERNAL_MIN] == "0.4"
        assert len([line for line in lines if line.seat]) == 5


def test_the_five_real_entries_give_no_rule_but_a_doubt_for_each_text(fiches) -> None:
    data = (fiches / "france-competences-v4.1-sample.xml").read_bytes()
    empty = {}
    for number in ("RNCP34762", "RNCP35809", "RNCP35625", "RNCP35419", "RNCP37488"):
        entry = read_entry(data, "export.xml", number)
        doubts = [(doubt.where, str(doubt.what)) for doubt in entry.doubts]
        assert entry.jury is None
        assert ("jury", "jury_not_certain") in doubts
        empty[number] = [route.route for route in entry.routes if route.rule is not None and route.rule.is_empty]
        assert [
            route.route for route in entry.routes if (f"routes.{route.route}", "jury_of_route_empty") in doubts
        ] == empty[number]
    assert [len(routes) for routes in empty.values()] == [0, 0, 3, 5, 0]


def test_the_blocks_that_differ_are_said() -> None:
    entry = entry_from_json(factories.entry())
    block = replace(entry.blocks[2], decision_rule="threshold", decision_threshold=75, validity_months=36)

    assert [sentence.replace("\xa0", " ") for sentence in block_sentences(replace(entry, blocks=(block,)))] == [
        "Le bloc 3 est validé quand 75 % de ses compétences au moins sont acquises.",
        "Le bloc 3 reste acquis 36 mois.",
    ]
