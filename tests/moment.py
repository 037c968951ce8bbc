"""The clock of the product in the hands of a test: a world that many tests share has the age that they say, however
long it took to make and whatever the day.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, tzinfo

import pytest

from portfolio.db import engine
from portfolio.web import clock as pages

# Ten o’clock in Paris on a Tuesday: neither a public holiday nor the end of a month is near.
MORNING = datetime(2026, 9, 15, 8, tzinfo=UTC)
# A shared world is older than any delay counted in minutes, and still of the same day.
AN_HOUR_LATER = MORNING + timedelta(hours=1)


class Clock:
    """A clock that goes on from the moment it was last set to; the real one until then, and once it rests."""

    def __init__(self) -> None:
        self._moment: datetime | None = None
        self._since = 0.0

    def set(self, moment: datetime) -> None:
        """Go on from this moment."""
        self._moment, self._since = moment, time.monotonic()

    def rest(self) -> None:
        """Tell the real moment again."""
        self._moment = None

    def now(self, zone: tzinfo) -> datetime:
        """Return the present moment, as `datetime.now` does."""
        if self._moment is None:
            return datetime.now(zone)
        return (self._moment + timedelta(seconds=time.monotonic() - self._since)).astimezone(zone)


_clock = Clock()


@contextmanager
def clock_from(moment: datetime) -> Iterator[Clock]:
    """Let the product read a clock that starts at this moment; databases opened meanwhile keep it."""
    with pytest.MonkeyPatch.context() as patch:
        for reader in (pages, engine):
            patch.setattr(reader, "datetime", _clock)
        _clock.set(moment)
        yield _clock
        _clock.rest()


@pytest.fixture(scope="session")
def clock() -> Iterator[Clock]:
    """Give the clock that the shared world of a folder is made by, and read by."""
    with clock_from(MORNING) as found:
        yield found


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Let what a test shares with others be made by their clock too, whichever asks first."""
    _clock.set(AN_HOUR_LATER)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Iterator[None]:
    """Give the real clock back to the tests of other folders, in the same process."""
    try:
        return (yield)
    finally:
        _clock.rest()


@pytest.fixture(autouse=True)
def an_hour_later(clock: Clock) -> None:
    """Begin each test of the folder at the same moment."""
    clock.set(AN_HOUR_LATER)
