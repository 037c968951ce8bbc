"""Stage of a candidacy, as lists show it (design).

Closing a candidacy, recording that it is abandoned, and opening it again (design).
"""

from dataclasses import dataclass
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


class PathStep(StrEnum):
    """Next steps on the path of one candidacy, for its candidate, who follows them and the body alike."""

    NOTIFY = "notify"  # the jury has deliberated, its letter is awaited
    APPEAL = "appeal"  # an appeal waits for the answer of the body
    SUSPENDED = "suspended"  # the sitting of the jury is suspended
    REPLACED = "replaced"  # a later deposit is read instead of this one
    RETURNED = "returned"  # the deposit is to be completed
    AGAIN = "again"  # another jury may hear the person, on a route without a livret 2
    PREPARE = "prepare"  # the next deposit may be prepared
    OBTAINED = "obtained"  # every block asked for is held
    HELD_UP = "held_up"  # what is missing is suspended
    CONTINUE = "continue"  # the draft is open again after a decision
    DECIDED = "decided"
    ABSENT = "absent"  # the jury of the day noted that the person did not come
    HEAR = "hear"  # a jury hears the person, or has heard them and not closed yet
    NOT_HEARD = "not_heard"  # a jury met without the person, no other one is planned
    SCHEDULE = "schedule"  # sealed, without a jury
    RECORD = "record"  # assessments are recorded, on a route without a livret 2
    INVITE = "invite"  # the person has not come yet
    WRITE = "write"


@dataclass(frozen=True, slots=True)
class PathFacts:
    """Facts that decide the next step of a path, from its last deposit; a page omits what it does not say.

    `presents`: blocks asked for may be presented again; `is_held_up`: those that are missing may not.
    """

    is_sealed: bool
    has_session: bool = False
    is_closed: bool = False
    is_unnotified: bool = False
    has_appeal: bool = False
    is_suspended: bool = False
    is_away: bool = False
    was_absent: bool = False
    is_replaced: bool = False
    is_returned: bool = False
    is_obtained: bool = False
    is_held_up: bool = False
    presents: bool = False
    has_dossier: bool = True
    has_come: bool = True


def path_step(facts: PathFacts) -> PathStep:
    """Return the next step: what the jury decided or does, what is asked of the deposit, then what leads to a
    jury (design). A jury that decided later counts, not the one before which the person did not come.
    """
    sits = facts.has_session and not facts.is_closed
    again = facts.presents and facts.is_closed
    asked = {
        PathStep.NOTIFY: facts.is_unnotified,
        PathStep.APPEAL: facts.has_appeal,
        PathStep.SUSPENDED: sits and facts.is_suspended,
        PathStep.REPLACED: facts.is_replaced and not facts.is_closed,
        PathStep.RETURNED: facts.is_returned,
        PathStep.AGAIN: again and not facts.has_dossier,
        PathStep.PREPARE: again and facts.is_sealed,
        PathStep.OBTAINED: facts.is_obtained,
        PathStep.HELD_UP: facts.is_held_up,
        PathStep.CONTINUE: facts.is_closed and not facts.is_sealed,
        PathStep.DECIDED: facts.is_closed,
        PathStep.ABSENT: sits and facts.is_away,
        PathStep.HEAR: sits,
        PathStep.NOT_HEARD: facts.is_sealed and facts.was_absent,
        PathStep.SCHEDULE: facts.is_sealed,
        PathStep.RECORD: not facts.has_dossier,
        PathStep.INVITE: not facts.has_come,
    }
    return next((step for step, applies in asked.items() if applies), PathStep.WRITE)


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
