"""Boxes on a drawn page, in pixels: left, top, right, bottom; and a grid that finds the ones that touch."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

Box = tuple[int, int, int, int]

_CELL = 32
# No drawing that is looked at reaches further: what lies beyond, or is larger, is in the last cells.
_LAST_CELL = 4096 // _CELL


class Grid:
    """Boxes by the cells that they cover: whether one of them touches another box is answered without looking
    at all of them.
    """

    def __init__(self) -> None:
        """Begin without a box."""
        self._cells: defaultdict[tuple[int, int], list[Box]] = defaultdict(list)

    def add(self, box: Box) -> None:
        """Add a box."""
        for cell in _cells(box):
            self._cells[cell].append(box)

    def touching(self, box: Box) -> Iterator[Box]:
        """Yield the boxes that touch this one, some of them several times."""
        return (other for cell in _cells(box) for other in self._cells.get(cell, ()) if area(common(box, other)))


def _cells(box: Box) -> Iterator[tuple[int, int]]:
    left, top, right, bottom = (min(max(side // _CELL, -1), _LAST_CELL) for side in box)
    return ((across, down) for across in range(left, right + 1) for down in range(top, bottom + 1))


def around(boxes: Iterable[Box]) -> Box:
    """Return the smallest box around these."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def middle(box: Box) -> Box:
    """Return the middle of a box: lines of text that follow each other closely do not touch."""
    left, top, right, bottom = box
    down = (bottom - top) // 5
    return left, top + down, max(right, left + 1), max(bottom - down, top + down + 1)


def common(one: Box, other: Box) -> Box:
    """Return what two boxes have in common: an empty box when they do not touch."""
    left, top, right, bottom = (
        max(one[0], other[0]),
        max(one[1], other[1]),
        min(one[2], other[2]),
        min(one[3], other[3]),
    )
    return (left, top, right, bottom) if left < right and top < bottom else (0, 0, 0, 0)


def area(box: Box) -> int:
    """Return how many pixels a box holds."""
    return (box[2] - box[0]) * (box[3] - box[1])


def is_mostly_in(box: Box, other: Box) -> bool:
    """Return whether more than half of a box lies in another one."""
    return 2 * area(common(box, other)) > area(box)
