"""Reads of the retention pages: one page of clocks, the last erasures, and one dossier."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from portfolio.db.paging import BoundedCount, Order, Page, count_rows, load_page
from portfolio.db.sql_functions import contains_text
from portfolio.domain.account.models import Person
from portfolio.domain.candidacy.models import Candidacy, Erasure, candidate_display_name
from portfolio.domain.candidacy_listing.models import CandidacyListing
from portfolio.domain.certification.models import Certification, CertificationVersion
from portfolio.domain.email.rules import plain_words
from portfolio.domain.retention.models import ErasureRequest, RetentionClock
from portfolio.domain.retention.rules import Clock, DataKind, Ground, Hold, LegalGround, reasons_to_keep
from portfolio.domain.retention.use_cases.clocks import NO_DAY, compute_clocks
from portfolio.domain.retention.use_cases.facts import load_dated
from portfolio.domain.retention.use_cases.requests import HoldDetails, find_last_request, find_planned, list_holds
from portfolio.web.listing import Filter, ListState, Option, Sort
from portfolio.wording.retention import KINDS, LIST_STATES, LIST_TERMS

KIND, STATE, TERM = "donnees", "etat", "echeance"
MAX_ERASURES = 50
_ROW = RetentionClock
_KEY = (_ROW.due_on, _ROW.candidacy_id, _ROW.kind)
SORTS = (
    Sort("proche", "La plus proche d’abord", Order(_KEY)),
    Sort("lointaine", "La plus lointaine d’abord", Order(_KEY, descending=True)),
)
_TERM_DAYS = {"30": 30, "90": 90, "365": 365}
NO_TERM = "sans-date"


@dataclass(frozen=True, slots=True)
class ListedClock:
    """One clock of the list, with whose dossier it is."""

    candidacy_id: UUID
    kind: DataKind
    ground: Ground
    since: date | None
    due_on: date
    is_held: bool
    noticed_at: datetime | None
    noticed_due_on: date | None
    candidate: str
    code: str


def load_filters() -> tuple[Filter, ...]:
    """Return the filters of the list."""
    kinds = tuple(Option(kind.value, KINDS[kind]) for kind in (DataKind.DRAFTS, DataKind.SEALED))
    return (
        Filter(
            TERM,
            "Échéance",
            tuple(Option(value, label) for value, label in LIST_TERMS.items()),
            every="Toutes les dates",
            is_shortcut=True,
        ),
        Filter(KIND, "Données", kinds),
        Filter(STATE, "État", tuple(Option(value, label) for value, label in LIST_STATES.items()), every="Tous"),
    )


def load_clocks(session: Session, body_id: UUID, state: ListState, today: date) -> tuple[Page, BoundedCount]:
    """Read one page of the clocks of a body, and how many the list has."""
    conditions = tuple(_conditions(body_id, state, today))
    query: Any = (
        select(
            _ROW.candidacy_id,
            *(_ROW.kind, _ROW.ground, _ROW.since, _ROW.due_on, _ROW.is_held, _ROW.noticed_at, _ROW.noticed_due_on),
            candidate_display_name(Person).label("candidate"),
            Certification.code,
        )
        .join(Candidacy, Candidacy.id == _ROW.candidacy_id)
        .join(Candidacy.candidate)
        .join(Candidacy.version)
        .join(CertificationVersion.certification)
        .where(*conditions)
    )
    count = count_rows(session, select(_ROW.candidacy_id).where(*conditions))
    page = load_page(session, query, state.sort.order, state.position)
    return replace(page, rows=tuple(ListedClock(*row) for row in page.rows)), count


def _conditions(body_id: UUID, state: ListState, today: date) -> Sequence[ColumnElement[bool]]:
    found = [_ROW.body_id == body_id]
    term = state.choices.get(TERM)
    found.append(_ROW.due_on == NO_DAY if term == NO_TERM else _ROW.due_on < NO_DAY)
    if term in _TERM_DAYS:
        found.append(_ROW.due_on <= today + timedelta(days=_TERM_DAYS[term]))
    if kind := state.choices.get(KIND):
        found.append(_ROW.kind == DataKind(kind))
    if wanted := state.choices.get(STATE):
        found.append(_STATES[wanted]())
    for word in plain_words(state.words).split()[:6]:
        listed = select(CandidacyListing.candidacy_id).where(
            CandidacyListing.body_id == body_id, contains_text(CandidacyListing.search_text, word)
        )
        found.append(_ROW.candidacy_id.in_(listed))
    return found


_STATES: Mapping[str, Any] = {
    "retenu": lambda: _ROW.is_held.is_(True),
    "prevenu": lambda: _ROW.noticed_due_on == _ROW.due_on,
    "a-prevenir": lambda: (_ROW.noticed_due_on.is_distinct_from(_ROW.due_on)) & _ROW.is_held.is_(False),
}


def load_erasures(session: Session, body_id: UUID) -> Sequence[Any]:
    """Return the last erasures of a body, those under way first."""
    query = (
        select(
            Erasure.candidacy_id, Erasure.extent, Erasure.cause, Erasure.run_after, Erasure.files_at, Certification.code
        )
        .join(Candidacy, Candidacy.id == Erasure.candidacy_id)
        .join(Candidacy.version)
        .join(CertificationVersion.certification)
        .where(Erasure.body_id == body_id)
        .order_by(Erasure.files_at.is_not(None), Erasure.files_at.desc(), Erasure.run_after)
        .limit(MAX_ERASURES)
    )
    return session.execute(query).all()


@dataclass(frozen=True)
class RetentionPageData:
    """One dossier: its candidate, its clocks, what holds it, and what its candidate asked."""

    candidacy_id: UUID
    candidate: str
    clocks: tuple[Clock, ...]
    stops: tuple[Hold, ...]
    holds: Sequence[HoldDetails]
    request: ErasureRequest | None
    planned: Erasure | None
    grounds: tuple[LegalGround, ...]


def load_retention_page(session: Session, candidacy_id: UUID, today: date) -> RetentionPageData:
    """Return what the pages of one dossier show, counted now by the rules."""
    dated = load_dated(session, [candidacy_id], today)[candidacy_id]
    named = (
        select(candidate_display_name(Person)).select_from(Person).join(Candidacy, Candidacy.candidate_id == Person.id)
    )
    return RetentionPageData(
        candidacy_id,
        session.scalars(named.where(Candidacy.id == candidacy_id)).one(),
        compute_clocks(dated),
        dated.facts.holds,
        list_holds(session, candidacy_id),
        find_last_request(session, candidacy_id),
        find_planned(session, candidacy_id),
        reasons_to_keep(dated.facts, dated.periods, today),
    )
