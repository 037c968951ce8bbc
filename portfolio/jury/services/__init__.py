"""Use cases of the jury: planning a session, deliberating, closing; and what its pages read."""

from portfolio.jury.services.closing import Preview, close, preview
from portfolio.jury.services.deliberation import record_decision, record_finding
from portfolio.jury.services.minutes import MinutesPage, read_minutes
from portfolio.jury.services.planning import (
    add_hearing,
    name_member,
    plan_session,
    remove_hearing,
    remove_member,
)
from portfolio.jury.services.reading import BlockLine, CompetencyLine, HomeSession, Reading, juror_home, read_hearing
from portfolio.jury.services.sessions import list_sessions, session_page

__all__ = [
    "BlockLine",
    "CompetencyLine",
    "HomeSession",
    "MinutesPage",
    "Preview",
    "Reading",
    "add_hearing",
    "close",
    "juror_home",
    "list_sessions",
    "name_member",
    "plan_session",
    "preview",
    "read_hearing",
    "read_minutes",
    "record_decision",
    "record_finding",
    "remove_hearing",
    "remove_member",
    "session_page",
]
