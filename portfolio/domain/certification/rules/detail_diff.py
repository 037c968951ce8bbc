"""Compare the details of two states of an entry, and find words in a whole entry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

CONTEXT = 60
MAX_ITEMS = 20  # items of a list named in one difference; an entry may have hundreds of partners
MAX_TEXT = 400
CODED = frozenset({"habilitation", "state", "kind"})
Pair = tuple[str, str | tuple[str, ...] | bool | None, str | tuple[str, ...] | bool | None]


def detail_pairs(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Pair]:
    """Yield each detail that differs, with its name and both values.

    Of a list, only what was removed and what was added; of a long text, only what is around the change.
    """
    for name in {**before, **after}:
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        if name == "passages":
            yield from _passages(old or (), new or ())
        elif isinstance(old or new, (list, tuple)):
            yield _lists(name, old or (), new or ())
        else:
            yield f"details.{name}", _plain(old), _plain(new)


def _passages(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> Iterator[Pair]:
    old, new = ({passage["name"]: passage["text"] for passage in side} for side in (before, after))
    for name in {**old, **new}:
        if old.get(name) != new.get(name):
            yield f"details.passages.{name}", *_around(old.get(name), new.get(name))


def _around(before: str | None, after: str | None) -> tuple[str | None, str | None]:
    """Return two texts without what they share before and after the change."""
    old, new = before or "", after or ""
    start = next(
        (place for place, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new))
    )
    limit = min(len(old), len(new)) - start
    end = next((place for place in range(limit) if old[-1 - place] != new[-1 - place]), limit)
    return _excerpt(before, start, len(old) - end), _excerpt(after, start, len(new) - end)


def _excerpt(text: str | None, start: int, end: int) -> str | None:
    if text is None:
        return None
    first, last = max(0, start - CONTEXT), min(len(text), max(end, start) + CONTEXT, start + MAX_TEXT)
    return ("…" if first else "") + text[first:last] + ("…" if last < len(text) else "")


def _lists(name: str, before: Sequence[Any], after: Sequence[Any]) -> Pair:
    old, new = [item_text(item) for item in before], [item_text(item) for item in after]
    removed = tuple(text for text in old if text not in set(new))
    added = tuple(text for text in new if text not in set(old))
    return f"details.{name}", _first(removed), _first(added)


def _first(items: tuple[str, ...]) -> tuple[str, ...]:
    return items if len(items) <= MAX_ITEMS else (*items[:MAX_ITEMS], f"+ {len(items) - MAX_ITEMS}")


def item_text(value: Any) -> str:
    """Return one item of a list as words: the values that it holds."""
    if isinstance(value, Mapping):
        return " ".join(filter(None, (_value_text(key, inner) for key, inner in value.items())))
    if isinstance(value, (list, tuple)):
        return ", ".join(filter(None, (item_text(inner) for inner in value)))
    return "" if value is None or isinstance(value, bool) else str(value)


def _value_text(key: str, value: Any) -> str:
    """Return a value as words; a code keeps the name of its field, so that it is not taken for a word."""
    return f"{key}={value}" if key in CODED and value else item_text(value)


def _plain(value: Any) -> str | bool | None:
    if isinstance(value, Mapping):
        return item_text(value)
    return value if value is None or isinstance(value, bool) else str(value)


@dataclass(frozen=True, slots=True)
class FoundText:
    """A place of an entry that holds the words searched, and the text around the first of them."""

    where: str
    excerpt: str


def search_entry(stored: Mapping[str, Any], words: Sequence[str], limit: int = 50) -> list[FoundText]:
    """Return the places of a stored entry that hold every word, whatever its case and accents, in the order
    of the entry.
    """
    wanted = [_folded(word) for word in words if word.strip()]
    if not wanted:
        return []
    found = []
    for where, text in _texts(stored, ""):
        folded = _folded(text)
        if all(word in folded for word in wanted):
            place = folded.index(wanted[0])
            found.append(FoundText(where, _excerpt(text, place, place + len(wanted[0])) or ""))
            if len(found) == limit:
                break
    return found


def _texts(value: Any, where: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key != "doubts":
                yield from _texts(inner, f"{where}.{key}" if where else str(key))
    elif isinstance(value, (list, tuple)):
        yield from _items(value, where)
    elif isinstance(value, str):
        yield where, value


def _items(items: Sequence[Any], where: str) -> Iterator[tuple[str, str]]:
    for item in items:
        if isinstance(item, Mapping) and where == "details.passages":
            yield f"{where}.{item['name']}", str(item["text"])
        elif isinstance(item, Mapping) and (name := item.get("number") or item.get("route")):
            yield from _texts(item, f"{where}.{name}")
        else:
            yield where, item_text(item)


def _folded(text: str) -> str:
    """Return a text of the same length in small letters without accents."""
    return (
        "".join(_BARE.get(letter, letter) for letter in text.lower())
        if len(text.lower()) == len(text)
        else text
    )


_BARE = {
    accented: bare
    for bare, family in {
        "a": "àâäá",
        "c": "ç",
        "e": "éèêë",
        "i": "îïí",
        "o": "ôöó",
        "u": "ùûüú",
        "'": "’",
    }.items()
    for accented in family
}
