"""The ledger for outside witnesses: the root of its entries as a signed note (C2SP tlog-checkpoint), time-stamped by an
authority (RFC 3161), and the proof that an entry is under it.

The tree of the hashes of entries is that of RFC 9162.
"""

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from portfolio.domain.ledger.models import LedgerCheckpoint, LedgerEntry, LedgerTreeHead
from portfolio.domain.ledger.raw_rows import entries_at
from portfolio.domain.ledger.rules import merkle
from portfolio.domain.ledger.rules.acts import act_of
from portfolio.domain.ledger.rules.chain import entry_hash

_ED25519 = b"\x01"  # the algorithm, in the key of a signed note
_SIGNED = "\u2014 "
NOTE_FILE, STAMP_FILE = "{}.checkpoint", "{}.tsr"
_AT_ONCE = 1_000
Stamp = Callable[[bytes], tuple[bytes, datetime]]


def ledger_origin(address: str) -> str:
    """Return the name of the ledger of a site in its notes."""
    return f"{urlsplit(address).netloc}/registre"


class NoteSigner(Protocol):
    """Signer of a note: `portfolio.signing_key.Signer`."""

    jwk: dict[str, str]

    def sign(self, content: bytes) -> bytes: ...


def note_key(origin: str, jwk: Mapping[str, str]) -> str:
    """Return the public key of the notes of an origin as witnesses take it: name, number, key."""
    public = _ED25519 + _decoded(jwk["x"])
    return f"{origin}+{_key_id(origin, public).hex()}+{base64.b64encode(public).decode()}"


def _key_id(origin: str, public: bytes) -> bytes:
    return hashlib.sha256(origin.encode() + b"\n" + public).digest()[:4]


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def signed_note(origin: str, size: int, root: bytes, signer: NoteSigner) -> str:
    """Return the note that says the root of the first entries: three lines, then the signature."""
    text = f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"
    key_id = _key_id(origin, _ED25519 + _decoded(signer.jwk["x"]))
    signature = base64.b64encode(key_id + signer.sign(text.encode())).decode()
    return f"{text}\n{_SIGNED}{origin} {signature}\n"


class Note(NamedTuple):
    """Content of a note: how many entries, and their root."""

    size: int
    root: bytes


def read_note(text: str) -> Note:
    """Return what a note says, whoever signed it; raise ValueError for any other text."""
    found = re.match(r"[^\n]+\n([1-9][0-9]{0,17})\n([A-Za-z0-9+/]{43}=)\n", text.replace("\r\n", "\n"))
    if found is None:
        raise ValueError("not a checkpoint")
    return Note(int(found[1]), base64.b64decode(found[2]))


@dataclass(frozen=True)
class WitnessCheck:
    """Answer about what a witness kept: the file, how many entries, whether the ledger is still the same, and when an
    authority dated it, or why its time-stamp does not verify.
    """

    file: str
    size: int
    agrees: bool
    stamped_at: str = ""
    stamp_fault: str = ""


def _nodes(session: Session, size: int) -> list[bytes]:
    query = select(LedgerEntry.entry_hash).where(LedgerEntry.seq <= size).order_by(LedgerEntry.seq)
    return [node_of(hash_) for hash_ in session.scalars(query)]


def node_of(entry_hash: str) -> bytes:
    """Return the node of an entry at the bottom of the tree."""
    return merkle.node_of(bytes.fromhex(entry_hash))


def agrees(session: Session, note: Note) -> bool:
    """Return whether the first entries, each hashed again from what it says, have the root that a note says: one entry
    changed since, and they have not.
    """
    nodes: list[bytes] = []
    for start in range(1, note.size + 1, _AT_ONCE):
        numbers = range(start, min(start + _AT_ONCE, note.size + 1))
        hashes = [entry_hash(entry) for entry, _salts in entries_at(session, numbers)]
        if len(hashes) != len(numbers) or not all(hashes):
            return False
        nodes += map(node_of, hashes)
    return merkle.root_of(nodes) == note.root


def latest_tree_head(session: Session) -> LedgerTreeHead | None:
    """Return the root that was written last; None before the first one."""
    return session.scalars(select(LedgerTreeHead).order_by(LedgerTreeHead.size.desc()).limit(1)).first()


def write_tree_head(
    session: Session, origin: str, signer: NoteSigner, stamp: Stamp | None, *, at: datetime, only_awards: bool
) -> LedgerTreeHead | None:
    """Make the root of the entries under a signed head, stamped when there is an authority; None when there is nothing
    new, or `only_awards` and no certificate since. What `stamp` raises is raised: the next run asks again.
    """
    size = session.scalar(select(func.max(LedgerCheckpoint.seq))) or 0
    last = session.scalar(select(func.max(LedgerTreeHead.size))) or 0
    award = exists().where(
        LedgerEntry.seq > last, LedgerEntry.seq <= size, LedgerEntry.record_type == act_of("certificate", 1)
    )
    if size <= last or (only_awards and not session.scalar(select(award))):
        return None
    root = merkle.root_of(_nodes(session, size))
    note = signed_note(origin, size, root, signer)
    content, stamped_at = stamp(note.encode()) if stamp else (None, None)
    return LedgerTreeHead(size=size, root=root.hex(), note=note, made_at=at, stamp=content, stamped_at=stamped_at)


def copy_tree_head(head: LedgerTreeHead, folder: Path) -> None:
    """Write a root and its time-stamp in the second place of the heads, where nothing is ever replaced."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name, content in ((NOTE_FILE, head.note.encode()), (STAMP_FILE, head.stamp)):
        path = folder / name.format(head.size)
        if content is not None and not path.exists():
            path.write_bytes(content)


@dataclass(frozen=True)
class Inclusion:
    """Proof that an entry is under a root: what the entry says, its place and the digests beside its path."""

    head: LedgerTreeHead
    proof: dict[str, Any]


def prove_inclusion(session: Session, table: str, row_id: UUID, column: str, value: str) -> Inclusion | None:
    """Prove that a row is recorded, and that a column of it says a code, under the first root that covers it; None
    before there is one.

    The salt of the ids and codes of the row is given, never that of its words: the proof is for the holder of the row.
    """
    entry = select(LedgerEntry.seq).where(LedgerEntry.record_type == act_of(table, 1), LedgerEntry.row_id == row_id)
    seq = session.scalar(entry)
    if seq is None:
        return None
    covering = select(LedgerTreeHead).where(LedgerTreeHead.size >= seq).order_by(LedgerTreeHead.size).limit(1)
    head = session.scalars(covering).first()
    if head is None:
        return None
    [(found, salts)] = entries_at(session, [seq])
    nodes = _nodes(session, head.size)
    content = found._asdict()
    proof = {
        "entry": {name: content[name] for name in ("act", "at", "digests", "previous", "row", "seq")},
        "size": head.size,
        "path": [digest.hex() for digest in merkle.path_of(nodes, seq - 1)],
        "column": column,
        "value": value,
        "salt": salts.facts.hex() if salts.facts else "",
    }
    return Inclusion(head, proof)
