"""The statutory delays of the candidacies of a body: those that passed without a ruling, those that end soon.

The dossiers returned for completion whose day passed without a new version.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Date,
    ScalarSelect,
    Select,
    Uuid,
    and_,
    bindparam,
    func,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from portfolio.db.paging import MAX_COUNT, BoundedCount, Order, Page, Position, load_page
from portfolio.domain.account.models import Person
from portfolio.domain.candidacy.models import Candidacy, candidate_display_name, is_closed_candidacy
from portfolio.domain.candidacy.rules.deadlines import Deadline, DeadlineKind
from portfolio.domain.candidacy.rules.missed_deadlines import NEAR, MissedDeadline
from portfolio.domain.candidacy_listing.models import OpenDeadline
from portfolio.domain.certification.models import Certification, CertificationVersion
from portfolio.domain.submission.models import DossierReturn

# The first page names so many of each.
NAMED = 3
ORDER = Order((OpenDeadline.until, OpenDeadline.candidacy_id))
# The parameters of the statements of the first page, which are built once.
BODY: BindParameter[UUID] = bindparam("body", type_=Uuid())
TODAY: BindParameter[date] = bindparam("today", type_=Date())
SOON: BindParameter[date] = bindparam("soon", type_=Date())
Day = date | BindParameter[date]


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
    oldest first, with how many there are.
    """
    first = [
        deadlines_of(BODY, is_near, TODAY, SOON).order_by(*ORDER.columns).limit(limit).subquery()
        for is_near in (False, True)
    ]
    numbers = [number_of_deadlines(is_near) for is_near in (False, True)]
    rows = union_all(*(select(each, number.label("number")) for each, number in zip(first, numbers, strict=True)))
    asked = {"body": body_id, "today": today, "soon": today + NEAR}
    return deadlines_from(session.execute(rows, asked).all(), today)


def number_of_deadlines(is_near: bool) -> ScalarSelect[int]:
    """Return how many delays of the bound body passed, or end soon, as a column that counts to one more than
    `MAX_COUNT`.
    """
    keys = select(OpenDeadline.candidacy_id).where(OpenDeadline.body_id == BODY)
    first = keys.where(_condition(is_near, TODAY, SOON)).limit(MAX_COUNT + 1).subquery()
    return select(func.count()).select_from(first).scalar_subquery()


def deadlines_from(rows: Sequence[Any], today: date) -> Deadlines:
    """Return the delays of these rows, which bear in `number` how many passed, or end soon."""
    rows = sorted(rows, key=lambda row: (row.until, row.candidacy_id))
    passed, near = ([row for row in rows if (row.until >= today) is is_near] for is_near in (False, True))
    return Deadlines(_deadlines(passed, today), _deadlines(near, today), _number(passed), _number(near))


def _number(rows: Sequence[Any]) -> BoundedCount:
    number = rows[0].number if rows else 0
    return BoundedCount(min(number, MAX_COUNT), number > MAX_COUNT)


class _DeadlineRow(NamedTuple):
    """The columns of `deadlines_of`."""

    candidacy_id: UUID
    candidate: str
    kind: DeadlineKind
    since: date
    until: date
    latest: date
    source: str
    done_on: date | None
    is_seen: bool


def load_deadline_list(session: Session, body_id: UUID, is_near: bool, today: date, position: Position) -> Page:
    """Read one page of the delays that passed, or of those that end soon."""
    page = load_page(session, deadlines_of(body_id, is_near, today, today + NEAR), ORDER, position)
    rows = [_DeadlineRow(*row) for row in page.rows]
    return Page(_deadlines(rows, today), page.previous, page.next)


def unruled_lapses() -> Select[Any]:
    """Select the admissibilities of the bound body that wait for a ruling (R3), the oldest delay first.

    They are those whose delay had passed by both readings, `latest`, when the step came, or has passed today.
    """
    return _rows().where(_waits()).order_by(OpenDeadline.latest, OpenDeadline.candidacy_id)


def number_of_unruled_lapses() -> ScalarSelect[int]:
    """Return how many of them wait, at most `MAX_COUNT`, as a column."""
    first = select(OpenDeadline.candidacy_id).where(_waits()).limit(MAX_COUNT).subquery()
    return select(func.count()).select_from(first).scalar_subquery()


def _waits() -> ColumnElement[bool]:
    return and_(
        OpenDeadline.body_id == BODY,
        OpenDeadline.kind == DeadlineKind.FIRST_STEP,
        OpenDeadline.is_seen,
        OpenDeadline.latest < TODAY,
        OpenDeadline.latest < func.coalesce(OpenDeadline.done_on, TODAY),
    )


def _condition(is_near: bool, today: Day, soon: Day) -> ColumnElement[bool]:
    if is_near:
        return and_(OpenDeadline.until >= today, OpenDeadline.until <= soon, OpenDeadline.done_on.is_(None))
    return OpenDeadline.until < today


def _rows() -> Select[Any]:
    columns = (OpenDeadline.kind, OpenDeadline.since, OpenDeadline.until, OpenDeadline.latest, OpenDeadline.source)
    return (
        select(OpenDeadline.candidacy_id, candidate_display_name(Person).label("candidate"), *columns)
        .add_columns(OpenDeadline.done_on, OpenDeadline.is_seen)
        .join(Candidacy, Candidacy.id == OpenDeadline.candidacy_id)
        .join(Candidacy.candidate)
    )


def deadlines_of(body_id: UUID | BindParameter[UUID], is_near: bool, today: Day, soon: Day) -> Select[Any]:
    """Select the delays of a body that passed, or that end from today on until `soon`."""
    return _rows().where(OpenDeadline.body_id == body_id, _condition(is_near, today, soon))


def _deadlines(rows: Sequence[Any], today: date) -> tuple[CandidacyDeadline, ...]:
    return tuple(_deadline(rows, today))


def _deadline(rows: Sequence[Any], today: date) -> Iterator[CandidacyDeadline]:
    for row in rows:
        clock = Deadline(row.kind, row.since, row.until, row.latest, row.source)
        is_late = (row.done_on or today) > row.latest
        missed = MissedDeadline(clock, row.done_on, is_late, row.is_seen) if row.until < today else None
        yield CandidacyDeadline(row.candidacy_id, row.candidate, clock, missed)


def overdue_returns() -> Select[Any]:
    """Select the returns of the bound body whose day passed, the oldest day first."""
    columns = (
        Candidacy.id.label("candidacy_id"),
        candidate_display_name(Person).label("candidate"),
        DossierReturn.due_on.label("until"),
    )
    query = _overdue(*columns).join(Candidacy.candidate)
    return query.order_by(DossierReturn.due_on, Candidacy.id)


def number_of_overdue_returns() -> ScalarSelect[int]:
    """Return how many there are, as a column."""
    return _overdue(func.count()).scalar_subquery()


def _overdue(*columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(DossierReturn)
        .join(Candidacy, Candidacy.id == DossierReturn.candidacy_id)
        .join(Candidacy.version)
        .join(CertificationVersion.certification)
        .where(Certification.body_id == BODY, DossierReturn.is_open.is_(True), DossierReturn.due_on < TODAY)
        .where(~is_closed_candidacy())
    )
