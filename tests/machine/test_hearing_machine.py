"""A hearing in every order of acts: what is granted, written and shown is what was decided, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import monotonic

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from portfolio import create_app
from tests.conftest import close_app, config_for
from tests.machine.machine import HearingMachine
from tests.machine.world import Store
from tests.snapshots import share_key
from tests.thoroughness import ALL, NIGHT_MINUTES

IS_LONG = bool(ALL or NIGHT_MINUTES)
STEPS = 40 if IS_LONG else 25
# PostgreSQL takes longer to put a store back to its start.
EXAMPLES = {"sqlite": 300, "postgresql": 300} if IS_LONG else {"sqlite": 25, "postgresql": 8}


@pytest.fixture
def machine(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[type[HearingMachine]]:
    share_key(tmp_path)
    # Weeks pass between two pages of one browser.
    app = create_app(replace(config_for(database_url, tmp_path), session_idle_minutes=0))
    store = Store(app, tmp_path)
    store.set_clock(monkeypatch)
    yield type("Machine", (HearingMachine,), {"store": store})
    store.forget()
    close_app(app)


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
            print(f"\n{machine.store.started} histories in {(monotonic() - began) / 60:.0f} minutes")
