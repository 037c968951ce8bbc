"""Databases on the PostgreSQL of the tests: copies of a template, by one connection that stays open.

A copy that a test took and gave back untouched serves another test: a copy and a removal take longer than most tests.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import psycopg
from sqlalchemy.engine import URL, make_url

TEMPLATE = "acquis_template"
_connections: dict[str, psycopg.Connection] = {}
_untouched: dict[str, list[str]] = {}


def administered(place: URL) -> str:
    """Return the address of the database that every server has."""
    return place.set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)


def run(place: URL, statement: str) -> None:
    """Run a statement about databases on the PostgreSQL of this address."""
    _connection(place).execute(statement.encode())


def is_in_use(place: URL) -> bool:
    """Say whether somebody is connected to a database."""
    found = _connection(place).execute("SELECT count(*) FROM pg_stat_activity WHERE datname = %s", (place.database,))
    row = found.fetchone()
    return row is not None and row[0] > 0


def _connection(place: URL) -> psycopg.Connection:
    address = administered(place)
    if address not in _connections or _connections[address].closed:
        _connections[address] = psycopg.connect(address, autocommit=True)
    return _connections[address]


def disconnect(server: str) -> None:
    """Close the connection to a server that stops, and forget its databases."""
    address = administered(make_url(server))
    _untouched.pop(address, None)
    if address in _connections:
        _connections.pop(address).close()


def copy(place: URL, template: str) -> None:
    """Make the database of this address, a copy of another one of its server."""
    run(place, f'CREATE DATABASE "{place.database}" TEMPLATE "{template}" STRATEGY FILE_COPY')


@contextmanager
def fresh_database(server: str) -> Iterator[str]:
    """A migrated, empty database of this server; its address, until it is dropped."""
    place = make_url(server).set(database=f"t{uuid4().hex[:12]}", drivername="postgresql+psycopg")
    untouched = _untouched.get(administered(place))
    if untouched:
        run(place, f'ALTER DATABASE "{untouched.pop()}" RENAME TO "{place.database}"')
    else:
        copy(place, TEMPLATE)
    yield place.render_as_string(hide_password=False)
    run(place, f'DROP DATABASE "{place.database}" WITH (FORCE)')


def replace_untouched(place: URL, template: str) -> None:
    """Make a copy of another database in the place of a fresh one, to which nobody is connected."""
    spare = f"spare{uuid4().hex[:12]}"
    run(place, f'ALTER DATABASE "{place.database}" RENAME TO "{spare}"')
    _untouched.setdefault(administered(place), []).append(spare)
    copy(place, template)
