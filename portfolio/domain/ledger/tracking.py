"""Recording the rows that become facts, and every later change that the application makes to them, before each commit.

Find when a tracked row becomes a fact, and which rows become facts together.

Record once the acts that an installation kept before its ledger covered them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from itertools import zip_longest
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Select,
    Table,
    bindparam,
    exists,
    literal,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session

from portfolio.db.care import late_groups, late_tables, recorded_tables, tracked_tables
from portfolio.db.engine import CLOCK, Base, fetch_rows
from portfolio.domain.ledger.models import LedgerEntry
from portfolio.domain.ledger.raw_rows import Values, columns_of, entries_at, load_rows
from portfolio.domain.ledger.recording import MOMENT, append, append_named, lock
from portfolio.domain.ledger.rules.acts import act_of
from portfolio.domain.ledger.rules.chain import Entry, Salts
from portfolio.domain.ledger.rules.comparing import compared, is_removal

_TABLES = Base.metadata.tables


def fixed(table: Table) -> ColumnElement[bool]:
    """Tell whether a row of a tracked table is a fact already: published, submitted, or part of closed minutes."""
    link = tracked_tables()[table.name]
    if link is None:
        return _FIXED.get(table.name, true)()
    parent = parent_of(table)
    return exists(select(parent.c.id).where(parent.c.id == table.c[link], fixed(parent)))


def parent_of(table: Table) -> Table:
    """Return the table of the rows that the rows of this one belong to."""
    (key,) = table.c[tracked_tables()[table.name] or ""].foreign_keys
    return key.column.table


def children_of(table: Table) -> Iterator[tuple[Table, ColumnElement[UUID]]]:
    """Yield the tracked tables whose rows belong to the rows of this one, with the column that says to which."""
    for name, link in tracked_tables().items():
        if link is not None and parent_of(_TABLES[name]) is table:
            yield _TABLES[name], _TABLES[name].c[link]


def fixed_with(name: str) -> Iterator[tuple[Table, Select[UUID]]]:
    """Yield the rows that a row (`row` of each query) of one of these tables makes facts of, and to which it does
    not belong.
    """
    for table, query in _made_facts().get(name, {}).items():
        yield _TABLES[table], query


def _published() -> ColumnElement[bool]:
    return _TABLES["certification_version"].c.published_at.is_not(None)


def _has_published() -> ColumnElement[bool]:
    version = _TABLES["certification_version"].alias()
    own = version.c.certification_id == _TABLES["certification"].c.id
    return exists(select(version.c.id).where(own, version.c.published_at.is_not(None)))


def _presented() -> ColumnElement[bool]:
    submission, acquisition, candidacy = _TABLES["submission"], _TABLES["acquisition"], _TABLES["candidacy"]
    return or_(
        exists(select(submission.c.id).where(submission.c.candidacy_id == candidacy.c.id)),
        exists(select(acquisition.c.id).where(acquisition.c.candidacy_id == candidacy.c.id)),
    )


def _sealed() -> ColumnElement[bool]:
    sealed = _TABLES["sealed_file"]
    return exists(select(sealed.c.id).where(sealed.c.key == _TABLES["evidence_file"].c.key))


def _closed() -> ColumnElement[bool]:
    minutes = _TABLES["minutes"]
    return exists(select(minutes.c.id).where(minutes.c.hearing_id == _TABLES["hearing"].c.id))


def _has_closed() -> ColumnElement[bool]:
    minutes, hearing = _TABLES["minutes"], _TABLES["hearing"].alias()
    own = hearing.c.session_id == _TABLES["jury_session"].c.id
    return exists(select(minutes.c.id).join(hearing, hearing.c.id == minutes.c.hearing_id).where(own))


# Of the other tables that belong to no row, every row is a fact.
_FIXED: Mapping[str, Callable[[], ColumnElement[bool]]] = {
    "certification": _has_published,
    "certification_version": _published,
    "candidacy": _presented,
    "evidence_file": _sealed,
    "hearing": _closed,
    "jury_session": _has_closed,
}


_ROW: BindParameter[UUID] = bindparam("row")


def _one(wanted: str, table: str) -> Select[UUID]:
    return select(_TABLES[table].c[wanted]).where(_TABLES[table].c.id == _ROW)


def _session_of_minutes() -> Select[UUID]:
    minutes, hearing = _TABLES["minutes"], _TABLES["hearing"]
    joined = select(hearing.c.session_id).join(minutes, minutes.c.hearing_id == hearing.c.id)
    return joined.where(minutes.c.id == _ROW)


def _files_of_submission() -> Select[UUID]:
    file, sealed = _TABLES["evidence_file"], _TABLES["sealed_file"]
    return select(file.c.id).join(sealed, sealed.c.key == file.c.key).where(sealed.c.submission_id == _ROW)


@cache
def _made_facts() -> Mapping[str, Mapping[str, Select[UUID]]]:
    """Map tables to the rows that one of theirs makes facts of, once every model is declared."""
    return {
        "certification_version": {"certification": _one("certification_id", "certification_version")},
        "submission": {"candidacy": _one("candidacy_id", "submission"), "evidence_file": _files_of_submission()},
        "acquisition": {"candidacy": _one("candidacy_id", "acquisition")},
        "minutes": {"hearing": _one("hearing_id", "minutes"), "jury_session": _session_of_minutes()},
    }


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
        if name in tracked_tables() or name in _MOMENTS:
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
    """Return the rows written, those they make facts of, and those that belong to one of them."""
    rows: Rows = {Base.metadata.tables[name]: {} for name in tracked_tables()}
    for name, row in written:
        if name in tracked_tables():
            rows[Base.metadata.tables[name]][row] = None
        for table, query in fixed_with(name):
            rows[table] |= dict.fromkeys(key for (key,) in fetch_rows(session, query, {"row": row}))
    for table in rows:  # in the order of the tables: a row comes before those that belong to it
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
    found = [select(literal(child.name), child.c.id).where(link.in_(parents)) for child, link in children_of(table)]
    return union_all(*found) if found else None


def _facts(session: Session, rows: Rows) -> Iterator[tuple[str, UUID]]:
    """Those of these rows that are facts, or that are gone and may have been, in the order of the tables."""
    there: dict[tuple[str, UUID], bool] = {}
    for chunks in zip_longest(*([(table, some) for some in _some(list(ids))] for table, ids in rows.items())):
        asked = dict(filter(None, chunks))
        keys = {f"of_{table.name}": some for table, some in asked.items()}
        there |= {(name, row): bool(is_fact) for name, row, is_fact in fetch_rows(session, _are_fixed(*asked), keys)}
    yield from ((table.name, row) for table, ids in rows.items() for row in ids if there.get((table.name, row), True))


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
    """Yield the act and the row of each fact that differs from its last entry, or has none, table by table."""
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
    known = session.info.pop(MOMENT, None) or max((moment for moment in moments if moment is not None), default=None)
    return known or session.info[CLOCK]()


def _some(keys: list[Key]) -> Iterator[list[Key]]:
    for start in range(0, len(keys), _AT_ONCE):
        yield keys[start : start + _AT_ONCE]


def backfill(session: Session, *, at: datetime) -> int:
    """Record the acts and the facts that were written before the ledger knew of them, and answer how many.

    Once only: no jury sits without its members' statements, and nothing becomes a fact without an entry, so that as
    soon as the ledger tells of one row of a group it has been told of all of them, and a row that it does not know was
    not written by the application. It proves what these rows are since that day, not what they were before.
    """
    lock(session)  # two servers may start at once
    facts = tracked_tables()
    return (
        sum(_earlier_acts(session, names, at) for names in late_groups(recorded_tables()))
        + _earlier_facts(session, facts, at)
        + _earlier_facts(session, late_tables(facts), at)
    )


def _earlier_acts(session: Session, names: Iterable[str], at: datetime) -> int:
    if _load_tells(session, names):
        return 0
    models = {mapper.class_.__tablename__: mapper.class_ for mapper in Base.registry.mappers}
    acts = [act for name in names for act in session.scalars(select(models[name]))]
    append(session, acts, at=at)
    return len(acts)


def _earlier_facts(session: Session, names: Iterable[str], at: datetime) -> int:
    if _load_tells(session, names):
        return 0
    return record_fixed(session, [Base.metadata.tables[name] for name in names], at=at)


def _load_tells(session: Session, names: Iterable[str]) -> bool:
    acts = [act_of(name, 1) for name in names]
    return session.scalar(select(LedgerEntry.seq).where(LedgerEntry.record_type.in_(acts)).limit(1)) is not None
