"""The chain: what an entry says of an act, and the hash that binds it to the entry before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from portfolio.domain.ledger.rules.encoding import VERBATIM, WORDS, Kind, encoded, plain_json, written
from portfolio.domain.ledger.rules.recorded_names import record_type_of, written_column

GENESIS = "0" * 64
# Names no column can have: what an entry says of its own salts.
FACTS_SALT = "salt:facts"
WORDS_SALT = "salt:words"


class Column(NamedTuple):
    """A column of an act: its name, what it holds, and the names under which its digests are kept and made.

    `verbatim` says that a text found there is already the canonical one.
    """

    name: str
    kind: Kind
    worded: bool
    written: str
    label: bytes
    verbatim: bool


def column(table: str, name: str, kind: Kind, *, is_personal: bool) -> Column:
    """Describe a column of an act; one that names a person is under the salt of the words."""
    worded = kind in WORDS or is_personal
    written = written_column(table, name)
    label = f"{record_type_of(table)}.{written}\0".encode()
    return Column(name, kind, worded, written, label, kind in VERBATIM)


class Salts(NamedTuple):
    """The secrets of one entry: `facts` for ids, codes and dates; `words`, erasable, for what people wrote or
    are named in.
    """

    facts: Any
    words: Any

    def of(self, act_column: Column) -> Any:
        """The salt of a column."""
        return self.words if act_column.worded else self.facts


class Entry(NamedTuple):
    """An entry of the ledger, as the canonical text of each of its columns."""

    seq: int
    at: str
    act: str
    row: str
    digests: Any
    previous: str
    hash: str


def digests_of(columns: Sequence[Column], values: Iterable[Any], salts: Salts) -> dict[str, str]:
    """Commit to every column of an act, and to the salts themselves; a column whose salt is erased is left
    out.

    Without the salt, nobody can try the few values that a column may have (trust.md §5).
    """
    facts, words = salts
    found = {}
    for (_name, kind, worded, name, label, verbatim), value in zip(columns, values, strict=True):
        salt = words if worded else facts
        if salt is not None:
            encoded_value = written(value) if verbatim and type(value) is str else encoded(kind, value)
            found[name] = sha256(salt + label + encoded_value).hexdigest()
    if facts is not None:
        found[FACTS_SALT] = sha256(b"facts" + facts).hexdigest()
    if words is not None:
        found[WORDS_SALT] = sha256(b"words" + words).hexdigest()
    return found


def entry_hash(entry: Entry) -> str:
    """Give the hash an entry must carry: all it says, the hash before it included; "" when it cannot even be
    written.
    """
    content = {
        "act": entry.act,
        "at": entry.at,
        "digests": entry.digests,
        "previous": entry.previous,
        "row": entry.row,
        "seq": entry.seq,
    }
    try:
        return sha256(plain_json(content).encode()).hexdigest()
    except (TypeError, ValueError, RecursionError):
        return ""


def chained(
    last: tuple[int, str] | None, acts: Iterable[tuple[str, str, Mapping[str, str]]], at: str
) -> list[Entry]:
    """Add acts (table, row, digests) behind the last entry (its number and hash), each bound to the one
    before.
    """
    seq, previous = last or (0, GENESIS)
    made: list[Entry] = []
    for act, row, digests in acts:
        seq += 1
        entry = Entry(seq, at, act, row, dict(digests), previous, "")
        made.append(entry._replace(hash=entry_hash(entry)))
        previous = made[-1].hash
    return made
