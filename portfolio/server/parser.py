"""A request as waitress receives it: refused at its headers, or as soon as its body is too large.

Refusal of requests that two servers may read as two different ones (RFC 9112 §3.2, §6.3).

waitress 3.0.2 joins repeated headers and accepts a length beside an encoding (Pylons/waitress#464).
"""

from __future__ import annotations

import errno
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import structlog
from waitress.adjustments import Adjustments
from waitress.parser import HTTPRequestParser, ParsingError, get_header_lines
from waitress.utilities import BadRequest, Error, RequestEntityTooLarge

from portfolio.files.storage.store import NO_ROOM
from portfolio.server.error_pages import NoRoomError, NoSessionError, TooManyError
from portfolio.web.request_limits import ANONYMOUS_BODY_BYTES

if TYPE_CHECKING:
    from portfolio.server.channel import LingeringChannel


def refuse_ambiguous(head: bytes) -> None:
    """Raise ParsingError for two hosts or none, two lengths, two encodings, or a length beside an encoding."""
    first, _, rest = head.partition(b"\r\n")
    names = [line.partition(b":")[0].strip(b" \t").lower() for line in get_header_lines(rest)]
    hosts, lengths, encodings = (names.count(name) for name in (b"host", b"content-length", b"transfer-encoding"))
    is_older = first.rstrip().endswith(b"HTTP/1.0")
    if hosts > 1 or (hosts == 0 and first.rstrip().endswith(b"HTTP/1.1")):
        raise ParsingError("a request names one host")
    if lengths > 1 or encodings > 1 or (lengths and encodings) or (is_older and encodings):
        raise ParsingError("the length of the body is not sure")


log = structlog.get_logger("acquis")
# What the system answers when a body cannot be stored now: no room, or too many files are open.
_NOT_NOW = NO_ROOM | {errno.EMFILE, errno.ENFILE}


class LimitedRequestParser(HTTPRequestParser):
    """A request; `network` is that of its client once the headers are read."""

    network = ""
    _max_body: int | None = None

    def __init__(self, adj: Adjustments, channel: LingeringChannel) -> None:
        """Begin a request on this connection."""
        super().__init__(adj)
        self.channel, self.started, self.total_received = channel, time.time(), 0

    def received(self, data: bytes) -> int:
        """Take bytes and return how many belong to this request; all of them once it is refused."""
        self.total_received += len(data)
        try:
            taken: int = super().received(data)
        except OSError as error:
            if error.errno not in _NOT_NOW:
                raise
            log.error("disk_full_for_body", length=self.content_length, received=self.body_bytes_received)
            return self._refuse(data, NoRoomError("no room"))
        except ValueError as error:  # a length of thousands of digits, an invalid address
            return self._refuse(data, BadRequest(str(error)))
        if self.headers_finished and not self.empty and self.error is None:
            self.error = self._refusal()
        return taken if self.error is None else self._refuse(data, self.error)

    def parse_header(self, header_plus: bytes) -> None:
        """Read the headers; raise ParsingError for a request that two servers may read as two different ones."""
        refuse_ambiguous(header_plus)
        super().parse_header(header_plus)

    @property
    def body_bytes(self) -> int:
        """Return the length of the body, announced or received so far."""
        return max(self.content_length, self.body_bytes_received)

    def _refusal(self) -> Error | None:
        """Return why the request is refused now, without a query: the signature of its session cookie decides."""
        server = self.channel.server
        if not self.network:
            self.network = server.limits.client_network(self.channel.network, self.headers.get("X_FORWARDED_FOR", ""))
            if server.has_too_many_requests(self):
                return TooManyError("too many requests")
        if self.body_bytes <= ANONYMOUS_BODY_BYTES:
            return None
        if self._max_body is None:
            self._max_body = server.max_body(self.command, self.path, self.headers.get("COOKIE", ""))
        if self.body_bytes > self._max_body:
            is_anonymous = self._max_body <= ANONYMOUS_BODY_BYTES
            return NoSessionError("no session") if is_anonymous else RequestEntityTooLarge("too long for this address")
        return TooManyError("too many bytes") if server.has_too_many_bytes(self) else None

    def _refuse(self, data: bytes, error: Error) -> int:
        self.error: Any = error
        self.completed, self.expect_continue = True, False  # a refused body is not asked for
        with suppress(OSError):  # its buffer may still have something to write
            self.close()
        return len(data)
