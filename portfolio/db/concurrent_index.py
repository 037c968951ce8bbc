"""Locks that a migration takes, and indexes that it makes, while people work."""

from collections.abc import Sequence
from typing import Any

from alembic.operations import Operations
from sqlalchemy import text

# How long a migration waits for a lock: what people ask of the table meanwhile waits behind it.
LOCK_SECONDS = 1


def create_index_while_in_use(
    op: Operations, name: str, table: str, columns: Sequence[str | Any], **options: Any
) -> None:
    """Create an index; on PostgreSQL without stopping those who write to the table.

    The migration is committed up to there. An index that an earlier try left unfinished is made anew.
    """
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        op.create_index(name, table, columns, if_not_exists=True, **options)
        return
    is_valid = connection.scalar(
        text("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(:name)"), {"name": name}
    )
    if is_valid:
        return
    waited = connection.exec_driver_sql("SHOW lock_timeout").scalar_one()
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0")  # it waits for the transactions of others without stopping them
        if is_valid is False:
            op.drop_index(name, table, postgresql_concurrently=True)
        op.create_index(name, table, columns, postgresql_concurrently=True, **options)
        op.execute(f"SET lock_timeout = '{waited}'")
