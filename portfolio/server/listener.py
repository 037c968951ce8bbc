"""The listening socket: which connections are accepted, and which are dropped for others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from waitress.server import TcpWSGIServer

from portfolio.server.channel import LingeringChannel
from portfolio.server.limits import MAX_CONNECTIONS, AddressLimits
from portfolio.server.parser import LimitedRequestParser
from portfolio.web.network import network_address
from portfolio.web.request_limits import ANONYMOUS_BODY_BYTES

MaxBody = Callable[[str, str, str], int]


class Listener(TcpWSGIServer):
    """A server of waitress that counts what each network address holds.

    `max_body` returns how many bytes the body of a request may have, by its method, its path and its cookies.
    """

    def __init__(
        self,
        application: Any,
        channels: dict[int, Any],
        limits: AddressLimits,
        max_body: MaxBody,
        **more: Any,
    ) -> None:
        """Listen; `channels` holds every socket of the process that the main loop polls."""
        self.limits, self.max_body, self._polled = limits, max_body, channels
        super().__init__(application, channels, **more)

    def channel_class(self, server: Any, sock: Any, addr: Any, adj: Any, map: Any = None) -> Any:  # type: ignore[override]
        """Open a connection, or close it when its address holds too many that cannot be dropped."""
        if self._has_place(network_address(addr[0])):
            return LingeringChannel(server, sock, addr, adj, map=map)
        return sock.close()

    def channels(self) -> list[LingeringChannel]:
        """Return every open connection."""
        return [channel for channel in list(self._polled.values()) if isinstance(channel, LingeringChannel)]

    def maintenance(self, now: float) -> None:
        """Close idle connections, and drop those whose client is too slow."""
        super().maintenance(now)
        for channel in self.channels():
            if channel.is_overdue(now):
                channel.drop()

    def has_too_many_requests(self, request: LimitedRequestParser) -> bool:
        """Return whether the client, behind trusted proxies, has too many requests in progress."""
        return bool(self.limits.proxies) and len(self._others(request)) >= self.limits.connections

    def has_too_many_bytes(self, request: LimitedRequestParser) -> bool:
        """Return whether the body goes beyond what one address may have in flight; a single body never
        does.
        """
        others = sum(
            other.body_bytes for other in self._others(request) if other.body_bytes > ANONYMOUS_BODY_BYTES
        )
        return others > 0 and others + request.body_bytes > self.limits.in_flight_bytes

    def _has_place(self, network: str) -> bool:
        """Return whether one more connection of this network is served, for which one that waits may be
        dropped.
        """
        channels = [channel for channel in self.channels() if not channel.will_close]
        held = Counter(channel.network for channel in channels)
        if not self.limits.proxies and held[network] >= self.limits.connections:
            return _drop_longest_waiting(channel for channel in channels if channel.network == network)
        if len(channels) >= MAX_CONNECTIONS:
            most = max(held.values())
            _drop_longest_waiting(channel for channel in channels if held[channel.network] == most)
        return True

    def _others(self, request: LimitedRequestParser) -> list[LimitedRequestParser]:
        requests: Any = (
            other for channel in self.channels() for other in (*channel.requests, channel.request) if other
        )
        return [other for other in requests if other is not request and other.network == request.network]


def _drop_longest_waiting(channels: Iterable[LingeringChannel]) -> bool:
    """Drop the connection that has waited longest for its request; return whether there was one."""
    longest = min(
        (channel for channel in channels if channel.waits),
        key=lambda channel: channel.waiting_since,
        default=None,
    )
    if longest is not None:
        longest.drop()
    return longest is not None
