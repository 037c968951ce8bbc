"""When a save begins a new version of a text, and when it goes on with the last one [design]."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

# Saves that follow each other within this time are one sitting: a text that saves itself makes one version of
# it.
SITTING = timedelta(minutes=30)
# As many versions of one text as its author can look through; older ones are forgotten.
MAX_VERSIONS = 60
# A save that takes so many words of a text away, or more than half of a short one, may be a mistake.
LARGE_LOSS_WORDS = 25
FEW_WORDS = 5


def is_large_loss(before: Mapping[str, str], after: Mapping[str, str]) -> bool:
    """Return whether a save takes many words of one of the texts away, whatever is written instead."""
    return any(_is_large(text, after.get(name, "")) for name, text in before.items())


def _is_large(before: str, after: str) -> bool:
    words = Counter(before.split())
    lost, total = (words - Counter(after.split())).total(), words.total()
    return lost >= LARGE_LOSS_WORDS or (total >= FEW_WORDS and lost > total // 2)


def begins_sitting(last_saved_at: datetime | None, at: datetime, *, is_ended: bool = False) -> bool:
    """Return whether a save begins a new version: the first one, after a rest, or after a version was
    restored.
    """
    return last_saved_at is None or is_ended or at - last_saved_at > SITTING
