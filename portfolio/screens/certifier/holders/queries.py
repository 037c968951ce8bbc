"""The holders of before that a body has recorded, fifty a page, and the imports that wait."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from portfolio.domain.account.models import Person
from portfolio.domain.account.rules import name_order
from portfolio.domain.certification.models import Block, Certification, CertificationVersion
from portfolio.domain.holdings.models.grants import HolderImport, PriorHolding, PriorHoldingEnd

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class HolderSummary:
    """A holding of before in the list."""

    id: UUID
    name: str
    email: str
    code: str
    version: int
    block: int
    title: str
    obtained_on: date
    number: str
    valid_until: date | None
    ended_on: date | None


@dataclass(frozen=True, slots=True)
class HoldersPageData:
    """A page of the list, how many were found and in all, and the imports that wait for a confirmation."""

    rows: tuple[HolderSummary, ...]
    found: int
    total: int
    page: int
    pages: int
    waiting: tuple[HolderImport, ...]


@dataclass(frozen=True, slots=True)
class HoldingDetails:
    """A holding of before with who verified it, and its rectification."""

    summary: HolderSummary
    holding: PriorHolding
    verified_by: str
    end: PriorHoldingEnd | None
    # The member who proposed the rectification, and the one who confirmed it, where two were asked.
    ended_by: tuple[str, ...]
    recorded_at: datetime


def load_holders_page(session: Session, body_id: UUID, words: str, page: int) -> HoldersPageData:
    """Return one page of the holdings of before of a body, by name, in a constant number of queries."""
    condition = _condition(body_id, words)
    count = _joined(select(func.count()).select_from(PriorHolding))
    total = session.scalar(count.where(Certification.body_id == body_id)) or 0
    found = session.scalar(count.where(condition)) or 0
    pages = max(1, -(-found // PAGE_SIZE))
    page = min(max(page, 1), pages)
    keys = session.execute(
        _joined(select(PriorHolding.id, PriorHolding.holder_name, Block.number)).where(condition)
    ).all()
    ids = [row.id for row in sorted(keys, key=lambda row: (name_order(row.holder_name), row.number, row.id))]
    shown = ids[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    summaries = {row[0].id: row for row in session.execute(_summaries().where(PriorHolding.id.in_(shown)))}
    rows = [summaries[holding_id] for holding_id in shown]
    waiting = session.scalars(
        select(HolderImport)
        .where(HolderImport.body_id == body_id, HolderImport.closed_at.is_(None))
        .order_by(HolderImport.created_at.desc())
        .limit(20)
    )
    return HoldersPageData(tuple(_summary(row) for row in rows), found, total, page, pages, tuple(waiting))


def _joined(query):  # type: ignore[no-untyped-def]
    return (
        query.join(Person, Person.id == PriorHolding.person_id)
        .join(PriorHolding.block)
        .join(Block.version)
        .join(CertificationVersion.certification)
    )


def _summaries():  # type: ignore[no-untyped-def]
    columns = (PriorHolding, Person.email, Certification.code, CertificationVersion.number, Block.number, Block.title)
    query = _joined(select(*columns, PriorHoldingEnd.decided_on).select_from(PriorHolding))
    return query.outerjoin(PriorHoldingEnd, PriorHoldingEnd.holding_id == PriorHolding.id)


def _condition(body_id: UUID, words: str) -> ColumnElement[bool]:
    mine = Certification.body_id == body_id
    asked = [
        or_(
            *(
                column.icontains(word, autoescape=True)
                for column in (PriorHolding.holder_name, Person.email, PriorHolding.number)
            )
        )
        for word in words.split()[:8]
    ]
    return and_(mine, *asked)


def _summary(row) -> HolderSummary:  # type: ignore[no-untyped-def]
    holding, email, code, version, number, title, ended_on = row
    return HolderSummary(
        holding.id,
        holding.holder_name,
        email,
        code,
        version,
        number,
        title,
        holding.obtained_on,
        holding.shown_number,
        holding.valid_until,
        ended_on,
    )


def find_details(session: Session, body_id: UUID, holding_id: UUID) -> HoldingDetails | None:
    """Return a holding of a certification of a body, with what became of it; None when it is another's."""
    row = session.execute(
        _summaries().where(PriorHolding.id == holding_id, Certification.body_id == body_id)
    ).one_or_none()
    if row is None:
        return None
    holding = row[0]
    end = session.scalar(select(PriorHoldingEnd).where(PriorHoldingEnd.holding_id == holding_id))
    ended_by = [each for each in (end.recorded_by, end.confirmed_by) if each] if end else []
    query = select(Person.id, Person.name).where(Person.id.in_([holding.verified_by, *ended_by]))
    names = {row.id: row.name for row in session.execute(query)}
    told = (end, tuple(names[each] for each in ended_by))
    return HoldingDetails(_summary(row), holding, names[holding.verified_by], *told, holding.verified_at)
