"""One way to write the value of a column as bytes, whichever store it comes from."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import rfc8785

SALT_BYTES = 32
EMPTY = b"-"
ODD = b"!"  # the store holds what the column's type cannot be: still one value, that no written one equals
_WHOLE = 2**53  # beyond, readers of JSON no longer agree on a number

# What the standard library writes here is what RFC 8785 says, many times quicker than a writer in Python: as
# long as there are only texts and whole numbers under names of the first planes of Unicode.
plain_json = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


class Kind(StrEnum):
    """A value of a column, in one form for both databases."""

    IDENTITY = "identity"
    DAY = "day"
    MOMENT = "moment"
    STRUCTURE = "structure"
    FLAG = "flag"
    NUMBER = "number"
    CODE = "code"
    TEXT = "text"
    BYTES = "bytes"


# Kinds whose text, where a store keeps a text, is the canonical one.
VERBATIM = frozenset({Kind.IDENTITY, Kind.DAY, Kind.MOMENT, Kind.CODE, Kind.TEXT})
# What people wrote or are named in; the rest is ids, codes, numbers, days and moments.
WORDS = frozenset({Kind.TEXT, Kind.STRUCTURE, Kind.BYTES})


def text_of(kind: Kind, value: Any) -> str:
    """Return the canonical text of a value, without the mark that tells a fit one."""
    if type(value) is str and kind in VERBATIM:
        return value
    return encoded(kind, value).decode("utf-8", "backslashreplace").removeprefix("=")


def encoded(kind: Kind, raw: Any) -> bytes:
    """Give the canonical bytes of a raw value: SQLite's form and PostgreSQL's give the same, two values never do.

    Never fails: a value that its column's kind cannot hold, as an insider may leave one, has bytes of its own.
    """
    if raw is None:
        return EMPTY
    if type(raw) is str and kind in VERBATIM:
        return written(raw)
    try:
        return b"=" + _FORMS[kind](raw)
    except (TypeError, ValueError, LookupError, AttributeError, RecursionError):
        return ODD + repr(raw).encode("utf-8", "backslashreplace")


def written(text: str) -> bytes:
    """Give the canonical bytes of a text that is the canonical one; half of a pair of signs, which no store
    keeps, is odd.
    """
    try:
        return b"=" + text.encode()
    except UnicodeEncodeError:
        return ODD + repr(text).encode("utf-8", "backslashreplace")


def canonical_json(value: Any) -> bytes:
    """Write a structure as RFC 8785 says; raises ValueError for what it cannot write."""
    try:
        return bytes(rfc8785.dumps(value))
    except rfc8785.CanonicalizationError as error:
        raise ValueError(str(error)) from error


def _not_plain(text: str) -> Any:
    raise ValueError(text)


def _whole(text: str) -> int:
    number = int(text)
    return number if -_WHOLE < number < _WHOLE else int(_not_plain(text))


_read_plain = json.JSONDecoder(parse_float=_not_plain, parse_int=_whole, parse_constant=_not_plain).decode


def _identity(raw: Any) -> bytes:
    # SQLite keeps the 32 digits; any other writing of them would no longer join, so it is another value.
    return bytes(raw.hex.encode())


def _day(raw: Any) -> bytes:
    return bytes(raw.isoformat().encode())


def _moment(raw: Any) -> bytes:
    # SQLite keeps this very text, in UTC; PostgreSQL's driver hands it in UTC nearly always, which spares two
    # conversions.
    text: str = raw.isoformat(" ", "microseconds")
    if text.endswith("+00:00"):
        return text[:-6].encode()
    moment: datetime = raw.astimezone(UTC)
    return moment.replace(tzinfo=None).isoformat(" ", "microseconds").encode()


def _structure(raw: Any) -> bytes:
    # Always read from its text: a text that quotes a structure is not that structure.
    text: str = raw if type(raw) is str else _unfit(raw)
    try:
        # Two bytes a sign: nothing beyond the first plane, where the order of names would be another one.
        if len(text.encode("utf-16-le")) == 2 * len(text) and "\\ud" not in text and "\\uD" not in text:
            return plain_json(_read_plain(text)).encode()
    except ValueError:
        pass
    value = json.loads(text)
    try:
        return canonical_json(value)
    except ValueError:  # a number too large for every reader to agree on
        return b"~" + json.dumps(value, sort_keys=True).encode()


def _flag(raw: Any) -> bytes:
    return {0: b"0", 1: b"1"}[raw] if type(raw) in {bool, int} else _unfit(raw)


def _number(raw: Any) -> bytes:
    return str(raw).encode() if type(raw) is int else _unfit(raw)


def _bytes(raw: Any) -> bytes:
    return bytes(raw) if isinstance(raw, bytes | memoryview | bytearray) else _unfit(raw)


def _unfit(raw: Any) -> Any:
    raise TypeError(type(raw).__name__)


_FORMS: Mapping[Kind, Callable[[Any], bytes]] = {
    Kind.IDENTITY: _identity,
    Kind.DAY: _day,
    Kind.MOMENT: _moment,
    Kind.STRUCTURE: _structure,
    Kind.FLAG: _flag,
    Kind.NUMBER: _number,
    Kind.CODE: _unfit,
    Kind.TEXT: _unfit,
    Kind.BYTES: _bytes,
}
