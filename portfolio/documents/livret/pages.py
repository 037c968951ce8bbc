"""The pages of the exhibits, read in the sandboxed process: which are laid as they are, which as their images.

Position of an exhibit page on its page of the book, in points: the template and the overlay share it.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pikepdf

from portfolio.files.renditions.shared_copies.pdf import compressed_picture, filters_of, remove_what_acts

if TYPE_CHECKING:
    from PIL import Image


POINTS_PER_MM = 72 / 25.4
_A4 = (210.0, 297.0)
_SIDE_MM, _TOP_MM, _BOTTOM_MM = 13.0, 16.0, 17.0
# A small page, a ticket or a card, is not enlarged beyond this.
MAX_SCALE = 1.6

Matrix = tuple[float, float, float, float, float, float]


@dataclass(frozen=True, slots=True)
class Frame:
    """The place of an exhibit's page on a page of the book, in millimetres from its upper left corner."""

    width: float
    height: float
    left: float
    top: float
    across: float
    down: float

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Return the place in points from the lower left corner: left, bottom, width, height."""
        mm = POINTS_PER_MM
        return self.left * mm, (self.height - self.top - self.down) * mm, self.across * mm, self.down * mm


def frame_of(*, is_landscape: bool) -> Frame:
    """Return the place of a page of this orientation: a landscape page turns the page of the book."""
    width, height = reversed(_A4) if is_landscape else _A4
    return Frame(width, height, _SIDE_MM, _TOP_MM, width - 2 * _SIDE_MM, height - _TOP_MM - _BOTTOM_MM)


def placement(
    box: tuple[float, float, float, float], rotation: int, frame: Frame, max_scale: float = MAX_SCALE
) -> Matrix:
    """Return the matrix that lays a page (its box, its rotation in degrees) in the middle of a frame, whole."""
    x0, y0, x1, y1 = box
    width, height = x1 - x0, y1 - y0
    turned = rotation % 180 == 90
    across, down = (height, width) if turned else (width, height)
    left, bottom, room_across, room_down = frame.box
    scale = min(room_across / across, room_down / down, max_scale)
    dx, dy = left + (room_across - scale * across) / 2, bottom + (room_down - scale * down) / 2
    match rotation % 360:
        case 90:
            return 0, -scale, scale, 0, dx - scale * y0, dy + scale * x1
        case 180:
            return -scale, 0, 0, -scale, dx + scale * x1, dy + scale * y1
        case 270:
            return 0, scale, -scale, 0, dx + scale * y1, dy - scale * x0
    return scale, 0, 0, scale, dx - scale * x0, dy - scale * y0


def transformed(box: tuple[float, float, float, float], matrix: Matrix) -> tuple[float, float, float, float]:
    """Return where a rectangle of the source page is on the page of the book."""
    a, b, c, d, e, f = matrix
    xs = [a * x + c * y + e for x in (box[0], box[2]) for y in (box[1], box[3])]
    ys = [b * x + d * y + f for x in (box[0], box[2]) for y in (box[1], box[3])]
    return min(xs), min(ys), max(xs), max(ys)


Box = tuple[float, float, float, float]
# Images laid on a page: their longest side in pixels, and the quality of their JPEG.
READING_QUALITY = (1600, 78)
ARCHIVAL_QUALITY = (1500, 68)
# Of the drawing of a page, unpacked: more than this fills the memory of the person who opens the book.
MAX_DRAWING_BYTES = 30_000_000
# Programs that undo these have faults which end the reader of the whole book. A page that holds one is never laid as
# it is, wherever it stands: a drawing inside another, a mask, a pattern, a sign of a font, a note, an inline picture.
_FATAL_FILTERS = frozenset({"/JPXDecode", "/JBIG2Decode"})
_FATAL_NAMES = re.compile(rb"JPXDecode|JBIG2Decode")
# What leads elsewhere than to what a page draws.
_ELSEWHERE = frozenset({"/Parent", "/P", "/Popup", "/Dest", "/A", "/AA", "/IRT"})
# Deflate packs a thousand bytes into one at most.
_SMALL_DRAWING_BYTES = 4 * MAX_DRAWING_BYTES // 1032


@dataclass
class SourcePdf:
    """The PDF of an exhibit, open; None inside when it cannot be used as it is: its images are laid in its place."""

    path: Path | None
    pdf: pikepdf.Pdf | None = None
    links: dict[int, list[tuple[Box, str | int]]] = field(default_factory=dict)
    # Pages with a note that each reader draws in its own way: their images show what people read here.
    undrawn: set[int] = field(default_factory=set)
    _is_flat: bool = False
    _fatal: dict[tuple[int, int], bool] = field(default_factory=dict)
    _decoded: dict[tuple[int, int], bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Open the file; an encrypted one, one that needed repair, or one with hidden layers is not used."""
        if self.path is None:
            return
        with suppress(Exception):  # whatever the file holds, its images are laid and the book is made
            pdf = pikepdf.open(self.path, suppress_warnings=True)
            if pdf.is_encrypted or pdf.get_warnings() or _hides_layers(pdf):
                pdf.close()
                return
            remove_what_acts(pdf)
            self.undrawn = {number for number, page in enumerate(pdf.pages, 1) if _has_undrawn_note(page)}
            self.pdf = pdf

    def page(self, number: int) -> pikepdf.Page | None:
        """Return a page (from 1) of the file, None when it has no such page, or one that a reader may not draw."""
        if self.pdf is None or number in self.undrawn or not 1 <= number <= len(self.pdf.pages):
            return None
        page = self.pdf.pages[number - 1]
        with suppress(Exception):  # a dictionary where a list belongs, and all that a file may write wrongly
            is_safe = _holds_fonts(page) and not any(map(self._may_end, _streams_of(page)))
            return page if is_safe and all(map(self._decodes, _pictures_of(page))) else None
        return None

    def _may_end(self, stream: pikepdf.Stream) -> bool:
        if stream.objgen not in self._fatal:
            self._fatal[stream.objgen] = _may_end_a_reader(stream)
        return self._fatal[stream.objgen]

    def _decodes(self, picture: pikepdf.Stream) -> bool:
        """Return whether a picture can be decoded to its end; each is tried once."""
        if picture.objgen not in self._decoded:
            self._decoded[picture.objgen] = _is_whole(picture)
        return self._decoded[picture.objgen]

    def flatten(self) -> None:
        """Draw what stands in form fields and notes on the pages themselves, and remember the links, once."""
        if self.pdf is None or self._is_flat:
            return
        self._is_flat = True
        index = {page.obj.objgen: number for number, page in enumerate(self.pdf.pages, 1)}
        drawn = False
        for number, page in enumerate(self.pdf.pages, 1):
            annotations = page.obj.get("/Annots")
            if not isinstance(annotations, pikepdf.Array):
                continue
            found = list(_links(self.pdf, annotations, index))
            if found:
                self.links[number] = found
            drawn = drawn or any(_is_drawn(annotation) for annotation in annotations)
        if drawn:
            with suppress(pikepdf.PdfError, ValueError):
                self.pdf.generate_appearance_streams()
            try:
                self.pdf.flatten_annotations("screen")
            except Exception:
                self.pdf = None  # what is typed in its fields would be missing: its images show it


def _streams_of(page: pikepdf.Page) -> Iterator[pikepdf.Stream]:
    """Yield each stream to which the drawing, the resources and the notes of a page lead."""
    seen: set[tuple[int, int]] = set()
    waiting: list[Any] = [page.obj.get(key) for key in ("/Contents", "/Group", "/Annots")]
    waiting.append(page.obj.get("/Resources", page.resources))
    while waiting:
        found = waiting.pop()
        if not isinstance(found, pikepdf.Array | pikepdf.Dictionary | pikepdf.Stream):
            continue
        if found.is_indirect:
            if found.objgen in seen:
                continue
            seen.add(found.objgen)
        if isinstance(found, pikepdf.Stream):
            yield found
        if isinstance(found, pikepdf.Array):
            waiting.extend(found)
        elif found.get("/Type") not in ("/Page", "/Pages"):
            waiting.extend(value for key, value in found.items() if key not in _ELSEWHERE)


def _may_end_a_reader(stream: pikepdf.Stream) -> bool:
    """Return whether a stream is packed as JPEG 2000 or JBIG2, or may be a drawing with such an inline picture."""
    if not _FATAL_FILTERS.isdisjoint(filters_of(stream)):
        return True
    if stream.get("/Subtype") == "/Image":
        return False
    if not is_bounded(stream):
        return True
    content = stream.read_bytes()
    if b"#" in content:  # a name may write each of its letters by its number
        content = re.sub(rb"#([0-9A-Fa-f]{2})", lambda found: bytes.fromhex(found[1].decode()), content)
    return _FATAL_NAMES.search(content) is not None


def _resources_of(page: pikepdf.Page) -> Iterator[pikepdf.Dictionary]:
    """Yield the resources of a page, then those of the drawings inside it."""
    seen: set[tuple[int, int]] = set()
    waiting: list[Any] = [page.obj.get("/Resources", page.resources)]
    while waiting:
        resources = waiting.pop()
        if not isinstance(resources, pikepdf.Dictionary):
            continue
        yield resources
        for found in _values_of(resources, "/XObject", "/Pattern"):
            if isinstance(found, pikepdf.Stream) and found.objgen not in seen:
                seen.add(found.objgen)
                waiting.append(found.get("/Resources"))


def _values_of(resources: pikepdf.Dictionary, *kinds: str) -> Iterator[Any]:
    for kind in kinds:
        found = resources.get(kind)
        yield from found.values() if isinstance(found, pikepdf.Dictionary) else ()


def _pictures_of(page: pikepdf.Page) -> Iterator[pikepdf.Stream]:
    """Yield the pictures that a page draws, those of drawings inside drawings and masks included."""
    for resources in _resources_of(page):
        for found in _values_of(resources, "/XObject", "/Pattern"):
            if isinstance(found, pikepdf.Stream) and found.get("/Subtype") == "/Image":
                yield found
                masks = (found.get(key) for key in ("/SMask", "/Mask"))
                yield from (mask for mask in masks if isinstance(mask, pikepdf.Stream))


def _holds_fonts(page: pikepdf.Page) -> bool:
    """Return whether the file holds each font of many signs that a page uses: no reader has those of Asia."""
    fonts = (font for resources in _resources_of(page) for font in _values_of(resources, "/Font"))
    inner = (
        each for font in fonts if isinstance(font, pikepdf.Dictionary) for each in font.get("/DescendantFonts", [])
    )
    kept = ("/FontFile", "/FontFile2", "/FontFile3")
    return all(any(key in font.get("/FontDescriptor", {}) for key in kept) for font in inner)


def _is_whole(picture: pikepdf.Stream) -> bool:
    """Return whether a picture can be decoded to its end. One of two colours (CCITT) is not tried."""
    try:
        found = compressed_picture(picture)
        if found is None:
            return filters_of(picture)[-1:] == ["/CCITTFaxDecode"] or len(picture.read_bytes()) > 0
        from PIL import Image  # many books lay no image: its library loads slowly

        with Image.open(io.BytesIO(found[1]), formats=["JPEG"]) as image:
            image.draft("L", (image.width // 8, image.height // 8))  # a JPEG is read whole, and drawn small
            image.load()
    except (pikepdf.PdfError, OSError, ValueError, SyntaxError, zlib.error):
        return False
    return True


def _has_undrawn_note(page: pikepdf.Page) -> bool:
    """Return whether a note of a page (a highlight, a comment) has no drawing of its own that can be read."""
    annotations = page.obj.get("/Annots")
    if not isinstance(annotations, pikepdf.Array):
        return False
    try:
        return any(
            _is_drawn(annotation) and annotation.get("/Subtype") != "/Widget" and "/N" not in annotation.get("/AP", {})
            for annotation in annotations
        )
    except (TypeError, ValueError, AttributeError):
        return True


def _is_drawn(annotation: Any) -> bool:
    return isinstance(annotation, pikepdf.Dictionary) and annotation.get("/Subtype") not in ("/Link", "/Popup")


def _hides_layers(pdf: pikepdf.Pdf) -> bool:
    """Return whether a layer of the file may be off: laid on another file, it would show."""
    layers = pdf.Root.get("/OCProperties")
    if not isinstance(layers, pikepdf.Dictionary):
        return False
    default = layers.get("/D", pikepdf.Dictionary())
    return bool(len(default.get("/OFF", pikepdf.Array()))) or default.get("/BaseState") == "/OFF"


def _links(
    pdf: pikepdf.Pdf, annotations: pikepdf.Array, index: Mapping[tuple[int, int], int]
) -> Iterator[tuple[Box, str | int]]:
    """Yield the links of a page: their place, and an address or a page of the same file."""
    for annotation in annotations:
        with suppress(pikepdf.PdfError, ValueError, TypeError, AttributeError, KeyError, IndexError):
            if annotation.get("/Subtype") != "/Link":
                continue
            target = _target(pdf, annotation, index)
            if target is not None:
                x0, y0, x1, y1 = (float(value) for value in annotation.Rect)
                yield (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)), target


def _target(pdf: pikepdf.Pdf, link: Any, index: Mapping[tuple[int, int], int]) -> str | int | None:
    action = link.get("/A", pikepdf.Dictionary())
    if action.get("/S") == "/URI":
        address = str(action.URI)
        return address if address.lower().startswith(("http://", "https://", "mailto:")) else None
    place = link.get("/Dest") if "/Dest" in link else action.get("/D") if action.get("/S") == "/GoTo" else None
    if isinstance(place, pikepdf.Name | pikepdf.String):
        place = _named(pdf, place)
    if isinstance(place, pikepdf.Dictionary):
        place = place.get("/D")
    if isinstance(place, pikepdf.Array) and len(place) and isinstance(place[0], pikepdf.Dictionary):
        return index.get(place[0].objgen)
    return None


def _named(pdf: pikepdf.Pdf, name: Any) -> Any:
    if isinstance(name, pikepdf.Name):
        return pdf.Root.get("/Dests", pikepdf.Dictionary()).get(name)
    names = pdf.Root.get("/Names", pikepdf.Dictionary()).get("/Dests")
    return pikepdf.NameTree(names).get(str(name)) if names is not None else None


def box_of(page: pikepdf.Page) -> tuple[Box, int]:
    """Return what a page shows of itself, in its own units, and by how many degrees it is turned."""
    media, crop = _ordered(page.mediabox), _ordered(page.cropbox)
    x0, y0, x1, y1 = (max(media[0], crop[0]), max(media[1], crop[1]), min(media[2], crop[2]), min(media[3], crop[3]))
    shown = (x0, y0, x1, y1) if x1 - x0 > 1 and y1 - y0 > 1 else media
    if shown[2] - shown[0] <= 1 or shown[3] - shown[1] <= 1:
        raise ValueError("a page without surface")
    return shown, page.rotation


def _ordered(box: Any) -> Box:
    x0, y0, x1, y1 = map(float, box)
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def is_landscape(page: pikepdf.Page) -> bool:
    """Return whether a page is read wider than high."""
    (x0, y0, x1, y1), turned = box_of(page)
    across, down = x1 - x0, y1 - y0
    return down > across * 1.05 if turned % 180 == 90 else across > down * 1.05


def is_image_landscape(path: Path) -> bool:
    """Return whether one of our page images is wider than high."""
    from PIL import Image  # many books lay no image: its library loads slowly

    with Image.open(path, formats=["WEBP"]) as picture:
        return picture.width > picture.height * 1.05


def joined_drawing(page: pikepdf.Page) -> bytes:
    """Return the drawing of a page that is written in several parts, or in none.

    Raise ValueError for a part that is no stream, or that is packed in an odd way: reading a drawing filed as a
    JBIG2 picture would call another program.
    """
    parts = page.obj.get("/Contents", ())
    if not all(isinstance(part, pikepdf.Stream) and is_bounded(part) for part in parts):
        raise ValueError("a drawing that is not read")
    drawing = b"\n".join(part.read_bytes() for part in parts)
    if len(drawing) > MAX_DRAWING_BYTES:
        raise ValueError("a page whose drawing swells")
    return drawing


def is_bounded(contents: pikepdf.Stream) -> bool:
    """Return whether the drawing of a page, unpacked, is no longer than real ones are; packed in an odd
    way, it is not.
    """
    packed = contents.get("/Filter")
    raw = contents.read_raw_bytes()
    if packed is None or (isinstance(packed, pikepdf.Array) and len(packed) == 0):
        return len(raw) <= MAX_DRAWING_BYTES
    if packed != "/FlateDecode" and not (
        isinstance(packed, pikepdf.Array) and len(packed) == 1 and packed[0] == "/FlateDecode"
    ):
        return False
    if len(raw) * 4 <= _SMALL_DRAWING_BYTES:  # nothing this short swells beyond the limit
        return True
    with suppress(zlib.error):
        unpacking = zlib.decompressobj()
        unpacking.decompress(raw, MAX_DRAWING_BYTES)
        return not unpacking.unconsumed_tail
    return True


def jpeg_of(path: Path, quality: tuple[int, int]) -> tuple[bytes, int, int]:
    """Return one of our page images as JPEG, with its width and its height in pixels."""
    from PIL import Image

    side, level = quality
    with Image.open(path, formats=["WEBP"]) as image:
        picture = image.convert("RGB")
    picture.thumbnail((side, side), Image.Resampling.LANCZOS)
    if _is_grey(picture):
        picture = picture.convert("L")
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=level, optimize=True)
    return out.getvalue(), *picture.size


def _is_grey(picture: Image.Image) -> bool:
    small: Any = picture.resize((64, 64)).convert("YCbCr")
    return all(abs(value - 128) <= 6 for band in small.split()[1:] for value in band.getextrema())


def fitted(across: int, down: int, *, landscape: bool) -> tuple[float, float]:
    """Return the size in millimetres at which a picture of so many pixels fills its frame, whole, never too
    much enlarged.
    """
    frame = frame_of(is_landscape=landscape)
    points = 72 / 96  # a picture is not printed at fewer than 96 pixels an inch divided by the greatest scale
    scale = min(frame.across / across, frame.down / down, MAX_SCALE * points / POINTS_PER_MM)
    return across * scale, down * scale
