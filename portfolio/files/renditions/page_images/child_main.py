"""The limited child: draws pages of the file it was given as standard input; for each, a line of JSON, its images, its text."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from typing import BinaryIO

from PIL import Image

from portfolio.domain.evidence.rules.rendition import DRAWN_AHEAD, PageError, PageSize
from portfolio.files.file_types.types import FileType
from portfolio.files.renditions.page_images import pdf
from portfolio.files.renditions.page_images.image import ImageRenderer, bounded, encoded
from portfolio.files.renditions.page_images.limits import MAX_TEXT, NotReadable
from portfolio.files.renditions.page_images.visible_text import PageText
from portfolio.files.sandbox.limits import READY, apply_limits

# Pages are waited for, but never by the people who use the machine meanwhile.
_NICENESS = 5

# How a page of a file is drawn, at most this wide, and the text that it shows.
Drawer = Callable[[int, int], tuple[Image.Image, PageText]]


def main() -> None:
    """Load everything, give up everything, say so, then draw; arguments: CPU seconds, kind, first page, last page, widths."""
    kind, first, last = FileType(sys.argv[4]), int(sys.argv[5]), int(sys.argv[6])
    sizes = [PageSize(name) for name in sys.argv[7].split(",")]
    painter, wanted = ImageRenderer(), set[str]()
    pdf.prepare()
    os.nice(_NICENESS)
    apply_limits(cpu_seconds=int(sys.argv[3]))
    # A module asked for from now on cannot be read: without it, a sound page may look broken.
    sys.addaudithook(lambda event, args: wanted.add(str(args[0])) if event == "import" else None)
    os.write(1, READY)
    with open(0, "rb", closefd=False) as content:
        sheets = pdf.PdfRenderer(content) if kind is FileType.PDF else None
        draw = sheets.draw if sheets is not None else _drawer(painter, content, kind)
        for page in range(first, last + 1):
            answer, parts = _drawn(draw, page, sizes)
            if sheets is not None and "sizes" in answer:
                answer["attached"] = sheets.attached
                answer["width"], answer["height"] = sheets.size(page)
            if wanted and answer.get("fault") == PageError.BROKEN_PAGE:
                answer = {"page": page, "fault": PageError.NOT_DRAWN, "error": f"want of {sorted(wanted)}"}
            _say(json.dumps(answer).encode() + b"\n" + b"".join(parts))
    os._exit(0)  # nothing that a hostile file left behind is tidied up, only dropped


def _drawer(painter: ImageRenderer, content: BinaryIO, kind: FileType) -> Drawer:
    return lambda page, width: (painter.draw(content, kind, page, width), PageText())


def _drawn(draw: Drawer, page: int, sizes: Sequence[PageSize]) -> tuple[dict[str, object], list[bytes]]:
    try:
        image, text = draw(page, max(size.width for size in sizes))
        parts = [encoded(bounded(image, size.width)) for size in sizes]
        words = text.text[:MAX_TEXT].encode("utf-8", "ignore")
        answer: dict[str, object] = {"page": page, "sizes": [len(part) for part in parts], "text": len(words)}
        answer |= {"hidden": text.hidden, "boxes": len(text.word_boxes)}
        answer["width"], answer["height"] = bounded(image, DRAWN_AHEAD[-1].width).size
        return answer, [*parts, words, text.word_boxes]
    except NotReadable as fault:
        return {"page": page, "fault": fault.code}, []
    except (MemoryError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return {"page": page, "fault": PageError.TOO_HEAVY}, []
    except Exception as error:  # no file may break the drawing: the page is told to be broken, and the log how
        return {"page": page, "fault": PageError.BROKEN_PAGE, "error": type(error).__name__}, []


def _say(answer: bytes) -> None:
    while answer:
        answer = answer[os.write(1, answer) :]
