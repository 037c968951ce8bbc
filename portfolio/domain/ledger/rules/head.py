"""The signed head: the few words that hold the whole ledger, once they are kept elsewhere."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, NamedTuple

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.util import json_b64encode, urlsafe_b64encode

from portfolio.domain.ledger.rules.encoding import canonical_json, plain_json

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
        """When it was signed. Raises ValueError for a head whose moment somebody changed into none."""
        return datetime.fromisoformat(self.at).replace(tzinfo=UTC)

    @property
    def payload(self) -> bytes:
        """The canonical JSON that the key signs."""
        return plain_json({"at": self.at, "first": self.first, "hash": self.hash, "seq": self.seq}).encode()

    @property
    def token(self) -> str:
        """The head as a compact JSON Web Signature (RFC 7515), that any library checks with the published
        key.
        """
        header = json_b64encode({"alg": "EdDSA", "kid": self.kid, "typ": HEAD_TYPE}).decode()
        return f"{header}.{urlsafe_b64encode(self.payload).decode()}.{self.signature}"

    @property
    def line(self) -> str:
        """The head as one line of JSON."""
        return canonical_json(self._asdict()).decode()


def read_checkpoints(text: str) -> list[Checkpoint]:
    """Read heads as they are kept: one JSON object, one a line, or one compact signature a line.

    Raises ValueError whose argument is the number of the line that is none of these.
    """
    try:
        whole = json.loads(text)
        return [_checkpoint(head) for head in (whole if isinstance(whole, list) else [whole])]
    except ValueError:
        return [
            _read_line(number, line.strip())
            for number, line in enumerate(text.splitlines(), 1)
            if line.strip()
        ]


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
    if not isinstance(payload, dict) or any(
        type(payload.get(name)) is not kind for name, kind in kinds.items()
    ):
        raise ValueError("not a head")
    return Checkpoint(**{name: payload[name] for name in kinds})
