"""Checking the ledger, whole or in parts: entries and acts recomputed, in their order, in little memory.

Whether each manifest still gives the root of its submission, and says what the rows of its blocks and files say.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from portfolio.db.care import covered_tables, tracked_tables
from portfolio.db.engine import Base
from portfolio.domain.ledger import tamper_diagnosis
from portfolio.domain.ledger.checkpoints import find_altered_day, latest_checkpoint
from portfolio.domain.ledger.models import LedgerErasure
from portfolio.domain.ledger.raw_rows import (
    ENTRY,
    Values,
    checkpoints,
    columns_of,
    entries,
    hashes,
    load_rows,
    recorded_again,
    table_of,
)
from portfolio.domain.ledger.recording import table_named
from portfolio.domain.ledger.rules.acts import act_of, rank_of
from portfolio.domain.ledger.rules.chain import GENESIS, Checkpoint, Entry, Salts, entry_hash
from portfolio.domain.ledger.rules.comparing import SAME, Change, Difference, VerificationReport, compared, is_removal
from portfolio.domain.submission.rules.manifest import UnreadableManifest, items_and_root

_TABLES = Base.metadata.tables
_AT_ONCE = 20  # a manifest may hold some hundred kilobytes
_SEALED = ("name", "mime", "size", "sha256")
_RECEIVED = ("name", "mime", "size", "sha256", "family", "pages")


def first_broken_seal(
    session: Session, erased: Collection[str] = (), only: Collection[str] | None = None
) -> Difference | None:
    """Return the first submission whose manifest and rows disagree, among all or `only` these; of those erased
    nothing is left to read.
    """
    for row in _submissions(session) if only is None else _these(session, sorted(only)):
        if row.id.hex not in erased:
            found = _broken(session, row)
            if found is not None:
                return found
    return None


def _submissions(session: Session) -> Iterator[Any]:
    table = _TABLES["submission"]
    query = (
        select(table.c.id, table.c.candidacy_id, table.c.manifest, table.c.root).order_by(table.c.id).limit(_AT_ONCE)
    )
    rows = session.execute(query).all()
    while rows:
        yield from rows
        rows = session.execute(query.where(table.c.id > rows[-1].id)).all()


def _these(session: Session, rows: Sequence[str]) -> Iterator[Any]:
    table = _TABLES["submission"]
    query = select(table.c.id, table.c.candidacy_id, table.c.manifest, table.c.root).order_by(table.c.id)
    for start in range(0, len(rows), _AT_ONCE):
        some = [UUID(row) for row in rows[start : start + _AT_ONCE]]
        yield from session.execute(query.where(table.c.id.in_(some)))


def _broken(session: Session, submission: Any) -> Difference | None:
    try:
        items, root = items_and_root(submission.manifest)
        numbers = {item["number"] for item in items if item["id"].startswith("block:")}
        exhibits = {item["label"]: item for item in items if item["id"].startswith("exhibit:")}
    except (UnreadableManifest, KeyError, AttributeError):
        return _difference("submission", submission.id, "manifest")
    if root != submission.root:
        return _difference("submission", submission.id, "root")
    if _numbers(session, submission.id) != numbers:
        return _difference("submission", submission.id, "manifest")
    return _of_files(session, submission, exhibits)


def _numbers(session: Session, submission_id: UUID) -> set[int]:
    block, presented = _TABLES["block"], _TABLES["submitted_block"]
    query = select(block.c.number).join(presented, presented.c.block_id == block.c.id)
    return set(session.scalars(query.where(presented.c.submission_id == submission_id)))


def _of_files(session: Session, submission: Any, exhibits: Mapping[str, Mapping[str, Any]]) -> Difference | None:
    sealed = session.execute(
        select(_TABLES["sealed_file"]).where(_TABLES["sealed_file"].c.submission_id == submission.id)
    ).all()
    if {row.exhibit for row in sealed} != exhibits.keys():
        return _difference("submission", submission.id, "manifest")
    versions = _versions(session, submission.candidacy_id)
    for row in sealed:
        exhibit = exhibits[row.exhibit]
        version = versions.get((exhibit.get("piece"), exhibit.get("file_version")))
        found = _compared(_TABLES["sealed_file"], row, exhibit, _SEALED)
        if found is None and version is not None:
            found = _compared(_TABLES["evidence_file"], version, exhibit, _RECEIVED)
            if found is None and version.key != row.key:
                found = _difference("sealed_file", row.id, "key", row.exhibit)
        if found is not None:
            return found
    return None


def _versions(session: Session, candidacy_id: UUID) -> Mapping[tuple[Any, Any], Any]:
    """Return the rows of the files of a candidacy, by the number of the piece and of the version."""
    file, piece = _TABLES["evidence_file"], _TABLES["evidence"]
    query = select(file, piece.c.number.label("piece")).join(piece, piece.c.id == file.c.evidence_id)
    return {(row.piece, row.number): row for row in session.execute(query.where(piece.c.candidacy_id == candidacy_id))}


def _compared(table: Table, row: Any, exhibit: Mapping[str, Any], names: Sequence[str]) -> Difference | None:
    wrong = next((name for name in names if getattr(row, name) != exhibit.get(name)), None)
    return None if wrong is None else _difference(table.name, row.id, wrong, exhibit["label"])


def _difference(table: str, row: UUID, column: str, exhibit: str | None = None) -> Difference:
    return Difference(Change.SEAL_BROKEN, table, row.hex, None, column, exhibit)


LEDGER = ENTRY.name
# The entries after a number, 0 or that of a signed head, up to that of another head; None: to the end.
Part = tuple[int, int | None]
WHOLE: tuple[Part, ...] = ((0, None),)
# Where each salt of an entry is kept.
_SALT_COLUMNS = {"facts": "fact_salt", "words": "personal_salt"}


class Verifier(Protocol):
    """Verifier of our signatures: `portfolio.signing_key.Keys`."""

    def verify(self, token: str) -> bool: ...


class MemoizedVerifier:
    """The same keys, each signature looked at once: a head kept elsewhere is nearly always one of those kept here."""

    def __init__(self, keys: Verifier) -> None:
        self._keys = keys
        self._known: dict[str, bool] = {}

    def verify(self, token: str) -> bool:
        """Return whether one of our keys signed this compact JSON Web Signature."""
        if token not in self._known:
            self._known[token] = self._keys.verify(token)
        return self._known[token]


@dataclass
class LedgerCursor:
    """Position of the check in the ledger."""

    lawful: frozenset[int]
    count: int = 0
    previous: str = GENESIS
    erased: set[int] = field(default_factory=set)
    # The submissions whose manifest is erased: nothing is left to compute their root from.
    unread: set[str] = field(default_factory=set)
    # The rows of these acts that were walked: what they hold is read again too.
    walked: dict[str, set[str]] = field(default_factory=lambda: {"submission": set(), "audit_digest": set()})


def check(
    session: Session, keys: Verifier | None = None, outside: Sequence[Checkpoint] = (), parts: Sequence[Part] = WHOLE
) -> VerificationReport:
    """Recompute everything, or these parts of the ledger and what they record; name the first row that
    differs, with the kind of change it is.

    With `keys`, every entry must be under a signature of ours: what was added to the store by another way is
    not. `outside` are heads kept elsewhere: only they show that the tail was cut, or everything written
    again, by who also has the key.
    """
    _lock_tables(session)
    keys = MemoizedVerifier(keys) if keys is not None else None
    walk = LedgerCursor(_lawfully_erased(session))
    is_whole = tuple(parts) == WHOLE
    difference = (
        next((found for part in parts if (found := _first_in_chain(session, walk, part))), None)
        or tamper_diagnosis.find_duplicate(session)
        or _against(session, walk, keys, outside)
        or (
            next((found for part in parts if (found := _under_signatures(session, walk, keys, part))), None)
            if keys is not None
            else None
        )
        or _not_recorded(session)
        or first_broken_seal(session, walk.unread, None if is_whole else walk.walked["submission"])
        or find_altered_day(session, None if is_whole else walk.walked["audit_digest"])
    )
    return VerificationReport(walk.count, len(walk.erased), latest_checkpoint(session), difference)


def _lock_tables(session: Session) -> None:
    """See one moment of the store from the first row to the last; SQLite does so by itself."""
    if session.get_bind().dialect.name == "postgresql" and not session.in_transaction():
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def _lawfully_erased(session: Session) -> frozenset[int]:
    # Whether an erasure is itself recorded, unchanged, is checked with the other acts.
    return frozenset(session.scalars(select(LedgerErasure.seq)))


def _first_in_chain(session: Session, walk: LedgerCursor, part: Part) -> Difference | None:
    after, until = part
    walk.count, walk.previous = after, hashes(session, [after]).get(after, GENESIS) if after else GENESIS
    for batch in entries(session, after, until):
        earlier = _earlier(session, batch)
        held = _acts(session, [pair for pair in batch if pair[0].seq not in earlier])
        for entry, salts in batch:
            found = _entry_difference(session, walk, entry)
            if found is None and entry.seq in earlier:
                found = _salt_difference(walk, entry, salts)
            elif found is None:
                found = _act_difference(session, walk, entry, salts, held)
            if found is not None:
                return found
            walk.count, walk.previous = entry.seq, entry.hash
            if (known := walk.walked.get(table_named(entry.act))) is not None:
                known.add(entry.row)
    if until is not None and walk.count < until:
        return Difference(Change.ROW_DELETED, LEDGER, str(walk.count + 1), walk.count + 1, None, str(until))
    return None


def _acts(session: Session, batch: Sequence[tuple[Entry, Salts]]) -> dict[str, dict[str, Values]]:
    named: dict[str, list[str]] = {}
    for entry, _salts in batch:
        named.setdefault(table_named(entry.act), []).append(entry.row)
    return {act: load_rows(session, act, ids) for act, ids in named.items() if act in covered_tables()}


def _earlier(session: Session, batch: Sequence[tuple[Entry, Salts]]) -> set[int]:
    """Return the entries of rows that a later entry records again: what the row was then is compared with nothing."""
    following: dict[str, dict[str, int]] = {}
    for entry, _salts in batch:
        table = table_named(entry.act)
        if table in tracked_tables():
            following.setdefault(act_of(table, rank_of(entry.act) + 1), {})[entry.row] = entry.seq
    return {rows[row] for act, rows in following.items() for row in recorded_again(session, act, list(rows))}


def _salt_difference(walk: LedgerCursor, entry: Entry, salts: Salts) -> Difference | None:
    answer = compared(entry, (), (), salts)
    return _of_salts(walk, entry, answer.salts, answer.gone)


def _of_salts(walk: LedgerCursor, entry: Entry, changed: Sequence[str], gone: Sequence[str]) -> Difference | None:
    act = table_named(entry.act)
    unlawful = [name for name in gone if name != "words" or entry.seq not in walk.lawful]
    if unlawful:
        return Difference(Change.ERASED_WITHOUT_ACT, act, entry.row, entry.seq, unlawful[0])
    if changed:
        return Difference(Change.COLUMN_CHANGED, "ledger_salt", str(entry.seq), entry.seq, _SALT_COLUMNS[changed[0]])
    walk.erased |= {entry.seq} if gone else set()
    return None


def _entry_difference(session: Session, walk: LedgerCursor, entry: Entry) -> Difference | None:
    if entry.seq != walk.count + 1:
        return tamper_diagnosis.find_out_of_order(session, walk.count + 1, entry)
    if entry_hash(entry) != entry.hash:
        return tamper_diagnosis.find_altered_entry(session, walk.previous, entry)
    if entry.previous != walk.previous:
        return Difference(Change.ENTRY_REWRITTEN, LEDGER, str(max(walk.count, 1)), entry.seq, None, str(entry.seq))
    return None


def _act_difference(
    session: Session, walk: LedgerCursor, entry: Entry, salts: Salts, held: dict[str, dict[str, Values]]
) -> Difference | None:
    act = table_named(entry.act)
    table = table_of(act) if act in covered_tables() else None
    values = held.get(act, {}).get(entry.row)
    if table is not None and is_removal(entry):
        return (
            _salt_difference(walk, entry, salts) if values is None else Difference(Change.ROW_INSERTED, act, entry.row)
        )
    if table is None or values is None:
        return tamper_diagnosis.find_missing(session, entry, salts)
    answer = compared(entry, columns_of(table), values, salts)
    if answer == SAME:
        return None
    found = _of_salts(walk, entry, answer.salts, answer.gone)
    if found is None and answer.columns:
        return tamper_diagnosis.find_altered(session, entry, salts, values, answer.columns)
    if answer.gone and act == "submission":
        walk.unread.add(entry.row)
    return found


def _against(
    session: Session, walk: LedgerCursor, keys: Verifier | None, outside: Iterable[Checkpoint]
) -> Difference | None:
    """Hold the chain against heads kept elsewhere."""
    known = sorted(outside, key=lambda head: head.seq)
    for head in known:
        if keys is not None and not keys.verify(head.token):
            return Difference(Change.FOREIGN_HEAD, "ledger_checkpoint", str(head.seq), head.seq)
    stored = hashes(session, [head.seq for head in known])
    agreed = 0
    for head in known:
        if head.seq > walk.count:
            return _cut(walk, head.seq)
        if stored[head.seq] != head.hash:
            return Difference(Change.REWRITTEN, LEDGER, str(agreed + 1), agreed + 1, None, str(head.seq))
        agreed = head.seq
    return None


def _under_signatures(session: Session, walk: LedgerCursor, keys: Verifier, part: Part) -> Difference | None:
    """Hold a part of the chain against the heads signed as it was written: they follow one another and
    cover all of it.
    """
    covered, until = part
    for head, last_entry in checkpoints(session, *part):
        if not keys.verify(head.token):
            return tamper_diagnosis.find_altered_checkpoint(session, keys, head, covered, last_entry)
        if head.first > covered + 1:
            return Difference(Change.NOT_SIGNED, LEDGER, str(covered + 1), covered + 1, None, str(head.first - 1))
        if head.seq > walk.count:
            return _cut(walk, head.seq)
        if last_entry is None or last_entry.hash != head.hash:
            return Difference(Change.REWRITTEN, LEDGER, str(head.first), head.first, None, str(head.seq))
        covered = head.seq
    last = walk.count if until is None else until
    if covered < last:
        return Difference(Change.NOT_SIGNED, LEDGER, str(covered + 1), covered + 1, None, str(last))
    return None


def _cut(walk: LedgerCursor, until: int) -> Difference:
    return Difference(Change.TAIL_CUT, LEDGER, str(walk.count + 1), walk.count + 1, None, str(until))


def _not_recorded(session: Session) -> Difference | None:
    """Return the first act that no entry tells of: it was not written by the application."""
    for act in covered_tables():
        found = next(iter(tamper_diagnosis.list_unrecorded(session, act, 1)), None)
        if found is not None:
            return Difference(Change.ROW_INSERTED, act, found)
    return None
