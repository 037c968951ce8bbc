"""Record the pages of exhibits that a member of the jury opens, once their answer has been sent."""

from collections import OrderedDict
from threading import Lock
from uuid import UUID

import structlog
from flask import Response, after_this_request, current_app
from flask_login import current_user
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection

from portfolio.access.jury import HearingAccess
from portfolio.db.engine import transaction
from portfolio.domain.jury_session.use_cases import reading
from portfolio.web.clock import now

log = structlog.get_logger("acquis")
Opening = tuple[UUID, UUID, str, int]
MAX_RECENT_OPENINGS = 10_000
# The page number that stands for a whole file: a recording, or a download.
WHOLE_FILE = 0


class RecentOpenings:
    """The openings that this process recorded lately; the oldest is dropped first."""

    def __init__(self) -> None:
        self._rows: OrderedDict[Opening, None] = OrderedDict()
        self._lock = Lock()

    def __contains__(self, opening: Opening) -> bool:
        with self._lock:
            return opening in self._rows

    def add(self, opening: Opening) -> None:
        """Remember an opening that is in the database."""
        with self._lock:
            self._rows[opening] = None
            if len(self._rows) > MAX_RECENT_OPENINGS:
                self._rows.popitem(last=False)


def record_opening(case: HearingAccess, exhibit: str, page: int) -> bool:
    """Record an opening when the answer is a success, and return whether it counts.

    Closed minutes write nothing, nor does an opening recorded already.
    """
    if case.closed_at is not None or not case.is_juror:
        return False
    opening = (case.id, current_user.id, exhibit, page)
    recent: RecentOpenings = current_app.extensions.setdefault("exhibit_openings", RecentOpenings())
    if opening in recent:
        return True

    @after_this_request
    def _write(response: Response) -> Response:
        if response.status_code in (200, 206) and _insert(opening):
            recent.add(opening)
        return response

    return True


def _insert(opening: Opening) -> bool:
    """Insert the row; a failure never takes a page away from its reader."""
    hearing_id, person_id, exhibit, page = opening
    try:
        with transaction() as session:
            reading.record_opening(session, hearing_id, exhibit, page, by=person_id, at=now())
    except (DBAPIError, NoConnection) as error:
        log.warning("opening_not_recorded", kind=type(getattr(error, "orig", error)).__name__)
        return False
    return True
