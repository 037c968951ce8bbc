"""Engines that the tests of a process take in turn: each keeps the statements that it has compiled.

A test of pages would spend most of its time compiling again what the test before it compiled.
"""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine import make_url

from portfolio.db.engine import Database, make_engine
from portfolio.on_commit import open_database

_free: defaultdict[str, list[Engine]] = defaultdict(list)


def take(url: str) -> Engine:
    """Return an engine on the database of this address; `give_back` lets another test have it."""
    place = make_url(url)
    waiting = _free[place.get_backend_name()]
    engine = waiting.pop() if waiting else _made(url)
    engine.url = place
    return engine


def give_back(engine: Engine) -> None:
    """Close the connections of an engine, and let another test have it."""
    engine.dispose()
    _free[engine.url.get_backend_name()].append(engine)


def _made(url: str) -> Engine:
    engine = make_engine(url)
    event.listen(engine, "do_connect", partial(_connect_to, engine))
    return engine


def _connect_to(engine: Engine, dialect: Any, _record: Any, args: list[Any], options: dict[str, Any]) -> None:
    """Let a new connection go where the engine is now, with the options that it was made with."""
    own_args, own_options = dialect.create_connect_args(engine.url)
    args[:] = own_args
    options.update(own_options)


@contextmanager
def opened(url: str) -> Iterator[Database]:
    """Give the database of this address."""
    engine = take(url)
    try:
        yield open_database(url, engine=lambda _url: engine)
    finally:
        give_back(engine)
