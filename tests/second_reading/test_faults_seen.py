"""Faults of the product that the second reading showed, each by the shortest history."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.second_reading import facts as f
from tests.second_reading import holdings, our_holdings
from tests.second_reading.sittings_and_days import ACQUIRED, DAY, WRITTEN, a_hearing, a_jury, said_of

KINDS = ("suspension", "confirmation", "annulment", "withdrawal", "rectification")


def _counted(voice: str, *counted: int | None) -> f.Hearing:
    """Return a hearing of five members, one block of which is decided by a count."""
    draft = f.Draft(f.NOT_VALIDATED, *WRITTEN, counted, voice)
    return a_hearing(f.Sitting(a_jury(5), (f.Deliberation(11, ACQUIRED, (draft,)),)))


def test_the_presidency_does_not_abstain_where_each_member_is_in_a_count() -> None:
    second, product = said_of(_counted(f.VOICE_ABSTAINED, 2, 3, None))
    assert second == product


@pytest.mark.parametrize("counted", [(1, 3, 0), (2, 2, 0), (2, 3, 0), (2, 3, None), (1, 3, 1)])
def test_an_absent_presidency_is_in_no_count(counted: tuple[int | None, ...]) -> None:
    second, product = said_of(_counted(f.VOICE_ABSENT, *counted))
    assert second == product


def test_the_reasons_of_other_members_are_confirmed_where_the_new_ones_vote() -> None:
    refused = f.Draft(f.NOT_VALIDATED, *WRITTEN)
    before = f.Sitting(a_jury(2), (f.Deliberation(11, ACQUIRED, (refused,)),), f.SUSPENDED)
    later = DAY + timedelta(2)
    against = f.Ballot(((0, f.AGAINST), (9, f.AGAINST)))
    after = f.Sitting(a_jury(2, on=later, newcomer=True), (f.Deliberation(11, ACQUIRED, (against,)),))
    second, product = said_of(a_hearing(before, after, closed_on=later))
    assert second == product


@pytest.mark.parametrize("kind", KINDS)
def test_two_people_end_or_hold_a_right(kind: str) -> None:
    for confirmed_by in (None, 1, 2):
        act = replace(f.LaterAct(kind, DAY), confirmed_by=confirmed_by)
        assert our_holdings.is_alone(act) == holdings.is_alone(act)
