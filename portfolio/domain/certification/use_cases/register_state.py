"""The content of an entry as it was last read, so that a later reading is compared with it."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.domain.certification.models import RegisterState


def state_of(session: Session, certification_id: UUID) -> RegisterState:
    """Return the row of a certification, empty when nothing was read yet."""
    found = session.scalar(select(RegisterState).where(RegisterState.certification_id == certification_id))
    if found is None:
        found = RegisterState(certification_id=certification_id, content_digest="", source_digest="")
        session.add(found)
        session.flush()
    return found
