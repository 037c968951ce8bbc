"""Distribute the pages of a book over files of a bounded size, in order: a pure rule."""

from collections.abc import Sequence
from dataclasses import dataclass

MEBIBYTE = 1024 * 1024
# What the portal of France VAE takes (domain.md §7).
MAX_FILE_BYTES = 10 * MEBIBYTE
MAX_ANNEXES = 8
# Fonts, marks and the table of objects that every file repeats.
FILE_OVERHEAD_BYTES = 500_000


@dataclass(frozen=True, slots=True)
class Run:
    """Pages that follow each other in one file: the first, and the one after the last, from 0."""

    start: int
    end: int


def pack_pages(sizes: Sequence[int], *, limit: int = MAX_FILE_BYTES, files: int = MAX_ANNEXES) -> list[Run] | None:
    """Share pages between files, in order, each as full as it may be; return None when they do not fit.

    `sizes` are the bytes of each page; `limit` those of a file, of which some are kept for what every file repeats.
    """
    room = limit - FILE_OVERHEAD_BYTES
    runs: list[Run] = []
    start, held = 0, 0
    for number, size in enumerate(sizes):
        if size > room:
            return None
        if held + size > room:
            runs.append(Run(start, number))
            start, held = number, 0
        held += size
    if start < len(sizes):
        runs.append(Run(start, len(sizes)))
    return runs if len(runs) <= files else None
