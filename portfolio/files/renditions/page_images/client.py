"""Ask a limited child process to draw pages; this process never reads what is inside the file."""

import json
import logging
import unicodedata
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, BinaryIO

from portfolio.domain.dossier.rules.rendition import DRAWN_AHEAD, PageError, PageSize
from portfolio.files.file_types.types import FileType
from portfolio.files.renditions.page_images.navigation import MAX_SIDE, MAX_TEXT, NotReadable
from portfolio.files.sandbox.fork_server import ForkServer
from portfolio.files.sandbox.process import ChildOutput, as_file_descriptor

_log = logging.getLogger(__name__)

_MAIN = "portfolio.files.renditions.page_images.child_main"
# The pages that somebody waits for never wait for the children of a batch, nor have their low priority.
_awaited, _batch = ForkServer(_MAIN), ForkServer(_MAIN)
# Of processor: for a page alone, and for each one that follows in the same child.
_SECONDS, _MORE_SECONDS = 15, 3
# A photograph two thousand pixels wide takes one or two million bytes.
_MAX_IMAGE_BYTES = 16_000_000
_MAX_HEADER_BYTES = 400
# More words than a page holds.
MAX_BOXES = 40_000
# What PDFium says of a hyphen at the end of a line, whose word goes on, and of what it cannot name.
_INVISIBLE = {"\x02": "", "\ufffe": "", "\uffff": "", "\u00ad": ""}


@dataclass(frozen=True)
class RenderedPage:
    """One page as it came out: its images as WebP, the text it shows, how much it hides, or why there is none."""

    page: int
    images: Mapping[PageSize, bytes] = field(default_factory=dict)
    text: str = ""
    hidden: int = 0
    fault: PageError | None = None
    # Its size at 100 %, in CSS pixels; where each word of its text is (`rules.page_text`).
    width: int = 0
    height: int = 0
    word_boxes: bytes = b""
    # How many files the PDF of the page carries.
    attached: int = 0
    # False of the image that somebody waits for: the same page comes again, with its other images and its
    # text.
    is_text_read: bool = True
    # Seconds of processor since the page was begun, as the child says.
    cpu_seconds: float = 0.0


def start_ahead() -> None:
    """Have a process ready to draw before the first page is waited for."""
    _awaited.start()


def render_pages(
    content: BinaryIO,
    kind: FileType,
    first: int,
    last: int,
    sizes: Sequence[PageSize] = DRAWN_AHEAD,
    *,
    awaited: PageSize | None = None,
) -> Generator[RenderedPage, None, None]:
    """Answer pages (from 1) of a kept file, each as soon as it is drawn; whatever is inside the file, nothing
    else happens.

    Where somebody waits for a width, each page comes twice: with that image, as soon as it is there and
    before its text is read, then with the others and its text.

    Fewer pages than asked for come out when the child was stopped by its limits: only a page that it had to
    itself is said TOO_HEAVY. Raises NotReadable(NOT_DRAWN) when the child could not run, or had no time to on
    a busy machine, which is our fault and is logged.
    """
    seconds = _SECONDS + _MORE_SECONDS * (last - first)
    steps = [[awaited], [size for size in sizes if size is not awaited]] if awaited else [list(sizes)]
    server = _awaited if awaited else _batch
    with (
        as_file_descriptor(content) as file,
        server.output(file, seconds, kind.value, str(first), str(last), *map(",".join, steps)) as answer,
    ):
        if not answer.ready:
            raise NotReadable(PageError.NOT_DRAWN)
        for page in range(first, last + 1):
            for step in steps:
                painted = _understood(answer, page, step)
                if painted is None:
                    if answer.is_late:
                        _log.warning("a page was not drawn in time")
                        raise NotReadable(PageError.NOT_DRAWN)
                    if page == first:
                        yield RenderedPage(page, fault=PageError.TOO_HEAVY)
                    return
                yield replace(painted, is_text_read=painted.fault is not None or step is steps[-1])
                if painted.fault is not None:
                    break


def _understood(answer: ChildOutput, page: int, wanted: Sequence[PageSize]) -> RenderedPage | None:
    """One page of what the child says; None when it says no more, or what is no page of ours.

    A child that a file took over may say anything: what it says is images of ours, or nothing. Raises
    NotReadable(NOT_DRAWN).
    """
    try:
        header = json.loads(answer.line(_MAX_HEADER_BYTES) or b"null")
        if header["page"] != page:
            return None
        if "error" in header:
            _log.warning("a page was not drawn because its opening met %s", str(header["error"])[:200])
        if "fault" in header:
            return _faulty(page, PageError(header["fault"]))
        return _whole(answer, page, header, wanted)
    except (ValueError, LookupError, TypeError):
        return None


def _faulty(page: int, fault: PageError) -> RenderedPage:
    if fault is PageError.NOT_DRAWN:
        raise NotReadable(fault)
    return RenderedPage(page, fault=fault)


def _whole(answer: ChildOutput, page: int, header: Any, wanted: Sequence[PageSize]) -> RenderedPage | None:
    sizes = [int(length) for length in header["sizes"]]
    if (
        len(sizes) != len(wanted)
        or not all(0 < siz <= _MAX_IMAGE_BYTES for siz in sizes)
        or not 0 <= header["text"] <= 4 * MAX_TEXT
        or not 0 <= header.get("boxes", 0) <= 8 * MAX_BOXES
    ):
        return None
    images = [answer.bytes(siz) for siz in sizes]
    words, boxes = answer.bytes(header["text"]), answer.bytes(header.get("boxes", 0))
    if (
        words is None
        or boxes is None
        or not all(image and image[:4] == b"RIFF" and image[8:12] == b"WEBP" for image in images)
    ):
        return None
    images_by_size = {size: image for size, image in zip(wanted, images, strict=True) if image}
    words_shown = readable(words.decode("utf-8", "ignore"))
    across, down = (min(max(int(header.get(side, 0)), 0), MAX_SIDE) for side in ("width", "height"))
    return RenderedPage(
        *(page, images_by_size, words_shown, int(header["hidden"])),
        width=across,
        height=down,
        word_boxes=_boxes_of(words_shown, boxes),
        attached=int(header.get("attached", 0)),
        cpu_seconds=float(header.get("cpu", 0)),
    )


def _boxes_of(text: str, boxes: bytes) -> bytes:
    """Return the boxes when there is one for each word; of a text that was cut, those of its words; else none."""
    size = 8 * len(text.split())
    is_cut = len(text) >= MAX_TEXT - 1
    return boxes[:size] if len(boxes) == size or (is_cut and len(boxes) > size) else b""


def readable(text: str) -> str:
    """Return the text of a page as it may be shown: its lines, without what controls a terminal or hides."""
    for sign, replacement in _INVISIBLE.items():
        text = text.replace(sign, replacement)
    lines = (
        "".join(character for character in line if unicodedata.category(character)[0] != "C" or character == "\t")
        for line in text.splitlines()
    )
    text_kept = "\n".join(line.rstrip() for line in lines)[:MAX_TEXT]
    return text_kept.strip()
