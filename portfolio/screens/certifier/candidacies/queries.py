"""Candidacies as the certifier and the candidate see them: lists, homes, one page."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, Select, Uuid, and_, bindparam, exists, false, func, or_, select
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload, selectinload

from portfolio.db.engine import read_once
from portfolio.domain.account.models import LoginSession, Person
from portfolio.domain.api_access.models import CandidacyReference
from portfolio.domain.audit_log.models import AuditEvent
from portfolio.domain.candidacy.models import (
    Candidacy,
    CandidacyClosure,
    Submission,
    advisor_display_name,
    candidate_display_name,
)
from portfolio.domain.candidacy.rules.deadlines import Regime
from portfolio.domain.candidacy.rules.stage import PathFacts, PathStep, Stage, path_step, stage_of
from portfolio.domain.candidacy_listing.rules import last_step
from portfolio.domain.certification.models import Block, Certification, CertificationVersion
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.dossier.models.dossier import Dossier
from portfolio.domain.dossier.rules.draft import DossierState
from portfolio.domain.holdings.models.grants import Grant
from portfolio.domain.holdings.use_cases.holdings import load_held_by_person
from portfolio.domain.holdings.use_cases.notified_results import awaits_notification
from portfolio.domain.jury.models.deliberation import Minutes, is_suspended, was_absent
from portfolio.domain.jury.models.deliberation import next_day_of_hearing as next_day
from portfolio.domain.jury.models.sessions import Hearing, is_away, is_current_hearing
from portfolio.domain.jury.models.statements import Summons
from portfolio.domain.jury.rules.passage import CalendarMethod


@dataclass(frozen=True)
class CandidacySummary:
    """One candidacy in a list."""

    id: UUID
    candidate: str
    email: str
    # Whether they came since the candidacy was opened; that they had an account before is nobody's to know.
    has_come: bool
    advisor: str | None
    title: str
    code: str
    version: int
    state: DossierState
    admissible_on: date
    submitted_at: datetime | None
    heard_on: date | None
    closed_at: datetime | None
    route: Route
    opened_at: datetime
    regime: Regime
    # Whether the decision of the last jury waits for its notification; whether a block was ever granted to
    # the candidate.
    unnotified: bool = False
    granted: bool = False
    # Whether every block asked for is held, by whatever way; only asked of those who were granted one.
    obtained: bool = False
    # Whether its route has a livret 2.
    has_dossier: bool = True
    # Whether the deliberation of its jury is suspended; whether a jury met without the candidate.
    suspended: bool = False
    absent: bool = False
    # Whether the jury of the day noted that the candidate did not come.
    away: bool = False

    def step(self, *, is_unnotified: bool, is_returned: bool, has_appeal: bool) -> PathStep:
        """Return what comes next, as the body reads it."""
        return path_step(
            PathFacts(
                is_sealed=self.submitted_at is not None and not (self.has_dossier and self.state is DossierState.DRAFT),
                has_session=self.heard_on is not None,
                is_closed=self.closed_at is not None,
                is_unnotified=is_unnotified,
                has_appeal=has_appeal,
                is_suspended=self.suspended,
                is_away=self.away,
                was_absent=self.absent,
                is_returned=is_returned,
                is_obtained=self.stage is Stage.OBTAINED,
                has_dossier=self.has_dossier,
                has_come=self.has_come,
            )
        )

    @property
    def stage(self) -> Stage:
        """Return where the candidacy is on its path, from its last deposit."""
        sealed = self.submitted_at is not None and self.state is DossierState.SUBMITTED
        return stage_of(
            has_come=self.has_come,
            is_sealed=sealed,
            has_session=self.heard_on is not None,
            is_decided=self.closed_at is not None,
            is_obtained=self.obtained,
        )


@cache
def select_summaries() -> Select[*tuple[Any, ...]]:
    """Return the query of the columns of `CandidacySummary`, the latest candidacy first."""
    candidate, advisor = aliased(Person), aliased(Person)
    last = (
        select(func.max(Submission.number))
        .where(Submission.candidacy_id == Candidacy.id)
        .correlate(Candidacy)
        .scalar_subquery()
    )
    return (
        select(
            Candidacy.id,
            candidate_display_name(candidate),
            candidate.email,
            _has_come(candidate),
            advisor_display_name(advisor),
            CertificationVersion.title,
            Certification.code,
            CertificationVersion.number,
            Dossier.state,
            Candidacy.admissible_on,
            Submission.submitted_at,
            next_day(),
            Hearing.closed_at,
            Candidacy.route,
            Candidacy.opened_at,
            Candidacy.regime,
            exists().where(Minutes.hearing_id == Hearing.id, awaits_notification(Minutes.id)).correlate(Hearing),
            exists().where(Grant.person_id == Candidacy.candidate_id).correlate(Candidacy),
            false(),
            Dossier.is_required,
            is_suspended(),
            was_absent(Submission.id),
            is_away(),
        )
        .join(candidate, candidate.id == Candidacy.candidate_id)
        .outerjoin(advisor, advisor.id == Candidacy.advisor_id)
        .join(Candidacy.version)
        .join(CertificationVersion.certification)
        .join(Dossier, Dossier.candidacy_id == Candidacy.id)
        .outerjoin(Submission, (Submission.candidacy_id == Candidacy.id) & (Submission.number == last))
        .outerjoin(Hearing, is_current_hearing())
        .outerjoin(Hearing.session)
        .order_by(Candidacy.opened_at.desc(), Candidacy.id)
    )


def _has_come(candidate: type[Person]) -> ColumnElement[bool]:
    """Return whether the candidate logged in, or did anything, since the candidacy was opened."""
    logged = exists().where(LoginSession.person_id == candidate.id, LoginSession.started_at >= Candidacy.opened_at)
    acted = exists().where(AuditEvent.actor_id == candidate.id, AuditEvent.occurred_at >= Candidacy.opened_at)
    return and_(candidate.password_hash.is_not(None), or_(logged, acted))


def list_own_candidacies(session: Session, person_id: UUID) -> list[CandidacySummary]:
    """Every candidacy of one candidate, the latest first."""
    query = select_summaries().where(Candidacy.candidate_id == person_id)
    return [CandidacySummary(*row) for row in session.execute(query)]


@dataclass(frozen=True)
class Beginnings:
    """Answers to whether a body has imported an entry, and published one."""

    has_published: bool
    has_imported: bool


def beginnings() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return the columns of `Beginnings`, for the body bound as `body`."""
    body: BindParameter[UUID] = bindparam("body", type_=Uuid())
    of_body = select(CertificationVersion.id).join(Certification).where(Certification.body_id == body)
    return of_body.where(CertificationVersion.published_at.is_not(None)).exists(), of_body.exists()


@dataclass(frozen=True)
class VersionChoice:
    """A published version offered when a candidacy is opened."""

    id: UUID
    label: str
    blocks: tuple[tuple[UUID, str], ...]
    has_options: bool = False


def list_published_versions(
    session: Session, body_id: UUID, only: UUID | None = None, limits: Collection[UUID] = ()
) -> list[VersionChoice]:
    """Return the published versions of a body with their blocks, the latest of each certification first; one of
    them alone, or those of the certifications that a task is limited to.
    """
    wanted = [] if only is None else [CertificationVersion.id == only]
    if limits:
        wanted.append(CertificationVersion.certification_id.in_(limits))
    versions = session.scalars(
        select(CertificationVersion)
        .join(Certification)
        .where(Certification.body_id == body_id, CertificationVersion.is_offered, *wanted)
        .options(selectinload(CertificationVersion.blocks), joinedload(CertificationVersion.certification))
        .order_by(Certification.code, CertificationVersion.number.desc())
    )
    return [
        VersionChoice(
            version.id,
            f"{version.certification.code} · {version.title} (version {version.number})",
            tuple(
                (block.id, f"Bloc {block.number} : {block.title}" + (f" ({block.option})" if says else ""))
                for block in version.blocks
                for says in [block.option and block.option.casefold() not in block.title.casefold()]
            ),
            any(block.option for block in version.blocks),
        )
        for version in versions
    ]


@dataclass(frozen=True)
class CandidacyPageData:
    """Candidacy as the certifier sees it: no draft, no conversation."""

    candidacy: Candidacy
    row: CandidacySummary
    blocks: Sequence[Block]
    # The name that the body gives it in its own lists.
    reference: str | None = None
    # The last record of a closing, an abandonment or a reopening.
    closure: CandidacyClosure | None = None


@dataclass(frozen=True, slots=True)
class SealedVersion:
    """A sealed livret 2 of a candidacy: its number, and when it was sealed."""

    id: UUID
    number: int
    submitted_at: datetime


def list_sealed_versions(session: Session, candidacy_id: UUID) -> list[SealedVersion]:
    """Return the sealed livrets 2 of a candidacy, the latest first; a record of assessments is none."""
    query = (
        select(Submission.id, Submission.number, Submission.submitted_at)
        .where(Submission.candidacy_id == candidacy_id, Submission.kind.is_(None))
        .order_by(Submission.number.desc())
    )
    return [SealedVersion(*row) for row in session.execute(query)]


def find_unsummoned_session(session: Session, candidacy_id: UUID) -> UUID | None:
    """Return the session in which a jury is to hear the candidate, who has no summons to it yet; None otherwise."""
    summoned = exists().where(Summons.hearing_id == Hearing.id, Summons.method == CalendarMethod.REQUEST)
    query = select(Hearing.session_id).join(Hearing.submission).where(Submission.candidacy_id == candidacy_id)
    return session.scalar(query.where(Hearing.is_current.is_(True), Hearing.closed_at.is_(None), ~summoned))


@read_once
def load_candidacy_page(session: Session, candidacy_id: UUID) -> CandidacyPageData:
    """Gather the certifier's page of one candidacy."""
    query = select_summaries().where(Candidacy.id == candidacy_id)
    row = CandidacySummary(*session.execute(query).one())
    closed = CandidacyClosure.candidacy_id == Candidacy.id
    last = select(func.max(CandidacyClosure.rank)).where(CandidacyClosure.candidacy_id == candidacy_id)
    named = and_(CandidacyReference.candidacy_id == Candidacy.id, CandidacyReference.namespace == Certification.body_id)
    found = session.execute(
        select(Candidacy, CandidacyReference.reference, CandidacyClosure)
        .join(Candidacy.version)
        .join(CertificationVersion.certification)
        .outerjoin(CandidacyReference, named)
        .outerjoin(CandidacyClosure, closed & (CandidacyClosure.rank == last.scalar_subquery()))
        .where(Candidacy.id == candidacy_id)
        .options(
            joinedload(Candidacy.blocks),
            joinedload(Candidacy.candidate),
            joinedload(Candidacy.advisor),
            contains_eager(Candidacy.version).contains_eager(CertificationVersion.certification),
        )
    )
    candidacy, reference, closure = found.unique().one()
    if row.granted and candidacy.blocks:
        since = last_step(row.opened_at, row.submitted_at, row.closed_at and row.heard_on)
        held = load_held_by_person(session, {candidacy.candidate_id}).blocks_since(candidacy.candidate_id, since)
        row = replace(row, obtained={block.id for block in candidacy.blocks} <= held)
    return CandidacyPageData(candidacy, row, candidacy.blocks, reference, closure)
