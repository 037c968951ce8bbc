"""Serve the application with waitress until the process is stopped."""

from __future__ import annotations

import gc
import signal
from functools import partial
from typing import Any

import structlog
from flask import Flask
from waitress.adjustments import Adjustments
from waitress.server import MultiSocketServer
from waitress.task import ThreadedTaskDispatcher

from portfolio.files.storage.store import CHUNK_BYTES
from portfolio.server.limits import AddressLimits
from portfolio.server.listener import Listener
from portfolio.server.malloc import configure_malloc
from portfolio.web.request_limits import max_body

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
    dispatcher = ThreadedTaskDispatcher()
    dispatcher.set_thread_count(adj.threads)
    channels: dict[int, Any] = {}
    listeners = [
        Listener(
            app, channels, limits, partial(max_body, app), dispatcher=dispatcher, adj=adj, sockinfo=sockinfo
        )
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
