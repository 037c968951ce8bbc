"""Make once a process what every application of the tests would make again: compiled templates, statements, rules
of addresses and static files.

More than half of the processor time of a test of pages went there. Nothing that a test looks at comes from here.
"""

import os
import shutil
from functools import cache
from types import CodeType
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Engine
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from portfolio.web import headers

# Below this, files of tests stay on the disk: what a run keeps until its end, with room to spare.
ROOM = 4 * 1024**3
MEMORY = "/dev/shm"


class CompiledTemplates(BytecodeCache):
    """The templates compiled so far, by their source."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give what was compiled of this very source."""
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what has just been compiled."""
        self._kept[bucket.key, bucket.checksum] = bucket.code


def compile_once() -> None:
    """Let every application of this process share compiled templates and compiled rules of addresses."""
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": CompiledTemplates()}
    compile_rule, made = Rule.compile, dict[tuple[object, ...], dict[str, Any]]()

    def once(rule: Rule) -> None:
        key = (rule.rule, rule.subdomain, rule.host, rule.merge_slashes, rule.map.converters["int"], str(rule.defaults))
        if key not in made:
            compile_rule(rule)
            made[key] = {name: value for name, value in vars(rule).items() if name in _COMPILED}
        vars(rule).update(made[key])

    Rule.compile = once


# What `Rule.compile` answers: all of it follows from the address, its defaults and the converters.
_COMPILED = ("_parts", "_trace", "_converters", "_build", "_build_unknown", "arguments")


def read_static_files_once() -> None:
    """Let every application of this process share the static files that it reads as it starts."""
    headers.StaticFiles = cache(headers.StaticFiles)


def share_statements() -> None:
    """Let every engine of this process share compiled statements, as the databases of one server would: those
    of one driver are alike.
    """
    made, statements = Engine.__init__, LRUCache(5000)

    def same(one: Dialect, other: object) -> bool:
        return isinstance(other, Dialect) and type(one) is type(other) and one.dbapi is other.dbapi

    for kind in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        kind.__eq__ = same
        kind.__hash__ = lambda dialect: hash(type(dialect))

    # The names of `Engine.__init__`: SQLAlchemy reads there which options an engine takes.
    def make(
        engine: Engine,
        pool: Any,
        dialect: Any,
        url: Any,
        logging_name: Any = None,
        echo: Any = None,
        query_cache_size: int = 500,
        execution_options: Any = None,
        hide_parameters: bool = False,
    ) -> None:
        made(engine, pool, dialect, url, logging_name, echo, query_cache_size, execution_options, hide_parameters)
        engine._compiled_cache = statements

    Engine.__init__ = make


def keep_files_in_memory() -> None:
    """Put databases and files of tests where syncing costs nothing, when there is room; a test of the disk
    asks for the disk.
    """
    if os.path.isdir(MEMORY) and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", MEMORY)


def place_for_a_server() -> str:
    """Return the folder under which PostgreSQL and S3 of the tests keep their data."""
    return os.environ.get("PYTEST_DEBUG_TEMPROOT", "/tmp")
