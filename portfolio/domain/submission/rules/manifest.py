"""The manifest of a sealed dossier, and its root.

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
without them the book has the usual outline.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any, NoReturn

import rfc8785
from pymerkle import InmemoryTree

from portfolio.domain.submission.rules.dossier import FORMAT, RECORD_FORMAT, SealedDossier
from portfolio.domain.submission.rules.manifest_items import Item, dossier_of, items_of

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
    return Seal(rfc8785.dumps(items), _root(items))


def root_of(manifest: bytes) -> str:
    """Compute the root of a manifest, as the docstring of this module says; raises UnreadableManifest."""
    return _root(_items(manifest))


def items_and_root(manifest: bytes) -> tuple[list[Item], str]:
    """Read the items of a manifest and compute its root, many times quicker than `root_of`; raises
    UnreadableManifest.

    The standard library writes strings, integers, null and arrays under names of ASCII as RFC 8785 does; the
    bytes are compared, so that anything else takes the slow way.
    """
    try:
        items: Any = json.loads(manifest, parse_float=_no_number, parse_constant=_no_number)
        written = [_plain_json(item).encode() for item in items]
    except (ValueError, TypeError, RecursionError) as wrong:
        raise UnreadableManifest(f"not canonical JSON: {wrong}") from wrong
    if b"[" + b",".join(written) + b"]" != manifest:
        return _items(manifest), root_of(manifest)
    return _listed(items), _merkle([sha256(b"\0" + item_json).digest() for item_json in written]).hex()


def _merkle(hashes: list[bytes]) -> bytes:
    if len(hashes) == 1:
        return hashes[0]
    half = 1 << (len(hashes) - 1).bit_length() - 1
    return sha256(b"\1" + _merkle(hashes[:half]) + _merkle(hashes[half:])).digest()


def read_manifest(manifest: bytes) -> SealedDossier:
    """Read the dossier that a manifest seals; raises UnreadableManifest when anything in it would be left
    unread.

    The last ones read are kept, by all of their bytes: one byte that changed is another manifest. What is
    kept cannot change.
    """
    return _read(bytes(manifest))


@lru_cache(maxsize=MANIFESTS_KEPT)
def _read(manifest: bytes) -> SealedDossier:
    items = _items(manifest)
    try:
        dossier = dossier_of(items)
    except (KeyError, TypeError, ValueError, AttributeError) as wrong:
        raise UnreadableManifest(f"not a sealed dossier: {wrong}") from wrong
    if (
        dossier.header.format not in (FORMAT, RECORD_FORMAT)
        or dossier.header.version != dossier.format_version
    ):
        raise UnreadableManifest(f"unknown format: {dossier.header.format} {dossier.header.version}")
    if items_of(dossier) != items:
        raise UnreadableManifest("it holds something that a sealed dossier does not say")
    return dossier


def _root(items: list[Item]) -> str:
    tree = InmemoryTree(algorithm="sha256")  # type: ignore[no-untyped-call]
    for item in items:
        tree.append_entry(rfc8785.dumps(item))
    root: bytes = tree.get_root()
    return root.hex()


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
    if (
        not isinstance(items, list)
        or not items
        or not all(isinstance(item, dict) and "id" in item for item in items)
    ):
        raise UnreadableManifest("not a list of items")
    return items


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"only integers are numbers here, not {text}")
