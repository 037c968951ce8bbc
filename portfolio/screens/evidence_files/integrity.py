"""Before a file is shown or sent: whether it is the one that was received.

A changed one is told to the certifier.
"""

from __future__ import annotations

import structlog
from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from portfolio.db.engine import transaction
from portfolio.domain.integrity_checks.use_cases import report_damage
from portfolio.files.integrity.verified import Verified
from portfolio.files.storage.store import InvalidKey, KeyNotFound
from portfolio.web.clock import now

log = structlog.get_logger("acquis")


def is_intact(key: str, sha256: str) -> bool:
    """Return whether a kept file has this digest; when not, the certifier gets a task.

    An absent file is told there too. Of an absent file nothing can be shown: the caller answers for it as it
    does without this check.
    """
    verified: Verified = current_app.extensions["verified"]
    try:
        if verified.is_intact(key, sha256):
            return True
        damaged = True
    except (KeyNotFound, InvalidKey):
        damaged = False
    log.error("file_damaged", key=key, missing=not damaged)
    try:
        with transaction() as session:
            report_damage(session, key, at=now())
    except SQLAlchemyError:
        log.exception("damage_not_recorded", key=key)
    return not damaged
