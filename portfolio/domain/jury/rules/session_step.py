"""The one thing to do next about a session, for the body that holds it."""

from dataclasses import dataclass
from enum import StrEnum

from portfolio.domain.jury.rules.member_status import JurorStep


class SessionStep(StrEnum):
    """Next steps of the body for a session, the most pressing first."""

    CANCELLED = "cancelled"
    NAME_MEMBER = "name_member"
    MAKE_REGULAR = "make_regular"
    FILL_SEAT = "fill_seat"
    MAKE_REGULAR_FOR = "make_regular_for"
    REPLACE_ABSENT = "replace_absent"
    UPDATE_SUMMONS = "update_summons"
    LIST_CANDIDATE = "list_candidate"
    FIX_DAY = "fix_day"
    WRITE_SUMMONS = "write_summons"
    RESUME = "resume"
    FOLLOW = "follow"
    OVER = "over"
    PAST = "past"
    TOO_NEAR = "too_near"
    READY = "ready"


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """Facts that decide the next step of a session; `days` counts to its day, negative once it has passed.

    `possible`: sealed dossiers that it could hear; `reading_days`: how long a jury reads, at least.
    """

    days: int
    reading_days: int
    is_cancelled: bool = False
    is_closed: bool = False
    has_empty_seat: bool = False
    is_irregular: bool = False
    is_vacant_for_one: bool = False
    is_irregular_for_one: bool = False
    absent: int = 0
    listed: int = 0
    open: int = 0
    suspended: int = 0
    possible: int = 0
    outdated: int = 0
    unsummoned: int = 0
    has_hours_and_place: bool = False


def session_step(facts: SessionFacts) -> SessionStep:
    """Return the next step: first what prevents the jury, then who must be written to, then the day (design).

    Nobody is summoned to a day that has passed, nor while no candidate is listed; on the day itself, the jury
    is followed.
    """
    to_come = facts.days >= 0 and facts.open > facts.suspended
    to_summon = to_come and facts.days > 0 and facts.unsummoned > 0
    asked = {
        SessionStep.CANCELLED: facts.is_cancelled,
        SessionStep.NAME_MEMBER: facts.has_empty_seat and not facts.is_closed,
        SessionStep.MAKE_REGULAR: facts.is_irregular,
        SessionStep.FILL_SEAT: facts.is_vacant_for_one,
        SessionStep.MAKE_REGULAR_FOR: facts.is_irregular_for_one,
        SessionStep.REPLACE_ABSENT: to_come and facts.absent > 0,
        SessionStep.UPDATE_SUMMONS: to_come and facts.outdated > 0,
        SessionStep.LIST_CANDIDATE: facts.possible > 0 and not facts.open and facts.days >= facts.reading_days,
        SessionStep.FIX_DAY: to_summon and not facts.has_hours_and_place,
        SessionStep.WRITE_SUMMONS: to_summon,
        SessionStep.RESUME: 0 < facts.suspended == facts.open,
        SessionStep.FOLLOW: facts.open > 0,
        SessionStep.OVER: facts.listed > 0,
        SessionStep.PAST: facts.days < 0,
        SessionStep.TOO_NEAR: facts.possible > 0,
    }
    return next((step for step, applies in asked.items() if applies), SessionStep.READY)


class HearingStep(StrEnum):
    """Next steps of a member of a jury for one candidate, the most pressing first."""

    CLOSED = "closed"
    RETURNED = "returned"
    RECUSED = "recused"
    BARRED = "barred"
    DECLARE = "declare"
    READ = "read"
    VACANT = "vacant"
    SUSPENDED = "suspended"
    ABSENT = "absent"
    VOTE = "vote"
    ANSWER = "answer"
    GIVE_OPINIONS = "give_opinions"
    FOLLOW = "follow"
    CHECK = "check"
    FIND = "find"
    SETTLE = "settle"
    CLOSE = "close"
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class HearingFacts:
    """Facts that decide the next step of a member for one candidate; `days` counts to the day of the jury.

    `has_given`: their opinions are given, or open to all. `is_ready`: every member who votes has declared and read.
    `to_vote`: a vote is open without theirs.
    `to_find` and `to_settle`: what the presidency has still to note.
    """

    own: JurorStep
    days: int
    presides: bool = False
    has_given: bool = True
    is_closed: bool = False
    is_returned: bool = False
    is_vacant: bool = False
    is_suspended: bool = False
    is_absent: bool = False
    to_vote: bool = False
    is_unanswered: bool = False
    is_ready: bool = True
    is_checked: bool = False
    to_find: bool = False
    to_settle: bool = False


def hearing_step(facts: HearingFacts) -> HearingStep:
    """Return the next step: one's own duties, what holds the jury up, a vote that is open, then one's part in it
    (design).

    Opinions are asked of each member before they see the drafts (domain §4), of the presidency before the day; on the
    day, and not before, the presidency notes, decides and closes.
    """
    asked = {
        HearingStep.CLOSED: facts.is_closed,
        HearingStep.RETURNED: facts.is_returned,
        HearingStep.RECUSED: facts.own is JurorStep.RECUSED,
        HearingStep.BARRED: facts.own is JurorStep.BARRED,
        HearingStep.DECLARE: facts.own is JurorStep.DECLARE,
        HearingStep.READ: facts.own is JurorStep.READ,
        HearingStep.VACANT: facts.is_vacant,
        HearingStep.SUSPENDED: facts.is_suspended,
        HearingStep.ABSENT: facts.is_absent,
        HearingStep.VOTE: facts.to_vote,
        HearingStep.ANSWER: facts.is_unanswered and facts.days > 0,
        HearingStep.GIVE_OPINIONS: not facts.has_given and (facts.days > 0 or not facts.presides),
        HearingStep.WAIT: not facts.presides,
        HearingStep.FOLLOW: facts.days > 0,
        HearingStep.CHECK: not (facts.is_checked and facts.is_ready),
        HearingStep.FIND: facts.to_find,
        HearingStep.SETTLE: facts.to_settle,
    }
    return next((step for step, applies in asked.items() if applies), HearingStep.CLOSE)


# Steps of which nothing is asked, and those that are the presidency's alone.
_IDLE = frozenset(
    {HearingStep.CLOSED, HearingStep.RETURNED, HearingStep.RECUSED, HearingStep.BARRED, HearingStep.VACANT}
    | {HearingStep.FOLLOW, HearingStep.WAIT}
)
_OF_PRESIDENCY = frozenset({HearingStep.SUSPENDED, HearingStep.ABSENT})


def is_asked(step: HearingStep, *, presides: bool) -> bool:
    """Tell whether a step asks something of the member."""
    return step not in _IDLE and (presides or step not in _OF_PRESIDENCY)


class DayStep(StrEnum):
    """First words of the page of the jury of one candidate: who is there, and whether they may deliberate."""

    CLOSED = "closed"
    VACANT = "vacant"
    BEFORE = "before"
    SUSPENDED = "suspended"
    CHECK = "check"
    ABSENT = "absent"
    IRREGULAR = "irregular"
    DELIBERATE = "deliberate"


def day_step(
    days: int,
    *,
    is_closed: bool,
    is_vacant: bool,
    is_suspended: bool,
    is_checked: bool,
    is_absent: bool,
    is_regular: bool,
) -> DayStep:
    """Return the next step of the day of a jury; `days` counts to it. Nobody is checked before, and an absence
    is closed without a decision whatever the jury (design).
    """
    asked = {
        DayStep.CLOSED: is_closed,
        DayStep.VACANT: is_vacant,
        DayStep.BEFORE: days > 0,
        DayStep.SUSPENDED: is_suspended,
        DayStep.CHECK: not is_checked,
        DayStep.ABSENT: is_absent,
        DayStep.IRREGULAR: not is_regular,
    }
    return next((step for step, applies in asked.items() if applies), DayStep.DELIBERATE)


class MinutesStep(StrEnum):
    """First words of the page of closed minutes."""

    CHANGED = "changed"
    DONE = "done"
    NOT_HEARD = "not_heard"


def minutes_step(*, is_changed: bool, is_heard: bool) -> MinutesStep:
    """Return what closed minutes lead to: what was decided since, the letter of the result, another jury."""
    return MinutesStep.CHANGED if is_changed else MinutesStep.DONE if is_heard else MinutesStep.NOT_HEARD
