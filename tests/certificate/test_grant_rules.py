"""What a grant names and what remains of it after a later act: references, withdrawals of one block,
notifications, days (R2–R11).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from portfolio.domain.candidacy.rules.opening import Scope
from portfolio.domain.holdings.rules.completion import Label, Result, ResultOf, result_for
from portfolio.domain.holdings.rules.facts import (
    AcquisitionFact,
    EquivalenceFact,
    EquivalenceKind,
    GrantingEvent,
    History,
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
    last_held,
)
from portfolio.domain.holdings.rules.numbers import new_number
from tests.certificate.histories import FIRST, JUNE, NOVEMBER, SECOND, sitting

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


def test_a_block_decided_and_not_notified_waits_for_its_letter():
    waits = answer_on(2, History((sitting(ONE),)), deliberated={ONE.id, TWO.id})
    assert waits == GrantAnswer(TWO, (GrantGround.AWAITING_NOTIFICATION,))
    assert answer_on(1, History((sitting(ONE),)), deliberated={ONE.id}).granted, (
        "what is held stays held (R6)"
    )


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
def test_admissibility_decided_on_the_day_of_the_submission_is_in_time_and_the_day_after_is_not(
    days_late, granted
):
    decided = sitting(ONE, admissible_on=date(2020, 4, 1 + days_late), submitted_on=date(2020, 4, 1))
    assert answer_on(1, History((decided,))).granted is granted
    assert (ONE.id in granting_events(History((decided,)))) is granted


def test_a_limited_block_granted_again_after_its_end_stands_by_the_later_act():
    limited = replace(ONE, validity_months=3)
    history = History((sitting(ONE), sitting(ONE, reference="2020-31", decided_on=NOVEMBER)))
    (answer,) = grants_for([limited], history)
    assert (answer.act, answer.again) == (GrantingEvent(NOVEMBER, Source.JURY, "2020-31"), ())
    (permanent,) = grants_for([ONE], history)
    assert (permanent.act, [act.reference for act in permanent.again]) == (BY_JURY, ["2020-31"])


@pytest.mark.parametrize("last", [0, 1])
def test_of_several_blocks_that_count_together_the_last_one_held_makes_them_count(last):
    asked = (SECOND[0].id, SECOND[1].id)
    together = EquivalenceFact(
        asked[0], FOUR.id, EquivalenceKind.IDENTICAL, JUNE, "D-3", with_held=frozenset(asked[1:])
    )
    acts = dict.fromkeys(asked, (BY_JURY,)) | {
        asked[last]: (GrantingEvent(NOVEMBER, Source.JURY, "2020-31"),)
    }
    assert last_held(together, acts) == asked[last]


@pytest.mark.parametrize(
    ("presence", "label"), [(Presence.ABSENT, Label.ABSENT), (Presence.EXCUSED, Label.EXCUSED)]
)
@pytest.mark.parametrize(("scope", "of"), [(Scope.WHOLE, ResultOf.WHOLE), (Scope.BLOCKS, ResultOf.REQUESTED)])
def test_an_absence_and_an_excuse_have_each_their_name_and_speak_of_what_was_asked(
    presence, label, scope, of
):
    assert result_for(scope, {ONE.id}, {ONE.id}, presence) == Result(label, of)


def test_every_sign_of_a_number_is_drawn():
    numbers = [new_number().replace("-", "") for _ in range(500)]
    for place in range(16):
        assert len({number[place] for number in numbers}) == 32
