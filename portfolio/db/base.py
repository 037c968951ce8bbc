"""What every table shares: the declarative base, its column types, the identities of rows."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    DateTime,
    Dialect,
    Enum,
    MetaData,
    Uuid,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, kept in UTC, read back aware; SQLite forgets zones, so we say it ourselves."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# In the `info` of a column that repeats the key of a stored file which another row names: it does not keep
# the file.
REPEATED_KEY = "repeated_key"


class Base(DeclarativeBase):
    """What every table shares: predictable names of constraints, and UTC moments."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        datetime: UtcDateTime(),
        uuid.UUID: Uuid(),
        dict[str, Any]: JSON(),
        list[str]: JSON(),
    }


def enum_column(kind: type[StrEnum], name: str) -> Enum:
    """A column type for a closed list of codes, checked by the database itself.

    The checks are added by `Base` conventions under `name`; values, not member names, are stored.
    """
    return Enum(
        kind,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=40,
        values_callable=lambda members: [member.value for member in members],
    )


def new_id() -> uuid.UUID:
    """A random identity: it can stand in a URL without telling how many there are."""
    return uuid.uuid4()


class Numbered:
    """A row whose key is of others, with a random identity of its own, under which the ledger records it."""

    id: Mapped[uuid.UUID] = mapped_column(unique=True, default=new_id)


class UuidPrimaryKey:
    """A row known outside by a random identity."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
