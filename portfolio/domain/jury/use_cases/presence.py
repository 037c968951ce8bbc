"""Note who is present, and open the opinions when the members who are left have all given theirs."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portfolio.domain.jury.models.sessions import Hearing
from portfolio.domain.jury.rules.enums import Attendance
from portfolio.domain.jury.use_cases.declarations import check_presence
from portfolio.domain.jury.use_cases.opinions import open_when_complete


def note_presence(
    session: Session,
    hearing_id: UUID,
    present: Collection[UUID],
    attendance: Attendance,
    *,
    by: UUID,
    at: datetime,
) -> None:
    """Note who is present for a candidate; a departure may leave only members who gave their opinions.

    Raise Refusal as `check_presence` does.
    """
    check_presence(session, hearing_id, present, attendance, by=by, at=at)
    open_when_complete(session, session.get_one(Hearing, hearing_id), at=at)
