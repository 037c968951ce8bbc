"""Use cases of the jury: planning a session, deliberating, closing; and what its pages read."""

from portfolio.jury.services.closing import Preview, close, preview
from portfolio.jury.services.deliberation import record_decision, record_finding
from portfolio.jury.services.planning import (
    Naming,
    Planning,
    add_hearing,
    name_member,
    plan_session,
    remove_hearing,
    remove_member,
)

__all__ = [
    "Naming",
    "Planning",
    "Preview",
    "add_hearing",
    "close",
    "name_member",
    "plan_session",
    "preview",
    "record_decision",
    "record_finding",
    "remove_hearing",
    "remove_member",
]
