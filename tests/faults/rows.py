"""How many rows each table holds: what an act wrote is a difference, whatever tables it touches."""

import time

from sqlalchemy import func, literal, select, text, union_all
from sqlalchemy.orm import Session

from portfolio.all_models import metadata
from portfolio.db.engine import Database

# A try is counted before the password is looked at: it is no part of the act that follows.
APART = {"login_attempt"}

Rows = dict[str, int]


def rows(db: Database) -> Rows:
    """Count every table, once nothing more can be written by those who are gone."""
    with db.reader() as session:
        if session.get_bind().dialect.name == "postgresql":
            _wait_alone(session)
        tables = [table for table in metadata.sorted_tables if table.name not in APART]
        query = union_all(
            *(
                select(literal(table.name), select(func.count()).select_from(table).scalar_subquery())
                for table in tables
            )
        )
        return dict([tuple(row) for row in session.execute(query)])


def written(before: Rows, after: Rows) -> Rows:
    """Return what came between, by table."""
    return {table: after[table] - before[table] for table in after if after[table] != before[table]}


def _wait_alone(session: Session) -> None:
    """PostgreSQL ends the work of a dead client when it notices."""
    others = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND backend_type = 'client backend' AND state <> 'idle'"
    )
    until = time.monotonic() + 20
    while session.scalar(others):
        session.rollback()
        assert time.monotonic() < until, "a dead client still works"
        time.sleep(0.005)
