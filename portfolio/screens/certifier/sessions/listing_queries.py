"""Read the list of the sessions of a body, and the dossiers that wait for one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, selectinload

from portfolio.db.paging import BoundedCount, Order, Page, Position, load_counted_page
from portfolio.db.sql_functions import contains_text
from portfolio.domain.certification.use_cases.jury_rules import load_jury_rules
from portfolio.domain.jury.models.sessions import JurySession
from portfolio.domain.jury.rules.composition import PredicateAnswer
from portfolio.domain.jury.rules.predicates import is_regular
from portfolio.domain.jury.use_cases.conflicts_of_interest import load_incompatibilities
from portfolio.domain.jury.use_cases.loaders import (
    WITH_MEMBERS,
    load_suspensions,
    rule_of_session,
)
from portfolio.domain.jury.use_cases.minutes import answers_of, binds_one, last_composition
from portfolio.screens.certifier.candidacies.list_queries import read_id, version_options
from portfolio.screens.certifier.sessions.unscheduled_dossiers import (
    WITH_CERTIFICATION,
    UnscheduledDossier,
    label_of,
    list_unscheduled_dossiers,
    with_proposal,
)
from portfolio.web.listing import Filter, ListState, Option, Sort


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
    either = (
        or_(JurySession.id.in_(ids), JurySession.id.in_(proposed)) if waiting else JurySession.id.in_(ids)
    )
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
        rows,
        _with_proposals(session, body_id, waiting, juries, today),
        replace(page, rows=rows),
        count,
    )


def find_dossier_to_hear(
    session: Session, body_id: UUID, candidacy_id: UUID, today: date
) -> UnscheduledDossier | None:
    """Return the sealed dossier of a candidacy that waits for a session, with the session to come that can
    hear it.
    """
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
    conditions += [
        contains_text(func.lower(JurySession.place), word) for word in state.words.lower().split()[:6]
    ]
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
    session: Session,
    body_id: UUID,
    waiting: Sequence[UnscheduledDossier],
    found: Iterable[JurySession],
    today: date,
) -> tuple[UnscheduledDossier, ...]:
    """Propose to each dossier that waits the first session to come that can hear it, among those found."""
    versions = {each.version_id for each in waiting}
    juries = [jury for jury in found if jury.held_on >= today and jury.version_id in versions]
    if not juries:
        return tuple(waiting)
    barring = load_incompatibilities(session, {each.candidate_id for each in waiting}, body_id)
    return tuple(with_proposal(each, juries, barring, today) for each in waiting)


def _row(
    jury: JurySession, answers: tuple[PredicateAnswer, ...], suspended: Collection[UUID]
) -> SessionSummary:
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
