"""Signed checkpoints of the ledger: the last one, the one that covers an act, and the export of all to a second place.

The digest of each day of the audit log: written the night after, recorded by the ledger, and recomputed by its check.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, func, inspect, make_url, select
from sqlalchemy.orm import Session

from portfolio.calendar import PARIS, day_of
from portfolio.db.engine import Base, make_engine, new_id
from portfolio.domain.audit_log.models import AuditDigest, AuditEvent
from portfolio.domain.ledger.models import LedgerCheckpoint, LedgerEntry
from portfolio.domain.ledger.raw_rows import BATCH, Values, checkpoint_at, columns_of, rows_by
from portfolio.domain.ledger.recording import append
from portfolio.domain.ledger.rules.acts import act_of
from portfolio.domain.ledger.rules.chain import Checkpoint
from portfolio.domain.ledger.rules.comparing import Change, Difference
from portfolio.domain.ledger.rules.encoding import encoded

HEADS_FILE = "heads.log"
_TAIL = 4096  # far more than the longest line
log = structlog.get_logger("acquis")


def latest_checkpoint(session: Session) -> Checkpoint | None:
    """Return the head signed last, to print, mail and publish; None before the first closing."""
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
    """Return the number of the last entry that a signed head covers, 0 without one, as part of a statement."""
    return func.coalesce(select(func.max(LedgerCheckpoint.seq)).scalar_subquery(), 0)


def last_head_seq(session: Session) -> int:
    """Return the number of the last entry that a signed head covers; 0 without one."""
    return session.scalar(select(head_seq())) or 0


def checkpoint_covering(session: Session, table: str, row_id: UUID) -> Checkpoint | None:
    """Return the head signed when this row was recorded: the one to print on a certificate.

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


def heads_covering(session: Session, table: str, row_ids: Collection[UUID]) -> dict[UUID, tuple[int, str]]:
    """Map these rows to the number and the hash of the head signed when each was recorded, in one query; an act not
    recorded has none.
    """
    covering = select(func.min(LedgerCheckpoint.seq)).where(LedgerCheckpoint.seq >= LedgerEntry.seq)
    query = (
        select(LedgerEntry.row_id, LedgerCheckpoint.seq, LedgerCheckpoint.hash)
        .join(LedgerCheckpoint, LedgerCheckpoint.seq == covering.correlate(LedgerEntry).scalar_subquery())
        .where(LedgerEntry.record_type == act_of(table, 1), LedgerEntry.row_id.in_(row_ids))
    )
    return {row_id: (seq, digest) for row_id, seq, digest in session.execute(query)}


def write_checkpoints(session: Session, folder: Path) -> int:
    """Copy the signed heads that are not yet in the second place, and answer how many; running again copies nothing.

    The file only grows, but for a line that a crash left unfinished. A ledger that no longer agrees with it is told in
    the log.
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
    """Return the last whole line; what a crash left after it is cut away."""
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


# How long an act in course at midnight has to be committed: no event comes to a day that has its digest.
MARGIN = timedelta(hours=1)
_EVENT = Base.metadata.tables[AuditEvent.__tablename__]


def digest_past_days(session: Session, *, at: datetime) -> int:
    """Record the digest of each day that has ended and has none yet; return how many."""
    today = day_of(at - MARGIN)
    found = list(_missing(session, today))
    session.add_all(found)
    append(session, found, at=at)
    return len(found)


def find_altered_day(session: Session, only: Collection[str] | None = None) -> Difference | None:
    """Return the first day whose events no longer give its digest, among all or `only` those of these rows,
    in as much memory for ten events as for a million.
    """
    after: int | None = None
    digest = AuditDigest
    query = select(digest.id, digest.day, digest.last_seq, digest.event_count, digest.sha256)
    for row, day, last, count, sha256 in session.execute(query.order_by(digest.day)).all():
        is_read = only is None or row.hex in only
        if is_read and _digest(session, after, last) != (count, sha256):
            return Difference(Change.AUDIT_DAY, AuditDigest.__tablename__, day.isoformat())
        after = last
    return None


def _missing(session: Session, today: date) -> Iterator[AuditDigest]:
    """Make the digests of the days before today, each of the events numbered before the first one of a later day.

    What was written late, or under a day that is digested or to come, belongs to the day before which it is numbered:
    every event is in one digest.
    """
    last = session.scalars(select(AuditDigest).order_by(AuditDigest.day.desc()).limit(1)).first()
    # What is numbered after the first event of today waits: acts in course may still come there.
    open_from = _first_between(session, last, today, today + timedelta(days=1))
    ended = [] if open_from is None else [AuditEvent.seq < open_from]
    while True:
        remaining = (*ended, *_after_day(last))
        first = session.scalar(select(AuditEvent.occurred_at).where(*remaining).order_by(AuditEvent.seq).limit(1))
        if first is None:
            return
        day = min(day_of(first), today - timedelta(days=1))
        if last is not None and day <= last.day:
            day = last.day + timedelta(days=1)
        if day >= today:
            return
        following = _first_between(session, last, day + timedelta(days=1), today)
        of_day = (*remaining, *([] if following is None else [AuditEvent.seq < following]))
        until = session.scalars(select(func.max(AuditEvent.seq)).where(*of_day)).one()
        count, sha256 = _digest(session, last.last_seq if last else None, until)
        last = AuditDigest(id=new_id(), day=day, last_seq=until, event_count=count, sha256=sha256)
        yield last


def _first_between(session: Session, last: AuditDigest | None, start: date, end: date) -> int | None:
    """Return the number of the first event after a digest that was written from one day up to another."""
    found = select(AuditEvent.seq).where(
        AuditEvent.occurred_at >= _start(start), AuditEvent.occurred_at < _start(end), *_after_day(last)
    )
    return session.scalar(found.order_by(AuditEvent.seq).limit(1))


def _after_day(last: AuditDigest | None) -> list[ColumnElement[bool]]:
    return [] if last is None else [AuditEvent.seq > last.last_seq]


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), PARIS).astimezone(UTC)


def _digest(session: Session, after: int | None, last: int) -> tuple[int, str]:
    """Return how many events have a number up to `last`, and the SHA-256 of them all."""
    columns, count, digest = columns_of(_EVENT), 0, hashlib.sha256()
    for row in _events(session, after, last):
        count += 1
        for column, value in zip(columns, row, strict=True):
            # A column that came later is empty in the events of before, whose digest stays what it was.
            if value is not None:
                content = encoded(column.kind, value)
                digest.update(f"{column.written}:{len(content)}:".encode() + content)
    return count, digest.hexdigest()


def _events(session: Session, after: int | None, last: int) -> Iterator[Values]:
    number = _EVENT.c.seq
    while True:
        query = select(number).where(number <= last).order_by(number).limit(BATCH)
        keys = session.scalars(query if after is None else query.where(number > after)).all()
        if not keys:
            return
        yield from sorted(rows_by(session, _EVENT, number, keys), key=lambda row: int(row[0]))
        after = keys[-1]
