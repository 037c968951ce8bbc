"""Serve the application with waitress until the process is stopped.

How glibc keeps the memory that a process of many threads frees.

The listening socket: which connections are accepted, and which are dropped for others.
"""

import ctypes
import gc
import logging
import signal
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import Any

import structlog
from flask import Flask
from waitress.adjustments import Adjustments
from waitress.server import MultiSocketServer, TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher

from portfolio.files.storage.store import CHUNK_BYTES
from portfolio.server.channel import LimitedRequestParser, LingeringChannel
from portfolio.server.rate_limit import MAX_CONNECTIONS, AddressLimits
from portfolio.web.request_limits import ANONYMOUS_BODY_BYTES, is_long_body, max_body, network_address

# Parameters of mallopt(3) in glibc.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
# In bytes: pieces of a file that are received and sent on stay below, hashes of passwords (19 MiB) above.
LARGE_BLOCK, SPARE = 4 * 1024 * 1024, 8 * 1024 * 1024
# Threads hold the interpreter's lock while they allocate: more arenas save no time, each keeps its own holes.
ARENAS = 2


def configure_malloc() -> None:
    """Have glibc give a block of 4 MiB or more back when it is freed, and share two arenas among all threads;
    nothing on another library. Called before the threads start.

    By itself it moves that bound up to the largest block that was freed, 32 MiB at most: every thread that
    has once checked a password then keeps 19 MiB for the next one. And it gives sixteen arenas to the threads
    of a machine of two cores: what one thread frees, no other can use.
    """
    with suppress(AttributeError, OSError):
        libc = ctypes.CDLL(None)
        libc.mallopt(_MMAP_THRESHOLD, LARGE_BLOCK)
        libc.mallopt(_TRIM_THRESHOLD, SPARE)
        libc.mallopt(_ARENA_MAX, ARENAS)


MaxBody = Callable[[str, str, str], int]


class Listener(TcpWSGIServer):
    """A server of waitress that counts what each network address holds.

    `max_body` returns how many bytes the body of a request may have, by its method, its path and its cookies.
    """

    def __init__(
        self, application: Any, channels: dict[int, Any], limits: AddressLimits, max_body: MaxBody, **more: Any
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
        """Return whether the body goes beyond what one address may have in flight; a single body never does."""
        others = sum(other.body_bytes for other in self._others(request) if other.body_bytes > ANONYMOUS_BODY_BYTES)
        return others > 0 and others + request.body_bytes > self.limits.in_flight_bytes

    def _has_place(self, network: str) -> bool:
        """Return whether one more connection of this network is served, for which one that waits may be dropped."""
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


class Dispatcher(ThreadedTaskDispatcher):
    """Threads for everyone, and one that answers the requests with a long text, one after the other: so many texts in
    memory at once, each many times over in its page, would take that of the machine.
    """

    def __init__(self, app: Flask) -> None:
        super().__init__()
        self._app, self._long = app, _LongTexts()
        self._long.set_thread_count(1)

    def add_task(self, task: Any) -> None:
        """Have the next request of a connection answered."""
        request = task.requests[0]
        if request.error is None and is_long_body(self._app, request.command, request.path, request.body_bytes):
            self._long.add_task(task)
        else:
            super().add_task(task)

    def shutdown(self, cancel_pending: bool = True, timeout: int = 5) -> bool:
        """End every thread once it has answered."""
        self._long.shutdown(cancel_pending, timeout)
        return bool(super().shutdown(cancel_pending, timeout))


class _LongTexts(ThreadedTaskDispatcher):
    """That several wait for its thread is what it is for, and needs no warning."""

    queue_logger = logging.getLogger("acquis.long_texts")


def _drop_longest_waiting(channels: Iterable[LingeringChannel]) -> bool:
    """Drop the connection that has waited longest for its request; return whether there was one."""
    longest = min(
        (channel for channel in channels if channel.waits), key=lambda channel: channel.waiting_since, default=None
    )
    if longest is not None:
        longest.drop()
    return longest is not None


log = structlog.get_logger("acquis")
# Ours are refused from 32 kB: browsers send a few kB, and a longer head is read again at each byte of a slow
# client.
MAX_HEADER_BYTES = 32 * 1024


def serve(app: Flask) -> None:
    """Serve until Ctrl-C or SIGTERM."""
    settings = app.config["SETTINGS"]
    configure_malloc()
    server = create_server(
        app,
        host=settings.host,
        port=settings.port,
        threads=settings.threads,
        recv_bytes=CHUNK_BYTES,  # 8 KB pieces make a heavy upload twice as long
        # Those of a known proxy are read by the application.
        clear_untrusted_proxy_headers=not settings.proxies,
    )
    try:
        signal.signal(signal.SIGTERM, _interrupt)
        freeze_gc()
        log.info("serving", address=settings.address)
        server.run()
    except KeyboardInterrupt:
        pass
    finally:
        server.close()
        log.info("stopped")


def create_server(app: Flask, **adjustments: Any) -> Any:
    """Return a server of waitress for this application, with its limits; it listens, and `run()` serves."""
    settings = app.config["SETTINGS"]
    usual = {
        "max_request_body_size": app.config["MAX_CONTENT_LENGTH"],
        "max_request_header_size": MAX_HEADER_BYTES,
        "connection_limit": 500,
        "cleanup_interval": 1,
        "channel_timeout": 120,
        "asyncore_use_poll": True,  # select cannot wait for a descriptor above 1023
        "ident": None,
    }
    adj = Adjustments(**usual | adjustments)
    limits = AddressLimits(
        settings.address_connections, settings.address_in_flight, settings.request_seconds, settings.proxies
    )
    dispatcher = Dispatcher(app)
    dispatcher.set_thread_count(adj.threads)
    channels: dict[int, Any] = {}
    listeners = [
        Listener(app, channels, limits, partial(max_body, app), dispatcher=dispatcher, adj=adj, sockinfo=sockinfo)
        for sockinfo in adj.listen
    ]
    if len(listeners) == 1:
        return listeners[0]
    listen = [(listener.effective_host, listener.effective_port) for listener in listeners]
    return MultiSocketServer(channels, adj, listen, dispatcher, listeners[0].log_info)


def freeze_gc() -> None:
    """Exclude what is loaded at start from garbage collection, and collect less often: a page makes thousands
    of objects.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def _interrupt(_signal: int, _frame: Any) -> None:
    raise KeyboardInterrupt
