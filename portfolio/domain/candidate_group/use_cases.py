"""Make a group of candidates, give and withdraw its code, join and leave it, and read its presence."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portfolio.db.engine import new_id
from portfolio.domain.account.models import Person
from portfolio.domain.account.rules import ThrottledAction, name_order
from portfolio.domain.account.throttle import NO_WAIT, refund_attempt, register_guess
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy, candidate_display_name, is_closed_candidacy, is_erased
from portfolio.domain.candidate_group.models import CandidateGroup, GroupMembership
from portfolio.domain.candidate_group.rules import GroupInput, GroupMember, GroupRefusal, new_code, read_code
from portfolio.domain.certification.models import Certification, CertificationVersion
from portfolio.domain.funding.models import Appointment
from portfolio.errors import Refusal


@dataclass(frozen=True, slots=True)
class CodeAnswer:
    """The group that a typed code opens; without one, how long to wait before another try."""

    group: CandidateGroup | None
    wait: timedelta = NO_WAIT


@dataclass(frozen=True, slots=True)
class OpenCandidacy:
    """A candidacy that may join a group, and what it is for."""

    id: UUID
    title: str


def list_groups(session: Session, body_id: UUID) -> Sequence[tuple[CandidateGroup, int]]:
    """List the groups of a body by name, each with how many candidates are in it."""
    inside = (
        select(func.count())
        .where(GroupMembership.group_id == CandidateGroup.id, GroupMembership.left_at.is_(None))
        .scalar_subquery()
    )
    query = select(CandidateGroup, inside).where(CandidateGroup.body_id == body_id)
    rows = session.execute(query.order_by(CandidateGroup.name, CandidateGroup.id).limit(200))
    return [(row[0], row[1]) for row in rows]


def find_group(session: Session, body_id: UUID, group_id: UUID) -> CandidateGroup | None:
    """Return a group of this body."""
    row = session.get(CandidateGroup, group_id)
    return row if row is not None and row.body_id == body_id else None


def create_group(session: Session, body_id: UUID, written: GroupInput, *, by: UUID, at: datetime) -> CandidateGroup:
    """Make a group with its code."""
    row = CandidateGroup(
        id=new_id(), body_id=body_id, name=written.name, employer=written.employer, code=new_code(), created_by=by,
        created_at=at,
    )  # fmt: skip
    session.add(row)
    session.flush()
    record_event(session, "group_created", ("candidate_group", row.id), by=by, at=at)
    return row


def renew_code(session: Session, group: CandidateGroup, *, by: UUID, at: datetime) -> None:
    """Give a group a new code: the one before lets nobody in any more, and who is in it stays."""
    group.code = new_code()
    record_event(session, "group_code_renewed", ("candidate_group", group.id), by=by, at=at)


def withdraw_code(session: Session, group: CandidateGroup, *, by: UUID, at: datetime) -> None:
    """Let nobody join any more."""
    group.code = None
    record_event(session, "group_code_withdrawn", ("candidate_group", group.id), by=by, at=at)


def open_link(session: Session, group: CandidateGroup, *, by: UUID, at: datetime) -> str:
    """Return a new token by which the employer reads the presence of a group; the one before stops."""
    token = secrets.token_urlsafe(24)
    group.link_digest = _digest(token)
    record_event(session, "group_link_opened", ("candidate_group", group.id), by=by, at=at)
    return token


def close_link(session: Session, group: CandidateGroup, *, by: UUID, at: datetime) -> None:
    """Let the link of the employer open nothing any more."""
    group.link_digest = None
    record_event(session, "group_link_closed", ("candidate_group", group.id), by=by, at=at)


def find_by_token(session: Session, token: str) -> CandidateGroup | None:
    """Return the group that the link of an employer opens."""
    return session.scalar(select(CandidateGroup).where(CandidateGroup.link_digest == _digest(token)))


def find_by_code(session: Session, candidacy_id: UUID, typed: str, *, by: UUID, at: datetime) -> CodeAnswer:
    """Return the group of the body of a candidacy that a code opens; a wrong code is counted against who typed it."""
    attempt = register_guess(session, ThrottledAction.GROUP_CODE, str(by), at=at)
    if attempt.wait:
        return CodeAnswer(None, attempt.wait)
    body = (
        select(Certification.body_id)
        .join(CertificationVersion, CertificationVersion.certification_id == Certification.id)
        .join(Candidacy, Candidacy.version_id == CertificationVersion.id)
        .where(Candidacy.id == candidacy_id)
        .scalar_subquery()
    )
    query = select(CandidateGroup).where(CandidateGroup.code == read_code(typed), CandidateGroup.body_id == body)
    group = session.scalar(query)
    if group is not None:
        refund_attempt(session, attempt)
    return CodeAnswer(group)


def join_group(session: Session, candidacy_id: UUID, group_id: UUID, *, by: UUID, at: datetime) -> None:
    """Put a candidacy in a group. Raise Refusal when it is in it already, or closed."""
    query = select(Candidacy.id).where(Candidacy.id == candidacy_id, ~is_closed_candidacy())
    if session.scalar(query.with_for_update(of=Candidacy)) is None:
        raise Refusal(GroupRefusal.CLOSED_CANDIDACY)
    if _membership(session, candidacy_id, group_id) is not None:
        raise Refusal(GroupRefusal.IN_IT_ALREADY)
    session.add(GroupMembership(group_id=group_id, candidacy_id=candidacy_id, joined_at=at))
    record_event(session, "group_joined", ("candidacy", candidacy_id), by=by, at=at)


def leave_group(session: Session, candidacy_id: UUID, group_id: UUID, *, by: UUID, at: datetime) -> None:
    """Take a candidacy out of a group: its employer reads nothing of it from now on.

    Raise Refusal when it is not in it.
    """
    row = _membership(session, candidacy_id, group_id)
    if row is None:
        raise Refusal(GroupRefusal.NOT_IN_IT)
    row.left_at = at
    record_event(session, "group_left", ("candidacy", candidacy_id), by=by, at=at)


def list_own_groups(session: Session, candidacy_id: UUID) -> Sequence[CandidateGroup]:
    """List the groups that a candidacy is in."""
    query = select(CandidateGroup).join(GroupMembership, GroupMembership.group_id == CandidateGroup.id)
    query = query.where(GroupMembership.candidacy_id == candidacy_id, GroupMembership.left_at.is_(None))
    return session.scalars(query.order_by(CandidateGroup.name)).all()


def list_members(session: Session, group_id: UUID) -> tuple[GroupMember, ...]:
    """List who is in a group with their minutes of presence, by name, in one query."""
    attended = func.coalesce(func.sum(Appointment.attended), 0)
    query = (
        select(
            Candidacy.id,
            candidate_display_name(Person).label("name"),
            GroupMembership.joined_at,
            func.coalesce(func.sum(Appointment.minutes), 0).label("planned"),
            attended.label("attended"),
        )
        .select_from(GroupMembership)
        .join(Candidacy, Candidacy.id == GroupMembership.candidacy_id)
        .join(Candidacy.candidate)
        .outerjoin(Appointment, Appointment.candidacy_id == Candidacy.id)
        .where(GroupMembership.group_id == group_id, GroupMembership.left_at.is_(None))
        .group_by(Candidacy.id, Person.id, GroupMembership.joined_at)
    )
    rows = [
        GroupMember(row.id, row.name, row.joined_at, int(row.planned), int(row.attended))
        for row in session.execute(query)
    ]
    return tuple(sorted(rows, key=lambda member: (name_order(member.name), member.candidacy_id)))


def list_presence(session: Session, group_id: UUID) -> dict[UUID, list[Appointment]]:
    """Return the appointments of each candidacy of a group that were held, or missed, or are to come."""
    query = (
        select(Appointment)
        .join(GroupMembership, GroupMembership.candidacy_id == Appointment.candidacy_id)
        .where(GroupMembership.group_id == group_id, GroupMembership.left_at.is_(None))
        .order_by(Appointment.starts_at, Appointment.id)
    )
    found: dict[UUID, list[Appointment]] = {}
    for row in session.scalars(query):
        found.setdefault(row.candidacy_id, []).append(row)
    return found


def list_open_candidacies(session: Session, person_id: UUID) -> Sequence[OpenCandidacy]:
    """List the open candidacies of a person, by their certification."""
    query = (
        select(Candidacy.id, CertificationVersion.title)
        .join(CertificationVersion, CertificationVersion.id == Candidacy.version_id)
        .where(Candidacy.candidate_id == person_id, ~is_closed_candidacy(), ~is_erased())
        .order_by(CertificationVersion.title, Candidacy.id)
    )
    return [OpenCandidacy(row.id, row.title) for row in session.execute(query)]


def list_names_in_use(session: Session, body_id: UUID) -> Sequence[str]:
    """List the names of groups that candidacies of a body were opened with, and that no group bears yet."""
    made = select(CandidateGroup.name).where(CandidateGroup.body_id == body_id)
    query = (
        select(Candidacy.group_name)
        .join(CertificationVersion, CertificationVersion.id == Candidacy.version_id)
        .join(Certification, Certification.id == CertificationVersion.certification_id)
        .where(Certification.body_id == body_id, Candidacy.group_name.is_not(None), Candidacy.group_name.not_in(made))
        .distinct()
        .order_by(Candidacy.group_name)
        .limit(50)
    )
    return [name for name in session.scalars(query) if name]


def _membership(session: Session, candidacy_id: UUID, group_id: UUID) -> GroupMembership | None:
    return session.scalar(
        select(GroupMembership).where(
            GroupMembership.candidacy_id == candidacy_id,
            GroupMembership.group_id == group_id,
            GroupMembership.left_at.is_(None),
        )
    )


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
