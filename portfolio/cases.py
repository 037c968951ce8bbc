"""The facts a guard asks the policy about: what one person is to one object. One query each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Exists, exists, select
from sqlalchemy.orm import Session

from portfolio.account.models import BodyMember, CertifyingBody
from portfolio.candidacy.models import Candidacy
from portfolio.certification.models import Certification, CertificationVersion
from portfolio.dossier.models import Dossier
from portfolio.dossier.rules import DossierState
from portfolio.jury.models import Hearing, JurySession, Member
from portfolio.jury.rules import Seat
from portfolio.policy import Role, Standing
from portfolio.submission.models import Submission


@dataclass(frozen=True)
class BodyCase:
    """A certifying body, seen by one of its members."""

    id: UUID
    name: str
    standing: Standing


@dataclass(frozen=True)
class VersionCase:
    """A version of a certification."""

    id: UUID
    certification_id: UUID
    body_id: UUID
    published_at: datetime | None
    standing: Standing


@dataclass(frozen=True)
class CandidacyCase:
    """A candidacy and its draft."""

    id: UUID
    candidate_id: UUID
    advisor_id: UUID | None
    version_id: UUID
    body_id: UUID
    dossier_state: DossierState
    standing: Standing

    @property
    def is_candidate(self) -> bool:
        """Whether the person looking is the candidate."""
        return Role.CANDIDATE in self.standing.roles

    @property
    def is_editable(self) -> bool:
        """Whether the person looking may write in the draft now."""
        return self.is_candidate and self.standing.dossier_is_draft


@dataclass(frozen=True)
class SubmissionCase:
    """A sealed dossier."""

    id: UUID
    candidacy_id: UUID
    candidate_id: UUID
    version_id: UUID
    standing: Standing


@dataclass(frozen=True)
class SessionCase:
    """A jury session."""

    id: UUID
    body_id: UUID
    version_id: UUID
    standing: Standing


@dataclass(frozen=True)
class HearingCase:
    """A candidate before a jury."""

    id: UUID
    session_id: UUID
    submission_id: UUID
    candidacy_id: UUID
    candidate_id: UUID
    version_id: UUID
    closed_at: datetime | None
    standing: Standing

    @property
    def is_president(self) -> bool:
        """Whether the person looking presides."""
        return Role.PRESIDENT in self.standing.roles


def _acts_for(person_id: UUID) -> Exists:
    """Whether the person is a member of the certifying body of the row."""
    return exists().where(BodyMember.body_id == Certification.body_id, BodyMember.person_id == person_id)


def find_body(session: Session, person_id: UUID) -> BodyCase | None:
    """The certifying body this person acts for, if any."""
    body = session.scalars(
        select(CertifyingBody)
        .join(BodyMember, BodyMember.body_id == CertifyingBody.id)
        .where(BodyMember.person_id == person_id)
        .order_by(CertifyingBody.created_at, CertifyingBody.id)
        .limit(1)
    ).first()
    return BodyCase(body.id, body.name, Standing(frozenset({Role.CERTIFIER}))) if body else None


def find_version(session: Session, version_id: UUID, person_id: UUID) -> VersionCase | None:
    """A version of a certification, with what the person is to it."""
    row = session.execute(
        select(CertificationVersion, Certification.body_id, _acts_for(person_id))
        .join(Certification, Certification.id == CertificationVersion.certification_id)
        .where(CertificationVersion.id == version_id)
    ).first()
    if row is None:
        return None
    version, body_id, acts = row
    roles = frozenset({Role.CERTIFIER}) if acts else frozenset()
    return VersionCase(version.id, version.certification_id, body_id, version.published_at, Standing(roles))


def find_candidacy(session: Session, candidacy_id: UUID, person_id: UUID) -> CandidacyCase | None:
    """A candidacy, with what the person is to it."""
    row = session.execute(
        select(Candidacy, Certification.body_id, Dossier.state, _acts_for(person_id))
        .join(CertificationVersion, CertificationVersion.id == Candidacy.version_id)
        .join(Certification, Certification.id == CertificationVersion.certification_id)
        .join(Dossier, Dossier.candidacy_id == Candidacy.id)
        .where(Candidacy.id == candidacy_id)
    ).first()
    if row is None:
        return None
    candidacy, body_id, state, acts = row
    standing = Standing(_roles_in(candidacy, person_id, acts), dossier_is_draft=state == DossierState.DRAFT)
    return CandidacyCase(
        candidacy.id, candidacy.candidate_id, candidacy.advisor_id, candidacy.version_id, body_id, state, standing
    )


def _roles_in(candidacy: Candidacy, person_id: UUID, acts: bool) -> frozenset[Role]:
    roles = set()
    if candidacy.candidate_id == person_id:
        roles.add(Role.CANDIDATE)
    if candidacy.advisor_id == person_id:
        roles.add(Role.ADVISOR)
    if acts:
        roles.add(Role.CERTIFIER)
    return frozenset(roles)


def find_submission(session: Session, submission_id: UUID, person_id: UUID) -> SubmissionCase | None:
    """A sealed dossier, with what the person is to it: a juror only through a hearing of theirs."""
    sits = exists().where(
        Hearing.submission_id == Submission.id, Member.session_id == Hearing.session_id, Member.person_id == person_id
    )
    row = session.execute(
        select(Submission.id, Candidacy, _acts_for(person_id), sits)
        .join(Candidacy, Candidacy.id == Submission.candidacy_id)
        .join(CertificationVersion, CertificationVersion.id == Candidacy.version_id)
        .join(Certification, Certification.id == CertificationVersion.certification_id)
        .where(Submission.id == submission_id)
    ).first()
    if row is None:
        return None
    found_id, candidacy, acts, is_juror = row
    roles = _roles_in(candidacy, person_id, acts) | (frozenset({Role.JUROR}) if is_juror else frozenset())
    return SubmissionCase(found_id, candidacy.id, candidacy.candidate_id, candidacy.version_id, Standing(roles))


def find_session(session: Session, session_id: UUID, person_id: UUID) -> SessionCase | None:
    """A jury session, with what the person is to it."""
    acts = exists().where(BodyMember.body_id == JurySession.body_id, BodyMember.person_id == person_id)
    row = session.execute(select(JurySession, acts).where(JurySession.id == session_id)).first()
    if row is None:
        return None
    found, is_certifier = row
    roles = frozenset({Role.CERTIFIER}) if is_certifier else frozenset()
    return SessionCase(found.id, found.body_id, found.version_id, Standing(roles))


def find_hearing(session: Session, hearing_id: UUID, person_id: UUID) -> HearingCase | None:
    """A hearing, with the seat of the person, if they have one."""
    row = session.execute(
        select(Hearing, Candidacy, Member.seat)
        .join(Submission, Submission.id == Hearing.submission_id)
        .join(Candidacy, Candidacy.id == Submission.candidacy_id)
        .outerjoin(Member, (Member.session_id == Hearing.session_id) & (Member.person_id == person_id))
        .where(Hearing.id == hearing_id)
    ).first()
    if row is None:
        return None
    hearing, candidacy, seat = row
    roles = {Role.JUROR} if seat is not None else set()
    if seat == Seat.PRESIDENT:
        roles.add(Role.PRESIDENT)
    return HearingCase(
        hearing.id,
        hearing.session_id,
        hearing.submission_id,
        candidacy.id,
        candidacy.candidate_id,
        candidacy.version_id,
        hearing.closed_at,
        Standing(frozenset(roles)),
    )


@dataclass(frozen=True)
class Hats:
    """Which homes a person has; it only draws the navigation, it never grants anything."""

    certifies: bool
    advises: bool
    sits: bool
    candidacies: tuple[UUID, ...]


def hats_of(session: Session, person_id: UUID) -> Hats:
    """Say which homes a person has, for the navigation."""
    certifies, advises, sits = session.execute(
        select(
            exists().where(BodyMember.person_id == person_id),
            exists().where(Candidacy.advisor_id == person_id),
            exists().where(Member.person_id == person_id),
        )
    ).one()
    own = session.scalars(select(Candidacy.id).where(Candidacy.candidate_id == person_id).order_by(Candidacy.opened_at))
    return Hats(certifies, advises, sits, tuple(own))
