"""Tell the database of a demonstration from one that people work in, before anything is written there."""

from datetime import datetime
from enum import Enum
from pathlib import Path

from sqlalchemy import ColumnElement, Engine, exists, inspect, select
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from demo.builder import BODY, CERTIFIER
from portfolio.db.engine import make_engine
from portfolio.domain.account.models import CertifyingBody, CertifyingBodyMember, Person
from portfolio.domain.audit_log.models import AuditEvent
from portfolio.domain.audit_log.use_cases import record_event

# The first event of a demonstration: the audit log is never changed, on either database.
MADE = "demonstration_made"


class Origin(Enum):
    """Origins of a database; `SHARED` is a demonstration where a body of one's own was made too."""

    EMPTY = "empty"
    DEMONSTRATION = "demonstration"
    SHARED = "shared"
    OTHER = "other"


def mark(session: Session, *, at: datetime) -> None:
    """Record that the demonstration makes this database."""
    record_event(session, MADE, ("demonstration", None), by=None, at=at)


def origin_of(database_url: str) -> Origin:
    """Return where the database of an address comes from; it is empty where there is no file or no table yet."""
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return Origin.EMPTY
    engine = make_engine(database_url)
    try:
        return _origin_of(engine)
    finally:
        engine.dispose()


def _origin_of(engine: Engine) -> Origin:
    needed = {model.__tablename__ for model in (Person, CertifyingBody, CertifyingBodyMember, AuditEvent)}
    if not needed <= set(inspect(engine).get_table_names()):
        return Origin.EMPTY
    with Session(engine) as session:
        if session.scalar(select(Person.id).limit(1)) is None:
            return Origin.EMPTY
        if not session.scalar(select(exists().where(AuditEvent.action == MADE) | _has_our_body())):
            return Origin.OTHER
        is_shared = session.scalar(select(exists().where(CertifyingBody.name != BODY)))
        return Origin.SHARED if is_shared else Origin.DEMONSTRATION


def _has_our_body() -> ColumnElement[bool]:
    """Return whether the body of the demonstration is there with its certifier: it left no mark at first."""
    is_member = CertifyingBodyMember.person_id == Person.id, CertifyingBodyMember.body_id == CertifyingBody.id
    return exists().where(*is_member, Person.email == CERTIFIER.email, CertifyingBody.name == BODY)
