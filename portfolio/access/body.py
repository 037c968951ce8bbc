"""A certifying body or a version of a certification, and what one person is to it: one query each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, with_loader_criteria
from sqlalchemy.sql.base import ExecutableOption

from portfolio.access.policy import Relation, Role, member_roles
from portfolio.db.engine import Base
from portfolio.domain.account.models import CertifyingBody, CertifyingBodyMember
from portfolio.domain.account.rules import MemberTask, Tasks, readable_certifications, tasks_of
from portfolio.domain.assessment.models import Cohort
from portfolio.domain.candidacy.models import Candidacy, Erasure
from portfolio.domain.candidacy_listing.models import CandidacyListing, CertificateListing, OpenDeadline
from portfolio.domain.certification.models import Certification, CertificationVersion, RegisterNotice
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.group_acts.models import BulkOpening, GroupAct, GroupActLine
from portfolio.domain.holdings.models.grants import CertificateToSign, HolderImport
from portfolio.domain.integrity_checks.models import DamagedFile
from portfolio.domain.jury.models.sessions import Hearing, JurySession
from portfolio.domain.jury.models.statements import Summons, SummonsEmail
from portfolio.domain.retention.models import RetentionClock


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
    tasks: Tasks
    others: tuple[OtherBody, ...] = ()

    def with_limited_tasks(self) -> BodyAccess:
        """Return the body for a page whose form proposes nothing but what the limits of a task leave."""
        roles = {Role(task) for task in self.tasks if task is not MemberTask.READING}
        return replace(self, standing=Relation(self.standing.roles | roles))

    @property
    def readable(self) -> frozenset[UUID] | None:
        """Return the certifications that the member reads; None is all of them."""
        return readable_certifications(self.tasks)

    def limits(self, task: MemberTask) -> frozenset[UUID]:
        """Return the certifications that a task is limited to here; none named is all of them."""
        return self.tasks.get(task, frozenset())


@dataclass(frozen=True)
class VersionAccess:
    """A version of a certification."""

    id: UUID
    certification_id: UUID
    body_id: UUID
    published_at: datetime | None
    standing: Relation


# What the row of a member tells of their tasks; no row, no member.
MEMBER = (CertifyingBodyMember.body_id.label("acts_for"), CertifyingBodyMember.member_right, CertifyingBodyMember.tasks)


def is_member_of(body_id: Any, person_id: Any) -> ColumnElement[bool]:
    """Tell whether a row is that of the person as a member of the body: what `MEMBER` is joined on."""
    return and_(CertifyingBodyMember.body_id == body_id, CertifyingBodyMember.person_id == person_id)


def reads_within(certifications: frozenset[UUID], person_id: UUID) -> tuple[ExecutableOption, ...]:
    """Return what narrows every read of a session to these certifications: their versions, candidacies,
    sessions and certificates, the letters to their people, and what the person ordered for many.

    The tables themselves are named where a criterion must not be narrowed in its turn.
    """
    versions = select(CertificationVersion.id).where(CertificationVersion.certification_id.in_(certifications))
    candidacies = select(Candidacy.id).where(Candidacy.version_id.in_(versions))
    certificates = select(CertificateListing.certificate_id).where(CertificateListing.version_id.in_(versions))
    sessions = select(JurySession.id).where(JurySession.version_id.in_(versions))
    every = Candidacy.__table__.c
    others = select(every.candidate_id).where(every.version_id.not_in(versions))
    summoned = (
        select(SummonsEmail.email_id)
        .join(Summons, Summons.id == SummonsEmail.summons_id)
        .where(Summons.session_id.in_(sessions), SummonsEmail.email_id.is_not(None))
    )
    own = select(Candidacy.candidate_id).where(Candidacy.version_id.in_(versions))
    criteria: tuple[tuple[type[Base], ColumnElement[bool]], ...] = (
        (Certification, Certification.id.in_(certifications)),
        *((owner, owner.certification_id.in_(certifications)) for owner in (CertificationVersion, RegisterNotice)),
        *((owner, owner.version_id.in_(versions)) for owner in (Candidacy, CandidacyListing, CertificateListing)),
        *((owner, owner.version_id.in_(versions)) for owner in (JurySession, Cohort)),
        *((owner, owner.candidacy_id.in_(candidacies)) for owner in (OpenDeadline, RetentionClock, Erasure)),
        *((owner, owner.candidacy_id.in_(candidacies)) for owner in (DamagedFile, GroupActLine)),
        (CertificateToSign, CertificateToSign.certificate_id.in_(certificates)),
        (Hearing, Hearing.session_id.in_(sessions)),
        (HolderImport, HolderImport.created_by == person_id),
        *((owner, owner.ordered_by == person_id) for owner in (GroupAct, BulkOpening)),
        (
            OutgoingEmail,
            or_(
                OutgoingEmail.id.in_(summoned),
                and_(OutgoingEmail.person_id.in_(own), OutgoingEmail.person_id.not_in(others)),
            ),
        ),
    )
    return tuple(with_loader_criteria(owner, criterion) for owner, criterion in criteria)


def find_body_access(
    session: Session, person_id: UUID, wanted: str | None = None, *, only: bool = False
) -> BodyAccess | None:
    """Return the certifying body this person acts for, if any: of several the wanted one, else the oldest; `only`
    the wanted one.
    """
    bodies = session.execute(
        select(CertifyingBody.id, CertifyingBody.name, *MEMBER)
        .join(CertifyingBodyMember, CertifyingBodyMember.body_id == CertifyingBody.id)
        .where(CertifyingBodyMember.person_id == person_id)
        .order_by(CertifyingBody.created_at, CertifyingBody.id)
    ).all()
    chosen = next((body for body in bodies if str(body.id) == wanted), None)
    if chosen is None and (only or not bodies):
        return None
    acting = chosen or bodies[0]
    others = tuple(OtherBody(body.id, body.name) for body in bodies if body.id != acting.id)
    given = tasks_of(acting.member_right, acting.tasks)
    return BodyAccess(acting.id, acting.name, Relation(member_roles(acting, None)), given, others)


def find_version_access(session: Session, version_id: UUID, person_id: UUID) -> VersionAccess | None:
    """A version of a certification, with what the person is to it."""
    row = session.execute(
        select(CertificationVersion, Certification.body_id, *MEMBER)
        .join(CertificationVersion.certification)
        .outerjoin(CertifyingBodyMember, is_member_of(Certification.body_id, person_id))
        .where(CertificationVersion.id == version_id)
    ).first()
    if row is None:
        return None
    version = row.CertificationVersion
    relation = Relation(member_roles(row, version.certification_id))
    return VersionAccess(version.id, version.certification_id, row.body_id, version.published_at, relation)
