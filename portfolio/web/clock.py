"""The only clock: views read it and hand the moment down."""

from datetime import UTC, date, datetime

from portfolio.calendar import day_of


def now() -> datetime:
    """Return the present moment, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """Return the present day, as people in France see it."""
    return day_of(now())
