"""Signed checkpoints of the ledger: the last one, the one that covers an act, and the export of all to a
second place.
"""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, func, inspect, make_url, select
from sqlalchemy.orm import Session

from portfolio.db.engine import make_engine
from portfolio.domain.ledger.models import LedgerCheckpoint, LedgerEntry
from portfolio.domain.ledger.raw_rows import checkpoint_at
from portfolio.domain.ledger.rules.acts import act_of
from portfolio.domain.ledger.rules.head import Checkpoint

HEADS_FILE = "heads.log"
_TAIL = 4096  # far more than the longest line
log = structlog.get_logger("acquis")


def latest_checkpoint(session: Session) -> Checkpoint | None:
    """The head signed last, to print, mail and publish; None before the first closing."""
    return checkpoint_at(session, session.scalar(select(func.max(LedgerCheckpoint.seq))))


def has_signed(url: str) -> bool:
    """Return whether the database at this address, which may not exist yet, holds a signed head."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").exists():
        return False
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            is_there = inspect(connection).has_table(LedgerCheckpoint.__tablename__)
            return is_there and connection.scalar(select(LedgerCheckpoint.seq).limit(1)) is not None
    finally:
        engine.dispose()


def head_seq() -> ColumnElement[int]:
    """Return the number of the last entry that a signed head covers, 0 without one, as part of a
    statement.
    """
    return func.coalesce(select(func.max(LedgerCheckpoint.seq)).scalar_subquery(), 0)


def last_head_seq(session: Session) -> int:
    """Return the number of the last entry that a signed head covers; 0 without one."""
    return session.scalar(select(head_seq())) or 0


def checkpoint_covering(session: Session, table: str, row_id: UUID) -> Checkpoint | None:
    """The head signed when this row was recorded: the one to print on a certificate.

    None for an act not recorded.
    """
    entry = (
        select(LedgerEntry.seq)
        .where(LedgerEntry.record_type == act_of(table, 1), LedgerEntry.row_id == row_id)
        .scalar_subquery()
    )
    return checkpoint_at(
        session, session.scalar(select(func.min(LedgerCheckpoint.seq)).where(LedgerCheckpoint.seq >= entry))
    )


def write_checkpoints(session: Session, folder: Path) -> int:
    """Copy the signed heads that are not yet in the second place, and answer how many; running again copies
    nothing.

    The file only grows, but for a line that a crash left unfinished. A ledger that no longer agrees with it
    is told in the log.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(folder / HEADS_FILE, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # two servers may share the place
        last = _last_line(file)
        if last is not None:
            _log_disagreement(session, last)
        new = _after(session, last.seq if last else 0)
        if new:
            file.seek(0, os.SEEK_END)
            file.write("".join(f"{head.line}\n" for head in new).encode())
            file.flush()
            os.fsync(file.fileno())
    return len(new)


def _last_line(file: BinaryIO) -> Checkpoint | None:
    """The last whole line; what a crash left after it is cut away."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _TAIL))
    tail = file.read()
    whole, _newline, torn = tail.rpartition(b"\n")
    if torn:
        file.truncate(size - len(torn))
    line = whole.rpartition(b"\n")[2]
    return Checkpoint(**json.loads(line)) if line else None


def _log_disagreement(session: Session, last: Checkpoint) -> None:
    stored = checkpoint_at(session, last.seq)
    if stored is None or stored.hash != last.hash:
        log.error("ledger_disagrees_with_its_checkpoints", seq=last.seq)


def _after(session: Session, seq: int) -> list[Checkpoint]:
    numbers = session.scalars(
        select(LedgerCheckpoint.seq).where(LedgerCheckpoint.seq > seq).order_by(LedgerCheckpoint.seq)
    ).all()
    return [head for number in numbers if (head := checkpoint_at(session, number)) is not None]
