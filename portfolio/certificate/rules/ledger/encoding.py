"""One way to write the value of a column as bytes, whichever store it comes from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import rfc8785

SALT_BYTES = 32
EMPTY = b"-"
ODD = b"!"  # the store holds what the column's type cannot be: still one value, that no written one equals
_quick = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
_plain_scalars = {str, int, bool, type(None)}


class Kind(StrEnum):
    """What a column holds, whatever the two stores make of it."""

    IDENTITY = "identity"
    DAY = "day"
    MOMENT = "moment"
    STRUCTURE = "structure"
    FLAG = "flag"
    NUMBER = "number"
    CODE = "code"
    TEXT = "text"
    BYTES = "bytes"


# What people wrote or are named in; the rest is ids, codes, numbers, days and moments.
WORDS = frozenset({Kind.TEXT, Kind.STRUCTURE, Kind.BYTES})


def encoded(kind: Kind, raw: Any) -> bytes:
    """Give the canonical bytes of a raw value: SQLite's form and PostgreSQL's give the same, two values never do.

    Never fails: a value that its column's kind cannot hold, as an insider may leave one, has bytes of its own.
    """
    if raw is None:
        return EMPTY
    try:
        return b"=" + _FORMS[kind](raw)
    except (TypeError, ValueError, LookupError, AttributeError, RecursionError):
        return ODD + repr(raw).encode("utf-8", "backslashreplace")


def digest(salt: bytes, name: str, written: bytes) -> str:
    """Commit to one value: without the salt, nobody can try the few values a column may have (trust.md §5)."""
    return hashlib.sha256(salt + name.encode() + b"\0" + written).hexdigest()


def canonical_json(value: Any) -> bytes:
    """Write a structure as RFC 8785 says; quickly when it holds no number or name on which writers differ.

    Raises ValueError for what RFC 8785 cannot write.
    """
    try:
        return _quick.encode(value).encode() if _is_plain(value) else bytes(rfc8785.dumps(value))
    except rfc8785.CanonicalizationError as error:
        raise ValueError(str(error)) from error


def _is_plain(value: Any) -> bool:
    kind = type(value)
    if kind is int:
        return bool(-(2**53) < value < 2**53)
    if kind in _plain_scalars:
        return True
    if kind is dict:
        return all(type(key) is str and key.isascii() for key in value) and all(map(_is_plain, value.values()))
    return kind is list and all(map(_is_plain, value))


def _identity(raw: Any) -> bytes:
    # SQLite keeps the 32 digits; any other writing of them would no longer join, so it is another value.
    return raw.encode() if type(raw) is str else bytes(raw.hex.encode())


def _day(raw: Any) -> bytes:
    return raw.encode() if type(raw) is str else bytes(raw.isoformat().encode())


def _moment(raw: Any) -> bytes:
    # SQLite keeps this very text, in UTC.
    if type(raw) is str:
        return raw.encode()
    moment: datetime = raw.astimezone(UTC)
    return moment.replace(tzinfo=None).isoformat(" ", "microseconds").encode()


def _structure(raw: Any) -> bytes:
    # Always read from its text: a text that quotes a structure is not that structure.
    value = json.loads(raw if type(raw) is str else _unfit(raw))
    try:
        return canonical_json(value)
    except ValueError:  # a number too large for every reader to agree on
        return b"~" + json.dumps(value, sort_keys=True).encode()


def _flag(raw: Any) -> bytes:
    return {0: b"0", 1: b"1"}[raw] if type(raw) in {bool, int} else _unfit(raw)


def _number(raw: Any) -> bytes:
    return str(raw).encode() if type(raw) is int else _unfit(raw)


def _text(raw: Any) -> bytes:
    return raw.encode() if type(raw) is str else _unfit(raw)


def _bytes(raw: Any) -> bytes:
    return bytes(raw) if isinstance(raw, bytes | memoryview | bytearray) else _unfit(raw)


def _unfit(raw: Any) -> bytes:
    raise TypeError(type(raw).__name__)


_FORMS: Mapping[Kind, Callable[[Any], bytes]] = {
    Kind.IDENTITY: _identity,
    Kind.DAY: _day,
    Kind.MOMENT: _moment,
    Kind.STRUCTURE: _structure,
    Kind.FLAG: _flag,
    Kind.NUMBER: _number,
    Kind.CODE: _text,
    Kind.TEXT: _text,
    Kind.BYTES: _bytes,
}
