"""Steps from the invitation to the certification, counted without a person: cells under five are hidden (design)."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from statistics import median
from typing import TypeVar

from portfolio.domain.certification.rules.entry import Route

Key = TypeVar("Key", bound=str)
# A smaller count could tell of a person.
LEAST_SHOWN = 5


class FunnelStep(StrEnum):
    """Steps of a path that are counted, in their order."""

    INVITED = "invited"
    ENTERED = "entered"
    FIRST_PIECE = "first_piece"
    HALF_COVERED = "half_covered"
    SEALED = "sealed"
    HEARD = "heard"
    CERTIFIED = "certified"


STEPS = tuple(FunnelStep)


class LeavingReason(StrEnum):
    """Reasons that a person who stops gives."""

    TIME = "time"
    WORDS = "words"
    EVIDENCE = "evidence"
    MONEY = "money"
    ALONE = "alone"
    OTHER_PROJECT = "other_project"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Journey:
    """The days on which one candidacy reached its steps, and its active minutes until it was sealed."""

    route: Route
    days: Mapping[FunnelStep, date]
    minutes: int | None = None
    leaving: LeavingReason | None = None

    @property
    def invited_on(self) -> date:
        """Return the day on which the candidacy was opened."""
        return self.days[FunnelStep.INVITED]

    @property
    def reached(self) -> int:
        """Return the place of the furthest step: who was heard has entered, whatever the rows still say."""
        return max(STEPS.index(step) for step in self.days)


@dataclass(frozen=True, slots=True)
class FunnelRow:
    """Counts of a group, step by step; None where a count is hidden, or a median has too few values.

    `days`: median of days from the invitation to the step; `minutes`: median of active minutes until the seal.
    """

    counts: tuple[int | None, ...]
    days: tuple[float | None, ...]
    minutes: float | None


@dataclass(frozen=True, slots=True)
class Funnel:
    """The whole, by month of the invitation, by route, and why people leave."""

    total: FunnelRow
    months: Mapping[str, FunnelRow]
    routes: Mapping[Route, FunnelRow]
    leaving: Mapping[LeavingReason, int | None]


def funnel_of(journeys: Sequence[Journey]) -> Funnel:
    """Return the figures of some candidacies."""
    return Funnel(
        total=_row(journeys, [_shown(count) for count in _counts(journeys)]),
        months=_by(journeys, lambda journey: f"{journey.invited_on:%Y-%m}"),
        routes=_by(journeys, lambda journey: journey.route),
        leaving=hidden_together(Counter(each.leaving for each in journeys if each.leaving), None),
    )


def _counts(journeys: Iterable[Journey]) -> list[int]:
    reached = Counter(journey.reached for journey in journeys)
    return [sum(reached[place] for place in range(first, len(STEPS))) for first in range(len(STEPS))]


def _by(journeys: Sequence[Journey], key: Callable[[Journey], Key]) -> dict[Key, FunnelRow]:
    groups: defaultdict[Key, list[Journey]] = defaultdict(list)
    for journey in journeys:
        groups[key(journey)].append(journey)
    counts = {name: _counts(group) for name, group in groups.items()}
    columns = [
        hidden_together({name: counts[name][place] for name in groups}, whole)
        for place, whole in enumerate(_counts(journeys))
    ]
    return {name: _row(groups[name], [column[name] for column in columns]) for name in sorted(groups)}


def hidden_together(counts: Mapping[Key, int], whole: int | None) -> dict[Key, int | None]:
    """Hide the counts under five, and as many others as keep the hidden ones from being found by subtracting
    from `whole`, which is shown from five on; None when it is not shown.
    """
    shown = {name: _shown(count) for name, count in counts.items()}
    if whole is None or whole < LEAST_SHOWN:
        return shown
    while 0 < whole - sum(count or 0 for count in shown.values()) < LEAST_SHOWN and any(shown.values()):
        shown[min((name for name, count in shown.items() if count), key=lambda name: counts[name])] = None
    return shown


def _shown(count: int) -> int | None:
    return count if count >= LEAST_SHOWN else None


def _row(journeys: Sequence[Journey], counts: Sequence[int | None]) -> FunnelRow:
    days = tuple(
        _median([(each.days[step] - each.invited_on).days for each in journeys if step in each.days]) if count else None
        for step, count in zip(STEPS, counts, strict=True)
    )
    sealed = counts[STEPS.index(FunnelStep.SEALED)]
    minutes = [each.minutes for each in journeys if each.minutes is not None and FunnelStep.SEALED in each.days]
    return FunnelRow(tuple(counts), days, _median(minutes) if sealed else None)


def _median(values: Sequence[int]) -> float | None:
    return float(median(values)) if len(values) >= LEAST_SHOWN else None
