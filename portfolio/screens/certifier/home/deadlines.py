"""The statutory delays of the candidacies of a body: those that passed without a ruling, those that end
soon.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, select, union_all
from sqlalchemy.orm import Session

from portfolio.db.paging import MAX_COUNT, BoundedCount, Order, Page, Position, count_rows, load_page
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
    """The delays that the certifier looks at: the first of those that passed, and of those that end soon,
    with how many.
    """

    passed: tuple[CandidacyDeadline, ...] = ()
    near: tuple[CandidacyDeadline, ...] = ()
    passed_count: BoundedCount = field(default=BoundedCount(0))
    near_count: BoundedCount = field(default=BoundedCount(0))


def load_deadlines(session: Session, body_id: UUID, today: date, limit: int = NAMED) -> Deadlines:
    """Return the first delays of a body that passed without a ruling, and that end within fifteen days, the
    oldest first.

    The same query reads both lists: those that passed end before the others.
    """
    first = [
        _of_body(body_id, is_near, today).order_by(*ORDER.columns).limit(limit).subquery()
        for is_near in (False, True)
    ]
    rows = session.execute(
        union_all(*(select(each) for each in first)).order_by("until", "candidacy_id")
    ).all()
    found = _deadlines(rows, today)
    passed, near = (
        tuple(each for each in found if (each.overrun is None) is is_near) for is_near in (False, True)
    )
    return Deadlines(passed, near, *_counts(session, body_id, today, (len(passed), len(near)), limit))


def _counts(
    session: Session, body_id: UUID, today: date, known: tuple[int, int], limit: int
) -> tuple[BoundedCount, BoundedCount]:
    """Return how many there are of each, in one query, which is not asked when the rows read are all."""
    if max(known) < limit:
        return BoundedCount(known[0]), BoundedCount(known[1])
    keys = select(OpenDeadline.candidacy_id).where(OpenDeadline.body_id == body_id)
    first = (
        keys.where(_condition(is_near, today)).limit(MAX_COUNT + 1).subquery() for is_near in (False, True)
    )
    numbers = session.execute(
        select(*(select(func.count()).select_from(each).scalar_subquery() for each in first))
    ).one()
    passed, near = (BoundedCount(min(number, MAX_COUNT), number > MAX_COUNT) for number in numbers)
    return passed, near


def load_deadline_list(
    session: Session, body_id: UUID, is_near: bool, today: date, position: Position
) -> Page:
    """Read one page of the delays that passed, or of those that end soon."""
    page = load_page(session, _of_body(body_id, is_near, today), ORDER, position)
    return Page(_deadlines(page.rows, today), page.previous, page.next)


@dataclass(frozen=True, slots=True)
class UnruledLapse:
    """An admissibility that waits for a ruling: a first step that came too late by both readings, or has not
    come.
    """

    candidacy_id: UUID
    candidate: str
    until: date


def load_unruled_lapses(
    session: Session, body_id: UUID, today: date, limit: int
) -> tuple[tuple[UnruledLapse, ...], BoundedCount]:
    """Return the first admissibilities of a body that wait for a ruling (R3), the oldest delay first, and how
    many wait.

    They are those whose delay had passed by both readings, `latest`, when the step came, or has passed today.
    """
    waits = and_(
        OpenDeadline.kind == DeadlineKind.FIRST_STEP,
        OpenDeadline.is_seen,
        OpenDeadline.latest < today,
        OpenDeadline.latest < func.coalesce(OpenDeadline.done_on, today),
    )
    first = (
        _rows()
        .where(OpenDeadline.body_id == body_id, waits)
        .order_by(OpenDeadline.latest, OpenDeadline.candidacy_id)
    )
    rows = session.execute(first.limit(limit)).all()
    found = tuple(UnruledLapse(row.candidacy_id, row.candidate, row.until) for row in rows)
    if len(found) < limit:
        return found, BoundedCount(len(found))
    return found, count_rows(
        session, select(OpenDeadline.candidacy_id).where(OpenDeadline.body_id == body_id, waits)
    )


def _condition(is_near: bool, today: date) -> ColumnElement[bool]:
    if is_near:
        return and_(
            OpenDeadline.until >= today, OpenDeadline.until <= today + NEAR, OpenDeadline.done_on.is_(None)
        )
    return OpenDeadline.until < today


def _rows() -> Select[Any]:
    columns = (
        OpenDeadline.kind,
        OpenDeadline.since,
        OpenDeadline.until,
        OpenDeadline.latest,
        OpenDeadline.source,
    )
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
