"""Decide a block from the findings on its competencies, by the rule of the certification version (R4)."""

from __future__ import annotations

from enum import StrEnum


class DecisionRule(StrEnum):
    """How the findings on its competencies make a block (R4)."""

    EVERY = "every"
    THRESHOLD = "threshold"
    MEAN = "mean"
