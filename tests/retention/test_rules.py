"""Check when each kind of data goes, and why (domain.md §8)."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from portfolio.domain.candidacy.rules.stage import Extent
from portfolio.domain.retention.rules import (
    Clock,
    DataKind,
    DossierFacts,
    Ground,
    Hold,
    LegalGround,
    Periods,
    clocks_of,
    due_extent,
    end_of_appeals,
    reasons_to_keep,
)

PERIODS = Periods()
ACTIVE = date(2025, 3, 10)
days = st.dates(date(2020, 1, 1), date(2030, 1, 1))
some_days = st.none() | days
facts = st.builds(
    DossierFacts,
    last_activity=days,
    has_submission=st.booleans(),
    awaits_decision=st.booleans(),
    decided_on=some_days,
    notified_on=some_days,
    appeal_answered_on=some_days,
    closed_on=some_days,
    holds=st.sets(st.sampled_from(Hold), max_size=2).map(tuple),
)


def clock(facts: DossierFacts, kind: DataKind) -> Clock:
    return next(each for each in clocks_of(facts, PERIODS) if each.kind is kind)


def test_a_dossier_left_alone_goes_whole_twelve_months_after_its_last_activity():
    known = DossierFacts(ACTIVE)
    found = clock(known, DataKind.DRAFTS)
    assert (found.ground, found.since, found.due_on) == (Ground.INACTIVE, ACTIVE, date(2026, 3, 10))
    assert due_extent([found], known, date(2026, 3, 9)) is None
    assert due_extent([found], known, date(2026, 3, 10)) is Extent.WHOLE


def test_after_a_decision_drafts_go_a_year_after_the_appeals_and_the_sealed_dossier_five_years_after():
    known = DossierFacts(ACTIVE, has_submission=True, decided_on=date(2025, 4, 1), notified_on=date(2025, 4, 10))
    assert clock(known, DataKind.DRAFTS).due_on == date(2026, 6, 10)
    assert clock(known, DataKind.SEALED).due_on == date(2030, 6, 10)
    assert clock(known, DataKind.DECISIONS).due_on is None
    assert due_extent(clocks_of(known, PERIODS), known, date(2027, 1, 1)) is Extent.DRAFTS
    assert due_extent(clocks_of(known, PERIODS), known, date(2031, 1, 1)) is Extent.WHOLE


def test_an_appeal_that_was_answered_late_counts_from_its_answer():
    known = DossierFacts(ACTIVE, True, decided_on=ACTIVE, notified_on=ACTIVE, appeal_answered_on=date(2026, 1, 5))
    assert end_of_appeals(known, PERIODS) == date(2026, 1, 5)


def test_nothing_has_a_day_while_a_jury_or_a_letter_is_awaited():
    waiting = DossierFacts(ACTIVE, True, awaits_decision=True)
    untold = DossierFacts(ACTIVE, True, decided_on=ACTIVE)
    assert {each.due_on for each in (clock(waiting, DataKind.DRAFTS), clock(waiting, DataKind.SEALED))} == {None}
    assert clock(untold, DataKind.SEALED).ground is Ground.AWAITS_NOTIFICATION


@given(facts, days)
def test_what_is_held_is_never_due(known: DossierFacts, day: date):
    held = replace(known, holds=(Hold.LEGAL_HOLD,))
    assert due_extent(clocks_of(held, PERIODS), held, day) is None


@given(facts)
def test_a_whole_never_goes_before_its_parts(known: DossierFacts):
    found = {each.kind: each for each in clocks_of(known, PERIODS)}
    if DataKind.SEALED in found and found[DataKind.SEALED].due_on and found[DataKind.DRAFTS].due_on:
        assert found[DataKind.SEALED].due_on >= found[DataKind.DRAFTS].due_on


@given(facts, st.integers(1, 24))
def test_a_longer_period_never_makes_anything_go_earlier(known: DossierFacts, more: int):
    longer = replace(PERIODS, drafts_months=12 + more, sealed_months=60 + more, inactive_months=12 + more)
    for before, after in zip(clocks_of(known, PERIODS), clocks_of(known, longer), strict=True):
        assert (before.due_on is None) == (after.due_on is None)
        assert before.due_on is None or after.due_on is None or before.due_on <= after.due_on


@given(facts)
def test_nothing_goes_before_the_end_of_appeals_against_a_notified_decision(known: DossierFacts):
    for each in clocks_of(known, PERIODS):
        if each.ground is Ground.AFTER_DECISION:
            assert each.due_on is not None
            assert each.due_on > end_of_appeals(known, PERIODS)


def test_the_grounds_to_keep_are_told_by_the_facts():
    told = DossierFacts(ACTIVE, True, decided_on=ACTIVE, notified_on=ACTIVE)
    assert reasons_to_keep(told, PERIODS, ACTIVE) == (LegalGround.LEGAL_CLAIMS, LegalGround.LEGAL_OBLIGATION)
    assert reasons_to_keep(told, PERIODS, ACTIVE + timedelta(days=100)) == (LegalGround.LEGAL_OBLIGATION,)
    assert reasons_to_keep(DossierFacts(ACTIVE), PERIODS, ACTIVE) == ()
