"""The verbs that the audit log holds once a test has run: `@pytest.mark.records("complaint_answered", …)`.

A test that says so fails when one of them was not written while it ran, in its own call or in a fixture that no
other test shares.
"""

from collections.abc import Generator, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import pytest


class Recorder:
    """The verbs of the events that are written for one test, while it listens."""

    def __init__(self) -> None:
        self.verbs: set[str] = set()
        self.is_muted = False

    def __call__(self, _mapper: Any, _connection: Any, written: Any) -> None:
        if not self.is_muted:
            self.verbs.add(written.action)


# That of the test that runs, when it says what it records.
_running: list[Recorder] = []


@contextmanager
def muted() -> Iterator[None]:
    """Count nothing of what is written meanwhile: another test may find it written."""
    stopped = [recorder for recorder in _running if not recorder.is_muted]
    for recorder in stopped:
        recorder.is_muted = True
    try:
        yield
    finally:
        for recorder in stopped:
            recorder.is_muted = False


def declared(item: pytest.Item) -> set[str]:
    """Return the verbs that a test says it records."""
    return {verb for mark in item.iter_markers("records") for verb in mark.args}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    """Listen to the audit log from the first fixture of a test that says what it records."""
    if not declared(item):
        return (yield)
    from sqlalchemy import event

    from portfolio.domain.audit_log.models import AuditEvent

    recorder = Recorder()
    _running.append(recorder)
    event.listen(AuditEvent, "after_insert", recorder)
    try:
        return (yield)
    finally:
        event.remove(AuditEvent, "after_insert", recorder)
        _running.remove(recorder)


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[Any]) -> Generator[None, Any, Any]:
    """Leave out what a shared fixture writes: the next test that asks for it finds it written."""
    with nullcontext() if fixturedef.scope == "function" else muted():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Fail a test that passes without the verbs that it says."""
    result = yield
    missing = declared(item) - _running[-1].verbs if _running else set()
    if missing:
        pytest.fail(f"The audit log does not hold what this test says it records: {', '.join(sorted(missing))}.")
    return result
