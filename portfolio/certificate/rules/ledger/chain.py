"""The chain: what an entry says of an act, and the hash that binds it to the entry before."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from portfolio.certificate.rules.ledger.encoding import WORDS, Kind, canonical_json, digest, encoded

GENESIS = "0" * 64
# Names no column can have: what an entry says of its own salts.
FACTS_SALT = "salt:facts"
WORDS_SALT = "salt:words"


class Column(NamedTuple):
    """A column of an act: its name, and what it holds."""

    name: str
    kind: Kind


class Salts(NamedTuple):
    """The secrets of one entry: `facts` for ids, codes and dates; `words`, erasable, for what people wrote or are named in."""

    facts: Any
    words: Any

    def of(self, kind: Kind) -> Any:
        """The salt of a column of this kind."""
        return self.words if kind in WORDS else self.facts


class Entry(NamedTuple):
    """An entry of the ledger, as the canonical text of each of its columns."""

    seq: int
    at: str
    act: str
    row: str
    digests: Any
    previous: str
    hash: str


def digests_of(act: str, columns: Sequence[Column], values: Iterable[Any], salts: Salts) -> dict[str, str]:
    """Commit to every column of an act, and to the salts themselves; a column whose salt is erased is left out."""
    found = {
        column.name: digest(salt, f"{act}.{column.name}", encoded(column.kind, value))
        for column, value in zip(columns, values, strict=True)
        if (salt := salts.of(column.kind)) is not None
    }
    named = ((FACTS_SALT, salts.facts), (WORDS_SALT, salts.words))
    return found | {name: digest(salt, name, b"") for name, salt in named if salt is not None}


def entry_hash(entry: Entry) -> str:
    """Give the hash an entry must carry: all it says, the hash before it included; "" when it cannot even be written."""
    said = {
        "act": entry.act,
        "at": entry.at,
        "digests": entry.digests,
        "previous": entry.previous,
        "row": entry.row,
        "seq": entry.seq,
    }
    try:
        return hashlib.sha256(canonical_json(said)).hexdigest()
    except (TypeError, ValueError, RecursionError):
        return ""


def chained(last: tuple[int, str] | None, acts: Iterable[tuple[str, str, Mapping[str, str]]], at: str) -> list[Entry]:
    """Add acts (table, row, digests) behind the last entry (its number and hash), each bound to the one before."""
    seq, previous = last or (0, GENESIS)
    made: list[Entry] = []
    for act, row, digests in acts:
        seq += 1
        entry = Entry(seq, at, act, row, dict(digests), previous, "")
        made.append(entry._replace(hash=entry_hash(entry)))
        previous = made[-1].hash
    return made
