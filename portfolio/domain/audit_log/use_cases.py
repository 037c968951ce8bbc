"""Record one audit event for each use case: actor, action, object, moment."""

from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from portfolio.db.engine import after_commit
from portfolio.domain.audit_log.models import AuditEvent

log = structlog.get_logger("acquis")


def record_event(
    session: Session, verb: str, subject: tuple[str, UUID | None], *, by: UUID | None, at: datetime, **facts: Any
) -> None:
    """Write one line in the transaction of the act itself: both stand, or neither; the log tells it after.

    `subject` is the kind of the object and its id; `facts` are codes, numbers, dates and ids,
    never what a person wrote.
    """
    kind, object_id = subject
    plain = {key: value if isinstance(value, int | str | bool | None) else str(value) for key, value in facts.items()}
    event = AuditEvent(occurred_at=at, actor_id=by, action=verb, object_kind=kind, object_id=object_id, details=plain)
    session.add(event)

    def tell() -> None:
        if event in session:  # what a savepoint took back is not there any more
            log.info(verb, object=kind, object_id=str(object_id), actor=str(by))

    after_commit(session, tell)
