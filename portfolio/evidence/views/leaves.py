"""Page images over HTTP: sent as images of ours, and read one after the other by plain links."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from flask import Response, abort, current_app, request, url_for

from portfolio.db import reading
from portfolio.evidence.conversion.codes import file_kind, is_played
from portfolio.evidence.conversion.wording import made_by
from portfolio.evidence.rendering.codes import MAX_PAGES, PageFault, PageSize, pages_of
from portfolio.evidence.rendering.turning import Turn, turn_to
from portfolio.evidence.rendering.wording import DAMAGED, DAMAGED_PAGE, FAULTS, PAUSED, PENDING, REFUSED
from portfolio.evidence.rules.rendition import Offer
from portfolio.evidence.services import LeafView, find_leaf
from portfolio.evidence.services.conversions import Reading, find_reading
from portfolio.evidence.views.awaited import await_page
from portfolio.evidence.views.intact import is_intact
from portfolio.evidence.views.pausing import is_paused
from portfolio.storage.kinds import FileKind
from portfolio.storage.store import InvalidKey, NotStored

# In how many seconds to ask again for a page that comes, and for one that comes when someone draws again.
_SOON, _LATER = 2, 15


@dataclass(frozen=True)
class Place:
    """Where the pages of one file are read: the address of a page, of its image, of the original."""

    reader: Callable[..., str]
    image: Callable[..., str]
    original: str
    offer: Offer
    # Where a recording is played from; empty where none is.
    recording: str = ""


def place_of(reader: str, image: str, original: str, offer: Offer, *, recording: str = "", **at: Any) -> Place:
    """Answer where a file is read, from the endpoints of its reader, of its page images, of the original, and what is offered.

    `recording` is the endpoint that a recording is played from.
    """
    played = url_for(recording, **at) if recording else ""
    return Place(partial(url_for, reader, **at), partial(url_for, image, **at), url_for(original, **at), offer, played)


def send_page(key: str, mime: str, counted: int | None, page: int, name: str, sha256: str = "") -> Response:
    """Answer the image of a page of the file kept under this key, or a sentence: 422 when there is none, 503 when it comes.

    The caller has asked the same permission as for the original (trust.md §3). With `sha256`, the digest of the original,
    neither a changed original nor a changed image is shown: 409.
    """
    if not 1 <= page <= _pages(find_reading(reading(), key), mime, counted):
        abort(404)
    size = _size()
    leaf = find_leaf(reading(), key, page, size)
    if sha256 and not is_intact(key, sha256):
        return Response(DAMAGED, 409, mimetype="text/plain")
    if leaf.key is not None:
        if sha256 and not is_intact(leaf.key, leaf.sha256):
            return Response(DAMAGED_PAGE, 409, mimetype="text/plain")
        return _image(leaf.key, f"{name}-page-{page}.webp")
    said = _why_not(leaf, page)
    if said:
        return Response(said, 422, mimetype="text/plain")
    await_page(leaf, page, size)
    paused = is_paused(leaf.ordered_at)
    again = {"Retry-After": str(_LATER if paused else _SOON)}
    return Response(PAUSED if paused else PENDING, 503, again, mimetype="text/plain")


def turn_of(key: str, mime: str, counted: int | None, claimed: Iterable[int] = (), *, sha256: str = "") -> Turn:
    """Open a file at the page that the address asks for, and say what is known of that page; if it is not drawn, ask for it.

    An address that asks for none opens the first of the pages that claims name. With `sha256`, the digest of the file, say
    why a file or a page that changed is not shown.
    """
    made = find_reading(reading(), key)
    pages = _pages(made, mime, counted)
    asked = request.args.get("page", "").strip() or _first(claimed, pages)
    turn = turn_to(asked, mime, pages, large=request.args.get("taille") == PageSize.LARGE)
    if sha256 and not is_intact(key, sha256):
        return replace(turn, why=DAMAGED)
    turn = _described(turn, made, mime)
    if not turn.pages:
        return replace(turn, why=FAULTS[PageFault.NOT_PAGES])
    leaf = find_leaf(reading(), key, turn.page, PageSize.PAGE)
    if turn.plays and leaf.rendition_id is not None:
        return replace(turn, has_poster=leaf.drawn)
    why = _why_not(leaf, turn.page)
    if sha256 and leaf.key is not None and not is_intact(leaf.key, leaf.sha256):
        return replace(turn, why=DAMAGED_PAGE)
    if not leaf.drawn and not why:
        await_page(leaf, turn.page, PageSize.PAGE)
    pending = not leaf.drawn and not why
    paused = pending and is_paused(leaf.ordered_at)
    return replace(turn, why=why, pending=pending, paused=paused, ready=leaf.ready, text=leaf.text, hidden=leaf.hidden)


def _pages(made: Reading, mime: str, counted: int | None) -> int:
    """Return how many pages a file has: those that were made of it, or those that it has itself."""
    return made.made.pages if made.made is not None else pages_of(mime, counted)


def _described(turn: Turn, found: Reading, mime: str) -> Turn:
    """Return the turn with what is known of the file that was made: who made it, what it holds, whether it is played."""
    made, kind = found.made, file_kind(mime)
    if made is None or kind is None:
        return turn
    plays = made.media_type.partition("/")[0] if is_played(mime) else ""
    start = request.args.get("t", "")
    second = int(start) if start.isascii() and start.isdigit() and len(start) < 7 else 0
    by = made_by(made.converter) if kind is not FileKind.PDF else ""
    return replace(
        turn, made_by=by, is_cut=made.is_cut, entries=made.entries, plays=plays, start=second, has_poster=plays == "video"
    )


def _first(claimed: Iterable[int], pages: int) -> str:
    """Return the first page that claims name and that the file has, as typed; nothing when there is none."""
    found = min((page for page in claimed if 1 <= page <= pages), default=None)
    return "" if found is None else str(found)


def _why_not(leaf: LeafView, page: int) -> str:
    """Say why a page is not drawn and will not be; nothing when it is, or will be."""
    if page > MAX_PAGES:
        return FAULTS[PageFault.BEYOND]
    if leaf.fault is not None:
        return FAULTS[leaf.fault]
    return REFUSED[leaf.reason] if leaf.reason is not None else ""


def _image(key: str, name: str) -> Response:
    try:
        with current_app.extensions["files"].open(key) as content:
            image = content.read()
    except (NotStored, InvalidKey):
        abort(404)
    headers = {"Content-Disposition": f'inline; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return Response(image, headers=headers, mimetype="image/webp")


def _size() -> PageSize:
    try:
        return PageSize(request.args.get("taille", PageSize.PAGE))
    except ValueError:
        abort(404)
