"""The limited child: draws pages of the file that it receives; for each, a line of JSON, its images, its text.

A page that somebody waits for is told in two steps: the image that is waited for, then the other widths and the text.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO

from PIL import Image

from portfolio.domain.dossier.rules.rendition import DRAWN_AHEAD, PageError, PageSize
from portfolio.files.file_types.types import FileType
from portfolio.files.renditions.page_images import pdf
from portfolio.files.renditions.page_images.image import ImageRenderer, bounded, encoded
from portfolio.files.renditions.page_images.navigation import MAX_TEXT, NotReadable
from portfolio.files.renditions.page_images.visible_text import PageText
from portfolio.files.sandbox.fork_server import receive_file
from portfolio.files.sandbox.walls import READY, set_rlimits

# What nobody waits for is never waited for by the people who use the machine meanwhile.
_NICENESS = 5

# How a page of a file is drawn, at most this wide, and how the text that it shows is read.
Drawer = Callable[[int, int], tuple[Image.Image, Callable[[], PageText]]]
Steps = Sequence[Sequence[PageSize]]
Answer = tuple[dict[str, object], list[bytes]]


def main() -> None:
    """Load everything; then, in the child that receives a file, give up everything, say so, and draw.

    The child receives: CPU seconds, kind, first page, last page, the widths of each step.
    """
    painter, wanted = ImageRenderer(), set[str]()
    pdf.prepare()
    seconds, named, first, last, *told = receive_file(forks=bool(int(sys.argv[3])), rehearse=pdf.prepare)
    kind = FileType(str(named))
    steps = [[PageSize(name) for name in str(step).split(",") if name] for step in told]
    set_rlimits(cpu_seconds=int(seconds))
    # A module asked for from now on cannot be read: without it, a sound page may look broken.
    sys.addaudithook(lambda event, args: wanted.add(str(args[0])) if event == "import" else None)
    if len(steps) == 1:
        os.nice(_NICENESS)
    os.write(1, READY)
    with open(0, "rb", closefd=False) as content:
        sheets = pdf.PdfRenderer(content) if kind is FileType.PDF else None
        draw = _drawer(painter, content, kind) if sheets is None else _pdf_drawer(sheets)
        for page in range(int(first), int(last) + 1):
            for answer, parts in _answers(draw, page, steps):
                if sheets is not None and "sizes" in answer:
                    answer["attached"] = sheets.attached
                    answer["width"], answer["height"] = sheets.size(page)
                if wanted and answer.get("fault") == PageError.BROKEN_PAGE:
                    answer = {"page": page, "fault": PageError.NOT_DRAWN, "error": f"want of {sorted(wanted)}"}
                _say(json.dumps(answer).encode() + b"\n" + b"".join(parts))
    os.close(1)  # the answer is whole: nobody waits for the memory to be given back
    os._exit(0)  # nothing that a hostile file left behind is tidied up, only dropped


def _drawer(painter: ImageRenderer, content: BinaryIO, kind: FileType) -> Drawer:
    return lambda page, width: (painter.draw(content, kind, page, width), PageText)


def _pdf_drawer(sheets: pdf.PdfRenderer) -> Drawer:
    return lambda page, width: (sheets.draw(page, width), sheets.text)


def _answers(draw: Drawer, page: int, steps: Steps) -> Iterator[Answer]:
    """Yield what is said of a page at each step; a fault is the last answer."""
    try:
        began = time.process_time()
        image, read_text = draw(page, max(size.width for step in steps for size in step))
        size = bounded(image, DRAWN_AHEAD[-1].width).size
        for step in steps:
            parts = [encoded(bounded(image, page_size.width)) for page_size in step]
            text = read_text() if step is steps[-1] else PageText()
            answer, words = _told(page, parts, text)
            answer["width"], answer["height"] = size
            answer["cpu"] = round(time.process_time() - began, 4)
            yield answer, [*parts, *words]
    except NotReadable as fault:
        yield {"page": page, "fault": fault.code}, []
    except (MemoryError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        yield {"page": page, "fault": PageError.TOO_HEAVY}, []
    except Exception as error:  # no file may break the drawing: the page is told to be broken, and the log how
        yield {"page": page, "fault": PageError.BROKEN_PAGE, "error": type(error).__name__}, []


def _told(page: int, parts: Sequence[bytes], text: PageText) -> Answer:
    words = text.text[:MAX_TEXT].encode("utf-8", "ignore")
    answer: dict[str, object] = {"page": page, "sizes": [len(part) for part in parts], "text": len(words)}
    answer |= {"hidden": text.hidden, "boxes": len(text.word_boxes)}
    return answer, [words, text.word_boxes]


def _say(answer: bytes) -> None:
    while answer:
        answer = answer[os.write(1, answer) :]
