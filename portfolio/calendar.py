"""The calendar of the product: days as people in France live them, Sundays and public holidays."""

from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
_SUNDAY = 6


def day_of(moment: datetime) -> date:
    """Return the day on which a moment falls in Paris: just after midnight there is not yesterday."""
    return moment.astimezone(PARIS).date()


def is_sunday(day: date) -> bool:
    """Return whether a day is a Sunday."""
    return day.weekday() == _SUNDAY


@lru_cache(maxsize=64)
def public_holiday(day: date) -> str:
    """Return the French name of the public holiday that falls on a day, '' when none does.

    The eleven holidays are those of article L3133-1 of the Code du travail; those of one département alone,
    in Alsace, in Moselle or overseas, are not known here.
    """
    from holidays import country_holidays  # hundreds of modules, for the page of a session alone

    name = country_holidays("FR", years=day.year, language="fr").get(day, "")
    return name.replace("'", "’")
