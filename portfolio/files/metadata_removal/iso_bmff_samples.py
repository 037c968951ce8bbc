"""Locate the samples of a metadata track: chunk and sample tables (ISO/IEC 14496-12)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

from portfolio.files.metadata_removal.byte_edits import ByteEdit, CannotClean
from portfolio.files.metadata_removal.byte_reader import ByteReader

_MAX_SAMPLES = 1_000_000


def sample_ranges(file: ByteReader, track: Any, boxes: Callable[..., Iterator[Any]]) -> Iterator[ByteEdit]:
    """Answer, chunk by chunk, what to write over so that nothing of a track is left; raises CannotClean."""
    table = _table(file, track, boxes)
    starts = _starts(file, table)
    sizes = _sizes(file, table)
    place = 0
    for start, count in zip(starts, _counts(file, table, len(starts)), strict=True):
        length = sum(sizes(number) for number in range(place, place + count))
        place += count
        if length and start < file.size:  # a film cut before its end has tables that lead further
            yield ByteEdit(start, min(start + length, file.size), None)


def _table(file: ByteReader, track: Any, boxes: Callable[..., Iterator[Any]]) -> dict[bytes, Any]:
    found = track
    for name in (b"mdia", b"minf", b"stbl"):
        found = next((box for box in boxes(file, found.inside, found.end) if box.name == name), None)
        if found is None:
            raise CannotClean
    return {box.name: box for box in boxes(file, found.inside, found.end)}


def _listed(file: ByteReader, box: Any, form: str, head: int = 4) -> list[tuple[int, ...]]:
    (count,) = file.numbers(box.inside + head, ">I")
    if count > _MAX_SAMPLES:
        raise CannotClean
    width = {"I": 4, "Q": 8, "III": 12}[form]
    start = box.inside + head + 4
    return [file.numbers(start + width * number, ">" + form) for number in range(count)]


def _starts(file: ByteReader, table: dict[bytes, Any]) -> list[int]:
    if b"co64" in table:
        return [offset for (offset,) in _listed(file, table[b"co64"], "Q")]
    if b"stco" in table:
        return [offset for (offset,) in _listed(file, table[b"stco"], "I")]
    raise CannotClean


def _sizes(file: ByteReader, table: dict[bytes, Any]) -> Callable[[int], int]:
    if b"stsz" not in table:
        raise CannotClean
    (same,) = file.numbers(table[b"stsz"].inside + 4, ">I")
    if same:
        return lambda _number: int(same)
    sizes = [sample_size for (sample_size,) in _listed(file, table[b"stsz"], "I", head=8)]

    def size(number: int) -> int:
        if number >= len(sizes):
            raise CannotClean
        return sizes[number]

    return size


def _counts(file: ByteReader, table: dict[bytes, Any], chunks: int) -> list[int]:
    """How many samples each chunk has."""
    if b"stsc" not in table:
        raise CannotClean
    runs = _listed(file, table[b"stsc"], "III")
    counts: list[int] = []
    for (first, many, _), (following, _, _) in pairwise([*runs, (chunks + 1, 0, 0)]):
        if first < 1 or not first <= following <= chunks + 1:
            raise CannotClean
        counts += [many] * (following - first)
    if len(counts) != chunks or sum(counts) > _MAX_SAMPLES:
        raise CannotClean
    return counts
