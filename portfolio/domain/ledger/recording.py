"""Writing the ledger: last in the transaction of the act, one transaction after the other."""

import secrets
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy import func, insert, or_, select, text
from sqlalchemy.orm import Session

from portfolio.db.care import recorded_tables, tracked_tables
from portfolio.db.engine import Base, UuidPrimaryKey, fetch_rows, new_id
from portfolio.domain.ledger.models import LedgerCheckpoint, LedgerEntry, LedgerErasure, LedgerSalt
from portfolio.domain.ledger.raw_rows import Values, columns_of, load_rows, table_of
from portfolio.domain.ledger.rules.acts import act_of, table_recorded_as
from portfolio.domain.ledger.rules.chain import HEAD_TYPE, Checkpoint, Entry, Salts, chained, digests_of
from portfolio.domain.ledger.rules.encoding import SALT_BYTES, Kind, text_of

SIGNER = "ledger_signer"  # the name of the signer in `session.info`
MOMENT = "ledger_moment"  # when a transaction recorded its last act, in `session.info`
_AT_ONCE = 500  # rows named in one query
_LOCK = 0x41435155_4953  # one number for the whole ledger
# What a transaction does before it takes the ledger's lock, for which all others wait, in `session.info`.
BEFORE_LOCK = "before_ledger_lock"


class Signer(Protocol):
    """Signer of a checkpoint: `portfolio.signing_key.Signer`."""

    kid: str

    def sign_jws(self, payload: bytes, *, kind: str = "") -> str: ...


def append(session: Session, acts: Sequence[Base], *, at: datetime) -> None:
    """Record acts behind the last entry, and sign the new head when the session carries the key.

    What is recorded is what the store holds, read back after a flush. Takes the ledger's own lock, which
    comes after every other one; raises ValueError for a table that is not declared `recorded`, IntegrityError
    for an act already recorded.
    """
    session.flush()
    named = [(act.__tablename__, _identity(act)) for act in acts]
    unknown = {table for table, _row in named} - set(recorded_tables())
    if unknown:
        raise ValueError(f"the ledger does not record {', '.join(sorted(unknown))}")
    if not named:
        return
    session.info[MOMENT] = at
    append_named(session, [(act_of(table, 1), row) for table, row in named], at=at)


_LAST = select(LedgerEntry.seq, LedgerEntry.entry_hash).order_by(LedgerEntry.seq.desc()).limit(1)
Held = Mapping[str, Mapping[str, Values]]


def append_named(session: Session, named: Sequence[tuple[str, str]], *, at: datetime, held: Held | None = None) -> None:
    """Record rows behind the last entry, each as the name of its act and its identity; an absent row is
    recorded as removed.

    What the session wrote is flushed already. `held`: by table, rows that the caller read since, each by its
    identity, once it had taken the lock.
    """
    committed = _digests_and_salts(session, named, held or {})
    if held is None:
        lock(session)
    last = next(iter(fetch_rows(session, _LAST, {})), None)
    entries = chained(
        (last.seq, last.entry_hash) if last else None,
        [(table, row, digests) for (table, row), (digests, _salts) in zip(named, committed, strict=True)],
        text_of(Kind.MOMENT, at),
    )
    _write(session, entries, [salts for _digests, salts in committed], at)


def erase_rows(session: Session, rows: Mapping[str, Collection[UUID]], *, by: UUID | None, at: datetime) -> int:
    """Make what the entries of rows say of people's words unreadable for ever, and record that it was done; return how
    many entries of them the ledger holds.

    The check then says "erased" of them, and still proves the ids, codes and dates of the rows. Doing it again does
    nothing.
    """
    salts = [
        salt for table, ids in rows.items() for some in _some(list(ids)) for salt in _salts_of(session, table, some)
    ]
    erasures = [
        LedgerErasure(id=new_id(), seq=salt.seq, erased_by=by, erased_at=at)
        for salt in salts
        if salt.personal_salt is not None
    ]
    for salt in salts:
        salt.personal_salt = None
    session.add_all(erasures)
    append(session, erasures, at=at)
    return len(salts)


def _salts_of(session: Session, table: str, ids: Sequence[UUID]) -> Sequence[LedgerSalt]:
    query = select(LedgerSalt).join(LedgerEntry, LedgerEntry.seq == LedgerSalt.seq)
    first = act_of(table, 1)
    named = LedgerEntry.record_type == first
    if table in tracked_tables():
        named = or_(named, LedgerEntry.record_type.startswith(f"{first}#", autoescape=True))
    query = query.where(named, LedgerEntry.row_id.in_(ids)).order_by(LedgerSalt.seq)
    return session.scalars(query.with_for_update(of=LedgerSalt)).all()


def table_named(act: str) -> str:
    """Return the table of an act; only an act of a tracked table has a rank."""
    record_type, _mark, rank = act.partition("#")
    table = table_recorded_as(record_type)
    return table if table in tracked_tables() and rank.isdigit() else table_recorded_as(act)


def _some(ids: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    for start in range(0, len(ids), _AT_ONCE):
        yield ids[start : start + _AT_ONCE]


def _identity(act: Base) -> str:
    assert isinstance(act, UuidPrimaryKey)
    return act.id.hex


def lock(session: Session) -> None:
    """Let one transaction write the ledger at a time; SQLite already lets one write at all.

    Everyone waits here with nothing left to do but write and commit: waiting longer than for other locks is
    better than failing.
    """
    prepare: Callable[[Session], None] | None = session.info.get(BEFORE_LOCK)
    if prepare is not None:
        prepare(session)
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SET LOCAL lock_timeout = '25s'"))
        session.execute(select(func.pg_advisory_xact_lock(_LOCK)))


def _digests_and_salts(
    session: Session, named: Sequence[tuple[str, str]], held: Held
) -> list[tuple[dict[str, str], Salts]]:
    """Commit to each row as the store holds it, under salts of its own; of an absent row, to nothing but the salt."""
    wanted: dict[str, list[str]] = {}
    for act, row in named:
        wanted.setdefault(table_named(act), []).append(row)
    rows_of = {name: held[name] if name in held else load_rows(session, name, rows) for name, rows in wanted.items()}
    found = []
    for act, row in named:
        table = table_of(table_named(act))
        assert table is not None
        values = rows_of[table.name].get(row)
        columns = columns_of(table) if values is not None else ()
        worded = any(column.worded for column in columns)
        salts = Salts(secrets.token_bytes(SALT_BYTES), secrets.token_bytes(SALT_BYTES) if worded else None)
        found.append((digests_of(columns, values or (), salts), salts))
    return found


def _write(session: Session, entries: Sequence[Entry], salts: Sequence[Salts], at: datetime) -> None:
    rows = [
        {
            "seq": entry.seq,
            "recorded_at": at,
            "record_type": entry.act,
            "row_id": UUID(entry.row),
            "digests": entry.digests,
            "previous_hash": entry.previous,
            "entry_hash": entry.hash,
        }
        for entry in entries
    ]
    connection = session.connection()
    connection.execute(_ENTRIES, rows)
    # Of several salts, some without `words`, one statement: the ORM would write a statement for each run of
    # them.
    connection.execute(
        _SALTS,
        [
            {"seq": entry.seq, "fact_salt": entry_salts.facts, "personal_salt": entry_salts.words}
            for entry, entry_salts in zip(entries, salts, strict=True)
        ],
    )
    signer: Signer | None = session.info.get(SIGNER)
    if signer is not None:
        head = _signed(signer, entries)
        signed = {"seq": head.seq, "first_seq": head.first, "hash": head.hash, "at": at}
        connection.execute(_CHECKPOINTS, [signed | {"kid": head.kid, "signature": head.signature}])


_TABLES = Base.metadata.tables
_ENTRIES, _SALTS, _CHECKPOINTS = (
    insert(_TABLES[model.__tablename__]) for model in (LedgerEntry, LedgerSalt, LedgerCheckpoint)
)


def _signed(signer: Signer, entries: Sequence[Entry]) -> Checkpoint:
    last = entries[-1]
    head = Checkpoint(entries[0].seq, last.seq, last.hash, last.at, signer.kid, "")
    return head._replace(signature=signer.sign_jws(head.payload, kind=HEAD_TYPE).rpartition(".")[2])
