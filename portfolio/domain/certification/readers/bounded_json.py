"""JSON from outside, read within bounds: size, depth, number of values, no duplicate key, no NaN; else a
reason to refuse it.
"""

import html
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from portfolio.domain.certification.rules.registration import RejectionReason, UnreadableEntry

MAX_BYTES = 16 * 1024 * 1024
MAX_DEPTH = 40
MAX_VALUES = 400_000
MAX_TEXT = 20_000  # characters of one value; a longer one is cut with « … »

# What no database and no page accepts: control characters and halves of a surrogate pair.
UNPRINTABLE = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
LINE_END = re.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
ANY_JSON = re.compile(rb'(?:\xef\xbb\xbf)?\s*(?:\{\s*["}]|\[\s*[\[{"\]])')
BREAK = re.compile(r"<\s*(?:br|/p|/div|/li|/ul|/ol)\b[^>]{0,200}>", re.I)
ITEM = re.compile(r"<\s*li\b[^>]{0,200}>", re.I)
TAG = re.compile(r"</?[A-Za-z][^<>]{0,400}>")
STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)', re.DOTALL)


def looks_like_json(data: bytes) -> bool:
    """Return whether a file begins as a JSON object or list does."""
    return data[:200].removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[")


def recognises(data: bytes) -> bool:
    """Return whether a file is JSON, of whatever kind: the last of the readers of JSON that is asked."""
    return ANY_JSON.match(data[:200]) is not None


def read(data: bytes) -> NoReturn:
    """Raise UnreadableEntry: the JSON is out of bounds, or of a kind that no reader knows."""
    parse(data)
    raise UnreadableEntry(RejectionReason.JSON_OF_ANOTHER_KIND)


def parse(data: bytes) -> Any:
    """Return the value that a JSON file writes.

    Raise UnreadableEntry when it is too large, too deep, ambiguous or broken.
    """
    if len(data) > MAX_BYTES:
        raise UnreadableEntry(RejectionReason.JSON_TOO_LARGE)
    _check_depth(data)
    try:
        return json.loads(
            data.removeprefix(b"\xef\xbb\xbf"), object_pairs_hook=_without_duplicates, parse_constant=_refuse_constant
        )
    except RecursionError:
        raise UnreadableEntry(RejectionReason.JSON_TOO_DEEP) from None
    except ValueError:  # broken JSON, broken UTF-8, or a number of thousands of digits
        raise UnreadableEntry(RejectionReason.JSON_BROKEN) from None


def _check_depth(data: bytes) -> None:
    depth = values = 0
    for byte in STRINGS.sub(b"", data):
        if byte in b"{[":
            depth += 1
            if depth > MAX_DEPTH:
                raise UnreadableEntry(RejectionReason.JSON_TOO_DEEP)
        elif byte in b"}]":
            depth -= 1
        elif byte in b",":
            values += 1
    if values >= MAX_VALUES:
        raise UnreadableEntry(RejectionReason.TOO_MANY_ITEMS)


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise UnreadableEntry(RejectionReason.JSON_DUPLICATE_KEY)
    return found


def _refuse_constant(_name: str) -> NoReturn:
    raise UnreadableEntry(RejectionReason.JSON_NOT_FINITE)


def text_at(value: object, key: str) -> str:
    """Return the text under a key without HTML; empty when there is none."""
    found = value.get(key) if isinstance(value, Mapping) else None
    return plain(found) if isinstance(found, str) else ""


def plain(text: str) -> str:
    """Return a text without tags and entities, U+FFFD for what cannot be printed, its line breaks kept."""
    if "<" in text:
        text = TAG.sub("", ITEM.sub("\n- ", BREAK.sub("\n", text)))
    text = UNPRINTABLE.sub("\ufffd", LINE_END.sub("\n", html.unescape(text))).strip()
    return text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}…"


def line_at(value: object, key: str) -> str:
    """Return the text under a key on one line."""
    return " ".join(text_at(value, key).split())


def objects_at(value: object, key: str, inner: str = "") -> Iterator[Mapping[str, Any]]:
    """Yield the objects under a key: a list, one object, or a wrapper that holds them under `inner`."""
    found = value.get(key) if isinstance(value, Mapping) else None
    if isinstance(found, Mapping) and inner and inner in found:
        found = found[inner]
    items = found if isinstance(found, list) else [found]
    yield from (item for item in items if isinstance(item, Mapping))


def object_of(value: Any, key: str) -> Mapping[str, Any]:
    """Return the object at a key; raise UnreadableEntry when the file is JSON of another kind."""
    found = next(objects_at(value, key), None)
    if found is None:
        raise UnreadableEntry(RejectionReason.JSON_OF_ANOTHER_KIND)
    return found
