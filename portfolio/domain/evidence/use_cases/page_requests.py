"""Pages that somebody waits for on a screen: requested by a view, claimed by a worker before any other
task.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, delete, exists, or_, select, update
from sqlalchemy.orm import Session

from portfolio.db.engine import insert_if_absent
from portfolio.domain.evidence.models.renditions import PageRequest, Rendition
from portfolio.domain.evidence.rules.rendition import PAGE_LEASE, UNFINISHED, PageSize, Priority
from portfolio.domain.evidence.use_cases.renditions import CANDIDATES, lock_row


class RequestedPage(NamedTuple):
    """One page of one rendition, from 1."""

    rendition_id: UUID
    number: int
    # The width that is asked for of a page that is drawn already.
    size: PageSize | None = None


def request_page(
    session: Session,
    rendition_id: UUID,
    number: int,
    priority: Priority,
    *,
    at: datetime,
    size: PageSize | None = None,
) -> None:
    """Request a page, once however many people wait for it; the highest of their priorities counts.

    `size` requests a width of a page that is drawn already; of two widths, the last one is drawn.
    """
    values = {
        "rendition_id": rendition_id,
        "number": number,
        "priority": priority,
        "requested_at": at,
        "run_after": at,
    }
    if not insert_if_absent(session, PageRequest, ("rendition_id", "number"), **values, size=size):
        request = _is(RequestedPage(rendition_id, number))
        session.execute(
            update(PageRequest).where(request & (PageRequest.priority > priority)).values(priority=priority)
        )
        if size is not None:
            session.execute(update(PageRequest).where(request).values(size=size))


def page_request_due(at: ColumnElement[datetime]) -> ColumnElement[bool]:
    """Return the condition that a page waits for a worker."""
    return exists().where(PageRequest.run_after <= at)


def next_page_requests(session: Session, at: datetime) -> list[RequestedPage]:
    """Return the first pages that wait for a worker: those of the highest priority first, then the oldest."""
    query = select(PageRequest.rendition_id, PageRequest.number, PageRequest.size).where(
        PageRequest.run_after <= at
    )
    query = query.order_by(PageRequest.priority, PageRequest.requested_at).limit(CANDIDATES)
    return [RequestedPage(*row) for row in session.execute(query)]


def claim_page_request(session: Session, page: RequestedPage, *, at: datetime) -> bool:
    """Lease a requested page, and return whether this worker got it.

    Rows are locked in one order: the rendition first.
    """
    if lock_row(session, page.rendition_id) is None:
        return False
    claim = (
        update(PageRequest).where(_is(page), PageRequest.run_after <= at).values(run_after=at + PAGE_LEASE)
    )
    return session.execute(claim.returning(PageRequest.number)).first() is not None


def end_page_request(session: Session, page: RequestedPage) -> None:
    """Delete the request of a page that is drawn, or cannot be: a reader who still waits requests it
    again.
    """
    session.execute(delete(PageRequest).where(_is(page)))


def is_somebody_waiting(session: Session, at: datetime, priority: int) -> bool:
    """Return whether a requested page, or a rendition of a higher priority than this one, waits for a
    worker.
    """
    page = exists().where(PageRequest.run_after <= at)
    pending = Rendition.state.in_(UNFINISHED), Rendition.run_after <= at
    rendition = exists().where(*pending, Rendition.priority == Priority.HIGH, Rendition.priority < priority)
    return bool(session.scalar(select(or_(page, rendition))))


def _is(page: RequestedPage) -> ColumnElement[bool]:
    return (PageRequest.rendition_id == page.rendition_id) & (PageRequest.number == page.number)
