"""The person behind a session of login, and the homes they have: one query a request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, bindparam, exists, func, select
from sqlalchemy.orm import Session, aliased

from portfolio.db.engine import fetch_rows
from portfolio.db.sql_functions import appears_in
from portfolio.domain.account.models import (
    CertifyingBodyMember,
    LoginSession,
    Passkey,
    Person,
    SecondFactor,
)
from portfolio.domain.account.rules import is_live
from portfolio.domain.account.use_cases import token_hash
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.dossier.models import Dossier
from portfolio.domain.jury.models.sessions import (
    JuryMember,
    sits_somewhere,
)
from portfolio.domain.review.use_cases.unread import unread_as_advisor, unread_as_candidate


@dataclass(frozen=True)
class RolesOverview:
    """Which homes a person has; it only draws the navigation, it never grants anything."""

    certifies: bool
    advises: bool
    sits: bool
    candidacies: tuple[UUID, ...]
    # What was not read in the conversations of each home.
    unread_as_advisor: int = 0
    unread_as_candidate: int = 0
    # Those of the candidacies that have no livret 2.
    without_dossier: frozenset[UUID] = frozenset()


@dataclass(frozen=True)
class LoggedInUser:
    """The person behind a live session of login, and the homes they have."""

    person_id: UUID
    name: str
    email: str
    roles: RolesOverview
    has_application: bool = False
    has_passkeys: bool = False
    presides: bool = False
    last_seen_at: datetime | None = None


_own = aliased(Candidacy)


# Asked at every request, so built once.
_VISIT = (
    select(
        *(
            Person.id,
            Person.name,
            Person.email,
            LoginSession.expires_at,
            LoginSession.ended_at,
            _own.id.label("candidacy_id"),
        ),
        func.coalesce(LoginSession.last_seen_at, LoginSession.started_at).label("last_seen_at"),
        exists()
        .where(SecondFactor.person_id == Person.id, SecondFactor.confirmed_at.is_not(None))
        .label("has_application"),
        exists().where(Passkey.person_id == Person.id).label("has_passkeys"),
        and_(
            appears_in(JuryMember.person_id, Person.id),
            exists().where(JuryMember.person_id == Person.id, JuryMember.seat == Seat.PRESIDENT),
        ).label("presides"),
        Dossier.is_required.label("has_dossier"),
        exists().where(CertifyingBodyMember.person_id == Person.id).label("certifies"),
        appears_in(Candidacy.advisor_id, Person.id).label("advises"),
        sits_somewhere(Person.id).label("sits"),
        unread_as_advisor(Person.id).label("unread_as_advisor"),
        unread_as_candidate(Person.id).label("unread_as_candidate"),
    )
    .select_from(LoginSession)
    .join(Person, Person.id == LoginSession.person_id)
    .outerjoin(_own, _own.candidate_id == Person.id)
    .outerjoin(Dossier, Dossier.candidacy_id == _own.id)
    .where(LoginSession.token_digest == bindparam("token"), Person.suspended_at.is_(None))
    .order_by(_own.opened_at)
)


def load_user_by_token(
    session: Session, token: str, *, at: datetime, idle: timedelta | None = None
) -> LoggedInUser | None:
    """Answer who holds this token and their homes, in one query.

    None when its session has ended, was left unused for longer than `idle`, or when the person is suspended.
    """
    rows = fetch_rows(session, _VISIT, {"token": token_hash(token)})
    if not rows or not is_live(rows[0].expires_at, rows[0].ended_at, at):
        return None
    if idle is not None and rows[0].last_seen_at < at - idle:
        return None
    person = rows[0]
    candidacies = tuple(row.candidacy_id for row in rows if row.candidacy_id is not None)
    without = frozenset(
        row.candidacy_id for row in rows if row.candidacy_id is not None and not row.has_dossier
    )
    unread = (person.unread_as_advisor, person.unread_as_candidate)
    roles = RolesOverview(person.certifies, person.advises, person.sits, candidacies, *unread, without)
    factors = (person.has_application, person.has_passkeys)
    return LoggedInUser(
        person.id, person.name, person.email, roles, *factors, person.presides, person.last_seen_at
    )
