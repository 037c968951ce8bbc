"""Once a row differs: what kind of change it is. Slow searches are allowed here, they run once."""

from collections.abc import Sequence
from typing import Any, Protocol

from sqlalchemy import exists, func, select, true, type_coerce
from sqlalchemy.orm import Session
from sqlalchemy.sql.sqltypes import NULLTYPE

from portfolio.db.care import covered_tables, tracked_tables
from portfolio.domain.ledger.raw_rows import (
    BATCH,
    ENTRY,
    HEAD,
    Values,
    checkpoint_at,
    columns_of,
    entries,
    entry_at,
    load_rows,
    salts_at,
    table_of,
)
from portfolio.domain.ledger.recording import table_named
from portfolio.domain.ledger.rules.acts import act_of
from portfolio.domain.ledger.rules.chain import WORDS_SALT, Checkpoint, Column, Entry, Salts, digests_of, entry_hash
from portfolio.domain.ledger.rules.comparing import Change, Difference, is_content_of
from portfolio.domain.ledger.rules.encoding import Kind, text_of
from portfolio.domain.ledger.tracking import fixed

LEDGER = ENTRY.name
# How often a row may have been recorded, when the name of an act is searched for.
_RANKS_TRIED = 50


class Verifier(Protocol):
    """Verifier of our signatures: `portfolio.signing_key.Keys`."""

    def verify(self, token: str) -> bool: ...


def find_duplicate(session: Session) -> Difference | None:
    """An entry whose number another one has: somebody took the key of the table away first."""
    seq = session.scalar(select(ENTRY.c.seq).group_by(ENTRY.c.seq).having(func.count() > 1).limit(1))
    return None if seq is None else Difference(Change.ROW_INSERTED, LEDGER, str(seq), seq)


def find_out_of_order(session: Session, expected: int, found: Entry) -> Difference:
    """Tell why the entry that should stand here does not: it was deleted, given another number, or this one was
    slipped in.
    """
    if found.seq < expected:
        true = _true_number(session, found)
        if true is not None:
            return Difference(Change.COLUMN_CHANGED, LEDGER, str(true), found.seq, "seq", str(found.seq))
        return Difference(Change.ROW_INSERTED, LEDGER, str(found.seq), found.seq)
    for batch in entries(session):
        for entry, _salts in batch:
            if entry_hash(entry._replace(seq=expected)) == entry.hash:
                return Difference(Change.COLUMN_CHANGED, LEDGER, str(expected), expected, "seq", str(entry.seq))
    return Difference(Change.ROW_DELETED, LEDGER, str(expected), expected, None, str(found.seq - 1))


def find_altered_entry(session: Session, previous: str, entry: Entry) -> Difference:
    """An entry does not carry its own hash: two were swapped, or one of its columns was changed, and which."""
    true = _true_number(session, entry)
    if true is not None:
        other = entry_at(session, true)
        if other is not None and entry_hash(other._replace(seq=entry.seq)) == other.hash:
            return Difference(Change.ROWS_SWAPPED, LEDGER, str(entry.seq), entry.seq, None, str(true))
    column = "seq" if true is not None else _altered_column(session, previous, entry)
    return Difference(Change.COLUMN_CHANGED, LEDGER, str(entry.seq), entry.seq, column)


def _true_number(session: Session, entry: Entry) -> int | None:
    """Return the number under which this entry carries its own hash."""
    last = session.scalar(select(func.max(ENTRY.c.seq))) or 0
    tried = (seq for seq in range(1, last + 2) if entry_hash(entry._replace(seq=seq)) == entry.hash)
    return next(tried, None)


def _altered_column(session: Session, previous: str, entry: Entry) -> str | None:
    if entry_hash(entry._replace(previous=previous)) == entry.hash:
        return "previous_hash"
    following = entry_at(session, entry.seq + 1)
    head = checkpoint_at(session, entry.seq)
    if entry_hash(entry) in {following.previous if following else None, head.hash if head else None}:
        return "entry_hash"
    return _altered_link(session, entry)


def _altered_link(session: Session, entry: Entry) -> str | None:
    """Return whether it is what the entry says of its act that was changed, or the moment: told by the act itself."""
    acts = (
        *(act_of(name, 1) for name in covered_tables()),
        *(act_of(name, rank) for name in tracked_tables() for rank in range(2, _RANKS_TRIED)),
    )
    for act in acts:
        if entry_hash(entry._replace(act=act)) == entry.hash:
            return "record_type"
    for act in covered_tables():
        for row in list_unrecorded(session, act, every=True):
            if entry_hash(entry._replace(row=row)) == entry.hash:
                return "row_id"
    values = load_rows(session, table_named(entry.act), [entry.row]).get(entry.row)
    if values is None:
        return None
    true = _true_digests(entry, values, salts_at(session, entry.seq))
    if true == entry.digests:
        return "recorded_at"
    return "digests" if entry_hash(entry._replace(digests=true)) == entry.hash else None


def _true_digests(entry: Entry, values: Values, salts: Salts) -> dict[str, Any]:
    """Return the digests that the entry should hold; those of erased data are taken from the entry itself."""
    columns = _columns(entry.act)
    computed = digests_of(columns, values, salts)
    committed = entry.digests if isinstance(entry.digests, dict) else {}
    names = {WORDS_SALT, *(column.written for column in columns)}
    return {name: committed[name] for name in committed if name in names} | computed


def find_missing(session: Session, entry: Entry, salts: Salts) -> Difference:
    """Tell why the act of an entry is not there: deleted, or given another identity."""
    act = table_named(entry.act)
    if act in covered_tables():
        for row, values in load_rows(session, act, list_unrecorded(session, act, every=True)).items():
            if is_content_of(entry, _columns(act), values, salts):
                return Difference(Change.COLUMN_CHANGED, act, entry.row, entry.seq, "id", row)
    return Difference(Change.ROW_DELETED, act, entry.row, entry.seq)


def find_altered(session: Session, entry: Entry, salts: Salts, values: Values, changed: Sequence[str]) -> Difference:
    """An act is not what its entry committed to: swapped with another one, or a column changed, the first one named."""
    other = _swapped_with(session, entry, salts, values)
    if other is not None:
        return Difference(Change.ROWS_SWAPPED, table_named(entry.act), entry.row, entry.seq, None, other)
    return Difference(Change.COLUMN_CHANGED, table_named(entry.act), entry.row, entry.seq, changed[0])


def _swapped_with(session: Session, entry: Entry, salts: Salts, values: Values) -> str | None:
    """Return the row whose entry committed to what this one holds, when it holds what this one's entry committed to."""
    columns = _columns(entry.act)
    for batch in entries(session):
        for other, theirs in batch:
            if table_named(other.act) != table_named(entry.act) or other.row == entry.row:
                continue
            if not is_content_of(other, columns, values, theirs):
                continue
            held = load_rows(session, table_named(other.act), [other.row]).get(other.row)
            if held is not None and is_content_of(entry, columns, held, salts):
                return other.row
    return None


def find_altered_checkpoint(
    session: Session, keys: Verifier, head: Checkpoint, covered: int, entry: Entry | None
) -> Difference:
    """A head does not carry our signature: the column that, put right, makes it good, or none."""
    trials = {"first_seq": head._replace(first=covered + 1)}
    true = session.scalar(select(ENTRY.c.seq).where(ENTRY.c.entry_hash == head.hash))
    if true is not None:
        trials["seq"] = head._replace(seq=true)
    if entry is not None:
        trials |= {"hash": head._replace(hash=entry.hash), "at": head._replace(at=entry.at)}
    good = (name for name, trial in trials.items() if keys.verify(trial.token))
    return Difference(Change.COLUMN_CHANGED, HEAD.name, str(head.seq), head.seq, next(good, None))


def list_unrecorded(session: Session, act: str, limit: int = BATCH, *, every: bool = False) -> list[str]:
    """Return the first acts of a table that no entry tells of, by the canonical text of their identity; `every`
    row, fact or not.
    """
    table = table_of(act)
    if table is None:
        return []
    recorded = exists().where(ENTRY.c.record_type == act_of(act, 1), ENTRY.c.row_id == table.c.id)
    due = fixed(table) if act in tracked_tables() and not every else true()
    query = select(type_coerce(table.c.id, NULLTYPE)).where(~recorded, due).order_by(table.c.id).limit(limit)
    return [text_of(Kind.IDENTITY, identity) for identity in session.scalars(query)]


def _columns(act: str) -> tuple[Column, ...]:
    table = table_of(table_named(act))
    return columns_of(table) if table is not None else ()
