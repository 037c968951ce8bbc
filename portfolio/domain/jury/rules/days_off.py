"""Days on which a jury is seldom expected: Sundays and the public holidays of France.

The eleven holidays are those of article L3133-1 of the Code du travail. No rule forbids such a day: the
certifier is told, and decides.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

_SUNDAY = 6


def is_sunday(day: date) -> bool:
    """Return whether a day is a Sunday."""
    return day.weekday() == _SUNDAY


@lru_cache(maxsize=64)
def public_holiday(day: date) -> str:
    """Return the French name of the public holiday that falls on a day, '' when none does.

    Holidays of one département alone, in Alsace, in Moselle or overseas, are not known here.
    """
    from holidays import country_holidays  # hundreds of modules, for the page of a session alone

    name = country_holidays("FR", years=day.year, language="fr").get(day, "")
    return name.replace("'", "’")
