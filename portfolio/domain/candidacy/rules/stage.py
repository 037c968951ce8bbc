"""Stage of a candidacy, as lists show it (design).

Closing a candidacy, recording that it is abandoned, and opening it again (design).
"""

from __future__ import annotations

from enum import StrEnum


class Stage(StrEnum):
    """The stages of a path, in their order."""

    INVITED = "invited"
    WRITING = "writing"
    SEALED = "sealed"
    CALLED = "called"
    DECIDED = "decided"
    OBTAINED = "obtained"
    CLOSED = "closed"


def stage_of(
    *,
    has_come: bool,
    is_sealed: bool,
    has_session: bool,
    is_decided: bool,
    is_obtained: bool = False,
    is_closed: bool = False,
) -> Stage:
    """Say at which stage a candidacy is, from its last deposit; a dossier open again for what is missing is
    being written.

    `is_obtained`: every block asked for is held, by whatever way: nothing is left to write. `is_closed`: the
    certifier closed the candidacy, or recorded that the candidate gave it up.
    """
    if is_closed:
        return Stage.CLOSED
    if is_sealed:
        if is_decided:
            return Stage.DECIDED
        return Stage.CALLED if has_session else Stage.SEALED
    if is_obtained:
        return Stage.OBTAINED
    return Stage.WRITING if has_come else Stage.INVITED


class ClosureKind(StrEnum):
    """Ends of a candidacy that the certifier records."""

    ABANDONED = "abandoned"  # the candidate gave up, or answers no more
    CLOSED = "closed"  # the certifier ends the follow-up for another reason
    REOPENED = "reopened"  # the candidacy goes on


def is_closed(last: ClosureKind | None) -> bool:
    """Say from the last record whether a candidacy is closed."""
    return last is not None and last is not ClosureKind.REOPENED


class SubmissionKind(StrEnum):
    """Kinds of things that a submission seals beside a livret 2, which has no kind."""

    ASSESSMENT_RECORD = "assessment_record"


class Extent(StrEnum):
    """Extents of an erasure: its drafts and unsealed evidence, or everything that need not stay."""

    DRAFTS = "drafts"
    WHOLE = "whole"


class Cause(StrEnum):
    """Reasons why a dossier is erased."""

    DUE = "due"
    ASKED = "asked"
