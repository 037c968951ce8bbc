"""Requests of admissibility (livret 1): what makes one complete, its states, its clocks, and what stops an act.

For France VAE the feasibility file stands in the place of the livret 1 (domain §9).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from portfolio.domain.candidacy.rules.deadlines import Regime, months_after

# R6412-4, from the complete file; an appeal to the body has the same delay.
DECISION_MONTHS = 2
MAX_ACTIVITIES = 12
MAX_PROOFS = 30


class RequestState(StrEnum):
    """States of a request."""

    DRAFT = "draft"
    SENT = "sent"
    QUESTION = "question"
    COMPLETE = "complete"
    ADMISSIBLE = "admissible"
    REFUSED = "refused"
    APPEALED = "appealed"
    UPHELD = "upheld"


WRITABLE = frozenset({RequestState.DRAFT, RequestState.QUESTION})
WAITING = frozenset({RequestState.SENT, RequestState.COMPLETE, RequestState.APPEALED})
SAID_NO = frozenset({RequestState.REFUSED, RequestState.UPHELD})


class ProofKind(StrEnum):
    """Kinds of the files of a request."""

    PROOF = "proof"
    FEASIBILITY = "feasibility"


class Missing(StrEnum):
    """Parts that a request lacks before it is sent."""

    FEASIBILITY = "feasibility"
    ACTIVITY = "activity"
    HOURS = "hours"
    PROOF = "proof"
    ANSWER = "answer"


class RequestRefusal(StrEnum):
    """Reasons why an act on a request is refused."""

    NOT_COMPLETE = "admissibility_not_complete"
    NOT_NOW = "admissibility_not_now"
    NO_REASON = "admissibility_no_reason"
    SILENCE = "admissibility_silence"
    TOO_MANY_PROOFS = "admissibility_too_many_proofs"
    OPEN_ALREADY = "admissibility_open_already"


@dataclass(frozen=True, slots=True)
class RequestClock:
    """The day by which a body answers; with `is_law`, its silence is an answer (R6412-4)."""

    until: date
    is_law: bool
    is_appeal: bool = False

    def is_over(self, today: date) -> bool:
        """Return whether the day has passed."""
        return today > self.until


def clock_of(state: RequestState, regime: Regime, since: date | None) -> RequestClock | None:
    """Return the clock of a request that waits for its body, from its last sending or from its appeal."""
    if state not in WAITING or since is None:
        return None
    is_appeal = state is RequestState.APPEALED
    return RequestClock(months_after(since, DECISION_MONTHS), regime is Regime.FRANCE_VAE or is_appeal, is_appeal)


def hours_of(content: Mapping[str, Any]) -> int:
    """Return the hours of all the activities of a request."""
    return sum(activity.get("hours") or 0 for activity in content.get("activities", ()))


def missing_parts(
    state: RequestState, regime: Regime, content: Mapping[str, Any], proofs: Sequence[ProofKind], answer: str
) -> list[Missing]:
    """Return what a request lacks before it is sent."""
    activities = content.get("activities", ())
    asked = {Missing.ANSWER: state is RequestState.QUESTION and not answer.strip()}
    if regime is Regime.FRANCE_VAE:
        asked |= {Missing.FEASIBILITY: ProofKind.FEASIBILITY not in proofs}
    else:
        asked |= {
            Missing.ACTIVITY: not activities,
            Missing.HOURS: bool(activities) and not all(each.get("hours") for each in activities),
            Missing.PROOF: not proofs,
        }
    return [part for part, is_missing in asked.items() if is_missing]


def decision_refusal(
    state: RequestState, clock: RequestClock | None, today: date, *, admissible: bool, reason: str
) -> RequestRefusal | None:
    """Return what stops a decision: it is not awaited, a refusal says no reason, or silence has already admitted."""
    if state not in WAITING:
        return RequestRefusal.NOT_NOW
    if admissible:
        return None
    if clock and clock.is_law and not clock.is_appeal and clock.is_over(today):
        return RequestRefusal.SILENCE
    return None if reason.strip() else RequestRefusal.NO_REASON
