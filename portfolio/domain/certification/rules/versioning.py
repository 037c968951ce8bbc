"""A draft, its doubts and what becomes of them while a person corrects it; what a use case can answer about versions.

Compare the details of two states of an entry, and find words in a whole entry.

Compare two states of an entry, place by place: for a conflict, and before a correction is published.

The entry of a new certification made from the version of another.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from portfolio.domain.certification.rules.doubts import FOLDED_DOUBTS, Doubt, DoubtCode
from portfolio.domain.certification.rules.entry import Entry
from portfolio.domain.certification.rules.jury_rule import DecisionRule, JuryRule, TermSource


class ImportOutcome(StrEnum):
    """Results of an import: nothing is ever replaced."""

    FIRST = "first_version"
    NEXT = "next_version"
    BESIDE_A_DRAFT = "beside_a_draft"
    ALREADY_THERE = "already_there"


class CertificationRefusal(StrEnum):
    """Reasons why a use case about a certification says no."""

    DRAFT_GONE = "draft_gone"
    ALREADY_PUBLISHED = "already_published"
    NOT_PUBLISHED = "not_published"
    NOT_PUBLISHABLE = "not_publishable"
    DRAFT_CHANGED = "draft_changed"
    CODE_NEEDED = "entry_code_needed"
    CODE_TAKEN = "entry_code_taken"
    CODE_FIXED = "entry_code_fixed"
    CODE_FORM = "entry_code_form"
    CODE_IN_USE = "entry_code_in_use"
    BASE_GONE = "base_gone"
    SUCCESSOR_FORM = "successor_form"
    SUCCESSOR_IS_ITSELF = "successor_is_itself"
    PARTNER_THERE = "partner_there"
    PARTNER_GONE = "partner_gone"


@dataclass(frozen=True, slots=True)
class Correction:
    """The state of a draft, in the form that is stored: as it was shown to a person, or as they corrected it.

    `revision` is the one they had before them; `settled` holds the keys of the doubts they looked at.
    """

    entry_json: Mapping[str, Any]
    revision: int
    settled: tuple[str, ...] = ()
    decision_rule: DecisionRule = DecisionRule.EVERY
    decision_threshold: int | None = None


def settled_by_rules(entry: Entry) -> frozenset[str]:
    """Return the keys of the doubts that a jury rule typed by a person settles: those about a rule left empty."""
    common = entry.jury is not None and not entry.jury.is_empty
    empty = {f"routes.{route.route}" for route in entry.routes if route.rule is not None and route.rule.is_empty}
    return frozenset(
        doubt_key(doubt)
        for doubt in entry.doubts
        if (doubt.what is DoubtCode.JURY_NOT_CERTAIN and doubt.where == "jury" and common)
        or (doubt.what is DoubtCode.JURY_OF_ROUTE_EMPTY and common and doubt.where not in empty)
    )


def digest_of(stored: Mapping[str, Any]) -> str:
    """Give the fingerprint of a stored entry: the same content, the same 64 characters, whatever the
    order of its keys.
    """
    text = json.dumps(stored, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def former_digests(stored: Mapping[str, Any]) -> set[str]:
    """Return the fingerprints that earlier readers gave the same file: without details, or under codes
    renamed since.
    """
    renamed = {new: old for old, new in FOLDED_DOUBTS.items()}
    doubts = [{**doubt, "what": renamed.get(doubt["what"], doubt["what"])} for doubt in stored.get("doubts") or ()]
    with_doubts = {**stored, "doubts": doubts}
    without_details = {key: value for key, value in stored.items() if key != "details"}
    return {digest_of(with_doubts), digest_of(without_details)}


def doubt_key(doubt: Doubt) -> str:
    """Name a doubt of one entry, so that a person can say they have looked at it."""
    text = json.dumps([doubt.where, doubt.what, *doubt.facts], ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:16]


def places_of(entry: Entry) -> list[str]:
    """List the places of an entry that a correction can move or remove: registrations, blocks, competencies."""
    places = [f"registrations.{number}" for number, _ in enumerate(entry.registrations, 1)]
    for block in entry.blocks:
        places.append(f"blocks.{block.number}")
        places += [f"blocks.{block.number}.competencies.{competency.number}" for competency in block.competencies]
    return places


def longest_place(where: str, places: Collection[str]) -> str | None:
    """Find the narrowest of some places that holds "blocks.3.competencies.2"; None when none does."""
    parts = where.split(".")
    heads = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((head for head in heads if head in places), None)


def carry_over_doubts(
    doubts: Iterable[Doubt], places: Collection[str], moves: Mapping[str, str], settled: Collection[str]
) -> tuple[tuple[Doubt, ...], list[str]]:
    """Keep every doubt beside what it is about, when blocks are renumbered or lines removed.

    `places` are those of the entry before, `moves` says where each of them stands now. A doubt whose place was removed
    is kept, and counts as looked at. Answers with the doubts and the keys of those that are settled.
    """
    carried: list[Doubt] = []
    looked_at: list[str] = []
    for doubt in doubts:
        place = longest_place(doubt.where, places)
        is_removed = place is not None and place not in moves
        where = doubt.where if place is None or is_removed else moves[place] + doubt.where[len(place) :]
        moved = replace(doubt, where=where)
        carried.append(moved)
        if is_removed or doubt_key(doubt) in settled:
            looked_at.append(doubt_key(moved))
    return tuple(carried), looked_at


def unresolved_doubts(entry: Entry, settled: Collection[str]) -> list[Doubt]:
    """List the doubts that nobody has looked at yet."""
    return [doubt for doubt in entry.doubts if doubt_key(doubt) not in settled]


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
    start = next((place for place, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
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
    return "".join(_BARE.get(letter, letter) for letter in text.lower()) if len(text.lower()) == len(text) else text


_BARE = {
    accented: bare
    for bare, family in {"a": "àâäá", "c": "ç", "e": "éèêë", "i": "îïí", "o": "ôöó", "u": "ùûüú", "'": "’"}.items()
    for accented in family
}


Value = str | int | float | bool | tuple[str, ...] | None
# Deduced from the rest, or the reader's own remarks: who asks for a rule of the jury changes nothing of what
# is asked.
SKIPPED = ("registered_until", "doubts", "sources", "source", "details")  # details are compared by themselves


@dataclass(frozen=True, slots=True)
class Difference:
    """One place that differs ("blocks.3.competencies.2.text"); None on a side where there is nothing."""

    where: str
    before: Value
    after: Value


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """List what differs between two stored entries, in the order of the entry; doubts are not compared.

    Blocks and competencies are recognised by their number, routes by their code, other lines by their rank.
    """
    old, new = dict(_flatten(before, "")), dict(_flatten(after, ""))
    found = [
        Difference(where, old.get(where), new.get(where))
        for where in {**old, **new}
        if old.get(where) != new.get(where)
    ]
    details = detail_pairs(before.get("details") or {}, after.get("details") or {})
    return [*found, *(Difference(*pair) for pair in details)]


def _flatten(value: Any, where: str) -> Iterator[tuple[str, Value]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key not in SKIPPED:
                yield from _flatten(inner, f"{where}.{key}" if where else str(key))
    elif isinstance(value, list | tuple) and any(isinstance(item, Mapping) for item in value):
        for rank, item in enumerate(value, 1):
            yield from _flatten(item, f"{where}.{item.get('number') or item.get('route') or rank}")
    elif isinstance(value, list | tuple):
        yield where, tuple(str(item) for item in value)
    else:
        yield where, value


# Facts of the register about the entry that is copied: they would be false of another certification.
REGISTER_PLACES = frozenset(
    {"file", "code", "title", "titles_seen", "predecessor", "registrations", "holders_per_year"}
)


def copied_entry(entry: Entry, settled: Collection[str], *, code: str, title: str, level: str | None) -> Entry:
    """Return a copy under another code, without what the register says of the original alone.

    Registrations, previous entry, holders, titles seen and quoted jury texts stay with the original. Doubts that nobody
    has settled follow what they are about. A jury condition that the original entry asks for becomes the certifier's.
    """
    doubts = (doubt for doubt in unresolved_doubts(entry, settled) if doubt.where.split(".")[0] not in REGISTER_PLACES)
    return replace(
        entry,
        code=code,
        title=title or entry.title,
        titles_seen=(),
        level=level or entry.level,
        level_1969=None,
        predecessor=None,
        registrations=(),
        routes=tuple(replace(route, jury=None, rule=_owned(route.rule)) for route in entry.routes),
        jury=_owned(entry.jury),
        blocks=tuple(replace(block, certificate_stated=False) for block in entry.blocks),
        holders_per_year=(),
        doubts=tuple(doubts),
    )


def _owned(jury: JuryRule | None) -> JuryRule | None:
    if jury is None:
        return None
    own = {TermSource.ENTRY: TermSource.CERTIFIER}
    return replace(jury, sources=tuple((term, own.get(source, source)) for term, source in jury.sources))
