"""Take the guards of the database away, as an insider who owns it could."""

from portfolio.db.append_only import COMPLETE, PUBLISHED
from portfolio.db.care import append_only_tables


def drop_statements(dialect: str) -> list[str]:
    """Give the statements that take every guard away, for a migration that goes back; raises ValueError."""
    tables, filled = (*append_only_tables(), PUBLISHED), COMPLETE
    if dialect == "sqlite":
        names = [f"{table}_no_{verb}" for table in tables for verb in ("update", "delete")]
        return [f"DROP TRIGGER IF EXISTS {name}" for name in (*names, *(f"{table}_complete" for table in filled))]
    if dialect == "postgresql":
        placed = [(table, f"{table}_no_{verb}") for table in tables for verb in ("update", "delete", "truncate")]
        placed += [(table, f"{table}_complete") for table in filled]
        functions = ["append_only", *(f"{table}_complete" for table in filled)]
        triggers = [f"DROP TRIGGER IF EXISTS {name} ON {table}" for table, name in placed]
        return triggers + [f"DROP FUNCTION IF EXISTS {name}()" for name in functions]
    raise ValueError(f"no guards are written for {dialect}")
