"""A certifying body or a version of a certification, and what one person is to it: one query each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Exists, exists, select
from sqlalchemy.orm import Session

from portfolio.access.policy import Relation, Role
from portfolio.domain.account.models import (
    CertifyingBody,
    CertifyingBodyMember,
)
from portfolio.domain.account.rules import MemberRight
from portfolio.domain.certification.models import Certification, CertificationVersion


@dataclass(frozen=True)
class OtherBody:
    """Another certifying body that the same person acts for."""

    id: UUID
    name: str


@dataclass(frozen=True)
class BodyAccess:
    """A certifying body, seen by one of its members, and the others they act for."""

    id: UUID
    name: str
    standing: Relation
    others: tuple[OtherBody, ...] = ()
    # What they may do there; members named before rights were asked may do everything.
    right: MemberRight = MemberRight.MANAGER


@dataclass(frozen=True)
class VersionAccess:
    """A version of a certification."""

    id: UUID
    certification_id: UUID
    body_id: UUID
    published_at: datetime | None
    standing: Relation


def acts_for_body(person_id: UUID) -> Exists:
    """Whether the person is a member of the certifying body of the row."""
    return exists().where(
        CertifyingBodyMember.body_id == Certification.body_id, CertifyingBodyMember.person_id == person_id
    )


def find_body_access(
    session: Session, person_id: UUID, wanted: str | None = None, *, only: bool = False
) -> BodyAccess | None:
    """The certifying body this person acts for, if any: of several the wanted one, else the oldest; `only`
    the wanted one.
    """
    bodies = session.execute(
        select(CertifyingBody.id, CertifyingBody.name, CertifyingBodyMember.member_right)
        .join(CertifyingBodyMember, CertifyingBodyMember.body_id == CertifyingBody.id)
        .where(CertifyingBodyMember.person_id == person_id)
        .order_by(CertifyingBody.created_at, CertifyingBody.id)
    ).all()
    chosen = next((body for body in bodies if str(body.id) == wanted), None)
    if chosen is None and (only or not bodies):
        return None
    acting = chosen or bodies[0]
    others = tuple(OtherBody(body.id, body.name) for body in bodies if body.id != acting.id)
    right = acting.member_right or MemberRight.MANAGER
    return BodyAccess(acting.id, acting.name, Relation(frozenset({Role.CERTIFIER})), others, right)


def find_version_access(session: Session, version_id: UUID, person_id: UUID) -> VersionAccess | None:
    """A version of a certification, with what the person is to it."""
    row = session.execute(
        select(CertificationVersion, Certification.body_id, acts_for_body(person_id))
        .join(Certification, Certification.id == CertificationVersion.certification_id)
        .where(CertificationVersion.id == version_id)
    ).first()
    if row is None:
        return None
    version, body_id, acts = row
    roles = frozenset({Role.CERTIFIER}) if acts else frozenset()
    return VersionAccess(version.id, version.certification_id, body_id, version.published_at, Relation(roles))
