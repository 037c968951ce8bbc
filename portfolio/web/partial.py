"""Files that leave, whole or from where a download was cut: the range of bytes asked for (RFC 9110 §14)."""

from collections.abc import Mapping
from contextlib import ExitStack
from typing import BinaryIO

from flask import Response, request
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.wsgi import FileWrapper

from portfolio.files.storage.store import CHUNK_BYTES, digest_of


class _OpenFile(FileWrapper):
    """A file on its way out, closed by the server that sends it: at its end, when its reader disconnects, or
    when nobody reads it.

    The server's own wrapper would read it in the loop of all connections, where a store that is slow is waited for.
    """

    def __init__(self, content: BinaryIO, held: ExitStack) -> None:
        super().__init__(content, CHUNK_BYTES)
        self._held = held

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        """Close it, and what is open meanwhile."""
        self._held.close()


def file_response(content: BinaryIO, headers: Mapping[str, str], size: int, sha256: str) -> Response:
    """Send a file of this size and digest, or the part asked for."""
    return partial_response(_response(content, headers, ExitStack()), size, sha256)


def copy_response(content: BinaryIO, headers: Mapping[str, str], held: ExitStack, *, is_same: bool) -> Response:
    """Send a file that was made for this request, or the part asked for; `held`: what is open until it is sent.

    `is_same`: the next request makes the same bytes.
    """
    size, sha256 = digest_of(content)
    content.seek(0)
    return partial_response(_response(content, headers, held), size, sha256, is_remade=not is_same)


def _response(content: BinaryIO, headers: Mapping[str, str], held: ExitStack) -> Response:
    held.push(content)
    return Response(_OpenFile(content, held), headers=headers, direct_passthrough=True)


def partial_response(response: Response, size: int, version: str, *, is_remade: bool = False) -> Response:
    """Answer the part asked for of a content of this size, of which `version` changes whenever a byte does.

    The whole is answered where several parts or no bytes are asked for, and of what `is_remade`, with other bytes
    maybe, to who does not name the version (If-Range). Raises RequestedRangeNotSatisfiable (416).
    """
    response.content_length = size
    response.accept_ranges = "bytes"
    response.set_etag(version)
    asked = request.range if request.method == "GET" and ("If-Range" in request.headers or not is_remade) else None
    is_one_part = asked is not None and asked.units == "bytes" and len(asked.ranges) == 1
    try:
        response.make_conditional(request, accept_ranges=is_one_part, complete_length=size)
    except RequestedRangeNotSatisfiable:
        response.close()
        raise
    return response
