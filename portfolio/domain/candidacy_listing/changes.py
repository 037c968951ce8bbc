"""Changes in the lists of a body, in an order that programs read without missing a change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, bindparam, null, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.orm import Session

from portfolio.db.engine import Base, insert_if_absent
from portfolio.domain.candidacy_listing.models import ListedKind, ListingChange, ListingSequence

# Changes that one read numbers: others wait for the next read.
_AT_ONCE = 2_000
_TABLE = Base.metadata.tables[ListingChange.__tablename__]
_NUMBER = update(_TABLE).where(_TABLE.c.object_id == bindparam("key")).values(seq=bindparam("number"))


def note_changes(session: Session, kind: ListedKind, bodies: Mapping[UUID, UUID]) -> None:
    """Take the number of these objects away, each with its body: they changed in this transaction."""
    rows = [{"object_id": key, "kind": kind, "body_id": bodies[key], "seq": None} for key in sorted(bodies, key=str)]
    if rows:
        session.connection().execute(_unnumbered(session.get_bind().dialect.name), rows)


@cache
def _unnumbered(store: str) -> Executable:
    builders: dict[str, Any] = {"sqlite": insert_sqlite, "postgresql": insert_postgresql}
    statement = builders[store](_TABLE)
    upsert: Executable = statement.on_conflict_do_update(index_elements=["object_id"], set_={"seq": null()})
    return upsert


def waiting_changes(session: Session, body_id: UUID) -> bool:
    """Tell whether changes of a body wait for a number."""
    return session.scalar(_unnumbered_of(body_id).limit(1)) is not None


def _unnumbered_of(body_id: UUID) -> Any:
    return select(ListingChange.object_id).where(ListingChange.body_id == body_id, ListingChange.seq.is_(None))


def number_changes(session: Session, body_id: UUID) -> None:
    """Give the changes of a body that were committed the numbers that follow the last one given.

    One transaction at a time numbers for a body; what another one is changing at this moment waits.
    """
    insert_if_absent(session, ListingSequence, ("body_id",), body_id=body_id, last=0)
    sequence = session.get_one(ListingSequence, body_id, with_for_update=True)
    waiting: Sequence[UUID] = session.scalars(
        _unnumbered_of(body_id).order_by(ListingChange.object_id).limit(_AT_ONCE).with_for_update(skip_locked=True)
    ).all()
    if waiting:
        numbered = [{"key": key, "number": sequence.last + rank} for rank, key in enumerate(waiting, 1)]
        session.connection().execute(_NUMBER, numbered)
        sequence.last += len(waiting)
