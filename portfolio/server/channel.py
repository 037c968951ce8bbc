"""A connection of the server.

Fix of waitress 3.0.2: a worker thread that sends « 100 Continue » may close a socket that the main loop polls.

Upstream: Pylons/waitress#374, « Possible race condition leading to the main loop dying? » (CVE-2022-31015). Release
2.1.2 closes sockets in the main loop alone (`do_close=False`), but `send_continue`, which `service` also calls in a
worker thread, still flushes with `do_close=True`.

Fix of waitress 3.0.2: a refusal sent while the body still arrives is lost.

waitress closes the socket at once; the kernel then answers the bytes that still arrive with RST, and the client drops
the page of the refusal before it is read. RFC 9112 §9.6 asks for a close in stages. No report of it was found at
Pylons/waitress (#421 is about the limit only); the same bug is libevent/libevent#321 and
gwsystems/sledge-serverless-framework#389, fixed there in the same way.
"""

from __future__ import annotations

import errno
import socket
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import structlog
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError, get_header_lines
from waitress.utilities import BadRequest, Error, RequestEntityTooLarge

from portfolio.files.storage.store import NO_ROOM
from portfolio.server.error_pages import FrenchErrorTask, NoRoomError, NoSessionError, TooManyError
from portfolio.web.request_limits import ANONYMOUS_BODY_BYTES, network_address

if TYPE_CHECKING:
    pass


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


_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class DeferredContinue(HTTPChannel):
    """A connection whose « 100 Continue » is queued for the main loop."""

    def send_continue(self) -> None:
        """Queue the line and wake the main loop, which sends it."""
        request: Any = self.request
        with self.outbuf_lock:
            self.outbufs[-1].append(_CONTINUE)
            self.current_outbuf_count += len(_CONTINUE)
            self.total_outbufs_len += len(_CONTINUE)
            self.sent_continue = True
        request.expect_continue = request.completed = False
        self.server.pull_trigger()


LINGER_SECONDS = 30


class LingeringClose(HTTPChannel):
    """A connection that, when `lingers` is set, is closed in stages: end of the answer, then what still
    arrives is dropped.
    """

    lingers = False
    _linger_until = 0.0

    def readable(self) -> bool:
        """Return whether to read more; close a connection that lingers for too long."""
        if self._linger_until and time.monotonic() > self._linger_until:
            self.will_close = True
        return bool(self._linger_until) or super().readable()

    def handle_read(self) -> None:
        """Read a request, or drop what arrives after a refusal."""
        if not self._linger_until:
            super().handle_read()
        elif self.recv(self.adj.recv_bytes):  # at the end of the stream, recv closes
            self.last_activity = int(time.time())

    def handle_close(self) -> None:
        """Close; after a refusal, first send the end of the answer and let the rest of the body arrive."""
        if self.lingers and not self._linger_until:
            self._linger_until = time.monotonic() + LINGER_SECONDS
            self.will_close = self.close_when_flushed = False
            with suppress(OSError):
                self.socket.shutdown(socket.SHUT_WR)  # type: ignore[union-attr]  # a channel has one until it is closed
                return
        super().handle_close()


class LingeringChannel(LingeringClose, DeferredContinue):
    """A connection that can be dropped when its client is slow or silent."""

    error_task_class = FrenchErrorTask
    request: Any  # a LimitedRequestParser, while one arrives

    def __init__(self, server: Any, sock: socket.socket, addr: Any, adj: Any, map: Any) -> None:
        """Open a connection; its network is that of the client, or of the proxy before us."""
        self.network = network_address(addr[0])
        super().__init__(server, sock, addr, adj, map=map)

    def parser_class(self, adj: Any) -> LimitedRequestParser:  # type: ignore[override]  # waitress calls it as it would a class
        """Begin the next request of this connection."""
        return LimitedRequestParser(adj, self)

    @property
    def waits(self) -> bool:
        """Return whether nothing is lost when the connection is dropped: it is idle, or a small request
        arrives slowly.
        """
        if self.requests or (self.total_outbufs_len and not self.lingers):
            return False
        return self.request is None or bool(self.request.body_bytes <= ANONYMOUS_BODY_BYTES)

    @property
    def waiting_since(self) -> float:
        """Return the moment at which the wait began."""
        return float(self.last_activity if self.request is None else self.request.started)

    def is_overdue(self, now: float) -> bool:
        """Return whether the client sends a request too slowly, or no longer reads the answer."""
        if self.request is not None and not self.requests:
            return bool(now - self.request.started > self.server.limits.seconds_for(self.request.total_received))
        return bool(self.total_outbufs_len) and self.last_activity < now - self.adj.channel_timeout

    def drop(self) -> None:
        """Have the main loop close the connection at its next turn, even when the client reads nothing."""
        self.lingers, self.will_close = False, True
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]  # a channel has one until it is closed

    def handle_close(self) -> None:
        """Close, and let go of a body that did not arrive whole."""
        super().handle_close()
        request, self.request = self.request, None
        if request is not None:
            with suppress(OSError):
                request.close()
