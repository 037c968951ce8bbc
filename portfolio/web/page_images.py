"""Page images over HTTP: sent as images of ours, and read one after the other by plain links."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, BinaryIO

from flask import Response, abort, current_app, request, url_for

from portfolio.evidence.rendering.codes import Busy, NotReadable, PageFault, PageSize
from portfolio.evidence.rendering.shelf import DrawnFile, PageShelf
from portfolio.evidence.rendering.turning import Turn, turn_to
from portfolio.evidence.rendering.wording import BUSY, FAULTS
from portfolio.storage.store import InvalidKey, NotStored

_AGAIN = {"Retry-After": "2"}


@dataclass(frozen=True)
class Place:
    """Where the pages of one file are read: the address of a page, of its image, of the original."""

    reader: Callable[..., str]
    image: Callable[..., str]
    original: str


def place_of(reader: str, image: str, original: str, **at: Any) -> Place:
    """Answer where a file is read, from the endpoints of its reader, of its page images, of the original."""
    return Place(partial(url_for, reader, **at), partial(url_for, image, **at), url_for(original, **at))


def drawn_file(key: str, sha256: str, mime: str, pages: int | None) -> DrawnFile:
    """Answer a kept file as its pages are drawn; it is opened only if a page has to be."""

    def opened() -> BinaryIO:
        content: BinaryIO = current_app.extensions["files"].open(key)
        return content

    return DrawnFile(sha256, mime, pages, opened)


def send_page(file: DrawnFile, page: int, name: str) -> Response:
    """Answer the image of a page, or a sentence: 422 when it cannot be drawn, 503 when it will be in a moment.

    The caller has asked the same permission as for the original (trust.md §3).
    """
    try:
        image = _shelf().page(file, page, _size())
    except Busy:
        return Response(BUSY, 503, _AGAIN, mimetype="text/plain")
    except NotReadable as fault:
        if fault.code is PageFault.NO_SUCH_PAGE:
            abort(404)
        return Response(FAULTS[fault.code], 422, mimetype="text/plain")
    except (NotStored, InvalidKey):
        abort(404)
    headers = {"Content-Disposition": f'inline; filename="{name}-page-{page}.webp"', "X-Content-Type-Options": "nosniff"}
    return Response(image, headers=headers, mimetype="image/webp")


def turn_of(sha256: str, mime: str, pages: int | None) -> Turn:
    """Open a file at the page that the address asks for, and say what is already known of it."""
    turn = turn_to(request.args.get("page", ""), mime, pages, large=request.args.get("taille") == PageSize.LARGE)
    return replace(turn, fault=_shelf().fault(sha256, turn.page) if turn.pages else PageFault.NOT_PAGES)


def _shelf() -> PageShelf:
    return PageShelf(current_app.config["SETTINGS"].data / "pages")


def _size() -> PageSize:
    try:
        return PageSize(request.args.get("taille", PageSize.PAGE))
    except ValueError:
        abort(404)
