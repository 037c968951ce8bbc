"""End what lets somebody in, or act, in the name of a person: one place, whatever happened to their account."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.orm import Session

from portfolio.db.credentials import Credential, declared_credentials, leads_to
from portfolio.domain.account.models import CertifyingBody, CertifyingBodyMember, LoginSession, Person
from portfolio.domain.account.rules import MemberRight, token_hash
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.email.use_cases import EmailTemplate, queue_email


class AccountEvent(StrEnum):
    """Events of an account after which its credentials serve no more."""

    SUSPENDED = "suspended"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of an event
    PASSWORD_RESET = "password_reset"  # noqa: S105 - the name of an event
    FACTOR_REMOVED = "factor_removed"
    LEFT_TEAM = "left_team"
    RIGHT_REDUCED = "right_reduced"


def end_credentials(
    session: Session,
    person_id: UUID,
    event: AccountEvent,
    *,
    by: UUID | None,
    at: datetime,
    body_id: UUID | None = None,
    but: str = "",
) -> Mapping[str, int]:
    """End every credential of a person, and tell them; return how many of each table served until now.

    `body_id`: those alone that serve this body; `but`: the token of the session in which the person acts. The other
    managers of a body are told when its programs stop.
    """
    ended, bodies = Counter[str](), dict[UUID, Counter[str]]()
    for row_class, credential in declared_credentials():
        if body_id is not None and not credential.body:
            continue
        served = _end(session, row_class, credential, _serving(row_class, credential, person_id, at, body_id, but), at)
        if served:
            name = str(row_class.__tablename__)
            ended[name] = len(served)
            for body in served:
                if body is not None:
                    bodies.setdefault(body, Counter())[name] += 1
    session.flush()
    facts = {"body": body_id} if body_id is not None else {}
    record_event(
        session, "credentials_ended", ("person", person_id), by=by, at=at, because=event.value, **facts, **ended
    )
    _tell(session, person_id, event, ended, body_id, at=at)
    for body, programs in bodies.items():
        _tell_managers(session, person_id, body, programs, at=at)
    return ended


def count_credentials(
    session: Session, person_id: UUID, *, at: datetime, body_id: UUID | None = None, but: str = ""
) -> Mapping[str, int]:
    """Return how many credentials of each table `end_credentials` would end now."""
    counted = {
        str(row_class.__tablename__): session.scalar(
            select(func.count())
            .select_from(row_class)
            .where(*_serving(row_class, credential, person_id, at, body_id, but))
        )
        or 0
        for row_class, credential in declared_credentials()
        if body_id is None or credential.body
    }
    return {name: number for name, number in counted.items() if number}


def _serving(
    row_class: Any, credential: Credential, person_id: UUID, at: datetime, body_id: UUID | None, but: str
) -> list[ColumnElement[bool]]:
    """Return the conditions of the rows that serve at this moment."""
    columns = row_class.__table__.c
    paths = filter(None, (credential.person, credential.or_person))
    found = [or_(*(leads_to(row_class, path, person_id) for path in paths))]
    if body_id is not None:
        found.append(leads_to(row_class, credential.body, body_id))
    if credential.ended:
        found.append(columns[credential.ended].is_(None))
    for planned in ("expires_at", credential.until):
        if planned in columns:
            found.append(or_(columns[planned].is_(None), columns[planned] > at))
    if but and row_class is LoginSession:
        found.append(columns.token_digest != token_hash(but))
    return found


def _end(
    session: Session, row_class: Any, credential: Credential, serving: list[ColumnElement[bool]], at: datetime
) -> list[UUID | None]:
    """End these rows, and return the body that each one served."""
    direct = len(credential.body) == 1
    body = row_class.__table__.c[credential.body[0] if direct else credential.person[0]]
    moment = credential.ended or credential.until
    act = update(row_class).values({moment: at}) if moment else delete(row_class)
    rows = session.execute(act.where(*serving).returning(body).execution_options(synchronize_session="fetch"))
    return [row[0] if direct else None for row in rows]


def _tell(
    session: Session,
    person_id: UUID,
    event: AccountEvent,
    ended: Mapping[str, int],
    body_id: UUID | None,
    *,
    at: datetime,
) -> None:
    person = session.get_one(Person, person_id)
    body = session.get_one(CertifyingBody, body_id).name if body_id is not None else ""
    facts: dict[str, Any] = {"name": person.name, "because": event.value, "ended": dict(ended), "body": body}
    queue_email(session, person, EmailTemplate.CREDENTIALS_ENDED, at=at, **facts)


def _tell_managers(session: Session, person_id: UUID, body_id: UUID, ended: Mapping[str, int], *, at: datetime) -> None:
    name = session.get_one(Person, person_id).name
    managers = (
        select(Person)
        .join(CertifyingBodyMember, CertifyingBodyMember.person_id == Person.id)
        .where(CertifyingBodyMember.body_id == body_id, Person.id != person_id, Person.suspended_at.is_(None))
        .where(manages(CertifyingBodyMember))
    )
    for manager in session.scalars(managers):
        facts = {"name": manager.name, "maker": name, "ended": dict(ended)}
        queue_email(session, manager, EmailTemplate.PROGRAMS_ENDED, at=at, body_id=body_id, **facts)


def manages(member: Any) -> ColumnElement[bool]:
    """Return the condition that a member manages the team of their body."""
    return or_(member.member_right.is_(None), member.member_right == MemberRight.MANAGER)
