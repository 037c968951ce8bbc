"""A page of a PDF, with what was typed in its form fields, and the text it carries.

Form fields and annotations of a page of a PDF: what they say is not in the text of the page.
"""

import codecs
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import pypdfium2
from PIL import Image
from pypdfium2 import raw

from portfolio.domain.dossier.rules.rendition import PageError
from portfolio.files.file_types.formats.pdf import is_dynamic_form
from portfolio.files.renditions.page_images import substitute_fonts
from portfolio.files.renditions.page_images.navigation import MAX_PIXELS, MAX_SIDE, NotReadable
from portfolio.files.renditions.page_images.second_look import fields_of
from portfolio.files.renditions.page_images.visible_text import PageText, draw_as_seen, visible_text

# The functions of PDFium, which have no types.
pdfium: Any = raw

_MOST = 2000
_SPEAKING = frozenset({pdfium.FPDF_ANNOT_WIDGET, pdfium.FPDF_ANNOT_FREETEXT, pdfium.FPDF_ANNOT_STAMP})
_PAINTED_BY_PDFIUM, _ICON = b"PDFIUM_HasGeneratedAP", 20.5
_NOT_SHOWN = pdfium.FPDF_ANNOT_FLAG_INVISIBLE | pdfium.FPDF_ANNOT_FLAG_NOVIEW


def has_texts_of_its_own(sheet: pypdfium2.PdfPage) -> bool:
    """Return whether form fields, free texts or stamps lie on the page."""
    return any(pdfium.FPDFAnnot_GetSubtype(annotation) in _SPEAKING for annotation in _annotations(sheet))


def field_rectangles(sheet: pypdfium2.PdfPage) -> list[Any]:
    """Return where the form fields and the notes of a page are."""
    found = []
    for annotation in _annotations(sheet):
        rectangle = pdfium.FS_RECTF()
        if pdfium.FPDFAnnot_GetRect(annotation, rectangle):
            found.append(rectangle)
    return found


def hide_icons(sheet: pypdfium2.PdfPage) -> None:
    """Hide the notes that the file does not draw: each reader paints an icon of its own, on other letters."""
    for annotation in _annotations(sheet):
        is_note = pdfium.FPDFAnnot_GetSubtype(annotation) == pdfium.FPDF_ANNOT_TEXT
        if is_note and pdfium.FPDFAnnot_HasKey(annotation, _PAINTED_BY_PDFIUM) and _is_an_icon(annotation):
            flags = pdfium.FPDFAnnot_GetFlags(annotation) | pdfium.FPDF_ANNOT_FLAG_HIDDEN
            pdfium.FPDFAnnot_SetFlags(annotation, flags)


def _is_an_icon(annotation: Any) -> bool:
    """Return whether a note is no larger than an icon: a file may claim what PDFium writes of its own ones."""
    place = pdfium.FS_RECTF()
    pdfium.FPDFAnnot_GetRect(annotation, place)
    return bool(max(abs(place.right - place.left), abs(place.top - place.bottom)) <= _ICON)


def flatten(sheet: pypdfium2.PdfPage) -> None:
    """Make the annotations that are shown part of the page; it has to be opened again after.

    PDFium omits those that are hidden, and takes those that a printer alone would show: they are hidden before.
    """
    for annotation in _annotations(sheet):
        flags = pdfium.FPDFAnnot_GetFlags(annotation)
        if flags & _NOT_SHOWN:
            pdfium.FPDFAnnot_SetFlags(annotation, flags | pdfium.FPDF_ANNOT_FLAG_HIDDEN)
    pdfium.FPDFPage_Flatten(sheet, pdfium.FLAT_NORMALDISPLAY)


def _annotations(sheet: pypdfium2.PdfPage) -> Iterator[Any]:
    for index in range(min(_MOST, max(0, pdfium.FPDFPage_GetAnnotCount(sheet)))):
        with _opened(sheet, index) as annotation:
            if annotation:
                yield annotation


@contextmanager
def _opened(sheet: pypdfium2.PdfPage, index: int) -> Iterator[Any]:
    annotation = pdfium.FPDFPage_GetAnnot(sheet, index)
    try:
        yield annotation
    finally:
        if annotation:
            pdfium.FPDFPage_CloseAnnot(annotation)


class PdfRenderer:
    """The pages of one PDF, opened when the first one is asked for."""

    def __init__(self, content: BinaryIO) -> None:
        """Take the content of the file; nothing of it is read yet."""
        self._content = content
        self._document: pypdfium2.PdfDocument | None = None
        self._sheet: pypdfium2.PdfPage | None = None
        self._index = 0

    def draw(self, page: int, width: int) -> Image.Image:
        """Return one page (from 1), this wide in pixels; raises NotReadable: NO_SUCH_PAGE, BROKEN_PAGE, or
        NOT_PAGES of a form whose pages Adobe's program alone makes.
        """
        document = self._opened()
        if not 1 <= page <= len(document):
            raise NotReadable(PageError.NO_SUCH_PAGE)
        if self._sheet is not None:
            self._sheet.close()
        self._index = page - 1
        self._sheet = document[self._index]
        return _image_of(self._sheet, width)

    def text(self) -> PageText:
        """Return the text that the page drawn last shows, with that of its form fields and annotations.

        Asked once, after the last drawing of the page: its annotations are then part of it.
        """
        return self._read(self._sheet) if self._sheet is not None else PageText()

    def _read(self, sheet: pypdfium2.PdfPage) -> PageText:
        """Nothing when it cannot be told: the picture is worth more than its words."""
        try:
            hide_icons(sheet)
            seen = draw_as_seen(sheet) if has_texts_of_its_own(sheet) else None
            fields = None
            if seen is not None:
                fields = fields_of(sheet, field_rectangles(sheet))
                flatten(sheet)
                sheet.close()
                self._sheet = sheet = self._opened()[self._index]
            return visible_text(sheet, seen, fields)
        except (pypdfium2.PdfiumError, UnicodeError, ValueError):
            return PageText()

    def size(self, page: int) -> tuple[int, int]:
        """Return the width and the height of a page (from 1) at 100 %, in CSS pixels: 96 for an inch."""
        across, down = self._opened().get_page_size(page - 1)
        return _css_pixels(across), _css_pixels(down)

    @property
    def attached(self) -> int:
        """Return how many files the PDF carries; 0 before a page is drawn."""
        return 0 if self._document is None else int(self._document.count_attachments())

    def _opened(self) -> pypdfium2.PdfDocument:
        if self._document is None:
            self._content.seek(0)
            self._document = pypdfium2.PdfDocument(self._content)
            if is_dynamic_form(self._document):  # accepted before such forms were refused
                raise NotReadable(PageError.NOT_PAGES)
            self._document.init_forms()
        return self._document


def scale_of(across: float, down: float, width: int) -> float:
    """Return how many pixels a unit of the page takes: the width asked for, less if the page image would
    hold too much.
    """
    scale: float = min((width - 0.01) / across, MAX_SIDE / down, ((MAX_PIXELS - MAX_SIDE) / (across * down)) ** 0.5)
    return scale


def _css_pixels(points: float) -> int:
    return min(max(round(points * 96 / 72), 1), MAX_SIDE)


def prepare() -> None:
    """Load what drawing and reading need, by one small drawing."""
    codecs.lookup("utf-16-le")  # in which PDFium tells a text
    substitute_fonts.install()
    document = pypdfium2.PdfDocument.new()
    document.new_page(10, 10)
    saved = io.BytesIO()
    document.save(saved)
    renderer = PdfRenderer(saved)
    renderer.draw(1, 10)
    renderer.text()


def _image_of(sheet: pypdfium2.PdfPage, width: int) -> Image.Image:
    across, down = sheet.get_size()
    if across <= 0 or down <= 0:
        raise NotReadable(PageError.BROKEN_PAGE)
    bitmap = sheet.render(scale=scale_of(across, down, width), may_draw_forms=True, rev_byteorder=True)
    image: Image.Image = bitmap.to_pil()
    return image
