"""The edge cases of domain §5, each by its name."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from portfolio.domain.candidacy.rules.opening import Scope
from portfolio.domain.holdings.rules.completion import (
    Label,
    Result,
    ResultOf,
    completion_for,
    new_number,
    read_number,
    result_for,
)
from portfolio.domain.holdings.rules.facts import (
    AcquisitionFact,
    EquivalenceFact,
    EquivalenceKind,
    History,
    Lapse,
    Presence,
    Source,
)
from portfolio.domain.holdings.rules.granting import (
    GrantAnswer,
    GrantGround,
    GrantingEvent,
    granting_events,
    grants_at,
    grants_for,
)
from tests.holdings.histories import FIRST, JUNE, NOVEMBER, SECOND, sitting

ONE, TWO, THREE, FOUR = FIRST
ASKED = {block.id for block in FIRST}


def answers(history: History, **more: object) -> dict[int, GrantAnswer]:
    return {answer.block.number: answer for answer in grants_for(FIRST, history, requested=ASKED, **more)}


def held(history: History) -> dict:
    return {answer.block.id: answer.act.on for answer in grants_for(FIRST, history) if answer.granted}


def test_two_of_three_competencies_acquired_do_not_make_the_block_and_the_missing_one_is_named() -> None:
    answer = answers(History((sitting(ONE, refused=[TWO]),)))[2]
    assert answer.ground is GrantGround.NOT_VALIDATED
    assert [certified_competency.number for certified_competency in answer.missing] == ["2.2"]


def test_an_absent_or_excused_candidate_has_no_decision_and_loses_nothing() -> None:
    first = sitting(ONE)
    for presence, ground in ((Presence.ABSENT, GrantGround.ABSENT), (Presence.EXCUSED, GrantGround.EXCUSED)):
        missed = sitting(reference="2020-31", decided_on=NOVEMBER, scope=frozenset([TWO.id]), presence=presence)
        found = answers(History((first, missed)))
        assert found[1].granted
        assert found[2].ground is ground


def test_a_second_session_adds_the_missing_blocks_and_the_whole_is_dated_by_it() -> None:
    history = History((sitting(ONE, FOUR), sitting(TWO, THREE, reference="2020-31", decided_on=NOVEMBER)))
    whole = completion_for(FIRST, granting_events(history))
    assert (whole.obtained, whole.on, whole.completed_by) == (True, NOVEMBER, THREE)


def test_an_unfavourable_decision_on_a_held_block_has_no_effect() -> None:
    history = History((sitting(ONE), sitting(refused=[ONE], reference="2020-31", decided_on=NOVEMBER)))
    assert answers(history)[1].act == GrantingEvent(JUNE, Source.JURY, "2020-14")


def test_blocks_of_two_versions_are_not_summed_without_an_equivalence() -> None:
    history = History((sitting(ONE, TWO, THREE), sitting(*SECOND, reference="2020-31")))
    assert not completion_for(FIRST, granting_events(history)).obtained


def test_the_same_title_in_another_version_does_not_count() -> None:
    same = replace(SECOND[0], title=FOUR.title)
    assert not answers(History((sitting(same),)))[4].granted


def test_an_identical_equivalence_counts_from_the_later_of_the_two_acts() -> None:
    declared = EquivalenceFact(SECOND[0].id, FOUR.id, EquivalenceKind.IDENTICAL, date(2021, 2, 1), "D-3")
    answer = answers(History((sitting(SECOND[0]),), equivalences=(declared,)))[4]
    assert answer.act == GrantingEvent(date(2021, 2, 1), Source.EQUIVALENCE, "D-3")
    earlier = replace(declared, declared_on=date(2019, 1, 1))
    assert answers(History((sitting(SECOND[0]),), equivalences=(earlier,)))[4].act.on == JUNE


def test_a_partial_equivalence_never_counts_by_itself() -> None:
    declared = EquivalenceFact(SECOND[0].id, FOUR.id, EquivalenceKind.PARTIAL, JUNE, "D-3")
    answer = answers(History((sitting(SECOND[0]),), equivalences=(declared,)))[4]
    assert answer.ground is GrantGround.PARTIAL_EQUIVALENCE


def test_equivalences_follow_one_another_and_may_turn_in_a_circle() -> None:
    chain = tuple(
        EquivalenceFact(one.id, other.id, EquivalenceKind.IDENTICAL, JUNE, "D")
        for one, other in ((ONE, TWO), (TWO, THREE), (THREE, ONE))
    )
    assert set(held(History((sitting(ONE),), equivalences=chain))) == {ONE.id, TWO.id, THREE.id}


def test_an_acquisition_by_another_route_counts_once_the_certifier_has_verified_it() -> None:
    acquired = AcquisitionFact(TWO.id, date(2018, 7, 1), verified=False, reference="Attestation 12")
    assert answers(History(acquisitions=(acquired,)))[2].ground is GrantGround.NOT_VERIFIED
    verified = replace(acquired, verified=True)
    assert answers(History(acquisitions=(verified,)))[2].act.source is Source.ACQUISITION


def test_a_block_granted_twice_keeps_the_earliest_date_and_the_second_act_is_told() -> None:
    history = History((sitting(ONE, reference="2020-31", decided_on=NOVEMBER), sitting(ONE)))
    answer = answers(history)[1]
    assert answer.act.on == JUNE
    assert [act.reference for act in answer.again] == ["2020-31"]


def test_a_provisional_result_grants_nothing() -> None:
    assert answers(History((sitting(ONE, closed=False),)))[1].ground is GrantGround.NOT_CLOSED


def test_the_fourth_block_by_two_juries_on_one_day_makes_one_whole() -> None:
    once = sitting(*FIRST)
    twice = History((once, sitting(FOUR, reference="2020-15")))
    assert completion_for(FIRST, granting_events(twice)) == completion_for(FIRST, granting_events(History((once,))))


def test_an_irregular_composition_grants_nothing_and_names_its_predicates() -> None:
    answer = answers(History((sitting(ONE, faults=("J8", "J7")),)))[1]
    assert (answer.ground, answer.faults) == (GrantGround.IRREGULAR, ("J7", "J8"))


@pytest.mark.parametrize(
    ("change", "ground"),
    [
        ({"admissible_on": None}, GrantGround.NOT_ADMISSIBLE),
        ({"admissible_on": date(2020, 4, 2)}, GrantGround.NOT_ADMISSIBLE),
        ({"lapse": Lapse.NOT_RULED}, GrantGround.LAPSE_NOT_RULED),
        ({"annulled": True}, GrantGround.ANNULLED),
        ({"withdrawn": frozenset([ONE.id])}, GrantGround.WITHDRAWN),
        ({"decisions": ()}, GrantGround.NOT_DECIDED),
        ({"scope": frozenset([TWO.id])}, GrantGround.NOT_PRESENTED),
    ],
)
def test_each_condition_of_the_grant_test_keeps_a_validated_block_from_being_granted(
    change: dict, ground: GrantGround
) -> None:
    good = sitting(ONE)
    assert grants_at([ONE], good, {})[0].granted
    assert grants_at([ONE], replace(good, **change), {})[0].grounds == (ground,)


def test_admissibility_on_the_very_day_of_the_submission_and_a_lapse_ruled_on_are_no_obstacle() -> None:
    assert grants_at([ONE], sitting(ONE, admissible_on=date(2020, 4, 1), lapse=Lapse.RULED), {})[0].granted


def test_every_obstacle_is_told_not_only_the_first() -> None:
    bad = sitting(refused=[ONE], faults=("J1",), closed=False, admissible_on=None)
    assert grants_at([ONE], bad, {})[0].grounds == (
        GrantGround.NOT_CLOSED,
        GrantGround.IRREGULAR,
        GrantGround.NOT_ADMISSIBLE,
        GrantGround.NOT_VALIDATED,
    )


def test_a_block_that_nobody_decided_says_where_it_stands() -> None:
    found = grants_for(FIRST, History(), requested={ONE.id, TWO.id}, waiting={ONE.id})
    assert [answer.ground for answer in found] == [
        GrantGround.AWAITING_JURY,
        GrantGround.NOT_PRESENTED,
        GrantGround.NOT_REQUESTED,
        GrantGround.NOT_REQUESTED,
    ]


def test_a_block_refused_then_presented_again_awaits_its_jury() -> None:
    found = answers(History((sitting(refused=[ONE]),)), waiting={ONE.id})
    assert found[1].ground is GrantGround.AWAITING_JURY


def test_the_last_session_speaks_for_a_block_refused_twice() -> None:
    late = sitting(refused=[ONE], reference="2020-31", decided_on=NOVEMBER, faults=("J1",))
    assert answers(History((late, sitting(refused=[ONE]))))[1].ground is GrantGround.IRREGULAR


def test_a_certification_without_blocks_is_never_obtained() -> None:
    assert not completion_for([], {}).obtained


@pytest.mark.parametrize(
    ("scope", "asked", "now_held", "label", "of"),
    [
        (Scope.WHOLE, FIRST, FIRST, Label.FULL, ResultOf.WHOLE),
        (Scope.WHOLE, FIRST, FIRST[:2], Label.PARTIAL, ResultOf.WHOLE),
        (Scope.WHOLE, FIRST, (), Label.NONE, ResultOf.WHOLE),
        (Scope.BLOCKS, FIRST[2:], FIRST[2:], Label.FULL, ResultOf.REQUESTED),
        (Scope.BLOCKS, FIRST[2:], FIRST[:3], Label.PARTIAL, ResultOf.REQUESTED),
        (Scope.BLOCKS, FIRST[2:], FIRST[:2], Label.NONE, ResultOf.REQUESTED),
    ],
)
def test_a_result_is_called_by_what_was_asked_and_what_is_held(scope, asked, now_held, label, of) -> None:
    ids = [{block.id for block in those} for those in (asked, now_held)]
    assert result_for(scope, *ids) == Result(label, of)


def test_an_absence_is_the_name_of_the_result_whatever_is_held() -> None:
    assert result_for(Scope.WHOLE, ASKED, ASKED, Presence.EXCUSED).label is Label.EXCUSED


def test_numbers_are_long_random_and_without_ambiguous_letters() -> None:
    numbers = {new_number() for _ in range(1000)}
    assert len(numbers) == 1000
    signs = {sign for number in numbers for sign in number}
    assert signs == set("0123456789ABCDEFGHJKMNPQRSTVWXYZ-")
    assert all(len(number) == 19 for number in numbers)


@pytest.mark.parametrize(
    "typed", ["", "K7QD-94MT-XW2B", "K7QD-94MT-XW2B-R8FU", "K7QD-94MT-XW2B-R8F'", "K7QD94MTXW2BR8FN0", "٣" * 16]
)
def test_what_cannot_be_a_number_is_not_read(typed: str) -> None:
    assert read_number(typed) is None


@pytest.mark.parametrize(
    "typed", ["k7qd 94mt xw2b r8fn", "K7QD94MTXW2BR8FN", "k7qd–94mt–xw2b–r8fn", " K7QD.94MT_XW2B-R8FN "]
)
def test_a_number_is_read_as_people_type_it(typed: str) -> None:
    assert read_number(typed) == "K7QD-94MT-XW2B-R8FN"


def test_a_ruling_that_another_replaced_keeps_what_it_gave_and_gives_nothing_more() -> None:
    """The moment of the ledger decides, not the day: all of this is of one day (domain §10)."""
    noon = datetime(2020, 6, 18, 12, 0, tzinfo=UTC)
    minute = timedelta(minutes=1)
    told = (SECOND[0].id, FOUR.id)
    declared = EquivalenceFact(
        *told, EquivalenceKind.IDENTICAL, JUNE, "D-3", replaced_at=noon, declared_at=noon - 5 * minute
    )
    replaced = EquivalenceFact(*told, EquivalenceKind.NONE, JUNE, "D-4", declared_at=noon)
    moments = (noon - 9 * minute, noon - minute, noon, noon + minute, None)
    sittings = [sitting(SECOND[0], recorded_at=at) for at in moments]
    sittings.append(sitting(SECOND[0], decided_on=date(2020, 6, 1), recorded_at=noon + minute))
    given = [answers(History((heard,), equivalences=(declared, replaced)))[4].granted for heard in sittings]
    assert given == [True, True, True, False, False, False]


def test_a_partial_ruling_is_no_longer_told_once_another_replaced_it() -> None:
    at = datetime(2020, 11, 5, tzinfo=UTC)
    partial = EquivalenceFact(SECOND[0].id, FOUR.id, EquivalenceKind.PARTIAL, JUNE, "D-3", replaced_at=at)
    none = EquivalenceFact(SECOND[0].id, FOUR.id, EquivalenceKind.NONE, NOVEMBER, "D-4")
    answer = answers(History((sitting(SECOND[0]),), equivalences=(partial, none)))[4]
    assert answer.ground is not GrantGround.PARTIAL_EQUIVALENCE
