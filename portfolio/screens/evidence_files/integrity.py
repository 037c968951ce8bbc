"""Before a file is shown or sent: whether it is the one that was received.

A changed or missing one is told to the certifier.
"""

from enum import StrEnum

import structlog
from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from portfolio.db.engine import transaction
from portfolio.domain.integrity_checks.use_cases import report_damage
from portfolio.files.integrity.references import Verified
from portfolio.files.storage.store import InvalidKey, KeyNotFound
from portfolio.web.clock import now

log = structlog.get_logger("acquis")


class FileState(StrEnum):
    """State of a kept file, beside the one that was received."""

    INTACT = "intact"
    CHANGED = "changed"
    MISSING = "missing"


def file_state(key: str, sha256: str) -> FileState:
    """Return whether a kept file is there and has this digest; when not, the certifier gets a task."""
    verified: Verified = current_app.extensions["verified"]
    try:
        if verified.is_intact(key, sha256):
            return FileState.INTACT
        state = FileState.CHANGED
    except (KeyNotFound, InvalidKey):
        state = FileState.MISSING
    log.error("file_damaged", key=key, missing=state is FileState.MISSING)
    try:
        with transaction() as session:
            report_damage(session, key, at=now())
    except SQLAlchemyError:
        log.exception("damage_not_recorded", key=key)
    return state


def is_intact(key: str, sha256: str) -> bool:
    """Return whether what was made of a file is there as it was made; when not, the certifier gets a task."""
    return file_state(key, sha256) is FileState.INTACT
