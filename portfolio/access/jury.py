"""A sealed dossier, a session or a hearing, and what one person is to it: one query each."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Uuid, bindparam, exists, func, select
from sqlalchemy.orm import Session

from portfolio.access.body import MEMBER, is_member_of
from portfolio.access.candidacy import roles_in
from portfolio.access.policy import Relation, Role, member_roles
from portfolio.db.engine import fetch_rows
from portfolio.domain.account.models import CertifyingBodyMember
from portfolio.domain.candidacy.models import Candidacy, Submission, is_erased
from portfolio.domain.certification.models import Certification, CertificationVersion
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.jury.models.sessions import (
    Hearing,
    HearingMember,
    JuryMember,
    JurySession,
    belongs_to_jury,
    sat_in_closed_hearing,
    sits_in_open_hearing,
)
from portfolio.domain.jury.models.statements import stated_by
from portfolio.domain.jury.rules.enums import StatementKind
from portfolio.domain.jury_session.use_cases.declarations import presiding
from portfolio.domain.jury_session.use_cases.exclusions import drafts_are_open_to, is_barred, is_excluded


@dataclass(frozen=True)
class SubmissionAccess:
    """A sealed dossier."""

    id: UUID
    candidacy_id: UUID
    candidate_id: UUID
    version_id: UUID
    body_id: UUID
    standing: Relation


@dataclass(frozen=True)
class SessionAccess:
    """A jury session."""

    id: UUID
    body_id: UUID
    version_id: UUID
    standing: Relation


@dataclass(frozen=True)
class HearingAccess:
    """A candidate before a jury."""

    id: UUID
    session_id: UUID
    submission_id: UUID
    candidacy_id: UUID
    candidate_id: UUID
    version_id: UUID
    body_id: UUID
    closed_at: datetime | None
    standing: Relation
    # Whether the opinions of the person looking are given, or open to all.
    has_given: bool

    @property
    def sees_drafts(self) -> bool:
        """Tell whether the presidency's drafts are shown: to who presides, to others once their opinions are given."""
        return self.is_president or self.has_given

    @property
    def is_president(self) -> bool:
        """Tell whether the person looking presides."""
        return Role.PRESIDENT in self.standing.roles

    @property
    def is_juror(self) -> bool:
        """Tell whether the person looking sits there."""
        return Role.JUROR in self.standing.roles

    @property
    def is_certifier(self) -> bool:
        """Tell whether the person looking acts for the body that planned the session."""
        return Role.CERTIFIER in self.standing.roles

    @property
    def may_read(self) -> bool:
        """Tell whether the person looking has declared, and is neither recused nor barred (J10)."""
        return self.standing.has_declared and not (self.standing.is_recused or self.standing.is_barred)

    @property
    def is_barred(self) -> bool:
        """Tell whether a conflict with the candidate is known of the person looking."""
        return self.standing.is_barred


# Asked at every page of a jury, so built once.
_WHO = bindparam("who", type_=Uuid())


_EXCLUDED = is_excluded(_WHO)


_HEARING = (
    select(
        *(Hearing.id, Hearing.session_id, Hearing.submission_id, Hearing.closed_at, JurySession.body_id),
        *(Candidacy.id.label("candidacy_id"), Candidacy.candidate_id, Candidacy.version_id),
        func.coalesce(HearingMember.seat, JuryMember.seat).label("seat"),
        *(CertificationVersion.certification_id, *MEMBER),
        stated_by(_WHO, StatementKind.NO_RELATION).label("has_declared"),
        stated_by(_WHO, StatementKind.RECUSAL).label("is_recused"),
        is_barred(_WHO).label("is_barred"),
        drafts_are_open_to(_WHO).label("has_given"),
    )
    .join(Hearing.session)
    .join(Hearing.submission)
    .join(Submission.candidacy)
    .join(Candidacy.version)
    .outerjoin(CertifyingBodyMember, is_member_of(JurySession.body_id, _WHO))
    .outerjoin(JuryMember, sits_in_open_hearing(_WHO))
    .outerjoin(HearingMember, sat_in_closed_hearing(_WHO))
    .where(Hearing.id == bindparam("hearing"))
)


def find_submission_access(
    session: Session, submission_id: UUID, person_id: UUID, closed_since: datetime | None = None
) -> SubmissionAccess | None:
    """A sealed dossier, with what the person is to it: a juror only through a hearing of theirs that they may read."""
    sits = exists().where(
        Hearing.submission_id == Submission.id,
        belongs_to_jury(person_id),
        stated_by(person_id, StatementKind.NO_RELATION),
        ~_EXCLUDED,
        *((Hearing.closed_at.is_(None) | (Hearing.closed_at >= closed_since),) if closed_since else ()),
    )
    row = session.execute(
        select(
            *(Submission.id, Candidacy, Certification.body_id),
            *(Certification.id.label("certification_id"), *MEMBER, sits.label("is_juror")),
        )
        .join(Submission.candidacy)
        .join(Candidacy.version)
        .join(CertificationVersion.certification)
        .outerjoin(CertifyingBodyMember, is_member_of(Certification.body_id, person_id))
        .where(Submission.id == submission_id, ~is_erased()),
        {"who": person_id},
    ).first()
    if row is None:
        return None
    candidacy, acts = row.Candidacy, member_roles(row, row.certification_id)
    roles = roles_in(candidacy.candidate_id, candidacy.advisor_id, person_id, acts) | (
        frozenset({Role.JUROR}) if row.is_juror else frozenset()
    )
    # The query has asked it: a juror of this row has declared, and reads still.
    relation = Relation(roles, has_declared=row.is_juror)
    return SubmissionAccess(row.id, candidacy.id, candidacy.candidate_id, candidacy.version_id, row.body_id, relation)


def find_session_access(session: Session, session_id: UUID, person_id: UUID) -> SessionAccess | None:
    """A jury session, with what the person is to it."""
    row = session.execute(
        select(JurySession, CertificationVersion.certification_id, *MEMBER)
        .join(JurySession.version)
        .outerjoin(CertifyingBodyMember, is_member_of(JurySession.body_id, person_id))
        .where(JurySession.id == session_id)
    ).first()
    if row is None:
        return None
    found = row.JurySession
    roles = member_roles(row, row.certification_id)
    return SessionAccess(found.id, found.body_id, found.version_id, Relation(roles))


def find_hearing_access(
    session: Session, hearing_id: UUID, person_id: UUID, closed_since: datetime | None = None
) -> HearingAccess | None:
    """A hearing, with the seat of the person, if they have one, and what they declared of the candidate."""
    row = next(iter(fetch_rows(session, _HEARING, {"hearing": hearing_id, "who": person_id})), None)
    if row is None:
        return None
    roles = set(member_roles(row, row.certification_id))
    if row.seat is not None:
        roles.add(Role.JUROR)
    if row.seat == Seat.PRESIDENT and presiding(session, hearing_id) == person_id:
        roles.add(Role.PRESIDENT)
    over = closed_since is not None and row.closed_at is not None and row.closed_at < closed_since
    barred = row.seat is not None and row.is_barred
    told = {"has_declared": row.has_declared, "is_recused": row.is_recused, "is_barred": barred}
    relation = Relation(frozenset(roles), reading_is_over=over, **told)
    ids = (row.id, row.session_id, row.submission_id, row.candidacy_id, row.candidate_id, row.version_id, row.body_id)
    return HearingAccess(*ids, row.closed_at, relation, row.has_given)
