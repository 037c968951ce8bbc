"""What a candidate thinks of their own mastery of a competency: for the advisor, never for the jury."""

from __future__ import annotations

from enum import StrEnum


class SelfAssessment(StrEnum):
    """How far the candidate thinks they master a competency. It is no score: nothing is computed from it."""

    ABLE = "able"
    PARTLY = "partly"
    NOT_YET = "not_yet"
