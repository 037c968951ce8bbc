"""Files go out: the original to whose it is, to others a copy that does not tell where it was made.

Attachments, and only so.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import PurePath
from typing import BinaryIO

from flask import Response, current_app, render_template
from flask.typing import ResponseReturnValue

from portfolio.db.engine import read_session
from portfolio.domain.evidence.rules.rendition import DownloadMode, PageSize, Priority, RenditionState
from portfolio.domain.evidence.use_cases.conversions import find_reading
from portfolio.domain.evidence.use_cases.page_images import find_page, withheld_pdf
from portfolio.domain.evidence.use_cases.renditions import find_copy
from portfolio.files import antivirus
from portfolio.files.conversion.codes import READ_HERE_ONLY, file_kind
from portfolio.files.file_types.types import FileRejected, FileType, RejectionReason
from portfolio.files.filenames import attachment_headers, download_name_of
from portfolio.files.metadata_removal.byte_edits import (
    ByteEdit,
    CannotClean,
    apply_edits,
    edited_size,
    edits_from_json,
)
from portfolio.files.metadata_removal.client import (
    ACTING,
    ScanUnavailable,
    container_type,
    geotaggable_type,
    open_without_location,
)
from portfolio.files.storage.store import InvalidKey, KeyNotFound
from portfolio.screens.evidence_files.awaited import await_rendition
from portfolio.screens.evidence_files.integrity import FileState, file_state, is_intact
from portfolio.screens.evidence_files.worker_status import is_stalled
from portfolio.web.urls import safe_referrer
from portfolio.wording.evidence import shared_message
from portfolio.wording.files import defused_message

_DAMAGE = {FileState.CHANGED: DownloadMode.DAMAGED, FileState.MISSING: DownloadMode.MISSING}
_MARK, _CHECKED_MARK = " (sans localisation)", " (copie vérifiée)"


def download_mode(key: str, mime: str, *, own: bool, sha256: str = "") -> DownloadMode:
    """Answer what is offered of the file kept under this key, to its owner or to someone else; nothing of a
    changed one.
    """
    if sha256 and (damage := _DAMAGE.get(file_state(key, sha256))) is not None:
        return damage
    return _offered(key, mime, own=own)[0]


def sharing_notice(key: str, mime: str, pages: int) -> str:
    """Say to whose file it is what the others receive of it; nothing when they receive it as it is and it
    tells no place.
    """
    reading = find_reading(read_session(), key)
    offer = download_mode(key, mime, own=False)
    if offer is DownloadMode.CHECKED and reading.defused:
        return defused_message(reading.defused)
    return shared_message(offer, read_here=pages > 0 and reading.reason is None)


def send_file(
    key: str, name: str, mime: str, size: int, *, own: bool, sha256: str = ""
) -> ResponseReturnValue:
    """Send a file, or its copy, as an attachment (trust.md §3); or say that it is not ready (202, 503
    when nothing prepares it), or withheld (409).

    The caller has asked who may read it. With `sha256`, its digest, a file that changed is not sent: 409. One
    that is gone: 410.
    """
    offer, cuts_key = _offered(key, mime, own=own)
    if sha256 and file_state(key, sha256) is FileState.MISSING:
        return _missing()
    if sha256 and not (is_intact(key, sha256) and _are_cuts_intact(key, cuts_key)):
        return _not_given(DownloadMode.DAMAGED), 409
    if offer is DownloadMode.SOON:
        found = find_copy(read_session(), key)
        paused = is_stalled(found.requested_at if found else None)
        return _not_ready(offer, paused=paused)
    if offer is DownloadMode.READ_FIRST:
        return _not_ready(offer, paused=_have_drawn(key))
    if offer in (DownloadMode.WITHHELD, DownloadMode.HIDES_TEXT, DownloadMode.HERE_ONLY):
        return _not_given(offer), 409
    if not own and (refused := _scan(key)) is not None:
        status = {DownloadMode.NOT_SCANNED: 503, DownloadMode.MISSING: 410}.get(refused, 409)
        return _not_given(refused), status
    if offer is DownloadMode.CHECKED:
        return send_scanned(key, name, mime, size)
    try:
        cuts = _cuts(cuts_key, size) if cuts_key else []
        held = ExitStack()
        content = held.enter_context(current_app.extensions["files"].open(key))
    except (KeyNotFound, InvalidKey):
        return _missing()
    ended = download_name_of(name, mime)
    shown = _marked(ended) if offer is DownloadMode.COPY else ended
    headers = attachment_headers(shown, mime) | {"Content-Length": str(edited_size(size, cuts))}
    return Response(_Going(content, held, cuts), headers=headers, direct_passthrough=True)


def _missing() -> ResponseReturnValue:
    """Say that a file is no longer in the store."""
    return _not_given(DownloadMode.MISSING), 410


def _not_ready(offer: DownloadMode, *, paused: bool) -> ResponseReturnValue:
    """Say that a file is being prepared; `paused`: that nothing prepares it now."""
    status, again = (503, "15") if paused else (202, "5")
    return _not_given(offer, paused=paused), status, {"Retry-After": again}


def _scan(key: str) -> DownloadMode | None:
    """Scan a file that somebody else than its owner asks for; return why it is not given, None when it may
    be.
    """
    if not antivirus.is_installed():
        return None
    try:
        with current_app.extensions["files"].open(key) as content:
            antivirus.scan(content)
    except FileRejected as error:
        return DownloadMode.WITHHELD if error.code is RejectionReason.INFECTED else DownloadMode.NOT_SCANNED
    except (KeyNotFound, InvalidKey):
        return DownloadMode.MISSING
    return None


def send_scanned(key: str, name: str, mime: str, size: int) -> ResponseReturnValue:
    """Send a file as an attachment, without the place that it or its photographs tell, and without what acts
    by itself in it; 409 when that cannot be known.

    The caller has asked who may read it.
    """
    kind, held = geotaggable_type(mime) or container_type(mime), ExitStack()
    try:
        content = held.enter_context(current_app.extensions["files"].open(key))
        copy = held.enter_context(open_without_location(content, kind, size)) if kind else None
    except (KeyNotFound, InvalidKey):
        held.close()
        return _missing()
    except (CannotClean, ScanUnavailable) as error:
        held.close()
        offer = DownloadMode.WITHHELD if isinstance(error, CannotClean) else DownloadMode.SOON
        return _not_given(offer), 409 if offer is DownloadMode.WITHHELD else 503
    sent = copy or content
    length = sent.seek(0, os.SEEK_END) if copy else size
    sent.seek(0)
    mark = _CHECKED_MARK if kind in ACTING else _MARK
    ended = download_name_of(name, mime)
    headers = attachment_headers(_marked(ended, mark) if copy else ended, mime) | {
        "Content-Length": str(length)
    }
    return Response(_Going(sent, held), headers=headers, direct_passthrough=True)


def _have_drawn(key: str) -> bool:
    """Have the pages of a file drawn before their turn; return whether nobody draws at this moment."""
    status = find_page(read_session(), key, 1, PageSize.PAGE)
    if status.rendition_id is not None:
        await_rendition(status.rendition_id)
    return is_stalled(status.ordered_at)


def _not_given(offer: DownloadMode, *, paused: bool = False) -> str:
    return render_template(
        "evidence/download_unavailable.html", offer=offer, paused=paused, back=safe_referrer()
    )


def _offered(key: str, mime: str, *, own: bool) -> tuple[DownloadMode, str | None]:
    if not own and mime == FileType.PDF.mime and (why := withheld_pdf(read_session(), key)) is not None:
        return why, None
    if not own and file_kind(mime) in READ_HERE_ONLY:
        return DownloadMode.HERE_ONLY, None
    if own or geotaggable_type(mime) is None:
        return DownloadMode.CHECKED if container_type(mime) and not own else DownloadMode.ORIGINAL, None
    found = find_copy(read_session(), key)
    if found is None or found.state in (RenditionState.WAITING, RenditionState.MAKING):
        if found is not None and found.priority > Priority.HIGH:
            await_rendition(found.id)
        return DownloadMode.SOON, None
    if found.state is RenditionState.REFUSED:
        return DownloadMode.WITHHELD, None
    return (DownloadMode.COPY, found.key) if found.key else (DownloadMode.ORIGINAL, None)


def _are_cuts_intact(key: str, cuts_key: str | None) -> bool:
    """Whether the list of what a copy omits is the one that was made; without it, a copy may tell a place."""
    found = find_copy(read_session(), key) if cuts_key else None
    return found is None or cuts_key is None or is_intact(cuts_key, found.sha256 or "")


def _cuts(key: str, size: int) -> Sequence[ByteEdit]:
    with current_app.extensions["files"].open(key) as original:
        return edits_from_json(original.read(), size)


class _Going:
    """A file on its way out, closed by the server that sends it: at its end, when its reader disconnects, or
    when nobody reads it.
    """

    def __init__(self, content: BinaryIO, held: ExitStack, cuts: Sequence[ByteEdit] = ()) -> None:
        """`held`: what is open meanwhile, the content included."""
        self._content, self._held, self._cuts = content, held, cuts

    def __iter__(self) -> Iterator[bytes]:
        with self._held:
            yield from apply_edits(self._content, self._cuts)

    def close(self) -> None:
        self._held.close()


def _marked(name: str, mark: str = _MARK) -> str:
    path = PurePath(name)
    return f"{path.stem}{mark}{path.suffix}"
