"""How a certification version makes a block out of what is found on its competencies (R4)."""

from __future__ import annotations

from enum import StrEnum


class DecisionRule(StrEnum):
    """How the findings on its competencies make a block (R4)."""

    EVERY = "every"
    THRESHOLD = "threshold"
    MEAN = "mean"
