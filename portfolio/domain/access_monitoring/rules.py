"""Detect bulk access: more people or files in one hour than any normal work needs."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

# The stretch of time in which openings are counted, whatever the hour it begins at.
WINDOW = timedelta(hours=1)
# How long who opened what is kept, for the person whose dossier it is (domain.md §8: access logs, 12 months).
RETENTION = timedelta(days=365)
# What a line of the log says of an access that was counted: the dossier alone, or files of it too.
OPENED, OPENED_FILE = "opened", "opened_file"


class AccessMeasure(StrEnum):
    """Measures that are counted."""

    PEOPLE = "people"
    FILES = "files"


@dataclass(frozen=True, slots=True)
class AccessVolume:
    """Reach of one account in an hour among the dossiers of one body: distinct people, distinct files of theirs."""

    people: int
    files: int


def exceeded_limits(reach: AccessVolume, bounds: AccessVolume) -> tuple[AccessMeasure, ...]:
    """Answer what passes its bound; nothing is what work explains.

    A bound of 0 is not watched. [design] How many someone may lawfully open does not
    matter: an account that was stolen opens only what it may.
    """
    return tuple(
        access_measure
        for access_measure in AccessMeasure
        if 0 < getattr(bounds, access_measure) < getattr(reach, access_measure)
    )
