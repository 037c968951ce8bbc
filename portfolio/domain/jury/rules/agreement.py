"""Agreement between the members of juries on ordered opinions: Krippendorff's alpha, which names nobody."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import median

# Under this number of dossiers, a figure could tell who thought what.
MIN_DOSSIERS = 3


@dataclass(frozen=True, slots=True)
class Agreement:
    """The agreement on one thing: alpha from -1 to 1, over so many dossiers; None when too few, or when
    nothing varies.
    """

    alpha: Fraction | None
    dossiers: int
    unanimous: bool = False


def krippendorff_alpha(units: Iterable[Sequence[int]]) -> Fraction | None:
    """Return Krippendorff's alpha for ordinal values, exactly; None when no two values differ or no unit has
    two values.

    `units`: the values that members gave to one thing each. Source: Krippendorff, Computing Krippendorff's
    Alpha-Reliability, 2011.
    """
    coincidences = _coincidences(units)
    totals: Counter[int] = Counter()
    exact: defaultdict[int, Fraction] = defaultdict(Fraction)
    for (value, _other), number in coincidences.items():
        exact[value] += number
    totals = Counter({value: int(number) for value, number in exact.items()})
    size = sum(totals.values())
    order = sorted(totals)
    distance = {(a, b): _ordinal(order, totals, a, b) for a in order for b in order}
    observed = sum((number * distance[pair] for pair, number in coincidences.items()), Fraction(0))
    expected = sum((totals[a] * totals[b] * distance[a, b] for a in order for b in order), Fraction(0))
    return None if size < 2 or not expected else 1 - (size - 1) * observed / expected


def _coincidences(units: Iterable[Sequence[int]]) -> dict[tuple[int, int], Fraction]:
    found: defaultdict[tuple[int, int], Fraction] = defaultdict(Fraction)
    for values in units:
        if len(values) < 2:
            continue
        counted = Counter(values)
        for a, first in counted.items():
            for b, second in counted.items():
                pairs = first * (second - (1 if a == b else 0))
                found[a, b] += Fraction(pairs, len(values) - 1)
    return found


def _ordinal(order: Sequence[int], totals: Mapping[int, int], a: int, b: int) -> Fraction:
    low, high = sorted((a, b))
    between = sum(totals[value] for value in order if low <= value <= high)
    return (between - Fraction(totals[a] + totals[b], 2)) ** 2


def agreement_of(units: Sequence[Sequence[int]]) -> Agreement:
    """Return the agreement over some dossiers; nothing is computed under `MIN_DOSSIERS`."""
    told = [values for values in units if len(values) > 1]
    if len(told) < MIN_DOSSIERS:
        return Agreement(None, len(told))
    return Agreement(
        krippendorff_alpha(told), len(told), unanimous=all(len(set(values)) == 1 for values in told)
    )


@dataclass(frozen=True, slots=True)
class Delays:
    """Days between two steps: how many dossiers, the median and the longest; None without a dossier."""

    dossiers: int
    median: float | None
    longest: int | None


def delays_of(days: Sequence[int]) -> Delays:
    """Return the median and the longest of some delays, in days."""
    return Delays(len(days), float(median(days)) if days else None, max(days, default=None))


def share(part: int, whole: int) -> int | None:
    """Return a whole percentage, rounded half up; None of nothing."""
    return None if not whole else (200 * part + whole) // (2 * whole)
