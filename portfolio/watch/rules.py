"""What nobody opens in an hour of work: a count, never a judgement about someone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

# The stretch of time in which openings are counted, whatever the hour it begins at.
WINDOW = timedelta(hours=1)
# How long who opened what is kept: enough to count, and to answer whoever was told.
KEPT = timedelta(days=2)


class Measure(StrEnum):
    """What is counted."""

    PEOPLE = "people"
    FILES = "files"


@dataclass(frozen=True, slots=True)
class Reach:
    """How far one account went in an hour among the dossiers of one body: distinct people, distinct files of theirs."""

    people: int
    files: int


def beyond(reach: Reach, bounds: Reach) -> tuple[Measure, ...]:
    """Answer what passes its bound; nothing is what work explains. A bound of 0 is not watched. [design, after trust.md §6]

    How many someone may lawfully open does not matter: an account that was stolen opens only what it may.
    """
    return tuple(one for one in Measure if 0 < getattr(bounds, one) < getattr(reach, one))
