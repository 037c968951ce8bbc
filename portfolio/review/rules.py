"""The law of the advisor's marks: what they say, and when they are out of date."""

from __future__ import annotations

from enum import StrEnum


class MarkValue(StrEnum):
    """What the advisor thinks of the coverage of a competency."""

    COVERED = "covered"
    PARTLY = "partly"
    NOT_COVERED = "not_covered"
