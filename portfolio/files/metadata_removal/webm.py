"""WebM: a tree of elements; what is not known to make the film becomes one that players pass over.

Nothing moves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from portfolio.files.metadata_removal.byte_edits import ByteEdit, CannotClean
from portfolio.files.metadata_removal.byte_reader import ByteReader

_HEADER, _SEGMENT, _CLUSTER = 0x1A45DFA3, 0x18538067, 0x1F43B675
_INFO, _TRACKS, _TRACK, _KIND, _NAME, _VOID, _SUM = 0x1549A966, 0x1654AE6B, 0xAE, 0x83, 0x536E, 0xEC, 0xBF
# Where pictures stand, and how to find them again.
_OF_SEGMENT = {_INFO, _TRACKS, _CLUSTER, 0x114D9B74, 0x1C53BB6B}
# Its units of time, its length, and the two programs that every film names.
_OF_INFO = {0x2AD7B1, 0x4489, 0x4D80, 0x5741}
_OF_CLUSTER = {0xE7, 0xA3, 0xA0, 0xA7, 0xAB, 0xAF, _VOID, _SUM}
_SEEN, _HEARD = b"\x01", b"\x02"
_MAX_ELEMENTS = 1_000_000
_SHORT = 128


@dataclass(frozen=True, slots=True)
class _Element:
    """An element: what it is, where it starts, where what it holds starts, where it ends (None: nobody
    knew).
    """

    name: int
    start: int
    inside: int
    end: int | None


def webm_edits(file: ByteReader) -> Iterator[ByteEdit]:
    """Answer what to write over in a WebM; raises CannotClean, for a film with subtitles or positions too."""
    header = _element(file, 0)
    segment = _element(file, header.end or file.size)
    if (header.name, segment.name) != (_HEADER, _SEGMENT):
        raise CannotClean
    end = min(segment.end or file.size, file.size)
    for child in _children(file, segment.inside, end):
        if child.name not in _OF_SEGMENT:
            yield from _emptied(file, child)
        elif child.name == _INFO:
            yield from _only(file, child, _OF_INFO)
        elif child.name == _TRACKS:
            yield from _tracks(file, child)
    if end < file.size:
        yield ByteEdit(end, file.size)


def _tracks(file: ByteReader, tracks: _Element) -> Iterator[ByteEdit]:
    for track in _inside(file, tracks):
        if track.name != _TRACK:
            yield from _emptied(file, track)
            continue
        elements = list(_inside(file, track))
        if not any(
            element.name == _KIND and file.at(element.inside, 1) in (_SEEN, _HEARD) for element in elements
        ):
            raise CannotClean
        for element in elements:
            if element.name in (_NAME, _VOID, _SUM):
                yield from _emptied(file, element)


def _only(file: ByteReader, parent: _Element, allowed: set[int]) -> Iterator[ByteEdit]:
    for element in _inside(file, parent):
        if element.name not in allowed:
            yield from _emptied(file, element)


def _inside(file: ByteReader, parent: _Element) -> Iterator[_Element]:
    if parent.end is None:
        raise CannotClean
    return _children(file, parent.inside, parent.end)


def _children(file: ByteReader, place: int, end: int) -> Iterator[_Element]:
    """Answer the elements that follow each other; a cluster of unknown length ends where something else
    begins.
    """
    for _ in range(_MAX_ELEMENTS):
        if place >= end:
            return
        element = _element(file, place)
        if element.end is None and element.name == _CLUSTER:
            place = _after_cluster(file, element, end)
        elif element.end is None or (element.end > end and element.name != _CLUSTER):
            raise CannotClean
        else:
            place = min(element.end, end)  # a film cut before its end stops in the middle of its pictures
        yield element
    raise CannotClean


def _after_cluster(file: ByteReader, cluster: _Element, end: int) -> int:
    place = cluster.inside
    while place < end:
        element = _element(file, place)
        if element.name not in _OF_CLUSTER:
            return place
        if element.end is None:
            raise CannotClean
        place = min(element.end, end)
    return end


def _element(file: ByteReader, place: int) -> _Element:
    name, place_of_length = _number(file, place, most=4, marked=True)
    length, inside = _number(file, place_of_length, most=8, marked=False)
    unknown = length == (1 << 7 * (inside - place_of_length)) - 1
    return _Element(name, place, inside, None if unknown else inside + length)


def _number(file: ByteReader, place: int, *, most: int, marked: bool) -> tuple[int, int]:
    """Return a number whose first bits say how many bytes it has, with or without them, and where it ends."""
    width = 9 - file.at(place, 1)[0].bit_length()
    if width > most:
        raise CannotClean
    value = int.from_bytes(file.at(place, width), "big")
    return (value if marked else value & (1 << 7 * width) - 1), place + width


def _emptied(file: ByteReader, element: _Element) -> Iterator[ByteEdit]:
    """Make an element one that players pass over, as long as it was, full of nothing."""
    assert element.end is not None
    length = element.end - element.start
    short = length <= _SHORT
    head = bytes([_VOID, 0x80 | length - 2]) if short else bytes([_VOID, 1]) + (length - 9).to_bytes(7, "big")
    instead = head if not short else head + bytes(length - 2)
    if file.at(element.start, len(instead)) != instead:
        yield ByteEdit(element.start, element.start + len(instead), instead)
    rest = element.start + len(instead)
    if any(any(file.at(at, min(65536, element.end - at))) for at in range(rest, element.end, 65536)):
        yield ByteEdit(rest, element.end, None)
