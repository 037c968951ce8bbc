"""Byte ranges of a file: half-open, sorted, merged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Range = tuple[int, int]


def merged(ranges: Iterable[Range]) -> tuple[Range, ...]:
    """Return the same bytes as the fewest sorted ranges."""
    found: list[Range] = []
    for start, end in sorted(ranges):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return tuple(found)


def missing(received: Sequence[Range], size: int) -> tuple[Range, ...]:
    """Return the ranges of a file of `size` bytes that are not in these merged ranges."""
    bounds = [0, *(edge for pair in received for edge in pair), size]
    return tuple((start, end) for start, end in zip(bounds[::2], bounds[1::2], strict=True) if start < end)


def prefix(received: Sequence[Range]) -> int:
    """Return how many bytes of these merged ranges follow each other from the beginning of the file."""
    return received[0][1] if received and received[0][0] == 0 else 0


def overlaps(received: Iterable[Range], start: int, end: int) -> bool:
    """Return whether one byte between start and end is in these ranges."""
    return any(start < one_end and one_start < end for one_start, one_end in received)
