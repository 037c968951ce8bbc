"""Recording the rows that become facts, and every later change that the application makes to them, before
each commit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from itertools import zip_longest
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    CompoundSelect,
    Table,
    bindparam,
    literal,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from portfolio.db.engine import CLOCK, Base, fetch_rows
from portfolio.domain.ledger.fixed_rows import children_of, fixed, fixed_with
from portfolio.domain.ledger.models import LedgerEntry
from portfolio.domain.ledger.raw_rows import Values, columns_of, entries_at, load_rows
from portfolio.domain.ledger.recording import MOMENT, append_named, lock
from portfolio.domain.ledger.rules.acts import TRACKED, act_of
from portfolio.domain.ledger.rules.chain import Entry, Salts
from portfolio.domain.ledger.rules.comparing import compared, is_removal

_WRITTEN = "ledger_written"  # the rows that a session wrote and that may be facts, in `session.info`
_AT_ONCE = 500
# The rows whose writing makes facts of others, with the column that says when.
_MOMENTS = {
    "minutes": "closed_at",
    "submission": "submitted_at",
    "certification_version": "published_at",
    "acquisition": "verified_at",
}
_ENTRIES = select(LedgerEntry.record_type, LedgerEntry.row_id, LedgerEntry.seq).where(
    LedgerEntry.record_type.in_(bindparam("acts", expanding=True)),
    LedgerEntry.row_id.in_(bindparam("rows", expanding=True)),
)
Rows = dict[Table, dict[UUID, None]]
Key = TypeVar("Key")


def record_fixed(session: Session, tables: Iterable[Table], *, at: datetime) -> int:
    """Record every fact of these tables that the ledger does not hold, some at a time; answer how many."""
    count = 0
    for table in tables:
        recorded = (
            select(LedgerEntry.row_id)
            .where(LedgerEntry.record_type == act_of(table.name, 1), LedgerEntry.row_id == table.c.id)
            .exists()
        )
        query = select(table.c.id).where(~recorded, fixed(table)).order_by(table.c.id).limit(_AT_ONCE)
        while ids := session.scalars(query).all():
            append_named(session, [(act_of(table.name, 1), row_id.hex) for row_id in ids], at=at)
            count += len(ids)
    return count


def note_facts(session: Session) -> None:
    """Remember the rows that a flush has just written and that may be facts, or make facts of others."""
    written = session.info.setdefault(_WRITTEN, {})
    for row in (*session.new, *session.dirty, *session.deleted):
        name = getattr(row, "__tablename__", "")
        if name in TRACKED or name in _MOMENTS:
            moment = getattr(row, _MOMENTS[name]) if name in _MOMENTS else None
            written[name, row.id] = moment


def record_written(session: Session) -> None:
    """Record what this transaction made facts of or changed; it takes the ledger's lock last, and only when
    there is some.
    """
    record_with(session, ())


def record_with(session: Session, acts: Sequence[tuple[str, str]]) -> None:
    """Record what this transaction made facts of or changed, then these acts, each as its name and the
    identity of its row, under one head.

    In a savepoint, which may be rolled back alone, the acts only: the rest waits for the commit.
    """
    session.flush()
    written = {} if session.in_nested_transaction() else session.info.pop(_WRITTEN, {})
    facts = list(_facts(session, _with_others(session, written))) if written else []
    if not facts and not acts:
        return
    lock(session)  # what another transaction recorded meanwhile is seen from here on
    held = _load_rows(session, facts)
    if named := [*_changed(session, facts, held), *acts]:
        append_named(session, named, at=_moment(session, written.values()), held=held)


def _with_others(session: Session, written: Iterable[tuple[str, UUID]]) -> Rows:
    """The rows written, those they make facts of, and those that belong to one of them."""
    rows: Rows = {Base.metadata.tables[name]: {} for name in TRACKED}
    for name, row in written:
        if name in TRACKED:
            rows[Base.metadata.tables[name]][row] = None
        for table, query in fixed_with(name):
            rows[table] |= dict.fromkeys(key for (key,) in fetch_rows(session, query, {"row": row}))
    for table in rows:  # in the order of TRACKED: a row comes before those that belong to it
        belonging = _children(table)
        if belonging is not None:
            for ids in _some(list(rows[table])):
                for name, key in fetch_rows(session, belonging, {"parents": ids}):
                    rows[Base.metadata.tables[name]][key] = None
    return rows


@cache
def _children(table: Table) -> CompoundSelect[Any] | None:
    """Find the rows that belong to rows of this table (`parents`), each after the name of its own table."""
    parents: BindParameter[UUID] = bindparam("parents", expanding=True)
    found = [
        select(literal(child.name), child.c.id).where(link.in_(parents)) for child, link in children_of(table)
    ]
    return union_all(*found) if found else None


def _facts(session: Session, rows: Rows) -> Iterator[tuple[str, UUID]]:
    """Those of these rows that are facts, or that are gone and may have been, in the order of the tables."""
    there: dict[tuple[str, UUID], bool] = {}
    for chunks in zip_longest(*([(table, some) for some in _some(list(ids))] for table, ids in rows.items())):
        asked = dict(filter(None, chunks))
        keys = {f"of_{table.name}": some for table, some in asked.items()}
        there |= {
            (name, row): bool(is_fact) for name, row, is_fact in fetch_rows(session, _are_fixed(*asked), keys)
        }
    yield from (
        (table.name, row) for table, ids in rows.items() for row in ids if there.get((table.name, row), True)
    )


@cache
def _are_fixed(*tables: Table) -> CompoundSelect[Any]:
    """Say of rows of these tables whether they are facts; the keys of each are named after it."""
    return union_all(
        *(
            select(literal(table.name), table.c.id, fixed(table)).where(
                table.c.id.in_(bindparam(f"of_{table.name}", expanding=True))
            )
            for table in tables
        )
    )


def _load_rows(session: Session, facts: Sequence[tuple[str, UUID]]) -> dict[str, dict[str, Values]]:
    held: dict[str, dict[str, Values]] = {}
    for name in dict.fromkeys(name for name, _row in facts):
        held[name] = {}
        for some in _some([row.hex for other, row in facts if other == name]):
            held[name] |= load_rows(session, name, some)
    return held


def _changed(
    session: Session, facts: Sequence[tuple[str, UUID]], held: Mapping[str, Mapping[str, Values]]
) -> Iterator[tuple[str, str]]:
    """The act and the row of each fact that differs from its last entry, or has none, table by table."""
    last = _last_entries(session, facts)
    for name in held:
        for row in (row for other, row in facts if other == name):
            rank, entry, salts = last.get((name, row), (0, None, Salts(None, None)))
            if _differs(name, entry, salts, held[name].get(row.hex)):
                yield act_of(name, rank + 1), row.hex


def _differs(name: str, entry: Entry | None, salts: Salts, values: Sequence[object] | None) -> bool:
    if entry is None or is_removal(entry):
        return values is not None
    if values is None:
        return True
    return bool(compared(entry, columns_of(Base.metadata.tables[name]), values, salts).columns)


def _last_entries(
    session: Session, facts: Sequence[tuple[str, UUID]]
) -> dict[tuple[str, UUID], tuple[int, Entry, Salts]]:
    """Return the last entry of each fact that has one, with its rank among those of the same fact."""
    numbers: dict[tuple[str, UUID], tuple[int, int]] = {}
    rank, left = 1, list(facts)
    while left:
        found: dict[tuple[str, UUID], tuple[int, int]] = {}
        for some in _some(left):
            acts = {act_of(name, rank): name for name, _row in some}
            asked = {"acts": list(acts), "rows": [row for _name, row in some]}
            found |= {(acts[act], row): (rank, seq) for act, row, seq in fetch_rows(session, _ENTRIES, asked)}
        numbers |= found
        rank, left = rank + 1, list(found)
    last = {
        entry.seq: (entry, salts)
        for some in _some(sorted(seq for _rank, seq in numbers.values()))
        for entry, salts in entries_at(session, some)
    }
    return {fact: (rank, *last[seq]) for fact, (rank, seq) in numbers.items() if seq in last}


def _moment(session: Session, moments: Iterable[datetime | None]) -> datetime:
    known = session.info.pop(MOMENT, None) or max(
        (moment for moment in moments if moment is not None), default=None
    )
    return known or session.info[CLOCK]()


def _some(keys: list[Key]) -> Iterator[list[Key]]:
    for start in range(0, len(keys), _AT_ONCE):
        yield keys[start : start + _AT_ONCE]
