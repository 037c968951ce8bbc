"""Files go out: the original to whose it is, to others a copy that does not tell where it was made. Attachments, and only so."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import PurePath
from typing import Any, BinaryIO

from flask import Response, abort, current_app, render_template

from portfolio.db import reading
from portfolio.evidence.conversion.codes import READ_HERE_ONLY, file_kind
from portfolio.evidence.rules.rendition import Offer, PageSize, Priority, RenditionState
from portfolio.evidence.services.conversions import find_reading
from portfolio.evidence.services.leaves import find_leaf, hides_text
from portfolio.evidence.services.renditions import find_copy
from portfolio.evidence.unlocated.cut import CannotClean, Cut, copied, length_of, read_cuts
from portfolio.evidence.unlocated.looking import NotLooked, kind_holding, kind_located, without_places
from portfolio.evidence.views.awaited import await_rendition
from portfolio.evidence.views.intact import is_intact
from portfolio.evidence.views.pausing import is_paused
from portfolio.evidence.wording import shared_sentence
from portfolio.storage.kinds import FileKind
from portfolio.storage.names import attachment_headers
from portfolio.storage.store import InvalidKey, NotStored
from portfolio.web.addresses import came_from

_MARK = " (sans localisation)"


def offer_of(key: str, mime: str, *, own: bool, sha256: str = "") -> Offer:
    """Answer what is offered of the file kept under this key, to its owner or to someone else; nothing of a changed one."""
    if sha256 and not is_intact(key, sha256):
        return Offer.DAMAGED
    return _offered(key, mime, own=own)[0]


def told_to_owner(key: str, mime: str, pages: int) -> str:
    """Say to whose file it is what the others receive of it; nothing when they receive it as it is and it tells no place."""
    read_here = pages > 0 and find_reading(reading(), key).reason is None
    return shared_sentence(offer_of(key, mime, own=False), read_here=read_here)


def send_file(key: str, name: str, mime: str, size: int, *, own: bool, sha256: str = "") -> Any:
    """Send a file, or its copy, as an attachment (trust.md §3); or say that it is not ready (503), or withheld (409).

    The caller has asked who may read it. With `sha256`, its digest, a file that changed is not sent: 409.
    """
    offer, cuts_key = _offered(key, mime, own=own)
    if sha256 and not (is_intact(key, sha256) and _are_cuts_intact(key, cuts_key)):
        return _not_given(Offer.DAMAGED), 409
    if offer is Offer.SOON:
        found = find_copy(reading(), key)
        paused = is_paused(found.ordered_at if found else None)
        return _not_given(offer, paused=paused), 503, {"Retry-After": "15" if paused else "5"}
    if offer is Offer.READ_FIRST:
        paused = _have_drawn(key)
        return _not_given(offer, paused=paused), 503, {"Retry-After": "15" if paused else "5"}
    if offer in (Offer.WITHHELD, Offer.HIDES_TEXT, Offer.HERE_ONLY):
        return _not_given(offer), 409
    if offer is Offer.CHECKED:
        return send_checked(key, name, mime, size)
    try:
        cuts = _cuts(cuts_key, size) if cuts_key else []
        held = ExitStack()
        content = held.enter_context(current_app.extensions["files"].open(key))
    except (NotStored, InvalidKey):
        abort(404)
    shown = _marked(name) if offer is Offer.COPY else name
    headers = attachment_headers(shown, mime) | {"Content-Length": str(length_of(size, cuts))}
    return Response(_Going(content, held, cuts), headers=headers, direct_passthrough=True)


def send_checked(key: str, name: str, mime: str, size: int) -> Any:
    """Send a file as an attachment, without the place that it or its photographs tell; 409 when that cannot be known.

    The caller has asked who may read it.
    """
    kind, held = kind_located(mime) or kind_holding(mime), ExitStack()
    try:
        content = held.enter_context(current_app.extensions["files"].open(key))
        copy = held.enter_context(without_places(content, kind, size)) if kind else None
    except (NotStored, InvalidKey):
        held.close()
        abort(404)
    except (CannotClean, NotLooked) as error:
        held.close()
        offer = Offer.WITHHELD if isinstance(error, CannotClean) else Offer.SOON
        return _not_given(offer), 409 if offer is Offer.WITHHELD else 503
    sent = copy or content
    length = sent.seek(0, os.SEEK_END) if copy else size
    sent.seek(0)
    headers = attachment_headers(_marked(name) if copy else name, mime) | {"Content-Length": str(length)}
    return Response(_Going(sent, held), headers=headers, direct_passthrough=True)


def _have_drawn(key: str) -> bool:
    """Have the pages of a file drawn before their turn; return whether nobody draws at this moment."""
    leaf = find_leaf(reading(), key, 1, PageSize.PAGE)
    if leaf.rendition_id is not None:
        await_rendition(leaf.rendition_id)
    return is_paused(leaf.ordered_at)


def _not_given(offer: Offer, *, paused: bool = False) -> str:
    return render_template("evidence/withheld.html", offer=offer, paused=paused, back=came_from())


def _offered(key: str, mime: str, *, own: bool) -> tuple[Offer, str | None]:
    if not own and mime == FileKind.PDF.mime and (hides := hides_text(reading(), key)) is not False:
        return (Offer.HIDES_TEXT if hides else Offer.READ_FIRST), None
    if not own and file_kind(mime) in READ_HERE_ONLY:
        return Offer.HERE_ONLY, None
    if own or kind_located(mime) is None:
        return Offer.CHECKED if kind_holding(mime) and not own else Offer.ORIGINAL, None
    found = find_copy(reading(), key)
    if found is None or found.state in (RenditionState.WAITING, RenditionState.MAKING):
        if found is not None and found.priority > Priority.HIGH:
            await_rendition(found.id)
        return Offer.SOON, None
    if found.state is RenditionState.REFUSED:
        return Offer.WITHHELD, None
    return (Offer.COPY, found.key) if found.key else (Offer.ORIGINAL, None)


def _are_cuts_intact(key: str, cuts_key: str | None) -> bool:
    """Whether the list of what a copy leaves out is the one that was made; without it, a copy may tell a place."""
    found = find_copy(reading(), key) if cuts_key else None
    return found is None or cuts_key is None or is_intact(cuts_key, found.sha256 or "")


def _cuts(key: str, size: int) -> Sequence[Cut]:
    with current_app.extensions["files"].open(key) as kept:
        return read_cuts(kept.read(), size)


class _Going:
    """A file on its way out, let go by whoever sends it: at its end, when its reader leaves, or when nobody reads it (HEAD)."""

    def __init__(self, content: BinaryIO, held: ExitStack, cuts: Sequence[Cut] = ()) -> None:
        """`held`: what is open meanwhile, the content included."""
        self._content, self._held, self._cuts = content, held, cuts

    def __iter__(self) -> Iterator[bytes]:
        with self._held:
            yield from copied(self._content, self._cuts)

    def close(self) -> None:
        self._held.close()


def _marked(name: str) -> str:
    path = PurePath(name)
    return f"{path.stem}{_MARK}{path.suffix}"
