"""Full-text index on both engines: FTS5 on SQLite, a GIN index of `tsvector` on PostgreSQL.

Both index the same words, stemmed and without accents by the application, so that both find the same rows.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, Connection, Integer, Select, literal, literal_column, select, table
from sqlalchemy import func as sql

# The table of the words, its column, and the FTS5 table beside it.
TABLE, COLUMN, FTS = "search_entry", "words", "search_index"

_DELETED = f"INSERT INTO {FTS}({FTS}, rowid, {COLUMN}) VALUES ('delete', old.id, old.{COLUMN})"  # noqa: S608  # nosec B608
_ADDED = f"INSERT INTO {FTS}(rowid, {COLUMN}) VALUES (new.id, new.{COLUMN})"  # noqa: S608  # nosec B608
_STATEMENTS = {
    "sqlite": (
        (f"CREATE VIRTUAL TABLE {FTS} USING fts5({COLUMN}, content='{TABLE}', content_rowid='id', tokenize='ascii')"),
        # An erased word is removed from the index at once, not at the next merge of its segments.
        f"INSERT INTO {FTS}({FTS}, rank) VALUES ('secure-delete', 1)",  # noqa: S608  # nosec B608
        f"CREATE TRIGGER {FTS}_insert AFTER INSERT ON {TABLE} BEGIN {_ADDED}; END",
        f"CREATE TRIGGER {FTS}_delete AFTER DELETE ON {TABLE} BEGIN {_DELETED}; END",
        f"CREATE TRIGGER {FTS}_update AFTER UPDATE OF {COLUMN} ON {TABLE} BEGIN {_DELETED}; {_ADDED}; END",
    ),
    "postgresql": (f"CREATE INDEX ix_{TABLE}_{COLUMN} ON {TABLE} USING gin (to_tsvector('simple', {COLUMN}))",),
}


def create_statements(dialect: str) -> Sequence[str]:
    """Return the statements that create the index of the table; raise KeyError for another engine."""
    return _STATEMENTS[dialect]


def create_index(_table: Any, connection: Connection, **_more: Any) -> None:
    """Create the index beside the table that `metadata.create_all` has just created."""
    for statement in create_statements(connection.dialect.name):
        connection.exec_driver_sql(statement)


# No row has this number, and no text this word: a segment of one deleted entry, for the index to be merged
# with.
_DUMMY = "-1, 'compaction'"
# Pages of the index that one step writes.
_STEP = 500
_ADD_DUMMY = f"INSERT INTO {FTS}(rowid, {COLUMN}) VALUES ({_DUMMY})"  # noqa: S608  # nosec B608
_DELETE_DUMMY = f"INSERT INTO {FTS}({FTS}, rowid, {COLUMN}) VALUES ('delete', {_DUMMY})"  # noqa: S608  # nosec B608
# Without a sign it goes on with a merge; with one, it begins by taking every segment.
_MERGE = f"INSERT INTO {FTS}({FTS}, rank) VALUES ('merge', {_STEP})"  # noqa: S608  # nosec B608
_MERGE_ALL = f"INSERT INTO {FTS}({FTS}, rank) VALUES ('merge', -{_STEP})"  # noqa: S608  # nosec B608


def begin_merge(connection: Any) -> None:
    """Order the FTS5 index to be merged into one segment, so that no page keeps a word of a deleted row as
    its separator.

    `connection` is a connection of SQLite outside a transaction. An index of one segment would be left as it
    is: a dummy entry, added and deleted, makes a second one.
    """
    cursor = connection.cursor()
    for statement in (_ADD_DUMMY, _DELETE_DUMMY, _MERGE_ALL):
        cursor.execute(statement)
    cursor.close()


def continue_merge(connection: Any) -> bool:
    """Write some pages of the merged index, in a transaction of their own; return whether more may remain.

    A merge that changes fewer than two rows had nothing left to do (documentation of FTS5, the merge command).
    """
    before = connection.total_changes
    connection.cursor().execute(_MERGE).close()
    return bool(connection.total_changes - before >= 2)


def matching(dialect: str, entry: Any, groups: Sequence[Sequence[str]]) -> Select[Any]:
    """Return the query of the ids of the rows of `entry` whose words have one word of each group.

    The words of a group hold letters and digits only, as `domain.search.rules.words` makes them.
    """
    if dialect == "postgresql":
        wanted = sql.to_tsquery(literal_column("'simple'"), _joined(groups, " & ", " | ", "'"))
        return select(entry.id).where(sql.to_tsvector(literal_column("'simple'"), entry.words).op("@@")(wanted))
    index = table(FTS, Column("rowid", Integer))
    wanted_text = literal(_joined(groups, " AND ", " OR ", '"'))
    joined = select(entry.id).select_from(index).join(entry, entry.id == index.c.rowid)
    return joined.where(literal_column(FTS).op("MATCH")(wanted_text))


def _joined(groups: Sequence[Sequence[str]], every: str, any_of: str, quote: str) -> str:
    return every.join("(" + any_of.join(f"{quote}{word}{quote}" for word in group) + ")" for group in groups)
