"""Accesses refused to people who are connected, in the audit log: who, which page, which object, when; never
what was sent.
"""

from __future__ import annotations

from uuid import UUID

import structlog
from flask import request
from flask_login import current_user
from sqlalchemy.exc import SQLAlchemyError

from portfolio.db.engine import transaction
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.web.clock import now

log = structlog.get_logger("acquis")
DENIED = "access_denied"
_KIND_MAX = 60


def record_denied() -> None:
    """Write that this request was refused (403).

    Refusals to strangers are in the log of requests only: nobody without a session has anything written to
    the store. A store that does not answer does not change the answer.
    """
    if not current_user.is_authenticated:
        return
    ids = [value for value in (request.view_args or {}).values() if isinstance(value, UUID)]
    subject = ((request.endpoint or "")[:_KIND_MAX], ids[0] if ids else None)
    try:
        with transaction() as session:
            record_event(session, DENIED, subject, by=current_user.id, at=now(), method=request.method)
    except SQLAlchemyError as error:
        log.error("denial_not_recorded", kind=type(error).__name__)
