"""The delays of a path, under the France VAE regime only (domain §2)."""

import calendar
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Regime(StrEnum):
    """Procedures, hence clocks, that bind a candidacy (domain §2)."""

    FRANCE_VAE = "france_vae"
    CERFA = "cerfa"
    OTHER = "other"


class DeadlineKind(StrEnum):
    """Delays that a clock counts."""

    FIRST_STEP = "first_step"
    JURY = "jury"
    NOTIFICATION = "notification"


@dataclass(frozen=True, slots=True)
class Deadline:
    """A delay of the regime: what it counts from, the earlier of its two readings, and the later one.

    A clock informs; an overrun is ruled on by the certifier and never refuses by itself.
    """

    kind: DeadlineKind
    since: date
    until: date
    latest: date
    source: str

    def is_over(self, day: date) -> bool:
        """Return whether the earlier reading has passed."""
        return day > self.until


def months_after(day: date, months: int) -> date:
    """Return the same day so many months later, or the last of the month when it has no such day."""
    index = day.month - 1 + months
    year, month = day.year + index // 12, index % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def _end_of_month(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def _month_deadline(kind: DeadlineKind, since: date, months: int, source: str) -> Deadline:
    """« End of the n-th month » reads two ways, date to date or calendar: keep both, show the earlier."""
    until = months_after(since, months)
    return Deadline(kind, since, until, _end_of_month(until), source)


def deadlines_for(
    regime: Regime, admissible_on: date, submitted_on: date | None = None, decided_on: date | None = None
) -> list[Deadline]:
    """Return which delays run, under the France VAE regime only (R6412-4, R6412-5, R6412-7 du code du travail).

    Other regimes follow the certifier's own rules, and have no clock of ours.
    """
    if regime is not Regime.FRANCE_VAE:
        return []
    if decided_on is not None:
        until = date.fromordinal(decided_on.toordinal() + 15)
        return [Deadline(DeadlineKind.NOTIFICATION, decided_on, until, until, "R6412-7")]
    if submitted_on is not None:
        return [_month_deadline(DeadlineKind.JURY, submitted_on, 3, "R6412-5")]
    return [_month_deadline(DeadlineKind.FIRST_STEP, admissible_on, 6, "R6412-4")]
