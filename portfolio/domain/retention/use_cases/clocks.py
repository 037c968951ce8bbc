"""Compute the clocks of candidacies, and keep them as lists sort them."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, insert, select, update
from sqlalchemy.orm import Session

from portfolio.db.engine import Database, yield_to_writers
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.retention.models import RetentionClock
from portfolio.domain.retention.rules import Clock, DataKind, clocks_of
from portfolio.domain.retention.use_cases.facts import CHUNK, Dated, load_dated

# Stands where a clock has no day: it sorts last.
NO_DAY = date(9999, 12, 31)
# The kinds that end by themselves, one row each; the others have no day.
_LISTED = (DataKind.DRAFTS, DataKind.SEALED)


def compute_clocks(dated: Dated) -> tuple[Clock, ...]:
    """Return the clocks of a candidacy."""
    return clocks_of(dated.facts, dated.periods)


def store_clocks(session: Session, ids: Collection[UUID], day: date) -> int:
    """Write the clocks of these candidacies on a day as lists sort them, and return how many rows were
    written or changed.
    """
    changed = 0
    for chunk in _chunks(sorted(ids, key=str)):
        found = load_dated(session, chunk, day)
        query = select(RetentionClock).where(RetentionClock.candidacy_id.in_(chunk))
        stored = {(row.candidacy_id, row.kind): row for row in session.scalars(query)}
        wanted = {(row["candidacy_id"], row["kind"]): row for each in found.values() for row in _rows(each)}
        added = [row for key, row in wanted.items() if key not in stored]
        if added:
            session.execute(insert(RetentionClock), added)
        changed += len(added) + _change(session, stored, wanted)
    return changed


def _change(session: Session, stored: dict[Any, RetentionClock], wanted: dict[Any, dict[str, Any]]) -> int:
    changed = 0
    for key, row in stored.items():
        values = wanted.get(key)
        place = (RetentionClock.candidacy_id == key[0], RetentionClock.kind == key[1])
        if values is None:
            session.execute(delete(RetentionClock).where(*place))
            changed += 1
        elif any(getattr(row, name) != value for name, value in values.items()):
            session.execute(update(RetentionClock).where(*place).values(**values))
            changed += 1
    session.expire_all()
    return changed


def _rows(dated: Dated) -> Iterator[dict[str, Any]]:
    for clock in compute_clocks(dated):
        if clock.kind in _LISTED:
            yield {
                "candidacy_id": dated.candidacy_id,
                "kind": clock.kind,
                "body_id": dated.body_id,
                "ground": clock.ground,
                "since": clock.since,
                "due_on": clock.due_on or NO_DAY,
                "is_held": bool(clock.holds),
            }


def compute_all(database: Database, day: date) -> int:
    """Compute the clocks of every candidacy, some at a time, each in a transaction of its own; return how
    many changed.
    """
    changed, last = 0, UUID(int=0)
    while ids := _next_ids(database, last):
        with database.transaction() as session:
            changed += store_clocks(session, ids, day)
        yield_to_writers(database)
        last = ids[-1]
    return changed


def compute_missing(database: Database, day: date) -> int:
    """Compute the clocks of candidacies that have none yet, and return how many rows were written."""
    with database.reader() as session:
        known = exists().where(RetentionClock.candidacy_id == Candidacy.id)
        ids = session.scalars(select(Candidacy.id).where(~known).limit(CHUNK)).all()
    if not ids:
        return 0
    with database.transaction() as session:
        return store_clocks(session, ids, day)


def _next_ids(database: Database, last: UUID) -> Sequence[UUID]:
    with database.reader() as session:
        query = select(Candidacy.id).where(Candidacy.id > last).order_by(Candidacy.id).limit(CHUNK)
        return session.scalars(query).all()


def _chunks(ids: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]
