"""The limited child: draws each page of a file with its masks painted over; for each, a line of JSON and a JPEG."""

import io
import json
import os
import sys
from collections.abc import Sequence

from PIL import Image, ImageDraw

from portfolio.domain.dossier.rules.anchors import Mask, kept_words, masks_from_json
from portfolio.domain.dossier.rules.rendition import Box, PageError
from portfolio.files.file_types.types import FileType
from portfolio.files.renditions.page_images import pdf
from portfolio.files.renditions.page_images.image import ImageRenderer, bounded
from portfolio.files.renditions.page_images.navigation import NotReadable
from portfolio.files.renditions.page_images.visible_text import PageText
from portfolio.files.sandbox.walls import READY, apply_limits

# As wide as the largest page image: small print stays sharp.
WIDTH = 1800
QUALITY = 80
MAX_WORDS = 6000


def main() -> None:
    """Load everything, give up everything, say so, then draw; arguments: CPU seconds, kind, last page, masks."""
    kind, last, masks = FileType(sys.argv[4]), int(sys.argv[5]), masks_from_json(sys.argv[6])
    images = ImageRenderer()
    pdf.prepare()
    _encoded(Image.new("RGB", (1, 1)))
    apply_limits(cpu_seconds=int(sys.argv[3]))
    os.write(1, READY)
    with open(0, "rb", closefd=False) as content:
        document = pdf.PdfRenderer(content) if kind is FileType.PDF else None
        for page in range(1, last + 1):
            over = masks.get(page, ())
            try:
                if document is not None:
                    image = document.draw(page, WIDTH)
                    text = document.text()
                else:
                    image, text = images.draw(content, kind, page, WIDTH), PageText()
                _say(page, painted_over(bounded(image, WIDTH), over), kept_words(text.text, text.word_boxes, over))
            except NotReadable as fault:
                _refuse(page, fault.code)
            except (MemoryError, Image.DecompressionBombError, Image.DecompressionBombWarning):
                _refuse(page, PageError.TOO_HEAVY)
            except Exception:  # no file may break the drawing: the copy is refused
                _refuse(page, PageError.BROKEN_PAGE)
    os._exit(0)


def painted_over(image: Image.Image, masks: Sequence[Mask]) -> Image.Image:
    """Return the picture with its masks painted over in black."""
    flat = image.convert("RGB")
    drawing = ImageDraw.Draw(flat)
    for mask in masks:
        left, top, right, bottom = mask.pixels(*flat.size)
        drawing.rectangle((left, top, right, bottom), fill="black")
    return flat


def _encoded(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def _say(page: int, image: Image.Image, words: Sequence[tuple[str, Box]]) -> None:
    picture = _encoded(image)
    kept = [[word, *box] for word, box in words[:MAX_WORDS]]
    text = json.dumps(kept).encode()
    head = {"page": page, "width": image.width, "height": image.height, "picture": len(picture), "words": len(text)}
    _write(json.dumps(head).encode() + b"\n" + picture + text)


def _refuse(page: int, fault: PageError) -> None:
    _write(json.dumps({"page": page, "fault": fault}).encode() + b"\n")


def _write(answer: bytes) -> None:
    while answer:
        answer = answer[os.write(1, answer) :]
