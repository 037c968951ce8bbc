"""Recording the rows that become facts, and every later change that the application makes to them, before each commit."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Table, event, select
from sqlalchemy.orm import Session

from portfolio.db.engine import CLOCK, Base
from portfolio.domain.ledger.fixed_rows import children_of, fixed, fixed_with
from portfolio.domain.ledger.models import LedgerEntry
from portfolio.domain.ledger.raw_rows import columns_of, entry_at, load_rows, salts_at
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
Rows = dict[Table, dict[UUID, None]]


def install() -> None:
    """Record in every session from now on; done when the ledger is imported."""
    event.listen(Session, "after_flush", _collect)
    event.listen(Session, "before_commit", record_written)


def record_fixed(session: Session, tables: Iterable[Table], *, at: datetime) -> int:
    """Record every fact of these tables that the ledger does not hold, some at a time; answer how many."""
    count = 0
    for table in tables:
        recorded = select(LedgerEntry.row_id).where(LedgerEntry.act == table.name, LedgerEntry.row_id == table.c.id).exists()
        query = select(table.c.id).where(~recorded, fixed(table)).order_by(table.c.id).limit(_AT_ONCE)
        while ids := session.scalars(query).all():
            append_named(session, [(table.name, one.hex) for one in ids], at=at)
            count += len(ids)
    return count


def _collect(session: Session, _context: object) -> None:
    written = session.info.setdefault(_WRITTEN, {})
    for row in (*session.new, *session.dirty, *session.deleted):
        name = getattr(row, "__tablename__", "")
        if name in TRACKED or name in _MOMENTS:
            moment = getattr(row, _MOMENTS[name]) if name in _MOMENTS else None
            written[name, row.id] = moment


def record_written(session: Session) -> None:
    """Record what this transaction made facts of or changed; it takes the ledger's lock last, and only when there is some."""
    if session.in_nested_transaction():
        return
    session.flush()
    written = session.info.pop(_WRITTEN, {})
    if not written:
        return
    rows = _with_others(session, written)
    facts = [(table.name, row) for table, ids in rows.items() for row in _facts(session, table, ids)]
    if facts:
        lock(session)  # what another transaction recorded meanwhile is seen from here on
        changed = list(_changed(session, facts))
        append_named(session, changed, at=_moment(session, written.values())) if changed else None


def _with_others(session: Session, written: Iterable[tuple[str, UUID]]) -> Rows:
    """The rows written, those they make facts of, and those that belong to one of them."""
    rows: Rows = {Base.metadata.tables[name]: {} for name in TRACKED}
    for name, row in written:
        if name in TRACKED:
            rows[Base.metadata.tables[name]][row] = None
        for table, query in fixed_with(name, row):
            rows[table] |= dict.fromkeys(session.scalars(query))
    for table in rows:  # in the order of TRACKED: a row comes before those that belong to it
        for child, link in children_of(table) if rows[table] else ():
            for ids in _some(list(rows[table])):
                rows[child] |= dict.fromkeys(session.scalars(select(child.c.id).where(link.in_(ids))))
    return rows


def _facts(session: Session, table: Table, ids: Collection[UUID]) -> Iterator[UUID]:
    """Those of these rows that are facts, or that are gone and may have been."""
    for some in _some(list(ids)):
        query = select(table.c.id, fixed(table)).where(table.c.id.in_(some))
        there = {row[0]: bool(row[1]) for row in session.execute(query)}
        yield from (one for one in some if there.get(one, True))


def _changed(session: Session, facts: Sequence[tuple[str, UUID]]) -> Iterator[tuple[str, str]]:
    """The act and the row of each fact that differs from its last entry, or has none."""
    for name in dict.fromkeys(name for name, _row in facts):
        for some in _some([row for other, row in facts if other == name]):
            last = _last_entries(session, name, some)
            held = load_rows(session, name, [row.hex for row in some])
            for row in some:
                rank, entry, salts = last.get(row, (0, None, Salts(None, None)))
                if _differs(name, entry, salts, held.get(row.hex)):
                    yield act_of(name, rank + 1), row.hex


def _differs(name: str, entry: Entry | None, salts: Salts, values: Sequence[object] | None) -> bool:
    if entry is None or is_removal(entry):
        return values is not None
    if values is None:
        return True
    return bool(compared(entry, columns_of(Base.metadata.tables[name]), values, salts).columns)


def _last_entries(session: Session, name: str, ids: Sequence[UUID]) -> dict[UUID, tuple[int, Entry, Salts]]:
    numbers: dict[UUID, tuple[int, int]] = {}
    rank, left = 1, list(ids)
    while left:
        query = select(LedgerEntry.row_id, LedgerEntry.seq).where(
            LedgerEntry.act == act_of(name, rank), LedgerEntry.row_id.in_(left)
        )
        found = dict(session.execute(query).all())
        numbers |= {row: (rank, seq) for row, seq in found.items()}
        rank, left = rank + 1, list(found)
    last = {row: (rank, entry_at(session, seq), salts_at(session, seq)) for row, (rank, seq) in numbers.items()}
    return {row: (rank, entry, salts) for row, (rank, entry, salts) in last.items() if entry is not None}


def _moment(session: Session, moments: Iterable[datetime | None]) -> datetime:
    known = session.info.pop(MOMENT, None) or max((moment for moment in moments if moment is not None), default=None)
    return known or session.info[CLOCK]()


def _some(ids: list[UUID]) -> Iterator[list[UUID]]:
    for start in range(0, len(ids), _AT_ONCE):
        yield ids[start : start + _AT_ONCE]


install()
