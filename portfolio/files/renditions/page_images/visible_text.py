"""The text that a page of a PDF really shows: characters that leave no mark on the drawn page are counted, never
returned.

The page is drawn with its text, then once more for each group of text objects that do not touch each other, without
that group. A character of which the drawing keeps no mark is hidden: under an opaque shape, picture or annotation, in
the colour of what is behind it, clipped, outside the page, in a layer that is off, or too small to be read. The text
layer of a scanned page is never painted, and is kept where the picture under it shows ink.
"""

import ctypes
import itertools
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from typing import Any, NamedTuple

import pypdfium2
from PIL import Image, ImageChops
from pypdfium2 import raw

from portfolio.domain.dossier.rules.rendition import PAGE_UNITS, pack_boxes
from portfolio.files.renditions.page_images.second_look import (
    Box,
    Fields,
    Grid,
    area,
    around,
    common,
    is_mostly_in,
    middle,
    not_hidden,
)

# The functions of PDFium, which have no types.
pdfium: Any = raw

# The width in pixels of the drawings that are compared: a character of 6 points is 10 pixels high on a sheet
# of A4.
WIDTH = 1000
# By how much a pixel must change to be a mark, of 255: white on nearly white changes less.
MARK = 20
# How much of the box of a character its mark must span, in each direction: less is the edge of what a shape
# covers.
SPAN = 0.6
# Smaller than this in the drawings, a character cannot be read: 1.3 points on a sheet of A4.
SMALLEST = 2.2
# By how much pixels must differ for a picture to show ink where its text layer says a character.
INK = 60
# More groups than a real page has; more characters than it holds. What is beyond counts as hidden.
MOST_GROUPS = 6
MOST_CHARACTERS = 40_000

# How many characters together a text layer may lay beside their ink.
MOST_BESIDE = 2

# How much of the page a picture covers that stands for all of it, as a scan does.
WHOLE = 0.8

_INVISIBLE = 3
_THIN = 4
_PICTURES = (pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_FORM)
# Painted as nothing but a clip, or not at all: a picture may show such characters.
_NOT_PAINTED = frozenset({3, 7})


@dataclass(frozen=True, slots=True)
class PageText:
    """Text that a page shows, and how many of its characters it hides."""

    text: str = ""
    hidden: int = 0
    # Where each of its words is on the page, as `page_text.pack_boxes` writes it.
    word_boxes: bytes = b""


class _Character(NamedTuple):
    """A character: its place in the text of the page, its box in pixels of the drawings, the object that paints it."""

    number: int
    code: int
    box: Box
    painter: int
    tiny: bool


@dataclass(frozen=True, slots=True)
class _Painter:
    """A text object: how it is painted, and its characters."""

    handle: Any
    mode: int
    characters: list[_Character]

    @property
    def box(self) -> Box:
        """Return what its characters cover."""
        return around(character.box for character in self.characters)


def visible_text(sheet: pypdfium2.PdfPage, seen: Image.Image | None = None, fields: Fields | None = None) -> PageText:
    """Return the text that the page shows, in the order of the file, and how many characters it hides.

    `seen`: the drawing of `draw_as_seen`, when the page was changed since; what it does not show is hidden.
    `fields`: its form fields, part of it since. Raises PdfiumError, UnicodeError or ValueError for no text.
    """
    words = sheet.get_textpage()
    try:
        count = words.count_chars()
        if count <= 0:
            return PageText()
        size = _size(sheet)
        found = list(_characters(sheet, words, min(count, MOST_CHARACTERS), size))
        hidden = _hidden(sheet, found, size, seen) | set(range(MOST_CHARACTERS, count))
        boxes = _word_boxes(words, count, hidden, {character.number: character.box for character, _ in found}, size)
        if not hidden:
            text: str = words.get_text_range()
            return PageText(text, word_boxes=boxes)
        visible = "".join(words.get_text_range(first, length) for first, length in _runs(count, hidden))
        unmarked = [(one.number, one.code, one.box, by) for one, by in found if one.number in hidden]
        innocent = not_hidden(sheet, unmarked, fields, _Place(sheet, size).box)
        return PageText(visible, len(hidden - innocent), boxes)
    finally:
        words.close()


def draw_as_seen(sheet: pypdfium2.PdfPage) -> Image.Image:
    """Return the page in grey, as readers see it."""
    return _drawn(sheet, _size(sheet)).convert("L")


def _runs(count: int, hidden: set[int]) -> Iterator[tuple[int, int]]:
    """Yield the runs of characters that are kept, as a first index and a length."""
    first = 0
    for index in [*sorted(hidden), count]:
        if index > first:
            yield first, index - first
        first = index + 1


def _word_boxes(
    words: pypdfium2.PdfTextPage, count: int, hidden: set[int], boxes: dict[int, Box], size: tuple[int, int]
) -> bytes:
    """Return where each word of the shown text is, in the order of `str.split` on that text."""
    found: list[Box] = []
    inside: list[Box] | None = None
    for index in range(count):
        if index in hidden:
            continue
        box = boxes.get(index)
        sign = "x" if box else chr(pdfium.FPDFText_GetUnicode(words, index) or 32)
        if sign.isspace():
            _close(found, inside)
            inside = None
        elif unicodedata.category(sign)[0] != "C":  # what is not printed neither ends a word nor is one
            inside = [] if inside is None else inside
            inside += [box] if box else []
    _close(found, inside)
    scale = PAGE_UNITS / size[0], PAGE_UNITS / size[1]
    return pack_boxes(
        (round(left * scale[0]), round(top * scale[1]), round(right * scale[0]), round(bottom * scale[1]))
        for left, top, right, bottom in found
    )


def _close(found: list[Box], word: list[Box] | None) -> None:
    """Add the box of a word that ends; a word of which no character has a place has an empty box."""
    if word is not None:
        found.append(around(word) if word else (0, 0, 0, 0))


def _hidden(
    sheet: pypdfium2.PdfPage, found: Iterable[tuple[_Character, Any]], size: tuple[int, int], seen: Image.Image | None
) -> set[int]:
    """Return the indexes of the characters that leave no mark on the page."""
    width, height = size
    painters: dict[int, _Painter] = {}
    for character, handle in found:
        known = painters.get(character.painter)
        if known is None:
            mode = pdfium.FPDFTextObj_GetTextRenderMode(handle) if handle else _INVISIBLE
            known = painters[character.painter] = _Painter(handle, mode, [])
        known.characters.append(character)
    if not painters:
        return set()
    return _unmarked(sheet, list(painters.values()), (width, height), seen)


def _unmarked(
    sheet: pypdfium2.PdfPage, painters: Sequence[_Painter], size: tuple[int, int], seen: Image.Image | None
) -> set[int]:
    whole = _drawn(sheet, size)
    doubtful: list[tuple[_Character, _Painter]] = []
    marked: list[_Character] = []
    groups = _groups([painter for painter in painters if painter.mode not in _NOT_PAINTED and painter.handle])
    for group in groups[:MOST_GROUPS]:
        change = _change(whole, _drawn_without(sheet, group, size))
        for painter in group:
            for character in painter.characters:
                shows = (
                    not character.tiny
                    and _is_marked(change, character.box)
                    and (seen is None or _has_ink(seen, _wider(character.box)))
                )
                marked.append(character) if shows else doubtful.append((character, painter))
    doubtful += [
        (character, painter) for group in groups[MOST_GROUPS:] for painter in group for character in painter.characters
    ]
    unpainted = [painter for painter in painters if painter.mode in _NOT_PAINTED or not painter.handle]
    doubtful += [(character, painter) for painter in unpainted for character in painter.characters]
    if not any(chr(character.code).isalnum() for character, _ in doubtful):
        return set()
    bare = _drawn_without(sheet, [painter for painter in painters if painter.handle], size).convert("L")
    pictures = _Pictures(sheet, size)
    same = _Same(marked)
    shown = {
        character.number
        for character, painter in doubtful
        if pictures.show(character, bare, painted=painter.mode not in _NOT_PAINTED)
    }
    found = [character for character, _ in doubtful if character.number not in shown and not same.has(character)]
    found = _without_thin_ones(found, shown)
    # A lone comma or dash says nothing, and is easily missed.
    return (
        {character.number for character in found}
        if any(chr(character.code).isalnum() for character in found)
        else set()
    )


def _without_thin_ones(found: Sequence[_Character], shown: set[int]) -> list[_Character]:
    """Leave out one character, or two, at the edge of some that a picture shows: a text layer is not laid
    exactly on the ink.
    """
    unmarked = {character.number for character in found}
    beside = set[int]()
    for first in (number for number in unmarked if number - 1 not in unmarked):
        length = _run(unmarked, first, 1)
        around_it = _run(shown, first - 1, -1) + _run(shown, first + length, 1)
        if length <= MOST_BESIDE and around_it >= 2 * length - 1:
            beside |= set(range(first, first + length))
    return [character for character in found if character.number not in beside]


def _run(numbers: Set[int], first: int, step: int) -> int:
    """Return how many numbers of a set follow one another from this one."""
    return next(length for length in itertools.count() if first + step * length not in numbers)


class _Pictures:
    """The pictures of a page, which may show the characters of a text layer that is not painted."""

    def __init__(self, sheet: pypdfium2.PdfPage, size: tuple[int, int]) -> None:
        """Find where the pictures lie."""
        found = [
            (picture.type, _bounds(sheet, size, picture))
            for picture in sheet.get_objects(filter=_PICTURES, max_depth=1)
        ]
        self._boxes = [box for _, box in found]
        # A scan is one picture, or strips of one width from the top to the bottom.
        strips: defaultdict[tuple[int, int], list[Box]] = defaultdict(list)
        for kind, box in found:
            if kind == pdfium.FPDF_PAGEOBJ_IMAGE:
                strips[round(box[0] / 4), round(box[2] / 4)].append(box)
        least = WHOLE * size[0] * size[1]
        self._large = [box for boxes in strips.values() if sum(map(area, boxes)) >= least for box in boxes]

    def show(self, character: _Character, bare: Image.Image, *, painted: bool) -> bool:
        """Return whether a picture shows ink where this character is said to be.

        Characters that are painted, then covered, are a text layer only under a picture of the whole page.
        """
        boxes = self._large if painted else self._boxes
        if character.tiny or not any(is_mostly_in(character.box, box) for box in boxes):
            return False
        left, top, right, bottom = character.box
        across, down = (right - left) // 6, (bottom - top) // 6
        return _has_ink(bare, (left + across, top + down, max(right - across, left + 1), max(bottom - down, top + 1)))


class _Same:
    """The characters that are seen: one that is painted twice at one place, for a shadow or a bold type,
    is seen once.
    """

    def __init__(self, marked: Iterable[_Character]) -> None:
        """Arrange them by their code and their place."""
        self._by_code: defaultdict[int, Grid] = defaultdict(Grid)
        for character in marked:
            self._by_code[character.code].add(character.box)

    def has(self, character: _Character) -> bool:
        """Return whether the same character is seen at the same place."""
        return any(is_mostly_in(character.box, box) for box in self._by_code[character.code].touching(character.box))


def _characters(
    sheet: pypdfium2.PdfPage, words: pypdfium2.PdfTextPage, count: int, size: tuple[int, int]
) -> Iterator[tuple[_Character, Any]]:
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    place = _Place(sheet, size)
    for index in range(count):
        code = pdfium.FPDFText_GetUnicode(words, index)
        if code <= 32 or code in (0xA0, 0xFFFE, 0xFFFF) or pdfium.FPDFText_IsGenerated(words, index) == 1:
            continue
        if not pdfium.FPDFText_GetCharBox(words, index, left, right, bottom, top):
            continue
        box = place.box(left.value, bottom.value, right.value, top.value)
        handle = pdfium.FPDFText_GetTextObject(words, index)
        painter = ctypes.addressof(handle.contents) if handle else 0
        # A character is never higher or wider than its type: what is drawn large enough needs no other
        # question.
        is_large = max(box[2] - box[0], box[3] - box[1]) > SMALLEST + 1
        yield (_Character(index, code, box, painter, not is_large and _is_tiny(sheet, words, index, size)), handle)


def _is_tiny(sheet: pypdfium2.PdfPage, words: pypdfium2.PdfTextPage, index: int, size: tuple[int, int]) -> bool:
    """Return whether the type of a character is too small to be read on the page."""
    loose = pdfium.FS_RECTF()
    if not pdfium.FPDFText_GetLooseCharBox(words, index, loose):
        return False
    scale = size[0] / sheet.get_width()
    return bool(max(abs(loose.top - loose.bottom), abs(loose.right - loose.left)) * scale < SMALLEST)


class _Place:
    """Place of a rectangle of the page in the drawings: what PDFium answers, asked once and not for each character."""

    def __init__(self, sheet: pypdfium2.PdfPage, size: tuple[int, int]) -> None:
        """Ask PDFium where the origin of the page and two points far from it are, on a drawing as fine as
        it can say.
        """
        fine = min(2**28 // max(size), 2**16)
        reach = max(sheet.get_size())
        (x, y), across, down = (
            _pixel(sheet, (size[0] * fine, size[1] * fine), *point) for point in ((0, 0), (reach, 0), (0, reach))
        )
        self._x, self._y = x / fine, y / fine
        self._across = (across[0] - x) / fine / reach, (across[1] - y) / fine / reach
        self._down = (down[0] - x) / fine / reach, (down[1] - y) / fine / reach

    def box(self, left: float, bottom: float, right: float, top: float) -> Box:
        """Return the box of a rectangle of the page, in pixels."""
        (a, b), (c, d) = self._across, self._down
        x0, y0 = round(self._x + a * left + c * bottom), round(self._y + b * left + d * bottom)
        x1, y1 = round(self._x + a * right + c * top), round(self._y + b * right + d * top)
        return (x0 if x0 < x1 else x1, y0 if y0 < y1 else y1, x1 if x1 > x0 else x0, y1 if y1 > y0 else y0)


def _pixel(sheet: pypdfium2.PdfPage, size: tuple[int, int], x: float, y: float) -> tuple[int, int]:
    across, down = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDF_PageToDevice(sheet, 0, 0, size[0], size[1], 0, x, y, across, down)
    return across.value, down.value


def _groups(painters: Iterable[_Painter]) -> list[list[_Painter]]:
    """Gather text objects into groups in which no two touch: what is drawn over a hidden one does not make it
    look shown.
    """
    groups: list[tuple[Grid, list[_Painter]]] = []
    for painter in painters:
        box = middle(painter.box)
        grid, group = next((pair for pair in groups if not any(pair[0].touching(box))), (None, None))
        if grid is None or group is None:
            grid, group = Grid(), []
            groups.append((grid, group))
        grid.add(box)
        group.append(painter)
    return [group for _, group in groups]


def _size(sheet: pypdfium2.PdfPage) -> tuple[int, int]:
    across, down = sheet.get_size()
    scale = min(WIDTH / across, 4 * WIDTH / down)
    return max(1, round(across * scale)), max(1, round(down * scale))


def _drawn(sheet: pypdfium2.PdfPage, size: tuple[int, int]) -> Image.Image:
    """Return the page drawn exactly this wide and high, with its annotations and its form fields, as readers see it."""
    bitmap = pypdfium2.PdfBitmap.new_native(*size, pdfium.FPDFBitmap_BGRx)
    try:
        bitmap.fill_rect((255, 255, 255, 255), 0, 0, *size)
        pdfium.FPDF_RenderPageBitmap(bitmap, sheet, 0, 0, *size, 0, pdfium.FPDF_ANNOT)
        if sheet.formenv:
            pdfium.FPDF_FFLDraw(sheet.formenv, bitmap, sheet, 0, 0, *size, 0, pdfium.FPDF_ANNOT)
        image: Image.Image = bitmap.to_pil().convert("RGB")  # a copy: the pixels of the bitmap go with it
        return image
    finally:
        bitmap.close()


def _drawn_without(sheet: pypdfium2.PdfPage, painters: Sequence[_Painter], size: tuple[int, int]) -> Image.Image:
    for painter in painters:
        pdfium.FPDFTextObj_SetTextRenderMode(painter.handle, _INVISIBLE)
    try:
        return _drawn(sheet, size)
    finally:
        for painter in painters:
            pdfium.FPDFTextObj_SetTextRenderMode(painter.handle, painter.mode)


def _change(one: Image.Image, other: Image.Image) -> Image.Image:
    """Return where two drawings differ by a mark: white there, black elsewhere."""
    red, green, blue = ImageChops.difference(one, other).split()
    most = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    return most.point([255 if value >= MARK else 0 for value in range(256)])


def _is_marked(change: Image.Image, box: Box) -> bool:
    """Return whether the marks inside a box span most of it."""
    left, top, right, bottom = box
    # A thin character, a dash, may be drawn one pixel beside its box.
    around_it = (left - 1, top - 1, right + 2, bottom + 2) if min(right - left, bottom - top) < _THIN else box
    inside = common(around_it, (0, 0, *change.size))
    if not area(inside):
        return False
    found = change.crop(inside).getbbox()
    if found is None:
        return False
    across, down = found[2] - found[0], found[3] - found[1]
    return across + 1 >= SPAN * (right - left) and down + 1 >= SPAN * (bottom - top)


def _has_ink(drawing: Image.Image, box: Box) -> bool:
    """Return whether a drawing in grey has both light and dark where a character is said to be."""
    extremes: Any = drawing.crop(box).getextrema()
    low, high = extremes
    return bool(high - low >= INK)


def _wider(box: Box) -> Box:
    """A thin letter fills its box: what is beside it tells it from paper."""
    left, top, right, bottom = box
    return left - 2, top - 2, right + 2, bottom + 2


def _bounds(sheet: pypdfium2.PdfPage, size: tuple[int, int], pdf_object: pypdfium2.PdfObject) -> Box:
    left, bottom, right, top = pdf_object.get_bounds()
    (x0, y0), (x1, y1) = _pixel(sheet, size, left, bottom), _pixel(sheet, size, right, top)
    return around([(x0, y0, x0, y0), (x1, y1, x1, y1)])
