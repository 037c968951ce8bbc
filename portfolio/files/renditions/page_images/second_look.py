"""Characters that leave no mark on a page and that nobody hid: the end of a text too long for its form field,
signs of a font that neither the PDF nor this machine holds, and what a damaged page sends beyond any sheet.
"""

import ctypes
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pypdfium2
from pypdfium2 import raw

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


# The functions of PDFium, which have no types.
pdfium: Any = raw
# Signs beyond these are in none of the fonts that PDFium itself holds: Latin, punctuation, Chinese, Japanese
# and Korean are drawn without the font of the PDF.
_LATIN_END, _PUNCTUATION, _EAST_ASIAN = 0x250, range(0x2000, 0x2100), range(0x2E80, 0x10000)
_DEEPEST = 4
# No sheet of a PDF is larger (ISO 32000, annex C), in units of the page: beyond, a number of the page is broken.
_LARGEST_SHEET = 14_400


@dataclass(frozen=True, slots=True)
class Fields:
    """The form fields of a page that were made part of it: where they are (left, bottom, right, top), and how
    many objects the page had before.
    """

    places: tuple[tuple[float, float, float, float], ...]
    objects_before: int

    def drawn_by(self, sheet: pypdfium2.PdfPage) -> Iterator[int]:
        """Yield the address of each text object that a field paints."""
        fields = [
            pdfium.FPDFPage_GetObject(sheet, index)
            for index in range(self.objects_before, pdfium.FPDFPage_CountObjects(sheet))
        ]
        for field in fields:
            yield from _texts(field, 0)


def fields_of(sheet: pypdfium2.PdfPage, rectangles: Iterable[Any]) -> Fields:
    """Return the fields of a page that is about to be flattened."""
    places = tuple((found.left, found.bottom, found.right, found.top) for found in rectangles)
    return Fields(places, pdfium.FPDFPage_CountObjects(sheet))


def _texts(found: Any, depth: int) -> Iterator[int]:
    kind = pdfium.FPDFPageObj_GetType(found)
    if kind == pdfium.FPDF_PAGEOBJ_TEXT:
        yield ctypes.addressof(found.contents)
    elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth < _DEEPEST:
        for index in range(max(0, pdfium.FPDFFormObj_CountObjects(found))):
            yield from _texts(pdfium.FPDFFormObj_GetObject(found, index), depth + 1)


def not_hidden(
    sheet: pypdfium2.PdfPage,
    unmarked: Iterable[tuple[int, int, Box, Any]],
    fields: Fields | None,
    box_of: Callable[[float, float, float, float], Box],
) -> set[int]:
    """Return, of characters that leave no mark, those that nobody hid.

    Each is given as its index, its code, its box and its text object.
    """
    boxes = [box_of(*place) for place in fields.places] if fields else []
    sheets = box_of(-_LARGEST_SHEET, -_LARGEST_SHEET, _LARGEST_SHEET, _LARGEST_SHEET)
    of_fields = set(fields.drawn_by(sheet)) if fields else set()
    known: dict[int, bool] = {}
    found = set[int]()
    for number, code, box, handle in unmarked:
        if not handle:
            continue
        address = ctypes.addressof(handle.contents)
        overflows = address in of_fields and not any(is_mostly_in(box, field) for field in boxes)
        is_beyond = box[0] > sheets[2] or box[1] > sheets[3] or box[2] < sheets[0] or box[3] < sheets[1]
        if overflows or is_beyond or (_is_rare(code) and not known.setdefault(address, _is_embedded(handle))):
            found.add(number)
    return found


def _is_rare(code: int) -> bool:
    return code >= _LATIN_END and code not in _PUNCTUATION and code not in _EAST_ASIAN


def _is_embedded(handle: Any) -> bool:
    font = pdfium.FPDFTextObj_GetFont(handle)
    return not font or pdfium.FPDFFont_GetIsEmbedded(font) != 0
