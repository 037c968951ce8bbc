"""Arrangements for a candidate with a disability: what is asked, decided, and said to a jury; never the cause."""

from dataclasses import dataclass
from enum import StrEnum

MAX_EXTRA_MINUTES = 240


class AccommodationOutcome(StrEnum):
    """Decisions on what is asked."""

    GRANTED = "granted"
    REFUSED = "refused"


class AccommodationRefusal(StrEnum):
    """Reasons why an arrangement is not asked or decided."""

    NOTHING_ARRANGED = "accommodation_nothing_arranged"
    NO_REASON = "accommodation_no_reason"
    DECIDED_ALREADY = "accommodation_decided_already"


@dataclass(frozen=True, slots=True)
class Arrangement:
    """A decision; those who organise and the jury read what it arranges, never its reason."""

    outcome: AccommodationOutcome
    text: str = ""
    extra_minutes: int = 0
    interpreter: bool = False
    reason: str = ""

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing is arranged."""
        return not (self.text or self.extra_minutes or self.interpreter)


def decision_refusal(decision: Arrangement) -> AccommodationRefusal | None:
    """Return why a decision is incomplete: a grant arranges something, a refusal says why."""
    if decision.outcome is AccommodationOutcome.GRANTED:
        return AccommodationRefusal.NOTHING_ARRANGED if decision.is_empty else None
    return None if decision.reason.strip() else AccommodationRefusal.NO_REASON
