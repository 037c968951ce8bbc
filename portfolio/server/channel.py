"""A connection of the server."""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import Any

from portfolio.server.deferred_continue import DeferredContinue
from portfolio.server.error_pages import FrenchErrorTask
from portfolio.server.lingering_close import LingeringClose
from portfolio.server.parser import LimitedRequestParser
from portfolio.web.network import network_address
from portfolio.web.request_limits import ANONYMOUS_BODY_BYTES


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
        """The moment at which the wait began."""
        return float(self.last_activity if self.request is None else self.request.started)

    def is_overdue(self, now: float) -> bool:
        """Return whether the client sends a request too slowly, or no longer reads the answer."""
        if self.request is not None and not self.requests:
            return bool(
                now - self.request.started > self.server.limits.seconds_for(self.request.total_received)
            )
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
