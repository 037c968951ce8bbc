"""A world told on SQLite, carried over to PostgreSQL row by row: the story is told once."""

from sqlalchemy import Engine, Integer, func, select

from portfolio.all_models import metadata


def move(told: Engine, empty: Engine) -> None:
    """Put every row of one store into another that has the same, empty tables; numbers go on from there."""
    with told.connect() as source, empty.begin() as target:
        target.exec_driver_sql("SET LOCAL session_replication_role = replica")  # rows may come before what they name
        for table in metadata.tables.values():
            rows = [dict(row) for row in source.execute(select(table)).mappings()]
            if rows:
                target.execute(table.insert(), rows)
            for column in table.primary_key if rows else ():
                if isinstance(column.type, Integer) and column.autoincrement is not False:
                    highest = select(func.max(column)).scalar_subquery()
                    target.execute(select(func.setval(func.pg_get_serial_sequence(table.name, column.name), highest)))
