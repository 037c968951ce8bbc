"""When a save begins a new version of a text, and when it goes on with the last one [design]."""

from __future__ import annotations

from datetime import datetime, timedelta

# Saves that follow each other within this time are one sitting: a text that saves itself makes one version of
# it.
SITTING = timedelta(minutes=30)
# As many versions of one text as its author can look through; older ones are forgotten.
MAX_VERSIONS = 60


def begins_sitting(last_saved_at: datetime | None, at: datetime, *, is_ended: bool = False) -> bool:
    """Return whether a save begins a new version: the first one, after a rest, or after a version was
    restored.
    """
    return last_saved_at is None or is_ended or at - last_saved_at > SITTING
