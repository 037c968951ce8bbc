"""Write that somebody waits for a page or a file, once the page that says so is rendered."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from uuid import UUID

import structlog
from flask import Response, after_this_request
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from portfolio.db.engine import transaction
from portfolio.domain.evidence.rules.rendition import PageSize, Priority
from portfolio.domain.evidence.use_cases.page_images import PageStatus, request_page
from portfolio.domain.evidence.use_cases.renditions import raise_priority
from portfolio.web.clock import now

log = structlog.get_logger("acquis")


def await_page(status: PageStatus, page: int, size: PageSize) -> None:
    """Have a page drawn before its turn: a page that is read before a thumbnail.

    Nothing is written a second time.
    """
    priority = Priority.NORMAL if size is PageSize.THUMBNAIL else Priority.HIGH
    if status.rendition_id is None:  # nobody ordered it yet: the next round does
        return
    width = size if status.drawn else None
    if status.requested is None or status.requested > priority or (width and status.requested_size != width):
        _write_after_response(
            partial(
                request_page,
                rendition_id=status.rendition_id,
                number=page,
                priority=priority,
                at=now(),
                size=width,
            )
        )


def await_rendition(rendition_id: UUID) -> None:
    """Have a copy, or all the pages of a file, made before what nobody waits for."""
    _write_after_response(partial(raise_priority, rendition_id=rendition_id))


def _write_after_response(write: Callable[[Session], None]) -> None:
    """Write in a transaction of its own, whose failure never takes a page away from its reader."""

    @after_this_request
    def _write(response: Response) -> Response:
        try:
            with transaction() as session:
                write(session)
        except SQLAlchemyError as error:
            log.warning("request_not_recorded", kind=type(error).__name__)
        return response
