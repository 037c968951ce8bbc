"""Use cases of the jury: planning a session, deliberating, closing; and what its pages read."""

from portfolio.jury.services.attendance import SittingPage, sitting_page
from portfolio.jury.services.awaited import AwaitedJury, awaited_juries
from portfolio.jury.services.closing import Preview, close, preview
from portfolio.jury.services.deliberation import record_decision, record_finding
from portfolio.jury.services.following import FollowedHearing, FollowedSession, followed_sessions
from portfolio.jury.services.home import HomeSession, juror_home
from portfolio.jury.services.loading import have_several_rules
from portfolio.jury.services.minutes import MinutesPage, given_by, read_minutes, rectify, result_of
from portfolio.jury.services.moving import destinations, move_hearing, was_moved_to
from portfolio.jury.services.notices import (
    notify_hearing_cancelled,
    notify_hearing_scheduled,
    notify_seat_withdrawn,
    summon_member,
)
from portfolio.jury.services.planning import (
    add_hearing,
    justify_parity,
    name_member,
    plan_session,
    remove_hearing,
    remove_member,
)
from portfolio.jury.services.reading import BlockLine, CompetencyLine, Reading, read_hearing
from portfolio.jury.services.sessions import list_sessions, session_page
from portfolio.jury.services.sitting import check_presence, find_paper, find_signed_form, presiding, state
from portfolio.jury.services.voiding import void_sitting

__all__ = [
    "AwaitedJury",
    "BlockLine",
    "CompetencyLine",
    "FollowedHearing",
    "FollowedSession",
    "HomeSession",
    "MinutesPage",
    "Preview",
    "Reading",
    "SittingPage",
    "add_hearing",
    "awaited_juries",
    "check_presence",
    "close",
    "destinations",
    "find_paper",
    "find_signed_form",
    "followed_sessions",
    "given_by",
    "have_several_rules",
    "juror_home",
    "justify_parity",
    "list_sessions",
    "move_hearing",
    "name_member",
    "notify_hearing_cancelled",
    "notify_hearing_scheduled",
    "notify_seat_withdrawn",
    "plan_session",
    "presiding",
    "preview",
    "read_hearing",
    "read_minutes",
    "record_decision",
    "record_finding",
    "rectify",
    "remove_hearing",
    "remove_member",
    "result_of",
    "session_page",
    "sitting_page",
    "state",
    "summon_member",
    "void_sitting",
    "was_moved_to",
]
