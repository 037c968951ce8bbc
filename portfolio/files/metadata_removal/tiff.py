"""TIFF: the entries that tell a place are taken out of their lists, and what they lead to is written over;
nothing moves.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from portfolio.files.metadata_removal.byte_edits import ByteEdit, CannotClean
from portfolio.files.metadata_removal.byte_reader import ByteReader

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_GPS, _EXIF, _SUB = 34853, 34665, 330
# Exif with its maker's notes, GPS, XMP, IPTC, Photoshop's own, and the georeferences of maps.
_METADATA_TAGS = {_GPS, _EXIF, 700, 33723, 34377, 37724, 33550, 33922, 34264, 34735, 34736, 34737, 42112}
_MAX_LISTS = 2000


def tiff_edits(file: ByteReader) -> Iterator[ByteEdit]:
    """Answer what to write over; raises CannotClean, for the TIFF of more than 4 GB too."""
    mark = file.at(0, 4)
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(mark)
    if order is None:
        raise CannotClean
    yield from _Lists(file, order).edits()


class _Lists:
    def __init__(self, file: ByteReader, order: str) -> None:
        self.file, self.order = file, order
        self.seen: set[int] = set()

    def edits(self) -> Iterator[ByteEdit]:
        (place,) = self.file.numbers(4, self.order + "I")
        waiting = [place]
        while waiting:
            place = waiting.pop()
            while place:
                entries, following = self._entries(place)
                yield from self._without_places(place, entries, following)
                waiting += [value for entry in entries if entry[0] == _SUB for value in self._values(entry)]
                place = following

    def _entries(self, place: int) -> tuple[list[tuple[int, int, int, int]], int]:
        """The entries of a list (tag, kind, count, where they stand), and the list that follows."""
        if place in self.seen or len(self.seen) > _MAX_LISTS:
            raise CannotClean
        self.seen.add(place)
        (count,) = self.file.numbers(place, self.order + "H")
        entries = [
            (*self.file.numbers(at, self.order + "HHI"), at)
            for at in range(place + 2, place + 2 + 12 * count, 12)
        ]
        (following,) = self.file.numbers(place + 2 + 12 * count, self.order + "I")
        return entries, following

    def _without_places(
        self, place: int, entries: list[tuple[int, int, int, int]], following: int
    ) -> Iterator[ByteEdit]:
        metadata = [entry for entry in entries if entry[0] in _METADATA_TAGS]
        if not metadata:
            return
        remaining = b"".join(self.file.at(entry[3], 12) for entry in entries if entry not in metadata)
        endian: Literal["little", "big"] = "little" if self.order == "<" else "big"
        written = (
            (len(entries) - len(metadata)).to_bytes(2, endian) + remaining + following.to_bytes(4, endian)
        )
        yield ByteEdit(place, place + 6 + 12 * len(entries), written + bytes(12 * len(metadata)))
        for entry in metadata:
            yield from self._over(entry)

    def _over(self, entry: tuple[int, int, int, int]) -> Iterator[ByteEdit]:
        """What an entry leads to."""
        tag, kind, count, at = entry
        if tag in (_GPS, _EXIF):
            for place in self._values(entry):
                inner, _following = self._entries(place)
                yield ByteEdit(place, place + 6 + 12 * len(inner), None)
                for inner_entry in inner:
                    yield from self._over((0 if inner_entry[0] != 40965 else _EXIF, *inner_entry[1:]))
            return
        length = _SIZES.get(kind, 1) * count
        if length > 4:
            (start,) = self.file.numbers(at + 8, self.order + "I")
            yield ByteEdit(start, min(start + length, self.file.size), None)

    def _values(self, entry: tuple[int, int, int, int]) -> list[int]:
        _tag, _kind, count, at = entry
        if count > 100:
            raise CannotClean
        place = at + 8 if count == 1 else self.file.numbers(at + 8, self.order + "I")[0]
        return list(self.file.numbers(place, f"{self.order}{count}I"))
