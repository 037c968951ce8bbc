"""Take each mending out, one at a time, and say after how many histories the machine finds it: `python -m
tests.machine.faults`.

A mending is taken out by giving its function the answer that it gave before, wherever it is imported. Names of faults
choose some. The histories are the same at each run; `HISTORIES` says how many are tried at most.
"""

import io
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from portfolio import create_app
from portfolio.backup.migration import upgrade
from portfolio.domain.holdings.rules.completion import completion_for
from portfolio.domain.holdings.rules.granting import _act, _events_through
from portfolio.domain.holdings.rules.status_changes import GrantStatus
from portfolio.domain.holdings.use_cases.effective_status import StatusChanges
from portfolio.domain.holdings.use_cases.status_changes import annul_decisions
from portfolio.domain.holdings.use_cases.status_history import load_decided_again
from portfolio.domain.jury.models.deliberation import load_suspensions
from portfolio.domain.jury.rules.closing import closing_errors
from portfolio.domain.jury.rules.enums import Attendance
from portfolio.domain.jury.rules.opinions import ballot_errors, decision_after, outcome_of
from portfolio.domain.jury_session.use_cases.course import course_to_record
from portfolio.domain.submission.use_cases.returns import present_again
from tests.applications import close_app, config_for
from tests.machine.machine import HearingMachine
from tests.machine.world import Store
from tests.snapshots import share_key

HISTORIES, STEPS = int(os.environ.get("HISTORIES", "200")), 25
Faulty = Callable[[pytest.MonkeyPatch], None]


def instead(function: Callable[..., Any], faulty: Callable[..., Any]) -> Faulty:
    """Put another function wherever this one was imported."""

    def put(patch: pytest.MonkeyPatch) -> None:
        for name, module in list(sys.modules.items()):
            if name.startswith("portfolio."):
                for key, value in list(vars(module).items()):
                    if value is function:
                        patch.setattr(module, key, faulty)

    return put


def unlimited(event: Any) -> Any:
    """Return an act of granting without its end."""
    return replace(event, until=None)


def both(*faults: Faulty) -> Faulty:
    """Take several out together."""
    return lambda patch: [fault(patch) for fault in faults] and None


def annulled_for_ever(patch: pytest.MonkeyPatch) -> None:
    """Let the annulment of what one jury decided bear on what every jury decides."""
    of_minutes, annulled_in = StatusChanges.of_minutes, StatusChanges.annulled_in

    def status(self: StatusChanges, minutes_id: Any) -> GrantStatus:
        found = {of_minutes(self, each) for each in (minutes_id, *self.on_minutes)}
        return GrantStatus.ANNULLED if GrantStatus.ANNULLED in found else of_minutes(self, minutes_id)

    def blocks(self: StatusChanges, _minutes_id: Any) -> frozenset[Any]:
        return frozenset().union(*(annulled_in(self, minutes) for minutes, _ in self.on_block))

    patch.setattr(StatusChanges, "of_minutes", status)
    patch.setattr(StatusChanges, "annulled_in", blocks)


# By the point of what was found, the fault as it was.
FAULTS: dict[str, tuple[str, Faulty]] = {
    "vote": (
        "un vote pris après une décision rédigée ne change rien",
        both(
            instead(decision_after, lambda ballot, noted: noted or decision_after(ballot, noted)),
            instead(ballot_errors, lambda _block, _ballot: []),
        ),
    ),
    "casting-vote": (
        "l’issue d’un vote ignore que la règle ne donne pas de voix prépondérante",
        instead(outcome_of, lambda votes, voters, president, **_: outcome_of(votes, voters, president)),
    ),
    "equivalence": (
        "une équivalence rend un bloc dont la validité a pris fin",
        instead(_events_through, lambda equivalence, acts: map(unlimited, _events_through(equivalence, acts))),
    ),
    "validity": (
        "une décision de jury n’a pas de fin de validité",
        instead(_act, lambda sitting, decision: unlimited(_act(sitting, decision))),
    ),
    "whole": (
        "la certification entière ne demande pas que chaque bloc soit valable ce jour-là",
        instead(
            completion_for,
            lambda blocks, acts, **more: completion_for(
                blocks, {block: tuple(map(unlimited, events)) for block, events in acts.items()}, **more
            ),
        ),
    ),
    "suspension": (
        "une séance suspendue n’est connue d’aucune autre page",
        instead(load_suspensions, lambda _session, _hearings: {}),
    ),
    "minutes": (
        "le procès-verbal ne garde pas les suspensions",
        instead(
            course_to_record,
            lambda *given: {key: told for key, told in course_to_record(*given).items() if key != "adjournments"},
        ),
    ),
    "absence": (
        "une absence demande les constats et les décisions",
        instead(
            closing_errors, lambda hearing, today: closing_errors(replace(hearing, attendance=Attendance.HEARD), today)
        ),
    ),
    "appeal-nothing": ("un recours accueilli n’annule rien", instead(annul_decisions, lambda *_, **__: [])),
    "appeal-everything": (
        "un recours accueilli sur un bloc annule toute la décision",
        instead(
            annul_decisions,
            lambda session, hearing, appeal, granted, _blocks, **more: annul_decisions(
                session, hearing, appeal, granted, (), **more
            ),
        ),
    ),
    "second-jury": (
        "le dossier d’une décision annulée n’attend pas d’autre jury",
        instead(present_again, lambda *_, **__: None),
    ),
    "second-decision": ("l’annulation d’une décision porte aussi sur celle du second jury", annulled_for_ever),
    "decided-again": (
        "le premier procès-verbal dit qu’un autre jury peut décider, après qu’il a décidé",
        instead(load_decided_again, lambda _session, minutes, **_: dict.fromkeys(minutes, ())),
    ),
}


def first_found(store: Store) -> Iterator[tuple[str, int, float, str]]:
    """Yield each fault with the number of histories that were played, the seconds, and what the last one finds."""
    budget = settings(
        max_examples=HISTORIES,
        stateful_step_count=STEPS,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    for name in sys.argv[1:] or FAULTS:
        began, store.started, said = time.monotonic(), 0, ""
        machine = type("Machine", (HearingMachine,), {"store": store})
        with pytest.MonkeyPatch.context() as patch:
            FAULTS[name][1](patch)
            try:
                run_state_machine_as_test(machine, settings=budget)
            except Exception as found:
                said = str(found).split("\n", 1)[0][:160] or type(found).__name__
        # The history that fails is played once more, to be told.
        yield name, store.started - bool(said), time.monotonic() - began, said


def main() -> int:
    """Print the table; the status is 1 when a fault is not found."""
    missed = False
    silent = redirect_stderr(io.StringIO())  # the log of events
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch, silent:
        place = Path(folder)
        share_key(place)
        url = f"sqlite:///{place}/faults.db"
        upgrade(url)
        app = create_app(replace(config_for(url, place), session_idle_minutes=0))
        store = Store(app, place)
        store.set_clock(patch)
        for name, histories, seconds, said in first_found(store):
            missed = missed or not said
            found = histories if said else f"rien en {histories}"
            print(f"| {FAULTS[name][0]} | {found} ({seconds:.0f} s) | {said} |", flush=True)
        store.forget()
        close_app(app)
    return missed


if __name__ == "__main__":
    sys.exit(main())
