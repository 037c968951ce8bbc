"""Days, months and registrations, as the law counts them."""

import calendar
from datetime import date

from tests.second_reading.facts import Version

FOREVER = date.max


def after_months(day: date, months: int) -> date:
    """Return the day of the same number so many months later, or the last one of a shorter month."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def is_registered(version: Version, day: date) -> bool:
    """Return whether a day is covered by a registration, its two ends included."""
    return any(since <= day <= until for since, until in version.registrations)
