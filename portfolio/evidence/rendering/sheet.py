"""A page of a PDF, with what was typed in its form fields."""

from __future__ import annotations

import io
from typing import BinaryIO

import pypdfium2
from PIL import Image

from portfolio.evidence.rendering.codes import MAX_PIXELS, MAX_SIDE, NotReadable, PageFault


def draw_sheet(content: BinaryIO, page: int, width: int) -> Image.Image:
    """Answer one page (from 1) of a PDF, this wide in pixels; raises NotReadable: NO_SUCH_PAGE, BROKEN_PAGE."""
    content.seek(0)
    document = pypdfium2.PdfDocument(content)  # type: ignore[no-untyped-call]
    if not 1 <= page <= len(document):
        raise NotReadable(PageFault.NO_SUCH_PAGE)
    document.init_forms()  # type: ignore[no-untyped-call]
    sheet = document[page - 1]
    across, down = sheet.get_size()
    if across <= 0 or down <= 0:
        raise NotReadable(PageFault.BROKEN_PAGE)
    bitmap = sheet.render(scale=scale_of(across, down, width), may_draw_forms=True, rev_byteorder=True)
    image: Image.Image = bitmap.to_pil()
    return image


def scale_of(across: float, down: float, width: int) -> float:
    """Answer how many pixels a unit of the page takes: the width asked for, less if the page image would hold too much."""
    scale: float = min((width - 0.01) / across, MAX_SIDE / down, ((MAX_PIXELS - MAX_SIDE) / (across * down)) ** 0.5)
    return scale


def prepare() -> None:
    """Load what drawing needs, by one small drawing."""
    document = pypdfium2.PdfDocument.new()  # type: ignore[no-untyped-call]
    document.new_page(10, 10)
    saved = io.BytesIO()
    document.save(saved)
    draw_sheet(saved, 1, 10)
