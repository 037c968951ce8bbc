"""The chain: what an entry says of an act, and the hash that binds it to the entry before.

The signed head: the few words that hold the whole ledger, once they are kept elsewhere.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, NamedTuple

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.util import json_b64encode, urlsafe_b64encode

from portfolio.domain.ledger.rules.acts import record_type_of, written_column
from portfolio.domain.ledger.rules.encoding import VERBATIM, WORDS, Kind, canonical_json, encoded, plain_json, written

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
        """Return the salt of a column."""
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
    """Commit to every column of an act, and to the salts themselves; a column whose salt is erased is left out.

    Without the salt, nobody can try the few values that a column may have.
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
    """Give the hash an entry must carry: all it says, the hash before it included; "" when it cannot even
    be written.
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


HEAD_TYPE = "acquis-head"  # the key may sign other things: none of them passes for a head


class Checkpoint(NamedTuple):
    """The signed word that entries `first` to `seq` were written here, and end with this hash."""

    first: int
    seq: int
    hash: str
    at: str
    kid: str
    signature: str

    @property
    def moment(self) -> datetime:
        """Return when it was signed. Raises ValueError for a head whose moment somebody changed into none."""
        return datetime.fromisoformat(self.at).replace(tzinfo=UTC)

    @property
    def payload(self) -> bytes:
        """Return the canonical JSON that the key signs."""
        return plain_json({"at": self.at, "first": self.first, "hash": self.hash, "seq": self.seq}).encode()

    @property
    def token(self) -> str:
        """Return the head as a compact JSON Web Signature (RFC 7515), that any library checks with the
        published key.
        """
        header = json_b64encode({"alg": "EdDSA", "kid": self.kid, "typ": HEAD_TYPE}).decode()
        return f"{header}.{urlsafe_b64encode(self.payload).decode()}.{self.signature}"

    @property
    def line(self) -> str:
        """Return the head as one line of JSON."""
        return canonical_json(self._asdict()).decode()


def read_checkpoints(text: str) -> list[Checkpoint]:
    """Read heads as they are kept: one JSON object, one a line, or one compact signature a line.

    Raises ValueError whose argument is the number of the line that is none of these.
    """
    try:
        whole = json.loads(text)
        return [_checkpoint(head) for head in (whole if isinstance(whole, list) else [whole])]
    except ValueError:
        return [_read_line(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]


def _read_line(number: int, line: str) -> Checkpoint:
    try:
        return _checkpoint(json.loads(line)) if line.startswith("{") else _from_token(line)
    except (ValueError, RecursionError) as error:
        raise ValueError(number) from error


def _from_token(token: str) -> Checkpoint:
    try:
        signed = jws.extract_compact(token.encode())
    except JoseError as error:
        raise ValueError("not a compact signature") from error
    payload = json.loads(signed.payload)
    if not isinstance(payload, dict) or not isinstance(signed.protected, dict):
        raise ValueError("not an object")
    return _checkpoint({**payload, "kid": signed.protected.get("kid"), "signature": token.rpartition(".")[2]})


def _checkpoint(payload: Any) -> Checkpoint:
    kinds = {"first": int, "seq": int, "hash": str, "at": str, "kid": str, "signature": str}
    if not isinstance(payload, dict) or any(type(payload.get(name)) is not kind for name, kind in kinds.items()):
        raise ValueError("not a head")
    return Checkpoint(**{name: payload[name] for name in kinds})
