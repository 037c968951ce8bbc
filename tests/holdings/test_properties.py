"""Check what holds for every history (domain §5)."""

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from portfolio.domain.candidacy.rules.opening import Scope
from portfolio.domain.holdings.rules.completion import Label, completion_for, new_number, read_number, result_for
from portfolio.domain.holdings.rules.facts import (
    AcquisitionFact,
    EquivalenceFact,
    History,
    JuryDecisionFacts,
    PriorHoldingFact,
    Source,
)
from portfolio.domain.holdings.rules.granting import GrantGround, GrantingEvent, granting_events, grants_at, grants_for
from portfolio.domain.holdings.rules.status_changes import GrantStatus, StatusChangeKind, status_after
from portfolio.domain.jury.rules.enums import Outcome
from tests.holdings.histories import (
    ALL,
    FIRST,
    IDS,
    SECOND,
    acquisitions,
    blocks,
    days,
    equivalences,
    histories,
    prior,
    sittings,
)


def held_in(history: History, on: date = date.min) -> dict:
    return {answer.block.id: answer.act.on for answer in grants_for(ALL, history, on=on) if answer.granted}


# The day on which what is held is asked; the first of all days asks what was ever held.
asked_on = st.just(date.min) | days


@given(histories, sittings() | acquisitions | equivalences | prior, asked_on)
def test_an_added_fact_never_takes_a_block_away_nor_makes_it_later(history: History, fact: object, on: date) -> None:
    kinds = {
        JuryDecisionFacts: "sittings",
        AcquisitionFact: "acquisitions",
        EquivalenceFact: "equivalences",
        PriorHoldingFact: "prior",
    }
    name = kinds[type(fact)]
    more = replace(history, **{name: (*getattr(history, name), fact)})
    before, after = held_in(history, on), held_in(more, on)
    assert set(before) <= set(after)
    assert all(after[block] <= day for block, day in before.items())
    for version in (FIRST, SECOND):
        then = completion_for(version, granting_events(history))
        now = completion_for(version, granting_events(more))
        assert now.obtained >= then.obtained
        assert not then.obtained or now.on <= then.on


@given(histories, st.randoms(use_true_random=False), asked_on)
def test_the_order_of_sessions_and_of_every_fact_does_not_matter(history: History, random: object, on: date) -> None:
    names = ("sittings", "acquisitions", "equivalences", "prior")
    shuffled = {name: tuple(random.sample(getattr(history, name), len(getattr(history, name)))) for name in names}
    found = grants_for(ALL, history, on=on, requested=set(IDS))
    assert grants_for(ALL, History(**shuffled), on=on, requested=set(IDS)) == found


@given(histories)
def test_the_whole_is_obtained_on_the_first_day_on_which_every_block_of_one_version_is_valid(history: History) -> None:
    acts = granting_events(history)
    for version in (FIRST, SECOND):
        events = [acts.get(block.id, ()) for block in version]
        together = [
            day
            for day in sorted({act.on for each in events for act in each})
            if all(any(act.on <= day and (act.until is None or day <= act.until) for act in each) for each in events)
        ]
        whole = completion_for(version, acts)
        assert whole.obtained == bool(together)
        if whole.obtained:
            assert whole.on == together[0]
            assert whole.on in [act.on for act in acts[whole.completed_by.id]]
        else:
            assert whole.missing


@given(histories)
def test_what_an_equivalence_gives_begins_while_the_act_that_made_it_count_is_valid(history: History) -> None:
    acts = granting_events(history)
    for events in acts.values():
        for act in events:
            if act.origin is not None:
                block, own = act.origin
                assert own in acts[block]
                assert own.source is not Source.EQUIVALENCE
                assert own.on <= act.on <= (own.until or date.max)


@given(histories)
def test_nothing_is_granted_while_a_blocking_predicate_is_false(history: History) -> None:
    irregular = replace(
        history,
        sittings=tuple(replace(sitting, faults=("J7",)) for sitting in history.sittings),
        acquisitions=(),
        prior=(),
    )
    assert held_in(irregular) == {}
    for sitting in irregular.sittings:
        assert not any(answer.granted for answer in grants_at(ALL, sitting, {}))


@given(histories)
def test_a_provisional_result_never_grants(history: History) -> None:
    provisional = replace(
        history,
        sittings=tuple(replace(sitting, closed=False) for sitting in history.sittings),
        acquisitions=(),
        prior=(),
    )
    assert held_in(provisional) == {}


@given(histories, st.randoms(use_true_random=False))
def test_closing_sessions_one_by_one_in_any_order_grants_each_block_once(history: History, random: object) -> None:
    """What services do, sitting after sitting, holds the same blocks as the whole history read at once."""
    only = History(random.sample(history.sittings, len(history.sittings)))
    held: dict = {}
    for jury_decision_facts in [*only.sittings, *only.sittings]:
        new = [
            answer
            for answer in grants_at(ALL, jury_decision_facts, held)
            if answer.granted and answer.block.id not in held
        ]
        held |= {answer.block.id: answer.act for answer in new}
    assert set(held) == set(granting_events(only)) == set(held_in(only))


@given(histories)
def test_of_several_acts_the_earliest_stands_and_the_others_are_told(history: History) -> None:
    for answer in grants_for(ALL, history):
        if answer.granted:
            assert list(answer.again) == sorted({*answer.again} - {answer.act})
            assert all(answer.act.on <= act.on for act in answer.again)


@given(histories)
def test_every_block_has_an_answer_with_a_ground_in_the_order_of_the_certification(history: History) -> None:
    answers = grants_for(FIRST, history, requested=set(IDS[:2]))
    assert [answer.block for answer in answers] == list(FIRST)
    assert all(answer.grounds for answer in answers)
    assert all((answer.act is not None) == answer.granted for answer in answers)


@given(histories, blocks, days)
def test_a_later_failure_changes_nothing_to_a_held_block(history: History, block: object, day: object) -> None:
    held = {block: GrantingEvent(day, "jury", "2019-02")}
    for sitting in history.sittings:
        (answer,) = [answer for answer in grants_at(ALL, sitting, held) if answer.block.id == block]
        assert answer.granted
        assert answer.act == held[block]


@given(st.sampled_from(Scope), st.frozensets(blocks), st.frozensets(blocks))
def test_a_label_is_full_when_nothing_asked_for_is_missing_and_none_when_all_is(
    scope: Scope, asked: set, held: set
) -> None:
    label = result_for(scope, asked, held).label
    assert (label is Label.FULL) == (bool(asked) and not asked - held)
    assert (label is Label.NONE) == (not asked & held)


@given(st.data())
def test_a_number_is_read_back_however_it_is_typed(data: st.DataObject) -> None:
    number = new_number()
    typed = data.draw(
        st.sampled_from([number.lower(), number.replace("-", ""), number.replace("-", " "), f" {number}\n"])
    )
    typed = typed.replace("0", data.draw(st.sampled_from("0Oo"))).replace("1", data.draw(st.sampled_from("1IiLl")))
    assert read_number(typed) == number


@given(st.text(max_size=40))
def test_whatever_is_typed_as_a_number_is_read_or_refused(typed: str) -> None:
    number = read_number(typed)
    assert number is None or read_number(number) == number


@given(histories)
def test_a_suspension_holds_blocks_back_and_once_lifted_restores_them_all(history: History) -> None:
    lifted = held_in(history.without_suspensions)
    assert set(held_in(history)) <= set(lifted)
    told = {answer.block.id: answer.ground for answer in grants_for(ALL, history)}
    held_back = {block for block, ground in told.items() if ground is GrantGround.SUSPENDED}
    assert held_back == set(lifted) - set(held_in(history)), "neither held nor lost: said as such"


@given(histories)
def test_only_withdrawal_annulment_and_suspension_lower_a_status(history: History) -> None:
    ever = held_in(history.without_endings)
    lowered = set(ever) - set(held_in(history))
    if not any(sitting.annulled or sitting.withdrawn or sitting.suspended for sitting in history.sittings) and not any(
        [
            *(acquisition.annulled or acquisition.withdrawn for acquisition in history.acquisitions),
            *(holding.ended for holding in history.prior),
        ]
    ):
        assert not lowered


@given(histories)
def test_nothing_is_held_but_by_an_act_that_no_blocking_predicate_forbids(history: History) -> None:
    regular = {
        (decision.block, sitting.reference)
        for sitting in history.sittings
        if sitting.closed and not sitting.faults and not sitting.annulled and not sitting.suspended
        for decision in sitting.decisions
        if decision.block in sitting.scope - sitting.withdrawn and decision.outcome is Outcome.VALIDATED
    }
    for answer in grants_for(ALL, history):
        if answer.act is not None and answer.act.source is Source.JURY:
            assert (answer.block.id, answer.act.reference) in regular


@given(st.lists(st.sampled_from(StatusChangeKind), max_size=8))
def test_an_ended_grant_stays_ended_and_a_rectification_changes_nothing(kinds: list) -> None:
    status = status_after(kinds)
    ended = {StatusChangeKind.ANNULMENT, StatusChangeKind.WITHDRAWAL} & set(kinds)
    assert (status in (GrantStatus.ANNULLED, GrantStatus.WITHDRAWN)) == bool(ended)
    assert status_after([*kinds, StatusChangeKind.RECTIFICATION]) is status
    if not ended:
        assert status_after([*kinds, StatusChangeKind.SUSPENSION, StatusChangeKind.CONFIRMATION]) is GrantStatus.HELD
