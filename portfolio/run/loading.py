"""Loading: what every process of the product imports, and how."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

# What the web process and the worker load, beside the screens.
_MODULES = ("portfolio.app", "portfolio.run.worker", "portfolio.server.run")


@contextmanager
def without_garbage_collection() -> Iterator[None]:
    """Load modules without looking for garbage meanwhile: everything stays, and looking takes a fifth of the
    time.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def load_application() -> None:
    """Import what every process of the product needs, for forks; nothing of it makes a thread, a connection
    or a socket.
    """
    with without_garbage_collection():
        for name in _MODULES:
            import_module(name)
        import_module("portfolio.screens.blueprints").all_blueprints()
    gc.freeze()  # a collection in a fork would write to memory that all of them share
