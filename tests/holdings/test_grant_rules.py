"""Check what a grant names and what remains of it after a later act: references, withdrawals of one block,
notifications, days (R2–R11).
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from portfolio.domain.candidacy.rules.opening import Scope
from portfolio.domain.holdings.rules.completion import (
    Label,
    Result,
    ResultOf,
    event_on,
    new_number,
    result_for,
    standing_events,
)
from portfolio.domain.holdings.rules.facts import (
    AcquisitionFact,
    CertifiedBlock,
    Decision,
    EquivalenceFact,
    EquivalenceKind,
    GrantingEvent,
    History,
    JuryDecisionFacts,
    Presence,
    PriorHoldingFact,
    Source,
)
from portfolio.domain.holdings.rules.granting import (
    GrantAnswer,
    GrantGround,
    granting_events,
    grants_at,
    grants_for,
    with_earlier_acts,
)
from portfolio.domain.jury.rules.enums import Outcome
from tests.holdings.histories import FIRST, JUNE, NOVEMBER, SECOND, sitting

ONE, TWO, THREE, FOUR = FIRST
BY_JURY = GrantingEvent(JUNE, Source.JURY, "2020-14")


def answer_on(number: int, history: History, **more: object) -> GrantAnswer:
    return next(one for one in grants_for(FIRST, history, **more) if one.block.number == number)


def test_a_block_withdrawn_for_fraud_is_not_held_and_the_others_of_the_same_session_are():
    fraud = sitting(ONE, TWO, withdrawn=frozenset([TWO.id]))
    assert set(granting_events(History((fraud,)))) == {ONE.id}
    assert answer_on(1, History((fraud,))).granted
    assert answer_on(2, History((fraud,))).ground is GrantGround.WITHDRAWN


def test_what_a_session_grants_names_its_minutes_and_what_it_does_not_grant_names_them_too():
    granted, refused, *_ = grants_at(FIRST, sitting(ONE, refused=[TWO]), {})
    assert granted.act == BY_JURY
    assert (refused.act, refused.reference) == (None, "2020-14")


def test_a_suspended_block_names_the_act_that_would_make_it_held():
    held_back = answer_on(1, History((sitting(ONE, suspended=True),)))
    assert (held_back.ground, held_back.reference) == (GrantGround.SUSPENDED, "2020-14")


def test_a_preview_says_of_a_block_outside_the_session_where_earlier_acts_left_it():
    earlier = grants_for(FIRST, History((sitting(ONE, suspended=True),)), requested={THREE.id})
    now = sitting(TWO, reference="2020-15")
    suspended, granted, silent, _ = with_earlier_acts(grants_at(FIRST, now, {}), earlier, now.scope)
    assert (suspended.ground, suspended.reference) == (GrantGround.SUSPENDED, "2020-14")
    assert granted.granted
    assert silent.ground is GrantGround.NOT_PRESENTED


def test_a_block_decided_and_not_notified_waits_for_its_letter():
    waits = answer_on(2, History((sitting(ONE),)), deliberated={ONE.id, TWO.id})
    assert waits == GrantAnswer(TWO, (GrantGround.AWAITING_NOTIFICATION,))
    assert answer_on(1, History((sitting(ONE),)), deliberated={ONE.id}).granted, "what is held stays held (R6)"


@pytest.mark.parametrize(
    ("ending", "ground"), [("withdrawn", GrantGround.WITHDRAWN), ("annulled", GrantGround.ANNULLED)]
)
def test_an_acquisition_that_was_ended_says_how(ending, ground):
    ended = AcquisitionFact(ONE.id, JUNE, True, "A-1", **{ending: True})
    assert answer_on(1, History(acquisitions=(ended,))).ground is ground


def test_an_acquisition_and_a_holding_of_before_count_by_their_own_proof_and_end():
    acquired = AcquisitionFact(ONE.id, JUNE, True, "A-1")
    before = PriorHoldingFact(TWO.id, NOVEMBER, "Procès-verbal 7", date(2023, 11, 5))
    events = granting_events(History(acquisitions=(acquired,), prior=(before,)))
    assert events[ONE.id] == (GrantingEvent(JUNE, Source.ACQUISITION, "A-1"),)
    assert events[TWO.id] == (GrantingEvent(NOVEMBER, Source.PRIOR, "Procès-verbal 7"),)
    assert events[TWO.id][0].until == date(2023, 11, 5)


@pytest.mark.parametrize(("days_late", "granted"), [(0, True), (1, False)])
def test_admissibility_decided_on_the_day_of_the_submission_is_in_time_and_the_day_after_is_not(days_late, granted):
    decided = sitting(ONE, admissible_on=date(2020, 4, 1 + days_late), submitted_on=date(2020, 4, 1))
    assert answer_on(1, History((decided,))).granted is granted
    assert (ONE.id in granting_events(History((decided,)))) is granted


def limited_sitting(months: int, **more: object) -> JuryDecisionFacts:
    """Return the sitting of June 2020 that validates block 1 for so many months."""
    return sitting(ONE, **more, decisions=(Decision(ONE.id, Outcome.VALIDATED, (), months),))


def test_a_limited_block_granted_again_after_its_end_stands_by_the_later_act():
    again = limited_sitting(3, reference="2020-31", decided_on=NOVEMBER)
    history = History((limited_sitting(3), again))
    answer = answer_on(1, history, on=NOVEMBER)
    assert (answer.act, answer.again) == (GrantingEvent(NOVEMBER, Source.JURY, "2020-31"), ())
    for_ever = History((sitting(ONE), sitting(ONE, reference="2020-31", decided_on=NOVEMBER)))
    permanent = answer_on(1, for_ever, on=NOVEMBER)
    assert (permanent.act, [act.reference for act in permanent.again]) == (BY_JURY, ["2020-31"])


def test_a_lapsed_block_is_not_held_and_one_that_a_jury_refuses_again_stays_lapsed_with_its_reasons():
    lapsed = answer_on(1, History((limited_sitting(3),)), on=NOVEMBER)
    assert (lapsed.granted, lapsed.ground, lapsed.act) == (False, GrantGround.VALIDITY_ENDED, None)
    assert lapsed.lapsed == BY_JURY
    refusal = sitting(refused=[ONE], reference="2020-31", decided_on=NOVEMBER)
    refused = answer_on(1, History((limited_sitting(3), refusal)), on=NOVEMBER)
    assert (refused.ground, refused.reference, refused.lapsed) == (GrantGround.NOT_VALIDATED, "2020-31", BY_JURY)
    assert refused.missing == ONE.competencies[1:2]


def test_a_refusal_while_a_limited_block_is_valid_has_no_effect():
    refusal = sitting(refused=[ONE], reference="2020-31", decided_on=NOVEMBER)
    history = History((limited_sitting(6), refusal))
    assert answer_on(1, history, on=NOVEMBER).act == BY_JURY
    after = answer_on(1, history, on=date(2021, 6, 1))
    assert after.ground is GrantGround.VALIDITY_ENDED


def same(held: CertifiedBlock, counts_for: CertifiedBlock, on: date, **more: object) -> EquivalenceFact:
    return EquivalenceFact(held.id, counts_for.id, EquivalenceKind.IDENTICAL, on, f"EQ-{on}", **more)


def test_an_equivalence_declared_after_the_end_revives_nothing():
    history = History((limited_sitting(3),), equivalences=(same(ONE, SECOND[0], NOVEMBER),))
    assert SECOND[0].id not in granting_events(history)


def test_the_end_of_a_jury_decision_or_of_an_acquisition_goes_through_a_chain_of_equivalences():
    chain = (same(ONE, SECOND[0], date(2020, 1, 1)), same(SECOND[0], TWO, date(2020, 8, 1)))
    acquired = AcquisitionFact(ONE.id, JUNE, True, "A-1", validity_months=3)
    for history in (History((limited_sitting(3),)), History(acquisitions=(acquired,))):
        events = granting_events(replace(history, equivalences=chain))
        assert events[SECOND[0].id][0].until == events[TWO.id][0].until == date(2020, 9, 18)
        assert events[TWO.id][0].on == date(2020, 8, 1)


def test_an_equivalence_ends_with_the_validity_of_the_block_that_it_gives():
    history = History((sitting(ONE),), equivalences=(same(ONE, TWO, NOVEMBER, validity_months=12),))
    assert granting_events(history)[TWO.id][0].until == date(2021, 11, 5)


def test_a_block_granted_again_is_given_again_through_an_equivalence():
    again = limited_sitting(3, reference="2020-31", decided_on=NOVEMBER)
    history = History((limited_sitting(3), again), equivalences=(same(ONE, TWO, JUNE),))
    assert [(act.on, act.until) for act in granting_events(history)[TWO.id]] == [
        (JUNE, date(2020, 9, 18)),
        (NOVEMBER, date(2021, 2, 5)),
    ]


def test_a_ruling_replaced_before_a_block_is_granted_again_gives_nothing_more():
    replaced_at = datetime(2020, 10, 1, tzinfo=UTC)
    told = {"recorded_at": replaced_at - timedelta(days=90)}
    again = limited_sitting(3, reference="2020-31", decided_on=NOVEMBER, recorded_at=replaced_at + timedelta(days=40))
    ruled = same(ONE, TWO, JUNE, replaced_at=replaced_at, declared_at=told["recorded_at"])
    events = granting_events(History((limited_sitting(3, **told), again), equivalences=(ruled,)))
    assert [act.on for act in events[TWO.id]] == [JUNE]


def test_a_ruling_declared_after_the_next_one_was_replaced_leads_no_further():
    """Block 1 counts for block 2 only after block 2 stopped counting for block 3, the same day (domain §10)."""
    noon = datetime(2020, 6, 18, 12, 0, tzinfo=UTC)
    before, after = {"declared_at": noon - timedelta(hours=1)}, {"declared_at": noon + timedelta(hours=1)}
    onward = same(TWO, THREE, JUNE, replaced_at=noon, **before)
    held = sitting(ONE, recorded_at=noon - timedelta(hours=2))
    for moment, given in ((before, True), (after, False)):
        events = granting_events(History((held,), equivalences=(same(ONE, TWO, JUNE, **moment), onward)))
        assert (THREE.id in events) is given


def test_a_longer_act_recorded_too_late_takes_away_nothing_that_an_earlier_one_led_to():
    noon = datetime(2020, 6, 18, 12, 0, tzinfo=UTC)
    early, late = noon - timedelta(hours=1), noon + timedelta(hours=1)
    chain = (same(ONE, TWO, JUNE, declared_at=early), same(TWO, THREE, JUNE, declared_at=early, replaced_at=noon))
    short = PriorHoldingFact(ONE.id, JUNE, "ANT-1", NOVEMBER, recorded_at=early)
    longer = PriorHoldingFact(ONE.id, JUNE, "ANT-2", date(2023, 1, 1), recorded_at=late)
    for prior in ((short,), (short, longer), (longer, short)):
        assert [act.until for act in granting_events(History(equivalences=chain, prior=prior))[THREE.id]] == [NOVEMBER]


def test_of_blocks_that_count_together_the_first_that_ends_ends_what_they_give():
    asked = (SECOND[0].id, SECOND[1].id)
    together = EquivalenceFact(
        asked[0], FOUR.id, EquivalenceKind.IDENTICAL, JUNE, "D-3", with_held=frozenset(asked[1:])
    )
    acquired = (
        AcquisitionFact(asked[0], JUNE, True, "A-1", validity_months=6),
        AcquisitionFact(asked[1], NOVEMBER, True, "A-2", validity_months=3),
    )
    (event,) = granting_events(History(acquisitions=acquired, equivalences=(together,)))[FOUR.id]
    assert (event.on, event.until) == (NOVEMBER, date(2020, 12, 18))
    assert event.origin == (asked[1], GrantingEvent(NOVEMBER, Source.ACQUISITION, "A-2"))
    late = (acquired[0], replace(acquired[1], acquired_on=date(2021, 1, 1)))
    assert FOUR.id not in granting_events(History(acquisitions=late, equivalences=(together,)))


def test_versions_that_count_for_each_other_name_the_act_that_began():
    both = (same(ONE, SECOND[0], JUNE), same(SECOND[0], ONE, JUNE), same(SECOND[0], TWO, JUNE))
    events = granting_events(History((sitting(ONE),), equivalences=both))
    assert events[ONE.id] == (BY_JURY,)
    assert [events[block.id][0].origin for block in (SECOND[0], TWO)] == [(ONE.id, BY_JURY)] * 2


def test_an_act_that_adds_no_day_to_its_block_still_gives_through_an_equivalence():
    """A block held for ever must not take from another one what a later act gives it (domain §5)."""
    later = AcquisitionFact(TWO.id, NOVEMBER, True, "A-2")
    chain = (same(TWO, ONE, JUNE), same(ONE, SECOND[0], JUNE, validity_months=3))
    without = granting_events(History(acquisitions=(later,), equivalences=chain))[SECOND[0].id]
    with_it = granting_events(History((sitting(ONE),), acquisitions=(later,), equivalences=chain))
    assert event_on(date(2020, 12, 1), without) is not None
    assert event_on(date(2020, 12, 1), with_it[SECOND[0].id]) is not None


def test_a_short_act_on_a_block_held_for_ever_prolongs_nothing_through_an_equivalence():
    short = PriorHoldingFact(ONE.id, NOVEMBER, "ANT-1", date(2020, 11, 20))
    chain = (same(ONE, SECOND[0], JUNE, validity_months=3),)
    events = granting_events(History((sitting(ONE),), equivalences=chain, prior=(short,)))[SECOND[0].id]
    assert [event.until for event in events] == [date(2020, 9, 18), date(2020, 11, 20)]


def test_an_act_of_its_own_stands_before_an_equivalence_of_the_same_day():
    both = sitting(ONE, TWO)
    events = granting_events(History((both,), equivalences=(same(TWO, ONE, JUNE),)))[ONE.id]
    assert standing_events(events) == (BY_JURY,)


def test_a_jury_grants_again_a_block_that_would_end_sooner_and_not_one_that_lasts_as_long():
    held = {ONE.id: GrantingEvent(date(2020, 5, 1), Source.JURY, "2020-02", date(2020, 8, 1))}
    assert grants_at([ONE], limited_sitting(3), held)[0].act == BY_JURY
    lasting = {ONE.id: replace(held[ONE.id], until=date(2020, 9, 18))}
    (answer,) = grants_at([ONE], limited_sitting(3), lasting)
    assert (answer.ground, answer.act) == (GrantGround.ALREADY_HELD, lasting[ONE.id])


@pytest.mark.parametrize(("presence", "label"), [(Presence.ABSENT, Label.ABSENT), (Presence.EXCUSED, Label.EXCUSED)])
@pytest.mark.parametrize(("scope", "of"), [(Scope.WHOLE, ResultOf.WHOLE), (Scope.BLOCKS, ResultOf.REQUESTED)])
def test_an_absence_and_an_excuse_have_each_their_name_and_speak_of_what_was_asked(presence, label, scope, of):
    assert result_for(scope, {ONE.id}, {ONE.id}, presence) == Result(label, of)


def test_every_sign_of_a_number_is_drawn():
    numbers = [new_number().replace("-", "") for _ in range(500)]
    for place in range(16):
        assert len({number[place] for number in numbers}) == 32
