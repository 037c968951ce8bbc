"""The facts a guard asks the policy about: what one person is to one object. One query each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Exists, Uuid, and_, bindparam, exists, func, select
from sqlalchemy.orm import Session, aliased

from portfolio.access.policy import Relation, Role
from portfolio.db.engine import appears_in, fetch_rows
from portfolio.domain.account.models import (
    CertifyingBody,
    CertifyingBodyMember,
    LoginSession,
    Passkey,
    Person,
    SecondFactor,
)
from portfolio.domain.account.rules import is_live
from portfolio.domain.account.use_cases import token_hash
from portfolio.domain.candidacy.models import Candidacy, is_closed_candidacy
from portfolio.domain.certification.models import Block, Certification, CertificationVersion
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.dossier.models import Dossier
from portfolio.domain.dossier.rules.state import DossierState
from portfolio.domain.holdings.models.grants import Award, Certificate, Grant
from portfolio.domain.jury.models.sessions import (
    Hearing,
    HearingMember,
    JuryMember,
    JurySession,
    belongs_to_jury,
    sat_in_closed_hearing,
    sits_in_open_hearing,
    sits_somewhere,
)
from portfolio.domain.jury.models.statements import stated_by
from portfolio.domain.jury.rules.enums import StatementKind
from portfolio.domain.jury.use_cases.declarations import presiding
from portfolio.domain.jury.use_cases.exclusions import is_barred, is_excluded
from portfolio.domain.retention.models import is_erased
from portfolio.domain.review.use_cases.unread import unread_as_advisor, unread_as_candidate
from portfolio.domain.submission.models import Submission


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


@dataclass(frozen=True)
class VersionAccess:
    """A version of a certification."""

    id: UUID
    certification_id: UUID
    body_id: UUID
    published_at: datetime | None
    standing: Relation


@dataclass(frozen=True)
class CandidacyAccess:
    """A candidacy and its draft."""

    id: UUID
    candidate_id: UUID
    advisor_id: UUID | None
    version_id: UUID
    body_id: UUID
    dossier_state: DossierState
    standing: Relation
    route: Route = Route.VAE
    # Nothing but minutes, decisions and certificates is left of it.
    is_erased: bool = False

    @property
    def has_dossier(self) -> bool:
        """Whether the candidate writes a livret 2."""
        return self.standing.has_dossier

    @property
    def is_candidate(self) -> bool:
        """Whether the person looking is the candidate."""
        return Role.CANDIDATE in self.standing.roles

    @property
    def is_certifier(self) -> bool:
        """Whether the person looking acts for the certifying body."""
        return Role.CERTIFIER in self.standing.roles

    @property
    def is_editable(self) -> bool:
        """Whether the person looking may write in the draft now."""
        return self.is_candidate and self.standing.dossier_is_draft


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

    @property
    def is_president(self) -> bool:
        """Whether the person looking presides."""
        return Role.PRESIDENT in self.standing.roles

    @property
    def is_juror(self) -> bool:
        """Whether the person looking sits there."""
        return Role.JUROR in self.standing.roles

    @property
    def is_certifier(self) -> bool:
        """Whether the person looking acts for the body that planned the session."""
        return Role.CERTIFIER in self.standing.roles

    @property
    def may_read(self) -> bool:
        """Whether the person looking has declared, and is neither recused nor barred (J10)."""
        return self.standing.has_declared and not (self.standing.is_recused or self.standing.is_barred)

    @property
    def is_barred(self) -> bool:
        """Whether a conflict with the candidate is known of the person looking."""
        return self.standing.is_barred


def _acts_for(person_id: UUID) -> Exists:
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
        select(CertifyingBody.id, CertifyingBody.name)
        .join(CertifyingBodyMember, CertifyingBodyMember.body_id == CertifyingBody.id)
        .where(CertifyingBodyMember.person_id == person_id)
        .order_by(CertifyingBody.created_at, CertifyingBody.id)
    ).all()
    chosen = next((body for body in bodies if str(body.id) == wanted), None)
    if chosen is None and (only or not bodies):
        return None
    acting = chosen or bodies[0]
    others = tuple(OtherBody(body.id, body.name) for body in bodies if body.id != acting.id)
    return BodyAccess(acting.id, acting.name, Relation(frozenset({Role.CERTIFIER})), others)


def find_version_access(session: Session, version_id: UUID, person_id: UUID) -> VersionAccess | None:
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
    return VersionAccess(version.id, version.certification_id, body_id, version.published_at, Relation(roles))


_CANDIDACY = (
    select(
        *(
            Candidacy.id,
            Candidacy.candidate_id,
            Candidacy.advisor_id,
            Candidacy.version_id,
            Certification.body_id,
            Dossier.state,
        ),
        *(Dossier.is_required, Candidacy.route),
        exists()
        .where(
            CertifyingBodyMember.body_id == Certification.body_id,
            CertifyingBodyMember.person_id == bindparam("person"),
        )
        .label("acts"),
        is_closed_candidacy().label("is_closed"),
        is_erased().label("is_erased"),
    )
    .join(CertificationVersion, CertificationVersion.id == Candidacy.version_id)
    .join(Certification, Certification.id == CertificationVersion.certification_id)
    .join(Dossier, Dossier.candidacy_id == Candidacy.id)
    .where(Candidacy.id == bindparam("candidacy"))
)


def find_candidacy_access(session: Session, candidacy_id: UUID, person_id: UUID) -> CandidacyAccess | None:
    """A candidacy, with what the person is to it."""
    rows = fetch_rows(session, _CANDIDACY, {"candidacy": candidacy_id, "person": person_id})
    if not rows:
        return None
    row = rows[0]
    roles = _roles_in(row.candidate_id, row.advisor_id, person_id, row.acts)
    is_draft = row.state == DossierState.DRAFT and row.is_required and not row.is_closed
    relation = Relation(roles, dossier_is_draft=is_draft, has_dossier=row.is_required)
    return CandidacyAccess(
        *(
            row.id,
            row.candidate_id,
            row.advisor_id,
            row.version_id,
            row.body_id,
            row.state,
            relation,
            row.route,
        ),
        is_erased=row.is_erased,
    )


def _roles_in(candidate_id: UUID, advisor_id: UUID | None, person_id: UUID, acts: bool) -> frozenset[Role]:
    roles = set()
    if candidate_id == person_id:
        roles.add(Role.CANDIDATE)
    if advisor_id == person_id:
        roles.add(Role.ADVISOR)
    if acts:
        roles.add(Role.CERTIFIER)
    return frozenset(roles)


# Asked at every page of a jury, so built once.
_WHO = bindparam("who", type_=Uuid())
_EXCLUDED = is_excluded(_WHO)
_HEARING = (
    select(
        *(Hearing.id, Hearing.session_id, Hearing.submission_id, Hearing.closed_at, JurySession.body_id),
        *(Candidacy.id.label("candidacy_id"), Candidacy.candidate_id, Candidacy.version_id),
        func.coalesce(HearingMember.seat, JuryMember.seat).label("seat"),
        exists()
        .where(CertifyingBodyMember.body_id == JurySession.body_id, CertifyingBodyMember.person_id == _WHO)
        .label("acts"),
        stated_by(_WHO, StatementKind.NO_RELATION).label("has_declared"),
        stated_by(_WHO, StatementKind.RECUSAL).label("is_recused"),
        is_barred(_WHO).label("is_barred"),
    )
    .join(JurySession, JurySession.id == Hearing.session_id)
    .join(Submission, Submission.id == Hearing.submission_id)
    .join(Candidacy, Candidacy.id == Submission.candidacy_id)
    .outerjoin(JuryMember, sits_in_open_hearing(_WHO))
    .outerjoin(HearingMember, sat_in_closed_hearing(_WHO))
    .where(Hearing.id == bindparam("hearing"))
)


def find_submission_access(
    session: Session, submission_id: UUID, person_id: UUID, closed_since: datetime | None = None
) -> SubmissionAccess | None:
    """A sealed dossier, with what the person is to it: a juror only through a hearing of theirs that they may
    read.
    """
    sits = exists().where(
        Hearing.submission_id == Submission.id,
        belongs_to_jury(person_id),
        stated_by(person_id, StatementKind.NO_RELATION),
        ~_EXCLUDED,
        *((Hearing.closed_at.is_(None) | (Hearing.closed_at >= closed_since),) if closed_since else ()),
    )
    row = session.execute(
        select(Submission.id, Candidacy, Certification.body_id, _acts_for(person_id), sits)
        .join(Candidacy, Candidacy.id == Submission.candidacy_id)
        .join(CertificationVersion, CertificationVersion.id == Candidacy.version_id)
        .join(Certification, Certification.id == CertificationVersion.certification_id)
        .where(Submission.id == submission_id, ~is_erased()),
        {"who": person_id},
    ).first()
    if row is None:
        return None
    found_id, candidacy, body_id, acts, is_juror = row
    roles = _roles_in(candidacy.candidate_id, candidacy.advisor_id, person_id, acts) | (
        frozenset({Role.JUROR}) if is_juror else frozenset()
    )
    # The query has asked it: a juror of this row has declared, and reads still.
    relation = Relation(roles, has_declared=is_juror)
    return SubmissionAccess(
        found_id, candidacy.id, candidacy.candidate_id, candidacy.version_id, body_id, relation
    )


def find_session_access(session: Session, session_id: UUID, person_id: UUID) -> SessionAccess | None:
    """A jury session, with what the person is to it."""
    acts = exists().where(
        CertifyingBodyMember.body_id == JurySession.body_id, CertifyingBodyMember.person_id == person_id
    )
    row = session.execute(select(JurySession, acts).where(JurySession.id == session_id)).first()
    if row is None:
        return None
    found, is_certifier = row
    roles = frozenset({Role.CERTIFIER}) if is_certifier else frozenset()
    return SessionAccess(found.id, found.body_id, found.version_id, Relation(roles))


def find_hearing_access(
    session: Session, hearing_id: UUID, person_id: UUID, closed_since: datetime | None = None
) -> HearingAccess | None:
    """A hearing, with the seat of the person, if they have one, and what they declared of the candidate."""
    row = next(iter(fetch_rows(session, _HEARING, {"hearing": hearing_id, "who": person_id})), None)
    if row is None:
        return None
    roles = {Role.JUROR} if row.seat is not None else set()
    if row.acts:
        roles.add(Role.CERTIFIER)
    if row.seat == Seat.PRESIDENT and presiding(session, session.get_one(Hearing, hearing_id)) == person_id:
        roles.add(Role.PRESIDENT)
    over = closed_since is not None and row.closed_at is not None and row.closed_at < closed_since
    barred = row.seat is not None and row.is_barred
    told = {"has_declared": row.has_declared, "is_recused": row.is_recused, "is_barred": barred}
    relation = Relation(frozenset(roles), reading_is_over=over, **told)
    ids = (
        row.id,
        row.session_id,
        row.submission_id,
        row.candidacy_id,
        row.candidate_id,
        row.version_id,
        row.body_id,
    )
    return HearingAccess(*ids, row.closed_at, relation)


@dataclass(frozen=True)
class CertificateAccess:
    """A certificate, of a block or of the whole."""

    number: str
    candidate_id: UUID
    body_id: UUID
    standing: Relation

    @property
    def is_certifier(self) -> bool:
        """Whether the person looking acts for the certifying body."""
        return Role.CERTIFIER in self.standing.roles


def find_certificate_access(session: Session, number: str, person_id: UUID) -> CertificateAccess | None:
    """A certificate, with what the person is to it: its holder, or someone who acts for the body that gives
    it.
    """
    row = session.execute(
        select(func.coalesce(Grant.person_id, Award.person_id), Certification.body_id, _acts_for(person_id))
        .select_from(Certificate)
        .outerjoin(Grant, Grant.id == Certificate.grant_id)
        .outerjoin(Block, Block.id == Grant.block_id)
        .outerjoin(Award, Award.id == Certificate.award_id)
        .join(
            CertificationVersion, CertificationVersion.id == func.coalesce(Block.version_id, Award.version_id)
        )
        .join(Certification, Certification.id == CertificationVersion.certification_id)
        .where(Certificate.number == number)
    ).first()
    if row is None:
        return None
    holder_id, body_id, acts = row
    return CertificateAccess(
        number, holder_id, body_id, Relation(_roles_in(holder_id, None, person_id, acts))
    )


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
