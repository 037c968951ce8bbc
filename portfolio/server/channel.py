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

import socket
import time
from contextlib import suppress
from typing import Any

from waitress.channel import HTTPChannel

from portfolio.server.error_pages import FrenchErrorTask
from portfolio.server.parser import LimitedRequestParser
from portfolio.web.request_limits import ANONYMOUS_BODY_BYTES, network_address

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
