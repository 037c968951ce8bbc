"""Page images over HTTP: sent as images of ours, and read one after the other by plain links.

Write that somebody waits for a page or a file, once the page that says so is rendered.

Whether what is ordered of a file comes in its turn, or waits for a worker that is not there.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from flask import Response, abort, after_this_request, current_app, request, url_for
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from portfolio.db.engine import read_session, transaction
from portfolio.domain.dossier.rules.rendition import DownloadMode, PageError, PageSize, Priority
from portfolio.domain.dossier.use_cases.conversions import Reading, find_reading
from portfolio.domain.dossier.use_cases.page_images import PageStatus, find_page, request_page
from portfolio.domain.dossier.use_cases.quarantine import load_quarantined
from portfolio.domain.dossier.use_cases.renditions import raise_priority
from portfolio.files.file_types.types import MAX_PAGES, FileType, file_kind, is_played, pages_of
from portfolio.files.renditions.page_images.navigation import PagePosition, page_at, size_for, zoom_from
from portfolio.files.storage.store import InvalidKey, KeyNotFound
from portfolio.screens.evidence_files.integrity import FileState, file_state, is_intact
from portfolio.tasks.heartbeat import worker_status
from portfolio.web.clock import now
from portfolio.web.headers import REVALIDATED
from portfolio.web.urls import page_url_builder, query_url_builder
from portfolio.wording.conversion import cut_pdf_sentence, cut_sentence, made_by, shown_part
from portfolio.wording.files import (
    DAMAGED,
    DAMAGED_PAGE,
    FAULTS,
    MISSING,
    PAUSED,
    PENDING,
    QUARANTINE,
    REFUSED,
    defused_copy_message,
)
from portfolio.wording.library import masked_message

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
                request_page, rendition_id=status.rendition_id, number=page, priority=priority, at=now(), size=width
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


def is_stalled(since: datetime | None) -> bool:
    """Return whether what is ordered since this moment waits for a worker that is not there."""
    at = now()
    return worker_status(read_session()).is_stalled(since or at, at)


# In how many seconds to ask again for a page that comes, and for one that comes when someone draws again.
_SOON, _LATER = 1, 15


@dataclass(frozen=True)
class ViewerUrls:
    """Addresses of the pages of one file: the address of a page, of its image, of the original."""

    reader: Callable[..., str]
    image: Callable[..., str]
    original: str
    offer: DownloadMode
    # Where a recording is played from; empty where none is.
    recording: str = ""


def viewer_urls(
    reader: str, image: str, original: str, offer: DownloadMode, *, recording: str = "", **at: Any
) -> ViewerUrls:
    """Answer where a file is read, from the endpoints of its reader, of its page images, of the original, and
    what is offered.

    `recording` is the endpoint that a recording is played from.
    """
    played = url_for(recording, **at) if recording else ""
    read, drawn = query_url_builder(reader, **at), page_url_builder(image, **at)
    return ViewerUrls(read, drawn, url_for(original, **at), offer, played)


def send_page_image(key: str, mime: str, counted: int | None, page: int, name: str, sha256: str = "") -> Response:
    """Answer the image of a page of the file kept under this key, or a sentence: 422 when there is none, 202
    when it comes, 503 when nothing draws it.

    The caller has asked the same permission as for the original. With `sha256`, the digest of
    the original, neither a changed original nor a changed image is shown: 409.
    """
    if not 1 <= page <= _pages(find_reading(read_session(), key), mime, counted):
        abort(404)
    size = _size()
    status = find_page(read_session(), key, page, size)
    if sha256 and (refused := damage_response(key, sha256)) is not None:
        return refused
    if status.key is not None:
        if sha256 and not is_intact(status.key, status.sha256):
            return Response(DAMAGED_PAGE, 409, mimetype="text/plain")
        return _image(status.key, f"{name}-page-{page}.webp")
    reason = _why_not(status, page) or _unscanned(key, status)
    if reason:
        return Response(reason, 422, mimetype="text/plain")
    await_page(status, page, size)
    paused = is_stalled(status.ordered_at)
    # 202 while it is being prepared; 503 only where something has stopped, which a monitor must hear.
    again = {"Retry-After": str(_LATER if paused else _SOON)}
    return Response(PAUSED if paused else PENDING, 503 if paused else 202, again, mimetype="text/plain")


_DAMAGE: Mapping[FileState, tuple[str, int]] = {FileState.CHANGED: (DAMAGED, 409), FileState.MISSING: (MISSING, 410)}


def damage_response(key: str, sha256: str) -> Response | None:
    """Return the sentence to answer with for a file that changed (409) or is gone (410); None for another."""
    found = _DAMAGE.get(file_state(key, sha256))
    return None if found is None else Response(found[0], found[1], mimetype="text/plain")


def open_page(
    key: str, mime: str, counted: int | None, claimed: Iterable[int] = (), *, sha256: str = ""
) -> PagePosition:
    """Open a file at the page that the address asks for, and say what is known of that page; if it is not
    drawn, ask for it.

    An address that asks for none opens the first of the pages that claims name. With `sha256`, the digest of
    the file, say why a file or a page that changed is not shown.
    """
    made = find_reading(read_session(), key)
    pages = _pages(made, mime, counted)
    asked = request.args.get("page", "").strip() or _first(claimed, pages)
    turn = page_at(asked, mime, pages)
    zoom = zoom_from(request.args.get("zoom", "200" if request.args.get("taille") == PageSize.LARGE else ""))
    turn = replace(turn, zoom=zoom, large=zoom > 0)
    if sha256 and (damage := _DAMAGE.get(file_state(key, sha256))) is not None:
        return replace(turn, why=damage[0])
    defused = defused_copy_message(made.defused) if made.defused else ""
    masked, cut = masked_message(made.masks), _cut(made, mime, counted)
    turn = replace(_described(turn, made, mime), masked=masked, defused=defused, cut=cut)
    if not turn.pages:
        return replace(turn, why=_unscanned(key, PageStatus()) or FAULTS[PageError.NOT_PAGES])
    status = find_page(read_session(), key, turn.page, PageSize.PAGE)
    if turn.plays and status.rendition_id is not None:
        return replace(turn, has_poster=status.drawn)
    why = _why_not(status, turn.page) or _unscanned(key, status)
    if sha256 and status.key is not None and not is_intact(status.key, status.sha256):
        return replace(turn, why=DAMAGED_PAGE)
    if not status.drawn and not why:
        await_page(status, turn.page, PageSize.PAGE)
    pending = not status.drawn and not why
    paused = pending and is_stalled(status.ordered_at)
    turn = replace(
        turn,
        why=why,
        pending=pending,
        paused=paused,
        ready=status.ready,
        text=status.text,
        hidden=status.hidden,
        machine_text=status.machine_text or "" if not status.text else "",
    )
    if status.drawn and not status.is_text_read:
        turn = replace(turn, is_text_pending=True)
        if status.requested is None:  # the worker that drew the image did not come to the text
            await_page(status, turn.page, PageSize.PAGE)
    return _sized(turn, status, key) if status.drawn else turn


def _sized(turn: PagePosition, page: PageStatus, key: str) -> PagePosition:
    """Return the turn with the size of its page and the image to show; if a wider one is needed and not
    drawn, ask for it.
    """
    turn = replace(turn, width=page.width or 0, height=page.height or 0, word_boxes=page.word_boxes)
    wanted = size_for(turn.shown_width)
    found = page if wanted is PageSize.PAGE else find_page(read_session(), key, turn.page, wanted)
    if found.key is None or not page.has_geometry:
        await_page(found, turn.page, wanted)
    return replace(turn, image_size=PageSize.PAGE if found.key is None else wanted)


def _pages(made: Reading, mime: str, counted: int | None) -> int:
    """Return how many pages a file has: those that were made of it, or those that it has itself."""
    return made.made.pages if made.made is not None else pages_of(mime, counted)


def _described(turn: PagePosition, found: Reading, mime: str) -> PagePosition:
    """Return the turn with what is known of the file that was made: who made it, what it holds, whether
    it is played.
    """
    made, kind = found.made, file_kind(mime)
    if made is None or kind is None:
        return turn
    plays = made.media_type.partition("/")[0] if is_played(mime) else ""
    start = request.args.get("t", "")
    second = int(start) if start.isascii() and start.isdigit() and len(start) < 7 else 0
    by = made_by(made.converter) if kind is not FileType.PDF else ""
    return replace(turn, made_by=by, entries=made.entries, plays=plays, start=second, has_poster=plays == "video")


def _cut(found: Reading, mime: str, counted: int | None) -> str:
    """Say how much is shown of a file that is too long; nothing of one that is shown whole."""
    if found.made is not None and file_kind(mime) is not FileType.PDF:
        return cut_sentence(shown_part(rows=found.made.rows, is_cut=found.made.is_cut))
    pages = pages_of(mime, counted)
    return cut_pdf_sentence(shown_part((min(pages, MAX_PAGES), pages)))


def _first(claimed: Iterable[int], pages: int) -> str:
    """Return the first page that claims name and that the file has, as typed; nothing when there is none."""
    found = min((page for page in claimed if 1 <= page <= pages), default=None)
    return "" if found is None else str(found)


def _why_not(status: PageStatus, page: int) -> str:
    """Say why a page is not drawn and will not be; nothing when it is, or will be."""
    if page > MAX_PAGES:
        return FAULTS[PageError.BEYOND]
    if status.fault is not None:
        return FAULTS[status.fault]
    return REFUSED[status.reason] if status.reason is not None else ""


def _unscanned(key: str, status: PageStatus) -> str:
    """Say that a file was not found clean: nothing is ordered of it; nothing of another file."""
    state = None if status.rendition_id else load_quarantined(read_session(), [key]).get(key)
    return QUARANTINE[state] if state else ""


def _image(key: str, name: str) -> Response:
    try:
        with current_app.extensions["files"].open(key) as content:
            image = content.read()
    except (KeyNotFound, InvalidKey):
        return Response(DAMAGED_PAGE, 410, mimetype="text/plain")
    headers = {"Content-Disposition": f'inline; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    response = Response(image, headers=headers, mimetype="image/webp")
    response.add_etag()
    response.headers["Cache-Control"] = REVALIDATED
    return response.make_conditional(request)  # type: ignore[return-value]


def _size() -> PageSize:
    try:
        return PageSize(request.args.get("taille", PageSize.PAGE))
    except ValueError:
        abort(404)
