"""Counts of the candidacies of a body, kept by every write: how many are at each stage, how far they came,
who follows them.

The single values of the first page of a certifier, in one query: the last heartbeat and checks, letters,
notices, what else there is to load. Statements are built once, and the page asks as many queries at every size.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Date,
    ScalarSelect,
    Select,
    bindparam,
    exists,
    func,
    literal,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session

from portfolio.calendar import day_of
from portfolio.db.engine import fetch_rows
from portfolio.domain.account.models import Person
from portfolio.domain.admissibility.use_cases.accommodations import waiting_accommodations
from portfolio.domain.admissibility.use_cases.requests import any_request
from portfolio.domain.candidacy.models import Candidacy, candidate_display_name
from portfolio.domain.candidacy.rules.deadlines import DeadlineKind
from portfolio.domain.candidacy.rules.stage import Stage
from portfolio.domain.candidacy_listing.models import CandidacyListing, ListingCount, OpenDeadline
from portfolio.domain.candidacy_listing.rules import ADVISOR, CALLED, REACHED, STAGE, TO_NOTIFY
from portfolio.domain.candidacy_listing.use_cases import count_narrowed
from portfolio.domain.certification.use_cases.watching import number_of_open_notices
from portfolio.domain.certifying_body.rules import RemedyKind
from portfolio.domain.complaint.use_cases import any_waiting
from portfolio.domain.email.models import CertifyingBodySettings
from portfolio.domain.email.rules import SLOW_AFTER
from portfolio.domain.france_vae.use_cases import any_waiting as any_france_vae
from portfolio.domain.holdings.models.grants import CertificateToSign
from portfolio.domain.holdings.use_cases.contest_tasks import any_appeal, any_proposal
from portfolio.domain.holdings.use_cases.status_changes import any_suspended
from portfolio.domain.integrity_checks.models import IntegrityCheck
from portfolio.domain.integrity_checks.use_cases import any_damaged
from portfolio.domain.jury.models.sessions import JuryMember, JurySession
from portfolio.domain.jury_session.use_cases.letters import unwritten_absences
from portfolio.domain.retention.use_cases.requests import any_open_request
from portfolio.domain.si_cpf.models import SiCpfSettings
from portfolio.screens.certifier.candidacies.list_views import StageCounts
from portfolio.screens.certifier.candidacies.queries import Beginnings, beginnings
from portfolio.screens.certifier.home.deadlines import BODY
from portfolio.screens.certifier.letters.queries import number_waiting
from portfolio.screens.certifier.sessions.session_follow_up import MAX_SESSIONS
from portfolio.tasks.heartbeat import WorkerStatus, last_heartbeat

# A table of loads shows so many people, the most loaded first.
LOADS = 10
# For how long a letter about an absence is asked for.
MISSED_FOR = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class ListingCounts:
    """Counts of the lists of a body: the candidacies by stage, those with a result to notify, and the oldest
    sessions before today that still have candidates to decide on.
    """

    stages: StageCounts
    to_notify: int
    unclosed: tuple[UUID, ...]


@cache
def _listing_counts() -> CompoundSelect[Any]:
    columns = (ListingCount.facet, ListingCount.value, ListingCount.number)
    counted = select(*columns).where(ListingCount.body_id == BODY, ListingCount.number > 0)
    # The value begins with the day of the session.
    before = counted.where(ListingCount.facet == CALLED, ListingCount.value < bindparam("day"))
    sessions = before.order_by(ListingCount.value).limit(MAX_SESSIONS).subquery()
    return union_all(counted.where(ListingCount.facet.in_((STAGE, TO_NOTIFY))), select(sessions))


def load_listing_counts(session: Session, body_id: UUID, today: date) -> ListingCounts:
    """Return what the lists of a body count, kept by every write, in one query."""
    rows: Sequence[Any] | None = count_narrowed(session)
    if rows is None:
        rows = fetch_rows(session, _listing_counts(), {"body": body_id, "day": today.isoformat()})
    stages = {Stage(value): number for facet, value, number in rows if facet == STAGE}
    to_notify = sum(number for facet, value, number in rows if facet == TO_NOTIFY and value == "")
    called = sorted(value for facet, value, _ in rows if facet == CALLED and value < today.isoformat())
    unclosed = tuple(UUID(value.split()[1]) for value in called[:MAX_SESSIONS])
    return ListingCounts(StageCounts(stages), to_notify, unclosed)


def sealed_dossiers() -> Select[Any]:
    """Select the sealed dossiers of the bound body that no session hears, the oldest deposit first."""
    columns: tuple[Any, ...] = (
        CandidacyListing.candidacy_id,
        candidate_display_name(Person).label("candidate"),
        CandidacyListing.stage_since.label("moment"),
    )
    return (
        select(*columns)
        .join(Candidacy, Candidacy.id == CandidacyListing.candidacy_id)
        .join(Candidacy.candidate)
        .where(CandidacyListing.body_id == BODY, CandidacyListing.stage == Stage.SEALED)
        .order_by(CandidacyListing.stage_since, CandidacyListing.candidacy_id)
    )


def jury_deadline() -> ScalarSelect[date]:
    """Return the first day by which a jury must hear one of the sealed dossiers that no session hears
    (R6412-5), as a column.
    """
    query = (
        select(OpenDeadline.until)
        .join(CandidacyListing, CandidacyListing.candidacy_id == OpenDeadline.candidacy_id)
        .where(OpenDeadline.body_id == BODY, OpenDeadline.kind == DeadlineKind.JURY)
        .where(OpenDeadline.done_on.is_(None), CandidacyListing.stage == Stage.SEALED)
        .order_by(OpenDeadline.until)
        .limit(1)
    )
    return query.scalar_subquery()


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the path: how many candidacies reached it, and how many of these were closed before the next one."""

    stage: Stage
    reached: int
    closed: int


# A candidacy called before a jury was sealed, and so on: the steps in their order.
STEPS = (Stage.INVITED, Stage.WRITING, Stage.SEALED, Stage.CALLED, Stage.DECIDED, Stage.OBTAINED)


def load_steps(session: Session, body_id: UUID) -> tuple[Step, ...]:
    """Return how many candidacies of a body reached each step, and how many were closed there: the loss
    between steps.
    """
    query = select(ListingCount.value, ListingCount.number).where(
        ListingCount.body_id == body_id, ListingCount.facet == REACHED, ListingCount.number > 0
    )
    furthest: dict[Stage, int] = {}
    closed: dict[Stage, int] = {}
    own = count_narrowed(session)
    rows: Any = session.execute(query) if own is None else [row[1:] for row in own if row[0] == REACHED]
    for value, number in rows:
        reached, stage = (Stage(word) for word in value.split())
        furthest[reached] = furthest.get(reached, 0) + number
        if stage is Stage.CLOSED:
            closed[reached] = closed.get(reached, 0) + number
    return tuple(
        Step(stage, sum(furthest.get(later, 0) for later in STEPS[place:]), closed.get(stage, 0))
        for place, stage in enumerate(STEPS)
    )


@dataclass(frozen=True, slots=True)
class Load:
    """Number of dossiers and tasks that one person has in hand."""

    person_id: UUID
    name: str
    number: int


def load_advisor_loads(session: Session, body_id: UUID) -> tuple[Load, ...]:
    """Return who follows the most open candidacies, with how many."""
    query = (
        select(ListingCount.value, ListingCount.number)
        .where(
            ListingCount.body_id == body_id,
            ListingCount.facet == ADVISOR,
            ListingCount.number > 0,
            ListingCount.value != "",
        )
        .order_by(ListingCount.number.desc(), ListingCount.value)
        .limit(LOADS)
    )
    if (own := count_narrowed(session)) is not None:
        numbers = sorted((-number, value) for facet, value, number in own if facet == ADVISOR and value)
        return _named(session, {UUID(value): -number for number, value in numbers[:LOADS]})
    return _named(session, {UUID(value): number for value, number in session.execute(query)})


def load_juror_loads(session: Session, body_id: UUID, today: date) -> tuple[Load, ...]:
    """Return who sits in the most sessions to come, with how many."""
    number = func.count()
    query = (
        select(JuryMember.person_id, number)
        .join(JuryMember.session)
        .where(JurySession.body_id == body_id, JurySession.held_on >= today)
        .group_by(JuryMember.person_id)
        .order_by(number.desc(), JuryMember.person_id)
        .limit(LOADS)
    )
    return _named(session, {row[0]: row[1] for row in session.execute(query)})


def _named(session: Session, numbers: Mapping[UUID, int]) -> tuple[Load, ...]:
    if not numbers:
        return ()
    people = session.execute(select(Person.id, Person.name).where(Person.id.in_(numbers)))
    return tuple(
        sorted((Load(key, name, numbers[key]) for key, name in people), key=lambda load: (-load.number, load.name))
    )


_WORDED = {
    RemedyKind.ADMISSIBILITY: CertifyingBodySettings.remedies_admissibility,
    RemedyKind.ANNULMENT: CertifyingBodySettings.remedies_annulment,
    RemedyKind.COMPLAINT: CertifyingBodySettings.remedies_complaint,
}
_CHECK = ("ended_at", "database", "ledger", "grants", "files")


@dataclass(frozen=True, slots=True)
class Figures:
    """The single values of the first page; `last_check` is a copy, which no session holds."""

    worker: WorkerStatus
    letters: int
    notices: int
    beginnings: Beginnings
    has_suspended: bool
    has_unsigned: bool
    has_damaged: bool
    has_appeals: bool
    has_proposals: bool
    has_erasures: bool
    has_complaints: bool
    has_accommodations: bool
    has_requests: bool
    has_si_cpf: bool
    has_france_vae: bool
    has_missed: bool
    # The kinds of decisions, but for that of a jury, whose text on remedies is written.
    worded: frozenset[RemedyKind]
    last_check: IntegrityCheck | None


def load_figures(session: Session, body_id: UUID, *, has_server: bool, at: datetime) -> Figures:
    """Return the single values of the first page of a body, in one query."""
    asked = {"body": body_id, "slow_before": at - SLOW_AFTER, "missed_since": day_of(at) - MISSED_FOR}
    (row,) = fetch_rows(session, _figures(has_server), asked)
    check = IntegrityCheck(**{name: getattr(row, name) for name in _CHECK}) if row.ended_at else None
    return Figures(
        WorkerStatus(row.worker),
        row.letters,
        row.notices,
        Beginnings(row.has_published, row.has_imported),
        row.has_suspended,
        row.has_unsigned,
        row.has_damaged,
        row.has_appeals,
        row.has_proposals,
        row.has_erasures,
        row.has_complaints,
        row.has_accommodations,
        row.has_requests,
        row.has_si_cpf,
        row.has_france_vae,
        row.has_missed,
        frozenset(kind for kind in _WORDED if getattr(row, f"words_{kind}")),
        check,
    )


@cache
def _figures(has_server: bool) -> Select[Any]:
    columns = [getattr(IntegrityCheck, name) for name in _CHECK]
    last = select(*columns).order_by(IntegrityCheck.ended_at.desc()).limit(1).subquery()
    has_published, has_imported = beginnings()
    shown: list[ColumnElement[Any]] = [
        last_heartbeat().label("worker"),
        number_waiting(has_server=has_server).label("letters"),
        number_of_open_notices().label("notices"),
        has_published.label("has_published"),
        has_imported.label("has_imported"),
        *_exist(),
        *last.c,
    ]
    return select(*shown).select_from(select(literal(1).label("row")).subquery().outerjoin(last, true()))


def _exist() -> Iterator[ColumnElement[bool]]:
    """Yield whether there is something to load of each kind that has its own query."""
    yield any_suspended().label("has_suspended")
    yield exists().where(CertificateToSign.body_id == BODY).label("has_unsigned")
    yield any_damaged().label("has_damaged")
    yield any_appeal(BODY).label("has_appeals")
    yield any_proposal(BODY).label("has_proposals")
    yield any_open_request(BODY).label("has_erasures")
    yield any_waiting(BODY).label("has_complaints")
    yield waiting_accommodations(BODY).exists().label("has_accommodations")
    yield any_request(BODY).label("has_requests")
    yield exists().where(SiCpfSettings.body_id == BODY).label("has_si_cpf")
    yield any_france_vae(BODY).label("has_france_vae")
    yield unwritten_absences(BODY, bindparam("missed_since", type_=Date())).exists().label("has_missed")
    for kind, text in _WORDED.items():
        of_body = (CertifyingBodySettings.body_id == BODY, func.trim(func.coalesce(text, "")) != "")
        yield exists().where(*of_body).label(f"words_{kind}")
