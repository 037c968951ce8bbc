"""Recordings over HTTP: played here, from any second, by what was made of them; the original is never sent
so.
"""

from __future__ import annotations

from flask import Response, abort, current_app, request
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.wsgi import wrap_file

from portfolio.db.engine import read_session
from portfolio.domain.evidence.use_cases.conversions import MadeFile, find_reading
from portfolio.files.conversion.codes import is_played
from portfolio.files.storage.store import InvalidKey, KeyNotFound
from portfolio.screens.evidence_files.awaited import await_rendition
from portfolio.screens.evidence_files.integrity import is_intact
from portfolio.screens.evidence_files.page_images import damage_response
from portfolio.wording.page_images import DAMAGED_RECORDING, PENDING, REFUSED

_ENDINGS = {"video/mp4": "mp4", "audio/mp4": "m4a"}
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Accept-Ranges": "bytes",
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
        return _sent(found.made, name)
    if found.reason is not None:
        return Response(REFUSED[found.reason], 422, mimetype="text/plain")
    if found.rendition_id is not None:
        await_rendition(found.rendition_id)
    return Response(PENDING, 202, {"Retry-After": "5"}, mimetype="text/plain")


def _sent(made: MadeFile, name: str) -> Response:
    if not is_intact(made.key, made.sha256):
        return Response(DAMAGED_RECORDING, 409, mimetype="text/plain")
    try:
        content = current_app.extensions["files"].open(made.key)
    except (KeyNotFound, InvalidKey):
        return Response(DAMAGED_RECORDING, 410, mimetype="text/plain")
    headers = _HEADERS | {"Content-Disposition": f'inline; filename="{name}.{_ENDINGS[made.media_type]}"'}
    response = Response(
        wrap_file(request.environ, content),
        headers=headers,
        mimetype=made.media_type,
        direct_passthrough=True,
    )
    response.content_length = made.size
    response.set_etag(made.sha256)
    try:
        return response.make_conditional(request, accept_ranges=True, complete_length=made.size)  # type: ignore[return-value]
    except RequestedRangeNotSatisfiable as error:
        content.close()
        length = {"Content-Range": f"bytes */{made.size}"}
        return Response(str(error.code), 416, _HEADERS | length, mimetype="text/plain")
