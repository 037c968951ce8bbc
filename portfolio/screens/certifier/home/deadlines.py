"""The statutory delays of the candidacies of a body: those that passed without a ruling, those that end soon."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from portfolio.db.paging import BoundedCount, Order, Page, Position, count_rows, load_page
from portfolio.domain.account.models import Person
from portfolio.domain.candidacy.models import Candidacy, candidate_display_name
from portfolio.domain.candidacy.rules.deadlines import Deadline, DeadlineKind
from portfolio.domain.candidacy.rules.missed_deadlines import NEAR, MissedDeadline
from portfolio.domain.candidacy_listing.models import OpenDeadline

# The first page names so many of each.
NAMED = 3
ORDER = Order((OpenDeadline.until, OpenDeadline.candidacy_id))


@dataclass(frozen=True, slots=True)
class CandidacyDeadline:
    """A delay of a candidacy that passed, or ends soon; `overrun` says how it passed."""

    candidacy_id: UUID
    candidate: str
    clock: Deadline
    overrun: MissedDeadline | None = None


@dataclass(frozen=True, slots=True)
class Deadlines:
    """The delays that the certifier looks at: the first of those that passed, and of those that end soon, with how many."""

    passed: tuple[CandidacyDeadline, ...] = ()
    near: tuple[CandidacyDeadline, ...] = ()
    passed_count: BoundedCount = field(default=BoundedCount(0))
    near_count: BoundedCount = field(default=BoundedCount(0))


def load_deadlines(session: Session, body_id: UUID, today: date, limit: int = NAMED) -> Deadlines:
    """Return the first delays of a body that passed without a ruling, and that end within fifteen days, the oldest first."""
    lists = [_of_body(body_id, is_near, today) for is_near in (False, True)]
    passed, near = (_deadlines(load_page(session, query, ORDER, Position(), limit).rows, today) for query in lists)
    counts = (_count(session, body_id, is_near, today, rows, limit) for is_near, rows in ((False, passed), (True, near)))
    return Deadlines(passed, near, *counts)


def _count(
    session: Session, body_id: UUID, is_near: bool, today: date, rows: Sequence[CandidacyDeadline], limit: int
) -> BoundedCount:
    if len(rows) < limit:
        return BoundedCount(len(rows))
    query = select(OpenDeadline.candidacy_id).where(OpenDeadline.body_id == body_id, _condition(is_near, today))
    return count_rows(session, query)


def load_deadline_list(session: Session, body_id: UUID, is_near: bool, today: date, position: Position) -> Page:
    """Read one page of the delays that passed, or of those that end soon."""
    page = load_page(session, _of_body(body_id, is_near, today), ORDER, position)
    return Page(_deadlines(page.rows, today), page.previous, page.next)


@dataclass(frozen=True, slots=True)
class UnruledLapse:
    """An admissibility that waits for a ruling: a first step that came too late by both readings, or has not come."""

    candidacy_id: UUID
    candidate: str
    until: date


def load_unruled_lapses(
    session: Session, body_id: UUID, today: date, limit: int
) -> tuple[tuple[UnruledLapse, ...], BoundedCount]:
    """Return the first admissibilities of a body that wait for a ruling (R3), the oldest delay first, and how many wait."""
    waits = and_(
        OpenDeadline.kind == DeadlineKind.FIRST_STEP,
        OpenDeadline.is_seen,
        OpenDeadline.until < today,
        OpenDeadline.latest < func.coalesce(OpenDeadline.done_on, today),
    )
    rows = session.execute(_rows().where(OpenDeadline.body_id == body_id, waits).order_by(*ORDER.columns).limit(limit)).all()
    found = tuple(UnruledLapse(row.candidacy_id, row.candidate, row.until) for row in rows)
    if len(found) < limit:
        return found, BoundedCount(len(found))
    return found, count_rows(session, select(OpenDeadline.candidacy_id).where(OpenDeadline.body_id == body_id, waits))


def _condition(is_near: bool, today: date) -> ColumnElement[bool]:
    if is_near:
        return and_(OpenDeadline.until >= today, OpenDeadline.until <= today + NEAR, OpenDeadline.done_on.is_(None))
    return OpenDeadline.until < today


def _rows() -> Select[Any]:
    columns = (OpenDeadline.kind, OpenDeadline.since, OpenDeadline.until, OpenDeadline.latest, OpenDeadline.source)
    return (
        select(OpenDeadline.candidacy_id, candidate_display_name(Person).label("candidate"), *columns)
        .add_columns(OpenDeadline.done_on, OpenDeadline.is_seen)
        .join(Candidacy, Candidacy.id == OpenDeadline.candidacy_id)
        .join(Person, Person.id == Candidacy.candidate_id)
    )


def _of_body(body_id: UUID, is_near: bool, today: date) -> Select[Any]:
    return _rows().where(OpenDeadline.body_id == body_id, _condition(is_near, today))


def _deadlines(rows: Sequence[Any], today: date) -> tuple[CandidacyDeadline, ...]:
    return tuple(_deadline(rows, today))


def _deadline(rows: Sequence[Any], today: date) -> Iterator[CandidacyDeadline]:
    for key, candidate, kind, since, until, latest, source, done_on, is_seen in rows:
        clock = Deadline(kind, since, until, latest, source)
        reached = done_on or today
        missed = MissedDeadline(clock, done_on, reached > latest, is_seen) if until < today else None
        yield CandidacyDeadline(key, candidate, clock, missed)
