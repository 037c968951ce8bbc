"""The sitting (domain §10): one composition, on one day, for one candidate; how it ends, and the day it decided on."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from portfolio.domain.jury.rules.deliberation import ClosingError, ClosingErrorCode


class SittingEnding(StrEnum):
    """Ways in which a sitting ends; all but the first two and the last leave the hearing open for another one."""

    DECIDED = "decided"
    ABSENT = "absent"
    SUSPENDED = "suspended"
    MOVED = "moved"
    DAY_CHANGED = "day_changed"
    MEMBERS_CHANGED = "members_changed"
    CANCELLED = "cancelled"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class DecisionDay:
    """Days between which the decision of a sitting lies: from the day of the sitting, or of its last ballot, to today.

    `is_balloted` is the day of the last ballot when each block was put to the vote: it is then the day of the decision.
    `stated` is the day of the deliberation as the presidency states it.
    """

    sat_on: date
    today: date
    ballots: tuple[date, ...] = ()
    is_balloted: bool = False
    stated: date | None = None

    @property
    def earliest(self) -> date:
        """Return the first day on which the jury can have decided."""
        return max((self.sat_on, *self.ballots))

    @property
    def is_asked(self) -> bool:
        """Return whether the presidency has to state the day: the ballots do not give it, and several days are open."""
        return not self.is_balloted and self.earliest < self.today

    @property
    def day(self) -> date:
        """Return the day of the decision; until it is stated, the first day on which it can have been made."""
        return self.stated if self.is_asked and self.stated is not None else self.earliest

    def errors(self) -> list[ClosingError]:
        """Return the error of a day that is not stated, or that lies outside the sitting and the closing."""
        if not self.is_asked:
            return []
        facts = {"earliest": self.earliest.isoformat(), "latest": self.today.isoformat()}
        if self.stated is None:
            return [ClosingError(ClosingErrorCode.DAY_MISSING, facts)]
        if not self.earliest <= self.stated <= self.today:
            return [ClosingError(ClosingErrorCode.DAY_OUTSIDE, facts)]
        return []


def goes_on(former: Collection[object], present: Collection[object]) -> bool:
    """Return whether a suspended deliberation goes on with what it had: the same members, no more and no fewer."""
    return set(former) == set(present)
