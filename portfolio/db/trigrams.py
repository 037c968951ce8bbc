"""Find the few rows whose text contains words without reading every row: an index of groups of three signs,
on both engines.

SQLite has an FTS5 table of trigrams beside the table, kept by triggers; PostgreSQL a GIN index of pg_trgm, an
extension that the owner of a database may create. Where the extension is refused, rows are found by reading
them all. A table rebuilt on SQLite loses its triggers: create them again.
"""

# ruff: noqa: S608 - statements are made of names that the code gives, never of what a person typed

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Integer,
    Uuid,
    false,
    func,
    literal,
    literal_column,
    select,
    table,
)
from sqlalchemy.orm import Session

from portfolio.db.paging import MAX_COUNT
from portfolio.db.sql_functions import contains_text

SIGNS = 3
# So many words of a search are looked at.
MAX_WORDS = 6


@dataclass(frozen=True, slots=True)
class TrigramIndex:
    """The text column of a table that is indexed, and the random identity that is the key of the table."""

    table: str
    key: str
    text: str = "search_text"

    @property
    def name(self) -> str:
        """Return the name of the index: of an FTS5 table on SQLite."""
        return f"{self.table}_trigrams"

    @property
    def numbered(self) -> str:
        """Return the name of the table that numbers the rows for it on SQLite."""
        return f"{self.table}_words"


def create_statements(dialect: str, index: TrigramIndex) -> Sequence[str]:
    """Return the statements that create the index of a table and index its rows; raise KeyError for another engine."""
    return {"sqlite": _sqlite_statements, "postgresql": _postgresql_statements}[dialect](index)


def _sqlite_statements(index: TrigramIndex) -> Sequence[str]:
    # Rows are numbered one after the other in a table of their own: lists of near numbers are short, and
    # VACUUM keeps them.
    name, words, source, key, text = index.name, index.numbered, index.table, index.key, index.text
    deleted = f"INSERT INTO {name}({name}, rowid, {text}) VALUES ('delete', old.id, old.{text})"  # nosec B608
    added = f"INSERT INTO {name}(rowid, {text}) VALUES (new.id, new.{text})"  # nosec B608
    copied = f"INSERT INTO {words}({key}, {text})"
    return (
        (f"CREATE TABLE {words} (id INTEGER PRIMARY KEY, {key} CHAR(32) NOT NULL UNIQUE, {text} TEXT NOT NULL)"),
        (
            f"CREATE VIRTUAL TABLE {name} USING fts5({text}, content='{words}', content_rowid='id', "
            "tokenize='trigram', detail=none)"
        ),
        f"INSERT INTO {name}({name}, rank) VALUES ('secure-delete', 1)",  # nosec B608
        f"CREATE TRIGGER {words}_insert AFTER INSERT ON {words} BEGIN {added}; END",
        f"CREATE TRIGGER {words}_delete AFTER DELETE ON {words} BEGIN {deleted}; END",
        f"CREATE TRIGGER {words}_update AFTER UPDATE OF {text} ON {words} BEGIN {deleted}; {added}; END",
        f"{copied} SELECT {key}, {text} FROM {source}",  # nosec B608
        (f"CREATE TRIGGER {source}_insert AFTER INSERT ON {source} BEGIN {copied} VALUES (new.{key}, new.{text}); END"),
        (
            f"CREATE TRIGGER {source}_delete AFTER DELETE ON {source} BEGIN DELETE FROM {words} WHERE {key} "  # nosec B608
            f"= old.{key}; END"
        ),
        f"CREATE TRIGGER {source}_update AFTER UPDATE OF {text} ON {source} WHEN new.{text} <> old.{text}"  # nosec B608
        f" BEGIN UPDATE {words} SET {text} = new.{text} WHERE {key} = new.{key}; END",
    )


def _postgresql_statements(index: TrigramIndex) -> Sequence[str]:
    created = (
        "CREATE EXTENSION IF NOT EXISTS pg_trgm;"
        f" CREATE INDEX ix_{index.table}_{index.text} ON {index.table} USING gin ({index.text} gin_trgm_ops);"
    )
    refused = "insufficient_privilege OR undefined_file OR feature_not_supported OR undefined_object"
    return (
        (
            f"DO $$ BEGIN {created} EXCEPTION WHEN {refused} THEN RAISE WARNING USING MESSAGE = 'pg_trgm: ' "
            "|| SQLERRM; END $$"
        ),
    )


def creating(index: TrigramIndex) -> Callable[..., None]:
    """Return what creates the index beside a table that `metadata.create_all` has just created."""

    def create(_table: Any, connection: Connection, **_more: Any) -> None:
        for statement in create_statements(connection.dialect.name, index):
            connection.exec_driver_sql(statement)

    return create


@dataclass(frozen=True, slots=True)
class WordSearch:
    """Search of the rows of a body that hold these words: by keys when they are few, else word by word in each row.

    `number` is how many there are, when that is known; `is_many`: more than a count tells.
    """

    condition: Sequence[ColumnElement[bool]]
    number: int | None = None
    is_many: bool = False


def search_words(
    session: Session, index: TrigramIndex, row: Any, body_id: UUID, words: Sequence[str], limit: int = MAX_COUNT
) -> WordSearch:
    """Return how the rows of a body that contain every word are found, at one query at most.

    When they are few, the index gives their keys. When they are many, a page of a sorted list is soon filled by reading
    rows in their order, and nothing is gained by knowing them all. Words of one or two signs are in no index.
    """
    words = words[:MAX_WORDS]
    contained = (row.body_id == body_id, *(contains_text(getattr(row, index.text), word) for word in words))
    long = tuple(word for word in words if len(word) >= SIGNS)
    if not long:
        return WordSearch(contained)
    key = getattr(row, index.key)
    narrowed = _NARROWED[session.get_bind().dialect.name](index, row, long)
    keys: Sequence[UUID] = session.scalars(narrowed.where(*contained).limit(limit + 1)).all()
    if len(keys) > limit:
        return WordSearch(contained, is_many=True)
    # The body is compared out of reach of the sorted indexes: the few keys are read, never every row of the
    # body in its order.
    of_body = func.coalesce(row.body_id, row.body_id) == body_id
    return WordSearch((key.in_(keys), of_body) if keys else (false(),), len(keys))


def _narrowed_by_fts(index: TrigramIndex, row: Any, words: Sequence[str]) -> Any:
    fts, numbered, match = _fts_tables(index)
    signs = dict.fromkeys(part for word in words for part in _parts(word))
    wanted = " AND ".join('"{}"'.format(part.replace('"', '""')) for part in signs)
    key = getattr(row, index.key)
    joined = (
        select(key)
        .select_from(fts)
        .join(numbered, numbered.c.id == fts.c.rowid)
        .join(row, key == numbered.c[index.key])
    )
    return joined.where(match.op("MATCH")(literal(wanted)))


def _parts(word: str) -> Iterator[str]:
    """Yield the groups of three signs that cover a word: the others would tell little more, and each is a
    list to read.
    """
    for at in range(0, len(word) - SIGNS, SIGNS):
        yield word[at : at + SIGNS]
    yield word[-SIGNS:]


@cache
def _fts_tables(index: TrigramIndex) -> tuple[Any, Any, Any]:
    numbered = table(index.numbered, Column("id", Integer), Column(index.key, Uuid()))
    return table(index.name, Column("rowid", Integer)), numbered, literal_column(index.name)


def _narrowed_by_like(index: TrigramIndex, row: Any, words: Sequence[str]) -> Any:
    text = getattr(row, index.text)
    return select(getattr(row, index.key)).where(*(text.like(f"%{_escaped(word)}%", escape="\\") for word in words))


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


_NARROWED = {"sqlite": _narrowed_by_fts, "postgresql": _narrowed_by_like}
