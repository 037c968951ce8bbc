"""Record accesses: a guard let a person read another person's dossier, and the response is a page or a
file.
"""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import Any

import structlog
from flask import Response, after_this_request, current_app
from flask_login import current_user
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection

from portfolio.access.candidacy import CandidacyAccess
from portfolio.db.engine import transaction
from portfolio.domain.access_monitoring.rules import AccessVolume
from portfolio.domain.access_monitoring.use_cases import Access, hour_of, record_access
from portfolio.web.clock import now, today

log = structlog.get_logger("acquis")
# The parts of an address that name one file; the pages of a document are that document.
FILES = ("evidence_id", "label", "document_id", "acquisition_id")
# What this process kept already within the hour is not written again.
MAX_RECENT_ACCESSES = 10_000


class RecentAccessCache:
    """The openings that this process kept lately, the oldest forgotten first."""

    def __init__(self) -> None:
        self._entries: OrderedDict[tuple[Access, int], None] = OrderedDict()
        self._lock = Lock()

    def is_new(self, opened: Access, hour: int) -> bool:
        """Say whether it was not kept in this hour, and remember it."""
        with self._lock:
            if (opened, hour) in self._entries:
                return False
            self._entries[opened, hour] = None
            if len(self._entries) > MAX_RECENT_ACCESSES:
                self._entries.popitem(last=False)
            return True


def record_object_access(case: Any, inner: dict[str, Any]) -> None:
    """Keep that a guard opened the dossier of somebody else, once it is answered; `inner`: the rest of the
    address.
    """
    file = next((f"{name} {inner[name]}" for name in FILES if name in inner), "")
    candidacy = case.id if isinstance(case, CandidacyAccess) else None
    opened = Access(current_user.id, case.body_id, case.candidate_id, file, candidacy)

    @after_this_request
    def _keep(response: Response) -> Response:
        if response.status_code == 200:
            _record(opened)
        return response


def _record(access: Access) -> None:
    """One short write, whose failure never takes a page away from its reader."""
    at, settings = now(), current_app.config["SETTINGS"]
    recent: RecentAccessCache = current_app.extensions.setdefault("openings", RecentAccessCache())
    if not recent.is_new(access, hour_of(at)):
        return
    bounds = AccessVolume(settings.reading_people, settings.reading_files)
    try:
        with transaction() as session:
            alerted = record_access(session, access, bounds, day=today(), at=at, contact=settings.contact)
    except (DBAPIError, NoConnection) as error:
        log.warning("access_not_recorded", kind=type(getattr(error, "orig", error)).__name__)
        return
    if alerted:
        log.warning("bulk_reading", actor=str(access.reader_id), body=str(access.body_id))
