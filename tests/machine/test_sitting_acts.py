"""After each act that ends a sitting the next one is empty, by the use case and by the page that a person sends."""

from collections.abc import Callable

import pytest

from tests.machine.machine import Chosen, HearingMachine
from tests.machine.model import AGAINST, FOR, REFUSED, VALIDATED
from tests.machine.test_hearing_machine import machine
from tests.machine.world import SETTINGS

__all__ = ["machine"]
ENDS: dict[str, Callable[[HearingMachine], None]] = {
    "moved, the same jury": lambda told: told.move(False, 0, True),
    "moved, another jury": lambda told: told.move(True, 1, True),
    "another day": lambda told: told.change_the_day(1, True),
    "a member replaced": lambda told: told.replace_a_member(Chosen(told.heard.members[1]), True),
    "the president replaced": lambda told: told.replace_a_member(Chosen(told.heard.members[0]), True),
    "cancelled": lambda told: told.cancel_the_session(True),
}
WAYS = pytest.mark.parametrize("way", [0, 19], ids=["use case", "page"])


def begun(machine: type[HearingMachine], way: int, monkeypatch: pytest.MonkeyPatch) -> HearingMachine:
    """A jury that voted one block, and drafted both."""
    monkeypatch.setattr("tests.machine.machine.note", lambda _: None)
    told = machine()
    told.begin(SETTINGS[1], 5, 1, way)
    for number in (1, 2):
        assert told.find(number, acquired=True)
        assert told.decide(number, VALIDATED)
    told.whole_ballot(1, Chosen(*[FOR] * 10))
    assert told.heard.last_ballot(1).closed
    return told


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("ending", ENDS)
@WAYS
def test_after_an_act_that_ends_a_sitting_the_next_one_is_empty(
    machine: type[HearingMachine], ending: str, way: int, monkeypatch: pytest.MonkeyPatch
):
    told = begun(machine, way, monkeypatch)
    ENDS[ending](told)
    assert not told.heard.is_begun
    assert not told.close()[0], "nothing is decided yet"
    told.teardown()
    assert told.heard.decided == {1: VALIDATED, 2: VALIDATED}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@WAYS
def test_a_jury_that_has_begun_is_not_ended_without_a_word(
    machine: type[HearingMachine], way: int, monkeypatch: pytest.MonkeyPatch
):
    told = begun(machine, way, monkeypatch)
    told.move(True, 0, False)
    told.change_the_day(1, False)
    assert told.heard.is_begun
    assert told.close()[0]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@WAYS
def test_a_deliberation_that_resumes_decides_on_the_day_of_its_last_ballot(
    machine: type[HearingMachine], way: int, monkeypatch: pytest.MonkeyPatch
):
    told = begun(machine, way, monkeypatch)
    told.suspend(3)
    told.clock_forward(3)
    told.resume([one.key for one in told.heard.members])
    told.whole_ballot(2, Chosen(*[FOR] * 10))
    on = told.today
    told.clock_forward(20)
    assert told.close()[0]
    assert told.heard.decided_on == on
    told.teardown()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_typed_counts_have_one_outcome(machine: type[HearingMachine], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tests.machine.machine.note", lambda _: None)
    told = machine()
    told.begin(SETTINGS[2], 5, 1)
    for number in (1, 2):
        told.find(number, acquired=True)
        told.decide(number, VALIDATED)
    told.type_counts(1, VALIDATED, 1, 1, AGAINST)
    assert not told.close()[0]
    told.type_counts(1, REFUSED, 1, 1, FOR)
    assert not told.close()[0]
    told.type_counts(1, VALIDATED, 1, 1, FOR)
    assert told.close()[0]
    assert told.heard.decided == {1: VALIDATED, 2: VALIDATED}
