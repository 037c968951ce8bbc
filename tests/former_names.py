"""Tables and columns under the names that they had before migration 0097, for tests of the migrations of
before.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from sqlalchemy import Connection, text

VERSIONS = Path(__file__).parents[1] / "migrations" / "versions"


def load_migration(subject: str) -> ModuleType:
    """Return the migration whose file is named after this subject."""
    spec = importlib.util.spec_from_file_location(subject, next(VERSIONS.glob(f"*_{subject}.py")))
    assert spec is not None
    assert spec.loader is not None
    migration = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(migration)
    return migration


RENAMED = load_migration("field_names")


@contextmanager
def former_names(connection: Connection) -> Iterator[None]:
    """Give tables and columns their former names, then those of today again."""
    quote = connection.dialect.identifier_preparer.quote
    tables = [(new, old) for old, new in RENAMED.TABLES.items()]
    columns = [(table, new, old) for table, names in RENAMED.COLUMNS.items() for old, new in names.items()]
    for table, new, old in columns:
        connection.execute(text(f"ALTER TABLE {table} RENAME COLUMN {quote(new)} TO {quote(old)}"))
    for new, old in tables:
        connection.execute(text(f"ALTER TABLE {new} RENAME TO {quote(old)}"))
    yield
    for new, old in tables:
        connection.execute(text(f"ALTER TABLE {quote(old)} RENAME TO {new}"))
    for table, new, old in columns:
        connection.execute(text(f"ALTER TABLE {table} RENAME COLUMN {quote(old)} TO {quote(new)}"))
