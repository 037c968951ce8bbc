"""Acts that may be ordered for many candidacies at once, and what is not done for some of them, with the reason."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

# So many candidacies at most in one act.
MAX_CANDIDACIES = 500
# A line that fails so many times is given up, and the page says so.
MAX_TRIES = 3
# What became of each line is kept so long after the end of an act; the audit log, the letters and the
# candidacies stay [design].
KEPT_AFTER_END = timedelta(days=90)


class GroupActKind(StrEnum):
    """Acts that can be ordered for many candidacies."""

    INVITE = "invite"
    ASSIGN = "assign"
    WRITE = "write"


class LineOutcome(StrEnum):
    """Results of the act for one candidacy."""

    DONE = "done"
    ERASED = "erased"
    CLOSED = "closed"
    HAS_COME = "has_come"
    SAME_ADVISOR = "same_advisor"
    SAME_PERSON = "same_person"
    REFUSED = "refused"
    FAILED = "failed"


class OpeningOutcome(StrEnum):
    """Results of a line of a bulk opening."""

    OPENED = "opened"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class LineFacts:
    """Facts that decide whether the act is done for a candidacy.

    `same_advisor`: the advisor named follows it already; `same_person`: its candidate was written to for another one.
    """

    is_erased: bool = False
    is_closed: bool = False
    has_come: bool = False
    same_advisor: bool = False
    same_person: bool = False


def reason_not_done(kind: GroupActKind, facts: LineFacts) -> LineOutcome | None:
    """Return why the act is not done for a candidacy, or None when it is to be done.

    An invitation goes to those who never came, whatever became of their link. A closed candidacy is given to
    nobody, but its candidate may be written to.
    """
    if facts.is_erased:
        return LineOutcome.ERASED
    if facts.is_closed and kind is not GroupActKind.WRITE:
        return LineOutcome.CLOSED
    checks = {
        GroupActKind.INVITE: (facts.has_come, LineOutcome.HAS_COME),
        GroupActKind.ASSIGN: (facts.same_advisor, LineOutcome.SAME_ADVISOR),
        GroupActKind.WRITE: (facts.same_person, LineOutcome.SAME_PERSON),
    }
    stopped, outcome = checks[kind]
    return outcome if stopped else None
