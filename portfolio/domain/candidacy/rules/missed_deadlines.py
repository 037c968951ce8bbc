"""Delays that passed, and what the certifier rules of them: they never refuse by themselves (domain §2, R3)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from portfolio.domain.candidacy.rules.deadlines import Deadline, DeadlineKind, Regime, deadlines_for
from portfolio.domain.candidacy.rules.opening import CandidacyRefusal


class LapseOutcome(StrEnum):
    """Rulings of the certifier on a delay that had passed: it was for a legitimate reason, or the admissibility has
    lapsed.
    """

    LEGITIMATE = "legitimate"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class ProgressDates:
    """The days that the clocks of a path look at; None for what has not come.

    `first_step_on` is the first thing that the candidate, or their advisor with them, did here; a submission is one.
    """

    regime: Regime
    admissible_on: date
    opened_on: date
    first_step_on: date | None = None
    submitted_on: date | None = None
    jury_on: date | None = None
    notified_on: date | None = None


@dataclass(frozen=True, slots=True)
class MissedDeadline:
    """A delay that passed by the earlier of its readings, and the day on which what it waited for came at last.

    `certain`: both readings have passed; between the two, the doubt is the candidate's. `seen`: the candidacy was open
    here when it passed; one opened after its delay was opened knowingly, and nothing here tells what was done before.
    """

    clock: Deadline
    done_on: date | None
    certain: bool
    seen: bool = True

    @property
    def kind(self) -> DeadlineKind:
        """Return the kind of delay."""
        return self.clock.kind


@dataclass(frozen=True, slots=True)
class Ruling:
    """The certifier's word on an overrun: which delay, maintained or lapsed, why, and its day."""

    kind: DeadlineKind
    outcome: LapseOutcome
    reason: str
    decided_on: date


class LapseState(StrEnum):
    """States of the admissibility before the six months' delay: kept, waiting for a ruling, maintained, lapsed (R3)."""

    NONE = "none"
    NOT_RULED = "not_ruled"
    RULED = "ruled"
    LAPSED = "lapsed"


def missed_deadlines(path: ProgressDates, today: date) -> tuple[MissedDeadline, ...]:
    """List the delays that passed, in the order of the path (R6412-4, R6412-5, R6412-7)."""
    found = []
    for clock, done_on in awaited_deadlines(path):
        reached = done_on or today
        if reached > clock.until:
            seen = clock.kind is not DeadlineKind.FIRST_STEP or path.opened_on <= clock.latest
            found.append(MissedDeadline(clock, done_on, reached > clock.latest, seen))
    return tuple(found)


# A delay that ends within so many days is near: it is also the delay of a notification (R6412-7).
NEAR = timedelta(days=15)


def running_deadlines(path: ProgressDates, today: date) -> tuple[Deadline, ...]:
    """List the delays that run: what they wait for has not come, and neither reading has passed."""
    return tuple(clock for clock, done_on in awaited_deadlines(path) if done_on is None and today <= clock.until)


def awaited_deadlines(path: ProgressDates) -> Iterator[tuple[Deadline, date | None]]:
    """Each clock of the path so far, with the day of what it waits for."""
    steps = [day for day in (path.first_step_on, path.submitted_on) if day is not None]
    for clock in deadlines_for(path.regime, path.admissible_on):
        yield clock, min(steps, default=None)
    if path.submitted_on is not None:
        for clock in deadlines_for(path.regime, path.admissible_on, path.submitted_on):
            yield clock, path.jury_on
        if path.jury_on is not None:
            for clock in deadlines_for(path.regime, path.admissible_on, path.submitted_on, path.jury_on):
                yield clock, path.notified_on


def lapse_of(path: ProgressDates, rulings: Sequence[Ruling], today: date) -> LapseState:
    """Return whether the admissibility waits for a ruling, from the delays and what was ruled, the latest
    last (R6412-4, R3).

    An overrun lapses nothing by itself: only the certifier's word does, and only an overrun that we saw pass,
    by both readings, asks for that word before a grant.
    """
    words = {LapseOutcome.LEGITIMATE: LapseState.RULED, LapseOutcome.LAPSED: LapseState.LAPSED}
    ruled = [ruling for ruling in rulings if ruling.kind is DeadlineKind.FIRST_STEP]
    if ruled:
        return words[ruled[-1].outcome]
    waits = any(
        deadline.kind is DeadlineKind.FIRST_STEP and deadline.seen and deadline.certain
        for deadline in missed_deadlines(path, today)
    )
    return LapseState.NOT_RULED if waits else LapseState.NONE


def ruling_refusal(
    ruling: Ruling, overruns: Iterable[MissedDeadline], *, has_minutes: bool, today: date
) -> CandidacyRefusal | None:
    """Return what forbids a ruling, or None.

    It needs a delay that passed and a reason; it is dated after the delay and not to come. A lapse is of the
    candidate's own delay, and is not declared of a path that a jury has decided: what was granted stays (R6).
    """
    clock = next((overrun.clock for overrun in overruns if overrun.kind is ruling.kind), None)
    if clock is None:
        return CandidacyRefusal.NO_OVERRUN
    lapses = ruling.outcome is LapseOutcome.LAPSED
    asked = (
        (CandidacyRefusal.NO_REASON, not ruling.reason.strip()),
        (CandidacyRefusal.NOT_THE_CANDIDATES_DELAY, lapses and ruling.kind is not DeadlineKind.FIRST_STEP),
        (CandidacyRefusal.LAPSED_AFTER_MINUTES, lapses and has_minutes),
        (CandidacyRefusal.RULED_TOMORROW, ruling.decided_on > today),
        (CandidacyRefusal.RULED_TOO_SOON, ruling.decided_on <= clock.until),
    )
    return next((code for code, applies in asked if applies), None)
