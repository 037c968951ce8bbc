"""A hearing in every order of acts: what is granted, written and shown is what was decided, on both databases."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import monotonic

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from portfolio import create_app
from portfolio.domain.holdings.rules.status_changes import AppealOutcome
from portfolio.domain.jury.rules.enums import StatementKind
from tests.applications import close_app, config_for
from tests.machine import pages
from tests.machine.faults import FAULTS
from tests.machine.machine import READERS, Chosen, HearingMachine
from tests.machine.model import FOR, REFUSED, VALIDATED
from tests.machine.world import SETTINGS, Store
from tests.snapshots import share_key
from tests.thoroughness import EXHAUSTIVE, NIGHT_MINUTES, in_turn

IS_LONG = bool(EXHAUSTIVE or NIGHT_MINUTES)
STEPS = 40 if IS_LONG else 25
# PostgreSQL takes longer to put a store back to its start.
EXAMPLES = {"sqlite": 40, "postgresql": 40} if IS_LONG else {"sqlite": 25, "postgresql": 8}


@pytest.fixture
def machine(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[HearingMachine]]:
    share_key(tmp_path)
    # Weeks pass between two pages of one browser.
    app = create_app(replace(config_for(database_url, tmp_path), session_idle_minutes=0))
    store = Store(app, tmp_path)
    store.set_clock(monkeypatch)
    yield type("Machine", (HearingMachine,), {"store": store})
    store.forget()
    close_app(app)


@pytest.mark.slow
def test_what_is_granted_written_and_shown_is_what_was_decided(machine: type[HearingMachine], capsys):
    # The same histories at each `make test`; others at each run of a longer one.
    budget = settings(
        max_examples=EXAMPLES[machine.store.place.get_backend_name()],
        stateful_step_count=STEPS,
        derandomize=not IS_LONG,
        suppress_health_check=list(HealthCheck),
    )
    until, began = monotonic() + 60 * NIGHT_MINUTES, monotonic()
    run_state_machine_as_test(machine, settings=budget)
    while monotonic() < until:
        run_state_machine_as_test(machine, settings=budget)
    if NIGHT_MINUTES:
        with capsys.disabled():
            second = dict(machine.store.reached)
            print(f"\n{machine.store.started} histories in {(monotonic() - began) / 60:.0f} minutes: {second}")


def test_letters_leave_in_the_order_of_the_decisions(machine: type[HearingMachine], monkeypatch):
    """A block validated at a jury whose letter did not leave is validated again through another version: the later
    letter would tell it.
    """
    monkeypatch.setattr("tests.machine.machine.note", lambda _: None)
    told = machine()
    told.begin(SETTINGS[1], 5, 1)
    told.rule_an_equivalence(1, 1, 1)
    told.end("decided", True, None)
    told.another_version()
    told.end("decided", True, None)
    first, second = told.seen
    told.send(second)
    page = told.store.browser("certifier").page(f"/candidatures/{second.candidacy_id}/notification/1")
    assert "Notifiez d’abord la décision du 18 juin 2026" in page.text
    assert f"/candidatures/{first.candidacy_id}/notification/1" in [a.get("href") for a in page.all("a")]
    pages.check(told, "candidate")
    for row in told.seen:
        told.send(row)
        pages.check(told, "candidate")
    told.teardown()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_hearing_with_an_empty_seat_tells_its_suspension(machine: type[HearingMachine], monkeypatch):
    monkeypatch.setattr("tests.machine.machine.note", lambda _: None)
    told = machine()
    told.begin(SETTINGS[1], 5, 1)
    told.state(told.heard.members[1], StatementKind.RECUSAL)
    told.suspend(0)
    pages.check(told, "president")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_letter_tells_a_block_that_is_held_after_a_withdrawal(machine: type[HearingMachine], monkeypatch):
    """A block validated, acquired elsewhere, then withdrawn before the letter: the letter says that it is held."""
    monkeypatch.setattr("tests.machine.machine.note", lambda _: None)
    told = machine()
    told.begin(SETTINGS[0], 5, 1)
    told.end("decided", True, None)
    told.clock_forward(20)
    told.acquire_block(1, 1, 0)
    grant = next(grant for _, grant, number in told.granted if number == 1)
    assert told.withdraw(grant)
    told.row.model.withdrawn.add(1)
    told.send(told.row)
    told.lowers = True
    told.teardown()


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("outcome", [VALIDATED, REFUSED])
def test_a_decision_drafted_before_the_block_is_given_elsewhere_is_told(
    machine: type[HearingMachine], outcome: str, monkeypatch
):
    """The minutes keep what the jury had decided; the person holds the block by the other act (R6)."""
    monkeypatch.setattr("tests.machine.machine.note", lambda _: None)
    told = another_version_heard(machine)
    told.find(1, outcome == VALIDATED)
    told.decide(1, outcome)
    told.rule_an_equivalence(1, 1, 1)
    assert told.undecided == [2]
    told.end("decided", True, None)
    assert told.heard.decided == {1: outcome, 2: VALIDATED}
    told.send(told.row)
    for reader in READERS:
        pages.check(told, reader)
    told.what_is_held_is_what_the_model_says()
    told.teardown()


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_vote_that_decided_before_the_block_is_held_is_told(machine: type[HearingMachine], monkeypatch):
    """A block drafted as refused, validated by its vote, then given by an equivalence: the minutes keep the vote."""
    monkeypatch.setattr("tests.machine.machine.note", lambda _: None)
    told = another_version_heard(machine)
    told.find(1, acquired=True)
    told.decide(1, REFUSED)
    told.whole_ballot(1, Chosen(*[FOR] * 10))
    told.rule_an_equivalence(1, 1, 1)
    assert told.undecided == [2]
    told.end("decided", True, None)
    assert told.heard.decided == {1: VALIDATED, 2: VALIDATED}
    told.teardown()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_decision_annulled_after_another_act_lapsed_has_its_jury(machine: type[HearingMachine], monkeypatch):
    """An equivalence gave the limited block too, and has ended: the decision that is annulled waits for its jury (R12)."""
    monkeypatch.setattr("tests.machine.machine.note", lambda _: None)
    told = machine()
    told.begin(SETTINGS[0], 5, 1)
    for number, outcome in ((1, VALIDATED), (2, REFUSED)):
        told.find(number, outcome == VALIDATED)
        told.decide(number, outcome)
    told.close()
    told.send(told.row)
    told.acquire_block(2, 1, 0)
    told.rule_an_equivalence(2, 1, 2)
    told.rule_an_equivalence(2, 2, 1)
    told.clock_forward(75)
    told.annul_then_hear_again(Chosen(*[FOR] * 10), True, False, True)
    assert told.heard.decided == {1: VALIDATED}
    told.teardown()


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_minutes_that_decide_nothing_wait_for_no_letter(machine: type[HearingMachine], monkeypatch):
    """Every block presented was given by another act before the jury closed: there is no decision to notify (R6412-7)."""
    monkeypatch.setattr("tests.machine.machine.note", lambda _: None)
    told = another_version_heard(machine)
    for number in (1, 2):
        told.rule_an_equivalence(number, 1, number)
    told.end("as it is", True, None)
    assert (told.heard.closed, told.heard.decided, told.waiting) == (True, {}, [])
    for reader in READERS:
        pages.check(told, reader)
    told.teardown()


def another_version_heard(machine: type[HearingMachine]) -> HearingMachine:
    """Both blocks of a version are held, and a jury hears another version of them."""
    told = machine()
    told.begin(SETTINGS[1], 5, 1)
    told.end("decided", True, None)
    told.send(told.row)
    told.another_version()
    return told


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_deliberation_that_resumes_decides_no_block_held_since(machine: type[HearingMachine], monkeypatch):
    """An equivalence declared between the two days of a sitting gives the block: its jury has nothing to decide (R3)."""
    monkeypatch.setattr("tests.machine.machine.note", lambda _: None)
    told = machine()
    told.begin(SETTINGS[1], 5, 1)
    told.end("decided", True, None)
    told.another_version()
    told.suspend(1)
    told.clock_forward(1)
    told.rule_an_equivalence(1, 1, 1)
    told.resume([one.key for one in told.heard.members])
    assert told.undecided == [2]
    told.end("decided", False, None)
    assert told.heard.decided == {2: REFUSED}
    told.teardown()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_equivalences_that_come_back_to_a_block_renew_nothing(machine: type[HearingMachine], monkeypatch):
    """A limited block given by a chain through the block that the chain started from ends on its first day (R6)."""
    monkeypatch.setattr("tests.machine.machine.note", lambda _: None)
    told = machine()
    told.begin(SETTINGS[0], 5, 1)
    told.end("decided", False, None)
    told.acquire_block(2, 1, 0)
    for number, version, aim in ((2, 1, 1), (2, 1, 2)):
        told.rule_an_equivalence(number, version, aim)
    told.clock_forward(20)
    told.rule_an_equivalence(2, 2, 2)
    told.clock_forward(50)
    assert told.person.held(told.today) == {(1, 2), (2, 2)}
    told.what_is_held_is_what_the_model_says()
    told.teardown()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("of_grant", "bias", "database_url"),
    [(of_grant, bias, url) for (of_grant, bias), url in in_turn(((True, False), (False, True)))],
    indirect=["database_url"],
)
def test_a_second_jury_decides_what_was_annulled(
    machine: type[HearingMachine], of_grant: bool, bias: bool, monkeypatch
):
    """Every member is new where the ground is bias; the person reads the second decision in its letter."""
    monkeypatch.setattr("tests.machine.machine.note", lambda _: None)
    told = machine()
    told.begin(SETTINGS[1], 5, 1)
    told.end("decided", True, None)
    told.send(told.row)
    told.annul_then_hear_again(Chosen(*[FOR] * 10), of_grant, bias, True)
    second = "others" if bias else "any"
    assert told.store.reached == {"waits": 1, f"decided, {second}": 1, f"told, {second}": 1}
    assert told.heard.decided == {1: VALIDATED, 2: VALIDATED}
    told.teardown()


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_dossier_heard_after_a_hearing_without_effect_waits_again_once_its_refusal_is_annulled(
    machine: type[HearingMachine], monkeypatch
):
    """Both hearings are of one sealed dossier: the second one decided, and an appeal annulled it (R12)."""
    monkeypatch.setattr("tests.machine.machine.note", lambda _: None)
    told = machine()
    # The first session was to sit later than the second one.
    told.begin(SETTINGS[2], 0, 0)
    told.void()
    told.another_jury()
    told.end("decided", False, None)
    told.appeal_against(told.row, set(), AppealOutcome.GRANTED, False)
    told.what_is_held_is_what_the_model_says()
    for reader in READERS:
        pages.check(told, reader)
    told.another_jury()
    told.end("decided", True, None)
    assert told.heard.decided == {1: VALIDATED, 2: VALIDATED}
    told.teardown()


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("appeal-everything", "held on"),
        ("second-jury", "no dossier waits"),
        ("second-decision", "held on"),
        ("decided-again", "the minutes wait"),
    ],
)
def test_a_mending_of_what_follows_an_appeal_is_missed_when_it_is_taken_out(
    machine: type[HearingMachine], fault: str, said: str, monkeypatch
):
    """Those that random histories take long to reach; `python -m tests.machine.faults` takes out each mending."""
    monkeypatch.setattr("tests.machine.machine.note", lambda _: None)
    FAULTS[fault][1](monkeypatch)
    told = machine()
    told.begin(SETTINGS[1], 5, 1)
    told.end("decided", True, None)
    told.send(told.row)
    with pytest.raises(AssertionError, match=said):
        contest_and_hear_again(told)


def contest_and_hear_again(told: HearingMachine) -> None:
    """An appeal on one block is granted, and another jury decides it."""
    told.appeal_against(told.row, {2}, AppealOutcome.GRANTED, False)
    told.what_is_held_is_what_the_model_says()
    told.another_jury()
    told.end("decided", True, None)
    told.what_is_held_is_what_the_model_says()
    pages.check(told, "certifier")
