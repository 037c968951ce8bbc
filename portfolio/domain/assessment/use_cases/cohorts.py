"""Cohorts of a body: created, corrected, and the candidacies that belong to each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, joinedload

from portfolio.domain.account.models import Person
from portfolio.domain.account.rules import name_order
from portfolio.domain.assessment.models import Cohort
from portfolio.domain.assessment.rules import AssessmentRefusal, CohortValue
from portfolio.domain.assessment.use_cases.plans import retry_rule
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy, candidate_display_name
from portfolio.domain.candidacy.rules.opening import has_livret2
from portfolio.domain.certification.models import Certification, CertificationVersion
from portfolio.domain.certification.rules.entry import Route
from portfolio.errors import Refusal


@dataclass(frozen=True, slots=True)
class NewCohort:
    """Values that a certifier gives of a cohort."""

    version_id: UUID
    route: Route
    name: str
    starts_on: date
    ends_on: date


@dataclass(frozen=True)
class CohortLine:
    """A cohort in a list, and how many candidacies belong to it."""

    id: UUID
    name: str
    certification: str
    version_id: UUID
    route: Route
    starts_on: date
    ends_on: date
    candidacies: int


@dataclass(frozen=True)
class CohortPage:
    """A cohort with its candidacies, as (id, candidate), and the retry rule of its version."""

    line: CohortLine
    members: Sequence[tuple[UUID, str]]
    retry: str


def list_cohorts(session: Session, body_id: UUID) -> list[CohortLine]:
    """List the cohorts of a body, the latest first, in one query."""
    many = select(func.count()).where(Candidacy.cohort_id == Cohort.id).correlate(Cohort).scalar_subquery()
    query = (
        select(Cohort, Certification.code, CertificationVersion.title, many)
        .join(CertificationVersion, CertificationVersion.id == Cohort.version_id)
        .join(CertificationVersion.certification)
        .where(Cohort.body_id == body_id)
        .order_by(Cohort.ends_on.desc(), Cohort.name)
    )
    return [
        CohortLine(row.id, row.name, f"{code} · {title}", row.version_id, row.route, row.starts_on, row.ends_on, count)
        for row, code, title, count in session.execute(query)
    ]


def cohort_page(session: Session, body_id: UUID, cohort_id: UUID) -> CohortPage | None:
    """Read a cohort of a body with its candidacies; None for one of another body."""
    line = next((cohort for cohort in list_cohorts(session, body_id) if cohort.id == cohort_id), None)
    if line is None:
        return None
    query = select(Candidacy.id, candidate_display_name(Person)).join(Candidacy.candidate)
    rows = session.execute(query.where(Candidacy.cohort_id == cohort_id).order_by(Candidacy.id))
    people = sorted(((row[0], row[1]) for row in rows), key=lambda row: name_order(row[1]))
    return CohortPage(line, people, retry_rule(session, line.version_id))


def cohorts_for(session: Session, candidacy: Candidacy) -> list[CohortValue]:
    """List the cohorts that a candidacy may belong to: those of its version and route, the latest first."""
    query = select(Cohort).where(Cohort.version_id == candidacy.version_id, Cohort.route == candidacy.route)
    return [row.to_value() for row in session.scalars(query.order_by(Cohort.ends_on.desc(), Cohort.name))]


def create_cohort(session: Session, body_id: UUID, new: NewCohort, *, by: UUID, at: datetime) -> Cohort:
    """Create a cohort of a published version.

    Raises Refusal: another body's version, a VAE route, a name taken.
    """
    _check(session, body_id, new, None)
    row = Cohort(
        body_id=body_id,
        version_id=new.version_id,
        route=new.route,
        name=new.name,
        starts_on=new.starts_on,
        ends_on=new.ends_on,
        created_at=at,
        created_by=by,
    )
    session.add(row)
    session.flush()
    record_event(session, "cohort_created", ("cohort", row.id), by=by, at=at, route=new.route)
    return row


def change_cohort(session: Session, body_id: UUID, cohort_id: UUID, new: NewCohort, *, by: UUID, at: datetime) -> None:
    """Correct the name or the days of a cohort; records sealed before keep theirs.

    Raises Refusal as `create_cohort`. The version and the route change only while no candidacy belongs to it.
    """
    row = session.get_one(Cohort, cohort_id, with_for_update=True)
    _check(session, body_id, new, cohort_id)
    moves = (row.version_id, row.route) != (new.version_id, new.route)
    if moves and session.scalar(select(exists().where(Candidacy.cohort_id == cohort_id))):
        raise Refusal(AssessmentRefusal.COHORT_IN_USE)
    row.version_id, row.route, row.name = new.version_id, new.route, new.name
    row.starts_on, row.ends_on = new.starts_on, new.ends_on
    record_event(session, "cohort_changed", ("cohort", cohort_id), by=by, at=at)


def assign_cohort(session: Session, candidacy_id: UUID, cohort_id: UUID | None, *, by: UUID, at: datetime) -> None:
    """Put a candidacy in a cohort, or in none.

    Raises Refusal for a cohort of another version, route or body.
    """
    candidacy = session.get_one(Candidacy, candidacy_id, with_for_update=True)
    if cohort_id is not None and cohort_id not in {cohort_value.id for cohort_value in cohorts_for(session, candidacy)}:
        raise Refusal(AssessmentRefusal.FOREIGN_COHORT)
    if candidacy.cohort_id == cohort_id:
        return
    candidacy.cohort_id = cohort_id
    record_event(session, "cohort_assigned", ("candidacy", candidacy_id), by=by, at=at, cohort=cohort_id)


def cohort_of(session: Session, candidacy: Candidacy) -> CohortValue | None:
    """Return the cohort of a candidacy; None when it has none."""
    row = session.get(Cohort, candidacy.cohort_id) if candidacy.cohort_id else None
    return row.to_value() if row else None


def _check(session: Session, body_id: UUID, new: NewCohort, own: UUID | None) -> None:
    query = (
        select(CertificationVersion)
        .where(CertificationVersion.id == new.version_id)
        .options(joinedload(CertificationVersion.certification))
    )
    version = session.scalar(query)
    if version is None or not version.is_offered or version.certification.body_id != body_id or has_livret2(new.route):
        raise Refusal(AssessmentRefusal.FOREIGN_COHORT)
    same = select(Cohort.id).where(
        Cohort.version_id == new.version_id, Cohort.route == new.route, Cohort.name == new.name
    )
    found = session.scalar(same)
    if found is not None and found != own:
        raise Refusal(AssessmentRefusal.COHORT_NAME_TAKEN)
