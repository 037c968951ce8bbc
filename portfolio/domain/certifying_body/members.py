"""The members of a certifying body: invited, given a right, and removed when they leave.

A body always keeps a manager.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from portfolio.domain.account.credentials import AccountEvent, count_credentials, end_credentials
from portfolio.domain.account.models import CertifyingBody, CertifyingBodyMember, Person
from portfolio.domain.account.rules import MemberRight, MemberTask, Tasks, name_order, tasks_of
from portfolio.domain.account.use_cases import invite
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.certification.models import Certification, CertificationVersion
from portfolio.domain.certifying_body.rules import MemberRefusal
from portfolio.domain.email.models import CertifyingBodySettings
from portfolio.errors import Refusal

# A page of members; a body with more finds people by their name.
MAX_MEMBERS = 200


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a body; whether they chose a password yet, and whether they are designated to sign."""

    person_id: UUID
    name: str
    email: str
    right: MemberRight
    tasks: Tasks
    has_entered: bool
    signs: bool


def list_certifications(session: Session, body_id: UUID) -> list[tuple[UUID, str]]:
    """List the certifications of a body that tasks are limited to: code and title of their last version."""
    query = (
        select(Certification.id, Certification.code, CertificationVersion.title)
        .join(Certification.versions)
        .where(Certification.body_id == body_id)
        .order_by(Certification.code, CertificationVersion.number)
    )
    # Of several versions the last one stays.
    titles = {row.id: f"{row.code} · {row.title}" for row in session.execute(query)}
    return list(titles.items())


def list_members(session: Session, body_id: UUID, only: UUID | None = None) -> tuple[Member, ...]:
    """List the members of a body by name, or one of them."""
    signatory = (
        select(CertifyingBodySettings.signatory_id).where(CertifyingBodySettings.body_id == body_id).scalar_subquery()
    )
    query = (
        select(
            Person,
            CertifyingBodyMember.member_right,
            CertifyingBodyMember.tasks,
            (Person.id == signatory).label("signs"),
        )
        .join(CertifyingBodyMember, CertifyingBodyMember.person_id == Person.id)
        .where(CertifyingBodyMember.body_id == body_id, Person.suspended_at.is_(None))
        .where(*() if only is None else (Person.id == only,))
        .order_by(Person.id)
        .limit(MAX_MEMBERS)
    )
    members = (
        Member(
            person.id,
            person.name,
            person.email,
            right or MemberRight.MANAGER,
            tasks_of(right, given),
            person.password_hash is not None,
            bool(signs),
        )
        for person, right, given, signs in session.execute(query)
    )
    return tuple(sorted(members, key=lambda member: name_order(member.name)))


def last_managers(members: Sequence[Member]) -> frozenset[UUID]:
    """Return the members whom nobody takes out of the body: without them, no manager could enter."""
    entering = {each.person_id for each in members if each.right is MemberRight.MANAGER and each.has_entered}
    managers = (each.person_id for each in members if each.right is MemberRight.MANAGER)
    return frozenset(person_id for person_id in managers if not entering - {person_id})


def invite_member(
    session: Session,
    body_id: UUID,
    email: str,
    name: str,
    right: MemberRight,
    *,
    by: UUID,
    at: datetime,
    tasks: Tasks | None = None,
) -> None:
    """Invite a colleague with a right, of a reader with tasks; one who is a member already gets them, and
    a new letter.
    """
    session.get_one(CertifyingBody, body_id, with_for_update=True)
    person = invite(session, email, name, body_id, by=by, at=at, why="certifier")
    row = session.get(CertifyingBodyMember, (body_id, person.id))
    if row is None:
        row = CertifyingBodyMember(body_id=body_id, person_id=person.id, member_right=right, added_at=at)
        session.add(row)
    _set_right(session, row, right, tasks)
    facts = {"body": body_id, "right": right, "tasks": row.tasks or {}}
    record_event(session, "member_invited", ("person", person.id), by=by, at=at, **facts)


def change_right(
    session: Session,
    body_id: UUID,
    person_id: UUID,
    right: MemberRight,
    *,
    by: UUID,
    at: datetime,
    tasks: Tasks | None = None,
) -> None:
    """Give a member another right, or a reader other tasks.

    Raise Refusal for a stranger, and when nobody would manage the body any more.
    """
    session.get_one(CertifyingBody, body_id, with_for_update=True)
    row = session.get(CertifyingBodyMember, (body_id, person_id))
    if row is None:
        raise Refusal(MemberRefusal.NOT_MEMBER)
    managed = row.member_right in (None, MemberRight.MANAGER)
    _set_right(session, row, right, tasks)
    facts = {"body": body_id, "right": right, "tasks": row.tasks or {}}
    record_event(session, "member_right_changed", ("person", person_id), by=by, at=at, **facts)
    if managed and right is not MemberRight.MANAGER and count_credentials(session, person_id, at=at, body_id=body_id):
        end_credentials(session, person_id, AccountEvent.RIGHT_REDUCED, by=by, at=at, body_id=body_id)


def remove_member(session: Session, body_id: UUID, person_id: UUID, *, by: UUID, at: datetime) -> None:
    """End what a member may do here, at once, with what they made that acts for this body; what they signed stays.

    Raise Refusal for a stranger and the last manager.
    """
    session.get_one(CertifyingBody, body_id, with_for_update=True)
    row = session.get(CertifyingBodyMember, (body_id, person_id))
    if row is None:
        raise Refusal(MemberRefusal.NOT_MEMBER)
    _keep_a_manager(session, row)
    session.delete(row)
    _undesignate(session, body_id, person_id)
    record_event(session, "member_removed", ("person", person_id), by=by, at=at, body=body_id)
    end_credentials(session, person_id, AccountEvent.LEFT_TEAM, by=by, at=at, body_id=body_id)


def _set_right(session: Session, row: CertifyingBodyMember, right: MemberRight, tasks: Tasks | None) -> None:
    if right is not MemberRight.MANAGER:
        _keep_a_manager(session, row)
    row.member_right = right
    row.tasks = None
    if right is MemberRight.READER and tasks is not None:
        row.tasks = {task.value: sorted(map(str, limits)) for task, limits in tasks.items()}
    if MemberTask.SIGNATURE not in tasks_of(right, row.tasks):
        _undesignate(session, row.body_id, row.person_id)


def _keep_a_manager(session: Session, row: CertifyingBodyMember) -> None:
    """Refuse to leave a body without a manager who can enter."""
    others = (
        select(func.count())
        .select_from(CertifyingBodyMember)
        .join(Person, Person.id == CertifyingBodyMember.person_id)
        .where(CertifyingBodyMember.body_id == row.body_id, CertifyingBodyMember.person_id != row.person_id)
        .where(
            or_(CertifyingBodyMember.member_right.is_(None), CertifyingBodyMember.member_right == MemberRight.MANAGER)
        )
        .where(Person.suspended_at.is_(None), Person.password_hash.is_not(None))
    )
    is_manager = row.member_right in (None, MemberRight.MANAGER)
    if is_manager and not session.scalar(others):
        raise Refusal(MemberRefusal.LAST_MANAGER)


def _undesignate(session: Session, body_id: UUID, person_id: UUID) -> None:
    """Take the signatory from the settings of a body when they are no longer a member."""
    settings = session.get(CertifyingBodySettings, body_id, with_for_update=True)
    if settings is not None and settings.signatory_id == person_id:
        settings.signatory_id = None
