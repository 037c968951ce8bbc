"""Sample of hearings that a certifier looks at a second time: a share drawn by their identifiers, which nobody can
choose.
"""

import hashlib
from collections.abc import Sequence
from enum import StrEnum
from uuid import UUID

# One hearing in five, two at the least and twenty at the most (design, after the controls of public bodies).
SAMPLE_SHARE_PERCENT = 20
MIN_SAMPLE, MAX_SAMPLE = 2, 20


class ReviewConclusion(StrEnum):
    """Conclusions of a second look at a hearing."""

    SOUND = "sound"
    TO_IMPROVE = "to_improve"
    IRREGULAR = "irregular"


def sample_size(number: int) -> int:
    """Return how many hearings of so many are looked at again."""
    return min(number, MAX_SAMPLE, max(MIN_SAMPLE, -(-number * SAMPLE_SHARE_PERCENT // 100)))


def draw_sample(hearings: Sequence[UUID], year: int) -> tuple[UUID, ...]:
    """Return the hearings of a year that are looked at again; the same ones no matter who asks, in whatever
    order they come.
    """
    ranked = sorted(hearings, key=lambda id: hashlib.sha256(f"{year}:{id}".encode()).digest())
    return tuple(ranked[: sample_size(len(hearings))])
