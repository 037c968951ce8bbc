"""What the planner of PostgreSQL keeps of the values of a table."""

import re

from sqlalchemy import text

from portfolio.db.engine import Database


def values_kept_of(database: Database, table: str, column: str = "name") -> set[str]:
    """Return the most common values and the sampled ones of a column of words."""
    query = text(
        "SELECT concat(most_common_vals::text, histogram_bounds::text) FROM pg_stats"
        " WHERE tablename = :table AND attname = :column"
    )
    with database.reader() as session:
        kept = session.scalars(query, {"table": table, "column": column}).all()
    return {word for each in kept for word in re.findall(r"\w+", each)}
