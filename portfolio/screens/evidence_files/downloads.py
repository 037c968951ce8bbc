"""Files go out: the original to whose it is; to others what is drawn of it, a PDF or a recording.

Attachments, and only so.

Recordings over HTTP: played here, from any second, by what was made of them; the original is never sent so.
"""

from contextlib import ExitStack
from pathlib import PurePath

from flask import Response, abort, current_app, render_template
from flask.typing import ResponseReturnValue

from portfolio.db.engine import read_session
from portfolio.domain.dossier.rules.rendition import DownloadMode, PageSize, QuarantineState
from portfolio.domain.dossier.use_cases.conversions import MadeFile, find_reading
from portfolio.domain.dossier.use_cases.page_images import find_page, withheld_pages
from portfolio.domain.dossier.use_cases.quarantine import load_quarantined
from portfolio.files import antivirus
from portfolio.files.file_types.types import (
    FileRejected,
    FileType,
    RejectionReason,
    file_kind,
    is_converted,
    is_played,
    kind_of,
)
from portfolio.files.filenames import attachment_headers, download_name_of
from portfolio.files.renditions.flattening.client import MAX_PAGES
from portfolio.files.renditions.shared_copies.client import CannotCopy, CopyUnavailable, open_shared_copy
from portfolio.files.storage.store import InvalidKey, KeyNotFound
from portfolio.screens.evidence_files.integrity import FileState, file_state, is_intact
from portfolio.screens.evidence_files.page_images import await_rendition, damage_response, is_stalled
from portfolio.web.partial import copy_response, file_response
from portfolio.web.urls import safe_referrer
from portfolio.wording.evidence import shared_message
from portfolio.wording.files import DAMAGED_RECORDING, PENDING, REFUSED, defused_message

_DAMAGE = {FileState.CHANGED: DownloadMode.DAMAGED, FileState.MISSING: DownloadMode.MISSING}
# Of a file that waits for its scan, and of one that was refused, nothing is kept under its key.
_QUARANTINE = {DownloadMode.NOT_SCANNED: 503, DownloadMode.REFUSED: 410}
_MARK = " (copie)"
_REFUSED = (DownloadMode.WITHHELD, DownloadMode.HIDES_TEXT)


def download_mode(key: str, mime: str, *, own: bool, sha256: str = "") -> DownloadMode:
    """Answer what is offered of the file kept under this key, to its owner or to someone else; nothing of a
    changed one.
    """
    if sha256 and (damage := _DAMAGE.get(file_state(key, sha256))) is not None:
        return damage
    return _offered(key, mime, own=own)[0]


def sharing_notice(key: str, mime: str, pages: int) -> str:
    """Say to whose file it is what the others receive of it."""
    reading = find_reading(read_session(), key)
    offer = download_mode(key, mime, own=False)
    if offer is DownloadMode.COPY and reading.defused:
        return defused_message(reading.defused)
    return shared_message(offer, mime, read_here=pages > 0 and reading.reason is None)


def send_file(key: str, name: str, mime: str, size: int, *, own: bool, sha256: str) -> ResponseReturnValue:
    """Send a file, the part of it asked for, or what others receive of it, as an attachment; or say that it is not
    ready (202, 503 when nothing prepares it), or withheld (409).

    The caller has asked who may read it. A file that has no longer its digest is not sent: 409. One that is gone: 410.
    """
    offer, made = _offered(key, mime, own=own)
    if offer in _QUARANTINE:
        return _not_given(offer), _QUARANTINE[offer]
    state = file_state(key, sha256)
    if state is FileState.MISSING:
        return _missing()
    if state is FileState.CHANGED or (made and not is_intact(made.key, made.sha256)):
        return _not_given(DownloadMode.DAMAGED), 409
    if offer is DownloadMode.SOON:
        return _being_made(key)
    if offer is DownloadMode.READ_FIRST:
        return _not_ready(offer, paused=_have_drawn(key))
    if offer in _REFUSED:
        return _not_given(offer), 409
    if not own and (refused := _scan(key)) is not None:
        status = {DownloadMode.NOT_SCANNED: 503, DownloadMode.MISSING: 410}.get(refused, 409)
        return _not_given(refused), status
    if offer is DownloadMode.ORIGINAL:
        return _sent(key, attachment_headers(download_name_of(name, mime), mime), size, sha256)
    if made is not None and is_played(mime):
        headers = attachment_headers(_marked(name, mime, made.media_type), made.media_type)
        return _sent(made.key, headers, made.size, made.sha256)
    return send_copy(key, name, mime, size, made)


def _sent(key: str, headers: dict[str, str], size: int, sha256: str) -> ResponseReturnValue:
    try:
        content = current_app.extensions["files"].open(key)
    except (KeyNotFound, InvalidKey):
        return _missing()
    return file_response(content, headers, size, sha256)


def _missing() -> ResponseReturnValue:
    """Say that a file is no longer in the store."""
    return _not_given(DownloadMode.MISSING), 410


def _not_ready(offer: DownloadMode, *, paused: bool) -> ResponseReturnValue:
    """Say that a file is being prepared; `paused`: that nothing prepares it now."""
    status, again = (503, "15") if paused else (202, "5")
    return _not_given(offer, paused=paused), status, {"Retry-After": again}


def _scan(key: str) -> DownloadMode | None:
    """Scan a file that somebody else than its owner asks for; return why it is not given, None when it may be."""
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


def send_copy(key: str, name: str, mime: str, size: int, made: MadeFile | None = None) -> ResponseReturnValue:
    """Send a PDF of what a file shows, in which nothing acts, calls or tells a place; 409 when there can be none.

    The caller has asked who may read it. `made` is the PDF of it that is kept, if one is.
    """
    if (apart := _quarantined(key)) is not None:
        return _not_given(apart), _QUARANTINE[apart]
    held, kind = ExitStack(), FileType.PDF if made else file_kind(mime)
    try:
        if kind is None:
            raise CannotCopy
        content = held.enter_context(current_app.extensions["files"].open(made.key if made else key))
        copy = held.enter_context(open_shared_copy(content, kind, made.size if made else size))
    except (KeyNotFound, InvalidKey):
        held.close()
        return _missing()
    except CannotCopy:
        held.close()
        return _not_given(DownloadMode.WITHHELD), 409
    except CopyUnavailable:
        held.close()
        return _not_given(DownloadMode.SOON), 503
    headers = attachment_headers(_marked(name, mime, FileType.PDF.mime), FileType.PDF.mime)
    return copy_response(copy, headers, held, is_same=made is not None or not is_converted(mime))


def _being_made(key: str) -> ResponseReturnValue:
    """Have what others receive made before its turn, and say that it is not ready."""
    found = find_reading(read_session(), key)
    if found.rendition_id is not None:
        await_rendition(found.rendition_id)
    return _not_ready(DownloadMode.SOON, paused=is_stalled(found.ordered_at))


def _have_drawn(key: str) -> bool:
    """Have the pages of a file drawn before their turn; return whether nobody draws at this moment."""
    status = find_page(read_session(), key, 1, PageSize.PAGE)
    if status.rendition_id is not None:
        await_rendition(status.rendition_id)
    return is_stalled(status.ordered_at)


def _not_given(offer: DownloadMode, *, paused: bool = False) -> str:
    return render_template(
        "evidence_files/downloads/download_unavailable.html", offer=offer, paused=paused, back=safe_referrer()
    )


def _quarantined(key: str) -> DownloadMode | None:
    """Return why nobody, its owner included, receives a file that was not found clean; None of another."""
    state = load_quarantined(read_session(), [key]).get(key)
    if state is None:
        return None
    return DownloadMode.NOT_SCANNED if state is QuarantineState.WAITING else DownloadMode.REFUSED


def _offered(key: str, mime: str, *, own: bool) -> tuple[DownloadMode, MadeFile | None]:
    """Answer what is offered of a file, and what was made of it if that is given in its place."""
    if (apart := _quarantined(key)) is not None:
        return apart, None
    if own:
        return DownloadMode.ORIGINAL, None
    if mime != FileType.PDF.mime and not is_converted(mime):  # a picture
        first = find_page(read_session(), key, 1, PageSize.PAGE)
        is_drawn = kind_of(mime) is not None and first.fault is None and first.reason is None
        is_whole = is_drawn and find_reading(read_session(), key).counted <= MAX_PAGES
        return (DownloadMode.COPY if is_whole else DownloadMode.WITHHELD), None
    reading = find_reading(read_session(), key)
    if is_converted(mime) and reading.made is None:
        return (DownloadMode.SOON if reading.reason is None else DownloadMode.WITHHELD), None
    why = None if is_played(mime) else withheld_pages(read_session(), key)
    return why or DownloadMode.COPY, reading.made


def _marked(name: str, mime: str, made: str) -> str:
    """Return the name of what is made of a file, from the name of the file."""
    return download_name_of(f"{PurePath(download_name_of(name, mime)).stem}{_MARK}", made)


_ENDINGS = {"video/mp4": "mp4", "audio/mp4": "m4a"}
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def send_recording(key: str, mime: str, name: str, sha256: str = "") -> Response:
    """Send what plays of the file kept under this key, or the part asked for (RFC 9110 §14); a sentence when
    it is not ready.

    The caller has asked the same permission as for the original. With `sha256`, the digest of the original,
    nothing of a changed file is played: 409.
    """
    if not is_played(mime):
        abort(404)
    found = find_reading(read_session(), key)
    if sha256 and (refused := damage_response(key, sha256)) is not None:
        return refused
    if found.made is not None:
        return _sent_recording(found.made, name)
    if found.reason is not None:
        return Response(REFUSED[found.reason], 422, mimetype="text/plain")
    if found.rendition_id is not None:
        await_rendition(found.rendition_id)
    return Response(PENDING, 202, {"Retry-After": "5"}, mimetype="text/plain")


def _sent_recording(made: MadeFile, name: str) -> Response:
    if not is_intact(made.key, made.sha256):
        return Response(DAMAGED_RECORDING, 409, mimetype="text/plain")
    try:
        content = current_app.extensions["files"].open(made.key)
    except (KeyNotFound, InvalidKey):
        return Response(DAMAGED_RECORDING, 410, mimetype="text/plain")
    name = f'inline; filename="{name}.{_ENDINGS[made.media_type]}"'
    headers = _HEADERS | {"Content-Disposition": name, "Content-Type": made.media_type}
    return file_response(content, headers, made.size, made.sha256)
