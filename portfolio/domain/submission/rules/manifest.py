"""The manifest of a sealed dossier, and its Merkle root.

A stranger recomputes the root with nothing but JSON and SHA-256:

1. The manifest is the canonical JSON (RFC 8785) of one array. Its elements are the *items* of the dossier.
2. The leaf of an item is SHA-256(0x00 ‖ canonical JSON of that item, in UTF-8).
3. Of n > 1 items, let k be the largest power of two smaller than n; the root is
   SHA-256(0x01 ‖ root of the first k ‖ root of the n - k others). Of one item, the root is its leaf.
4. The root is written in lowercase hexadecimal.

This is the Merkle tree of RFC 9162 §2.1.1 (Certificate Transparency), so that any of its tools can prove that
one item belongs to a root. The manifest holds only strings, integers, null and arrays of integers, so that
canonical JSON means: keys sorted, no blank, strings as they were written, without Unicode normalisation.

The item `dossier` says the version of the format. A manifest of version 2 also has items `anchor:…`, which
name a region or a quoted passage of an exhibit; a manifest without them is of version 1, as it was before
they existed. One of version 3 also has items `section:…`, the order and the titles of the parts of the book;
without them the book has the usual outline. In one of version 4 an item `assessment:…` may also have a `proof`,
the words that find the paper behind its result; an item without it has no such paper.

The sealed dossier as a flat list of items, each hashed by itself, and back.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import Field, dataclass, fields
from datetime import UTC, date, datetime
from enum import Enum
from functools import cache, lru_cache
from types import NoneType
from typing import Any, NoReturn, TypeVar, cast, get_args, get_type_hints

import rfc8785

from portfolio.domain.candidacy.rules.opening import Scope
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.ledger.rules import merkle
from portfolio.domain.submission.rules.dossier import (
    FORMAT,
    RECORD_FORMAT,
    Header,
    SealedAnchor,
    SealedAssessment,
    SealedBlock,
    SealedCertification,
    SealedClaim,
    SealedCohort,
    SealedCompetency,
    SealedDossier,
    SealedExhibit,
    SealedExperience,
    SealedHeldBlock,
    SealedNarrative,
    SealedSection,
    SealedStatement,
    SealedTexts,
)

Item = dict[str, Any]
V = TypeVar("V")


def items_of(dossier: SealedDossier) -> list[Item]:
    """List the items of a sealed dossier, in the order in which a person would read it.

    Each item has an `id` that means something only inside its manifest; an item names another by such an id or number.
    """
    return [
        _item("dossier", dossier.header),
        _item("certification", dossier.certification),
        {"id": "candidate", "name": dossier.candidate},
        {"id": "scope", "route": dossier.route.value, "scope": dossier.scope.value, "blocks": list(dossier.requested)},
        *([] if dossier.is_record else [_item("statement", dossier.statement), _item("texts", dossier.texts)]),
        *(_item(f"section:{section.number}", section) for section in dossier.sections),
        *([_item("cohort", dossier.cohort)] if dossier.cohort else []),
        *(
            _item(f"held-block:{sealed_held_block.number}", sealed_held_block)
            for sealed_held_block in dossier.held_blocks
        ),
        *(_item(f"experience:{experience.number}", experience) for experience in dossier.experiences),
        *(item for block in dossier.blocks for item in _items_of_block(block, with_narrative=not dossier.is_record)),
        *(_item(f"assessment:{assessment.number}", assessment) for assessment in dossier.assessments),
        *(_item(f"exhibit:{exhibit.label}", exhibit) for exhibit in dossier.exhibits),
    ]


def _items_of_block(block: SealedBlock, *, with_narrative: bool) -> list[Item]:
    items: list[Item] = [{"id": f"block:{block.number}", "number": block.number, "title": block.title}]
    for competency in block.competencies:
        items.append({"id": f"competency:{competency.number}", "number": competency.number, "text": competency.text})
        if with_narrative:
            items.append(_item(f"narrative:{competency.number}", competency.narrative))
        items += [_item(f"claim:{competency.number}:{claim.exhibit}", claim) for claim in competency.claims]
        ranks: Counter[str] = Counter()
        for anchor in competency.anchors:
            ranks[anchor.exhibit] += 1
            items.append(_item(f"anchor:{competency.number}:{anchor.exhibit}:{ranks[anchor.exhibit]}", anchor))
    return items


def dossier_of(items: list[Item]) -> SealedDossier:
    """Build the sealed dossier from its items; raises KeyError, TypeError or ValueError where they are
    not such a list.
    """
    by_id = {item["id"]: item for item in items}
    scope = by_id["scope"]
    is_record = by_id["dossier"]["format"] == RECORD_FORMAT
    return SealedDossier(
        header=_built(Header, by_id["dossier"]),
        certification=_built(SealedCertification, by_id["certification"]),
        candidate=by_id["candidate"]["name"],
        route=Route(scope["route"]),
        scope=Scope(scope["scope"]),
        requested=tuple(scope["blocks"]),
        statement=None if is_record else _built(SealedStatement, by_id["statement"]),
        texts=SealedTexts("", "", "") if is_record else _built(SealedTexts, by_id["texts"]),
        held_blocks=_all(SealedHeldBlock, "held-block:", items),
        experiences=_all(SealedExperience, "experience:", items),
        blocks=tuple(_block(item, items, is_record) for item in items if item["id"].startswith("block:")),
        exhibits=_all(SealedExhibit, "exhibit:", items),
        assessments=_all(SealedAssessment, "assessment:", items),
        cohort=_built(SealedCohort, by_id["cohort"]) if "cohort" in by_id else None,
        sections=_all(SealedSection, "section:", items),
    )


def _block(block: Item, items: list[Item], is_record: bool) -> SealedBlock:
    inside = [item for item in items if item["id"].startswith(f"competency:{block['number']}.")]
    return SealedBlock(block["number"], block["title"], tuple(_competency(item, items, is_record) for item in inside))


def _competency(item: Item, items: list[Item], is_record: bool) -> SealedCompetency:
    number = item["number"]
    if is_record:
        return SealedCompetency(number, item["text"], SealedNarrative("", "", "", ""))
    (narrative,) = _all(
        SealedNarrative,
        f"narrative:{number}",
        [sealed_item for sealed_item in items if sealed_item["id"] == f"narrative:{number}"],
    )
    claims, anchors = (_all(SealedClaim, f"claim:{number}:", items), _all(SealedAnchor, f"anchor:{number}:", items))
    return SealedCompetency(number, item["text"], narrative, claims, anchors)


def _item(item_id: str, value: Any) -> Item:
    told = {field.name: getattr(value, field.name) for field in fields(value) if not _is_left_out(field, value)}
    return {"id": item_id} | {name: _plain(content) for name, content in told.items()}


def _is_left_out(field: Field[Any], value: Any) -> bool:
    """Return whether an item says nothing of a field: it came with a later version, and holds nothing."""
    return field.default is None and getattr(value, field.name) is None


def _plain(value: Any) -> Any:
    """Turn a field into what JSON knows: moments in UTC and days as ISO 8601, codes as their text."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return value.value if isinstance(value, Enum) else value


def _all(kind: type[V], prefix: str, items: list[Item]) -> tuple[V, ...]:
    return tuple(_built(kind, item) for item in items if item["id"].startswith(prefix))


def _built(kind: type[V], item: Mapping[str, Any]) -> V:
    types = _types(cast("Any", kind))
    told = (field.name for field in fields(cast("Any", kind)) if field.name in item or field.default is not None)
    return kind(**{name: _read(types[name], item[name]) for name in told})


@cache
def _types(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def _read(type_: Any, value: Any) -> Any:
    """Turn what JSON held back into the type of a field; raises ValueError or TypeError."""
    choices = get_args(type_) or (type_,)
    if value is None:
        if NoneType in choices:
            return None
        raise TypeError("a value is missing")
    wanted = next(choice for choice in choices if choice is not NoneType)
    if wanted in (datetime, date):
        return wanted.fromisoformat(value)
    if issubclass(wanted, Enum):
        return wanted(value)
    if type(value) is not wanted:
        raise TypeError(f"{wanted.__name__} expected")
    return value


# Manifests kept once read, in each process: the sealed dossiers of a few sessions of the day.
MANIFESTS_KEPT = 32
_plain_json = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


@dataclass(frozen=True, slots=True)
class Seal:
    """A manifest as bytes, and the root of its items as 64 hexadecimal digits."""

    manifest: bytes
    root: str


class UnreadableManifest(Exception):  # noqa: N818 - an answer about bytes, not an error of the program
    """The bytes are not a manifest that `seal` would have written."""


def seal(dossier: SealedDossier) -> Seal:
    """Write the manifest of a dossier and compute its root. The same dossier always gives the same seal."""
    items = items_of(dossier)
    return Seal(rfc8785.dumps(items), _root(map(rfc8785.dumps, items)))


def root_of(manifest: bytes) -> str:
    """Compute the root of a manifest, as the docstring of this module says; raises UnreadableManifest."""
    return _root(map(rfc8785.dumps, _items(manifest)))


def items_and_root(manifest: bytes) -> tuple[list[Item], str]:
    """Read the items of a manifest and compute its root, many times quicker than `root_of`; raises UnreadableManifest.

    The standard library writes strings, integers, null and arrays under names of ASCII as RFC 8785 does; the bytes are
    compared, so that anything else takes the slow way.
    """
    try:
        items: Any = json.loads(manifest, parse_float=_no_number, parse_constant=_no_number)
        written = [_plain_json(item).encode() for item in items]
    except (ValueError, TypeError, RecursionError) as wrong:
        raise UnreadableManifest(f"not canonical JSON: {wrong}") from wrong
    if b"[" + b",".join(written) + b"]" != manifest:
        return _items(manifest), root_of(manifest)
    return _listed(items), _root(written)


def read_manifest(manifest: bytes) -> SealedDossier:
    """Read the dossier that a manifest seals; raises UnreadableManifest when anything in it would be left unread.

    The last ones read are kept, by all of their bytes: one byte that changed is another manifest. What is kept cannot
    change.
    """
    return _read_item(bytes(manifest))


@lru_cache(maxsize=MANIFESTS_KEPT)
def _read_item(manifest: bytes) -> SealedDossier:
    items = _items(manifest)
    try:
        dossier = dossier_of(items)
    except (KeyError, TypeError, ValueError, AttributeError) as wrong:
        raise UnreadableManifest(f"not a sealed dossier: {wrong}") from wrong
    if dossier.header.format not in (FORMAT, RECORD_FORMAT) or dossier.header.version != dossier.format_version:
        raise UnreadableManifest(f"unknown format: {dossier.header.format} {dossier.header.version}")
    if items_of(dossier) != items:
        raise UnreadableManifest("it holds something that a sealed dossier does not say")
    return dossier


def _root(written: Iterable[bytes]) -> str:
    """Return the root of items, each as canonical JSON."""
    return merkle.root_of([merkle.node_of(item) for item in written]).hex()


def _items(manifest: bytes) -> list[Item]:
    try:
        items: Any = json.loads(manifest, parse_float=_no_number, parse_constant=_no_number)
        canonical = rfc8785.dumps(items)
    except (ValueError, RecursionError) as wrong:
        raise UnreadableManifest(f"not canonical JSON: {wrong}") from wrong
    if canonical != manifest:
        raise UnreadableManifest("not canonical JSON")
    return _listed(items)


def _listed(items: Any) -> list[Item]:
    if not isinstance(items, list) or not items or not all(isinstance(item, dict) and "id" in item for item in items):
        raise UnreadableManifest("not a list of items")
    return items


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"only integers are numbers here, not {text}")
