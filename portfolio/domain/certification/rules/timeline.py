"""Position of registrations on a timeline, for drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from portfolio.domain.certification.rules.entry import Registration

LENGTH = 1000


@dataclass(frozen=True, slots=True)
class Span:
    """One registration on the line: where it begins and how long it is, in thousandths of the line."""

    registration: Registration
    start: int
    length: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """The registrations of an entry in order, the years to write below, and where a day of reference
    stands.
    """

    spans: tuple[Span, ...]
    years: tuple[tuple[int, int], ...]
    today: int


def timeline_of(registrations: Sequence[Registration], today: date) -> Timeline | None:
    """Lay registrations out from the first day of the first one to its end or today, whichever is later.

    None when no registration has both its dates.
    """
    dated = sorted(
        (
            (registration.since, registration.until, registration)
            for registration in registrations
            if registration.since and registration.until
        ),
        key=lambda row: row[0],
    )
    if not dated:
        return None
    first, last = dated[0][0], max(today, *(until for _, until, _ in dated))
    length = max((last - first).days, 1)

    def at(day: date) -> int:
        return round((day - first).days * LENGTH / length)

    spans = tuple(
        Span(registration, at(since), max(at(until) - at(since), 4)) for since, until, registration in dated
    )
    step = max(1, (last.year - first.year) // 6)
    years = tuple((year, at(date(year, 1, 1))) for year in range(first.year + 1, last.year + 1, step))
    return Timeline(spans, years, at(today))
