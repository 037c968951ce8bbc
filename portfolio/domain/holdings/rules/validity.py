"""How long a block stays acquired once granted: for ever, unless its version says otherwise (R6)."""

from __future__ import annotations

import calendar
from datetime import date


def end_of_validity(granted_on: date, months: int | None) -> date | None:
    """Return the last day on which a block granted that day is valid; None without a limit of its own.

    The months are counted from the grant, to the day of the same number, or to the last day of a shorter month.
    """
    if months is None:
        return None
    year, month = divmod(granted_on.year * 12 + granted_on.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(granted_on.day, last))


def is_valid_on(day: date, granted_on: date, months: int | None) -> bool:
    """Return whether a block granted some day is valid on another one, that day or later."""
    end = end_of_validity(granted_on, months)
    return granted_on <= day and (end is None or day <= end)
