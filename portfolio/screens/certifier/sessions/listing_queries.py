"""Read the list of the sessions of a body, and the dossiers that wait for one.

The sealed dossiers that no session hears yet, and why one session could not hear one.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portfolio.calendar import day_of
from portfolio.db.engine import read_once
from portfolio.db.paging import BoundedCount, Order, Page, Position, load_counted_page
from portfolio.db.sql_functions import contains_text
from portfolio.domain.account.models import Person
from portfolio.domain.candidacy.models import (
    Candidacy,
    Submission,
    SubmittedBlock,
    candidate_display_name,
    is_superseded,
)
from portfolio.domain.candidacy.rules.stage import Stage
from portfolio.domain.candidacy_listing.models import CandidacyListing
from portfolio.domain.certification.models import Block, Certification, CertificationVersion
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.certification.use_cases.jury_rules import load_jury_rules
from portfolio.domain.jury.models.deliberation import load_suspensions
from portfolio.domain.jury.models.sessions import Hearing, JurySession, is_current_hearing
from portfolio.domain.jury.rules.composition import PredicateAnswer
from portfolio.domain.jury.rules.enums import JuryRefusal
from portfolio.domain.jury.rules.juror_card import allows_time_to_read
from portfolio.domain.jury.rules.predicates import is_regular
from portfolio.domain.jury_session.use_cases.conflicts_of_interest import (
    NOBODY,
    Incompatibilities,
    load_incompatibilities,
)
from portfolio.domain.jury_session.use_cases.loaders import WITH_MEMBERS, has_same_seats, rule_of_session
from portfolio.domain.jury_session.use_cases.minutes import answers_of, binds_one, last_composition
from portfolio.screens.certifier.candidacies.list_views import read_id, version_options
from portfolio.web.listing import Filter, ListState, Option, Sort

# A session page offers so many dossiers at once, those that wait the longest.
MAX_DOSSIERS = 100


@dataclass(frozen=True, slots=True)
class Proposal:
    """A session that can hear a dossier: nothing prevents it, and its members have the time to read."""

    session_id: UUID
    held_on: date


@dataclass(frozen=True)
class UnscheduledDossier:
    """A sealed dossier that no session hears yet.

    `obstacle` says why a given session cannot hear it; `proposed` is the first one that can.
    """

    submission_id: UUID
    candidate: str
    number: int
    submitted_at: datetime
    certification: str
    blocks: tuple[int, ...]
    version_id: UUID
    candidate_id: UUID
    advisor_id: UUID | None
    candidacy_id: UUID
    route: Route = Route.VAE
    obstacle: JuryRefusal | None = None
    who: str = ""
    proposed: Proposal | None = None
    is_record: bool = False


# What `label_of` reads of a session.
WITH_CERTIFICATION = joinedload(JurySession.version).joinedload(CertificationVersion.certification)


@read_once
def load_jury_and_hearings(
    session: Session, session_id: UUID
) -> tuple[JurySession, Mapping[str, Any] | None, bool | None]:
    """Read a session with its members, its hearings and their candidates, what its last minutes record, and whether
    D6412-6 binds one. Raises NoResultFound for an unknown session.
    """
    query = select(JurySession, last_composition(), binds_one()).where(JurySession.id == session_id)
    heard = selectinload(JurySession.hearings).joinedload(Hearing.submission).joinedload(Submission.candidacy)
    options = (*WITH_MEMBERS, WITH_CERTIFICATION, heard.joinedload(Candidacy.candidate))
    jury, composition, is_bound = session.execute(query.options(*options)).one()
    return jury, composition, is_bound


def label_of(version: CertificationVersion) -> str:
    """Name a version as lists do."""
    return f"{version.certification.code} · {version.title}"


def list_unscheduled_dossiers(
    session: Session,
    body_id: UUID,
    version_id: UUID | None = None,
    limit: int = MAX_DOSSIERS,
    *,
    candidacy_id: UUID | None = None,
) -> list[UnscheduledDossier]:
    """List the first sealed dossiers of a body that no session hears, the oldest first: they wait the
    longest; those of one version, or that of one candidacy, alone.
    """
    first = (
        select(CandidacyListing.candidacy_id)
        .where(CandidacyListing.body_id == body_id, CandidacyListing.stage == Stage.SEALED)
        .order_by(CandidacyListing.stage_since, CandidacyListing.candidacy_id)
        .limit(limit)
    )
    if version_id is not None:
        first = first.where(CandidacyListing.version_id == version_id)
    if candidacy_id is not None:
        first = first.where(CandidacyListing.candidacy_id == candidacy_id)
    rows = session.execute(_dossiers_of(first)).all()
    return [_unscheduled(list(of_dossier)) for _, of_dossier in groupby(rows, key=lambda row: row.id)]


def _dossiers_of(candidacies: Select[UUID]) -> Select[*tuple[Any, ...]]:
    """Select the dossiers of these candidacies that no session hears, one row a block presented."""
    first = candidacies.subquery()
    return (
        select(
            *(Submission.id, Submission.number, Submission.submitted_at, Submission.kind),
            *(Candidacy.version_id, Candidacy.candidate_id, Candidacy.advisor_id, Candidacy.route),
            *(Certification.code, CertificationVersion.title, Block.number.label("block")),
            candidate_display_name(Person).label("candidate"),
            Candidacy.id.label("candidacy_id"),
        )
        .select_from(first)
        .join(Candidacy, Candidacy.id == first.c.candidacy_id)
        .join(Candidacy.candidate)
        .join(Candidacy.version)
        .join(CertificationVersion.certification)
        .join(Submission, Submission.candidacy_id == Candidacy.id)
        .outerjoin(Hearing, is_current_hearing())
        .outerjoin(Submission.blocks)
        .outerjoin(Block, Block.id == SubmittedBlock.block_id)
        .where(Hearing.id.is_(None), ~is_superseded())
        .order_by(Submission.submitted_at, Submission.id, Block.number)
    )


def _unscheduled(rows: Sequence[Any]) -> UnscheduledDossier:
    """One dossier, from the row of each block that it presents, or its only row."""
    row = rows[0]
    return UnscheduledDossier(
        row.id,
        row.candidate,
        row.number,
        row.submitted_at,
        f"{row.code} · {row.title}",
        tuple(each.block for each in rows if each.block is not None),
        row.version_id,
        row.candidate_id,
        row.advisor_id,
        row.candidacy_id,
        route=row.route,
        is_record=row.kind is not None,
    )


def with_blocking_reason(
    dossier: UnscheduledDossier, jury: JurySession, barring: Incompatibilities
) -> UnscheduledDossier:
    """Say beforehand what `add_hearing` would refuse, so that nobody has to try."""
    excluded = barring.barred_from(dossier.candidate_id, dossier.advisor_id)
    replaced = {(member.seat, member.place) for member in jury.members if member.person_id not in excluded}
    names = {
        member.person_id: member.name
        for member in jury.members
        # A substitute of the same seat may take their place; the candidate never sits in their own jury.
        if (member.seat, member.place) not in replaced or member.person_id == dossier.candidate_id
    }
    obstacle, who = None, ""
    if any(hearing.submission_id == dossier.submission_id for hearing in jury.hearings):
        return replace(dossier, obstacle=JuryRefusal.NOT_WAITING)
    accompanied = barring.accompanied.get(dossier.candidate_id, NOBODY) | {dossier.advisor_id}
    barred = (
        (JuryRefusal.MEMBER_IS_CANDIDATE, {dossier.candidate_id}),
        (JuryRefusal.MEMBER_IS_ADVISOR, accompanied),
        (JuryRefusal.MEMBER_RELATED, barring.related.get(dossier.candidate_id, NOBODY)),
        (JuryRefusal.MEMBER_JUDGED, barring.judged.get(dossier.candidate_id, NOBODY)),
    )
    found = next(((code, names[person]) for code, people in barred for person in names if person in people), None)
    if found is not None:
        obstacle, who = found
    elif day_of(dossier.submitted_at) > jury.held_on:
        obstacle = JuryRefusal.SEALED_AFTER_SESSION
    elif dossier.version_id == jury.version_id and not has_same_seats(jury, dossier.route):
        obstacle = JuryRefusal.OTHER_SEATS
    return replace(dossier, obstacle=obstacle, who=who)


def with_proposal(
    dossier: UnscheduledDossier, juries: Collection[JurySession], barring: Incompatibilities, today: date
) -> UnscheduledDossier:
    """Propose the first session to come that can hear a dossier and gives its members the time to read it, if
    there is one.
    """
    able = (
        jury
        for jury in sorted(juries, key=lambda jury: (jury.held_on, jury.id))
        if jury.version_id == dossier.version_id
        and jury.cancelled_at is None
        and allows_time_to_read(jury.held_on, day_of(dossier.submitted_at), today)
        and with_blocking_reason(dossier, jury, barring).obstacle is None
    )
    return next((replace(dossier, proposed=Proposal(jury.id, jury.held_on)) for jury in able), dossier)


def block_numbers(session: Session, submissions: Iterable[UUID]) -> dict[UUID, tuple[int, ...]]:
    """Give the numbers of the blocks that submissions present."""
    rows = session.execute(
        select(SubmittedBlock.submission_id, Block.number)
        .join(Block, Block.id == SubmittedBlock.block_id)
        .where(SubmittedBlock.submission_id.in_(list(submissions)))
        .order_by(Block.number)
    )
    found: dict[UUID, tuple[int, ...]] = {}
    for submission_id, number in rows:
        found[submission_id] = (*found.get(submission_id, ()), number)
    return found


@dataclass(frozen=True)
class SessionSummary:
    """A session in the certifier's list."""

    id: UUID
    held_on: date
    place: str
    certification: str
    named: int
    seats: int
    regular: bool
    candidates: int
    closed: int
    is_cancelled: bool = False
    suspended: int = 0

    @property
    def open(self) -> bool:
        """Return whether someone may still be heard there."""
        return not self.candidates or self.closed < self.candidates


@dataclass(frozen=True)
class SessionsPageData:
    """One page of the sessions of a body, and the dossiers that wait the longest for one."""

    rows: tuple[SessionSummary, ...]
    waiting: tuple[UnscheduledDossier, ...]
    page: Page
    count: BoundedCount


PERIOD, SESSION_VERSION, UPCOMING, PAST = "quand", "fiche", "a-venir", "passees"
SORTS = (
    Sort("recent", "La plus récente d’abord", Order((JurySession.held_on, JurySession.id), descending=True)),
    Sort("ancien", "La plus ancienne d’abord", Order((JurySession.held_on, JurySession.id))),
)
FIRST_STATE = ListState("", {}, SORTS[0], Position())
# The page proposes a session for so many sealed dossiers, those that wait the longest; the others are on
# their list.
MAX_WAITING = 20


def load_session_filters(session: Session, body_id: UUID) -> tuple[Filter, ...]:
    """Return the filters of the list of sessions."""
    periods = (Option(UPCOMING, "À venir"), Option(PAST, "Passées"))
    return (
        Filter(PERIOD, "Quand", periods, is_shortcut=True),
        Filter(SESSION_VERSION, "Certification", version_options(session, body_id)),
    )


def load_sessions_page(
    session: Session, body_id: UUID, today: date, state: ListState = FIRST_STATE
) -> SessionsPageData:
    """Gather one page of the certifier's sessions, the latest day first, in a constant number of queries."""
    query = select(JurySession.id).where(*_session_conditions(body_id, state, today))
    page, count = load_counted_page(session, query, state.sort.order, state.position)
    ids = [row[0] for row in page.rows]
    waiting = list_unscheduled_dossiers(session, body_id, limit=MAX_WAITING)
    proposed = _sessions_to_come(body_id, {each.version_id for each in waiting}, today)
    # Those of the page and those that could hear a dossier that waits, read together.
    either = or_(JurySession.id.in_(ids), JurySession.id.in_(proposed)) if waiting else JurySession.id.in_(ids)
    query_of_both = (
        select(JurySession, last_composition(), binds_one())
        .where(either)
        .options(*WITH_MEMBERS, WITH_CERTIFICATION, selectinload(JurySession.hearings))
    )
    found = {jury.id: (jury, *answered) for jury, *answered in session.execute(query_of_both)}
    on_page = [found[key] for key in ids]
    load_jury_rules(session, {jury.version_id for jury, *_ in on_page})
    opened = [hearing.id for jury, *_ in on_page for hearing in jury.hearings if hearing.closed_at is None]
    suspended = load_suspensions(session, opened)
    rows = tuple(_row(jury, answers_of(jury, *answered), suspended) for jury, *answered in on_page)
    juries = [jury for jury, *_ in found.values()]
    return SessionsPageData(
        rows, _with_proposals(session, body_id, waiting, juries, today), replace(page, rows=rows), count
    )


def find_dossier_to_hear(session: Session, body_id: UUID, candidacy_id: UUID, today: date) -> UnscheduledDossier | None:
    """Return the sealed dossier of a candidacy that waits for a session, with the session to come that can hear it."""
    waiting = list_unscheduled_dossiers(session, body_id, limit=1, candidacy_id=candidacy_id)
    planned = _sessions_to_come(body_id, {each.version_id for each in waiting}, today)
    query = select(JurySession).where(JurySession.id.in_(planned)).options(*WITH_MEMBERS, WITH_CERTIFICATION)
    juries = session.scalars(query.options(selectinload(JurySession.hearings))).all() if waiting else ()
    return next(iter(_with_proposals(session, body_id, waiting, juries, today)), None)


def _session_conditions(body_id: UUID, state: ListState, today: date) -> list[ColumnElement[bool]]:
    conditions = [JurySession.body_id == body_id]
    period = state.choices.get(PERIOD)
    if period is not None:
        conditions.append(JurySession.held_on >= today if period == UPCOMING else JurySession.held_on < today)
    if (version := read_id(state.choices.get(SESSION_VERSION, ""))) is not None:
        conditions.append(JurySession.version_id == version)
    conditions += [contains_text(func.lower(JurySession.place), word) for word in state.words.lower().split()[:6]]
    return conditions


def _sessions_to_come(body_id: UUID, versions: Collection[UUID], today: date) -> Select[UUID]:
    """Select the first sessions to come of these versions."""
    return (
        select(JurySession.id)
        .where(
            JurySession.body_id == body_id,
            JurySession.held_on >= today,
            JurySession.version_id.in_(versions),
            JurySession.cancelled_at.is_(None),
        )
        .order_by(JurySession.held_on, JurySession.id)
        .limit(MAX_WAITING)
    )


def _with_proposals(
    session: Session, body_id: UUID, waiting: Sequence[UnscheduledDossier], found: Iterable[JurySession], today: date
) -> tuple[UnscheduledDossier, ...]:
    """Propose to each dossier that waits the first session to come that can hear it, among those found."""
    versions = {each.version_id for each in waiting}
    juries = [jury for jury in found if jury.held_on >= today and jury.version_id in versions]
    if not juries:
        return tuple(waiting)
    barring = load_incompatibilities(session, {each.candidate_id for each in waiting}, body_id)
    return tuple(with_proposal(each, juries, barring, today) for each in waiting)


def _row(jury: JurySession, answers: tuple[PredicateAnswer, ...], suspended: Collection[UUID]) -> SessionSummary:
    closed = sum(1 for hearing in jury.hearings if hearing.closed_at)
    return SessionSummary(
        jury.id,
        jury.held_on,
        jury.place,
        label_of(jury.version),
        sum(1 for member in jury.members if member.rank == 0),
        len(rule_of_session(jury).seats),
        is_regular(answers),
        len(jury.hearings),
        closed,
        jury.cancelled_at is not None,
        sum(1 for hearing in jury.hearings if hearing.id in suspended),
    )
