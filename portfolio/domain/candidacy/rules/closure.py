"""Closing a candidacy, recording that it is abandoned, and opening it again (design)."""

from __future__ import annotations

from enum import StrEnum


class ClosureKind(StrEnum):
    """What the certifier records."""

    ABANDONED = "abandoned"  # the candidate gave up, or answers no more
    CLOSED = "closed"  # the certifier ends the follow-up for another reason
    REOPENED = "reopened"  # the candidacy goes on


def is_closed(last: ClosureKind | None) -> bool:
    """Say from the last record whether a candidacy is closed."""
    return last is not None and last is not ClosureKind.REOPENED
