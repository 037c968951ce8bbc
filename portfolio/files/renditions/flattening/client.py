"""Make a flattened copy of a file; this process never reads what is inside the file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

from portfolio.domain.evidence.rules.rendition import PAGE_UNITS, Box, PageError
from portfolio.files.file_types.types import FileType
from portfolio.files.renditions.flattening.masks import MasksByPage, masks_to_json
from portfolio.files.renditions.flattening.pdf_writer import FlatPage, write_pdf
from portfolio.files.renditions.page_images.limits import NotReadable
from portfolio.files.sandbox.output_reader import ChildOutput, sandboxed_output
from portfolio.files.sandbox.process import as_file_descriptor

_MAIN = "portfolio.files.renditions.flattening.child_main"
_SECONDS, _MORE_SECONDS = 15, 3
_MAX_HEADER_BYTES, _MAX_PICTURE_BYTES, _MAX_WORDS_BYTES = 400, 16_000_000, 2_000_000
_MAX_SIDE = 20_000
# Beyond, a person waits too long for the copy: the document is better sent in parts.
MAX_PAGES = 150


def flatten(
    content: BinaryIO, kind: FileType, pages: int, masks: MasksByPage, out: BinaryIO
) -> dict[int, str]:
    """Write a PDF of the pages with their masks painted over, and return the text that each page keeps.

    Raise NotReadable: a page cannot be drawn, so the copy would not be whole; or TOO_HEAVY, beyond MAX_PAGES.
    """
    if not 1 <= pages <= MAX_PAGES:
        raise NotReadable(PageError.TOO_HEAVY)
    seconds = _SECONDS + _MORE_SECONDS * pages
    arguments = (kind.value, str(pages), masks_to_json(masks))
    with as_file_descriptor(content) as file, sandboxed_output(_MAIN, file, seconds, *arguments) as answer:
        if not answer.ready:
            raise NotReadable(PageError.NOT_DRAWN)
        texts: dict[int, str] = {}
        write_pdf(out, _pages(answer, pages, texts))
    return texts


def join_pictures(pictures: Sequence[tuple[BinaryIO, FileType]], out: BinaryIO) -> None:
    """Write a PDF of these pictures, one a page, upright and without what their camera wrote.

    Raise NotReadable when one of them cannot be drawn.
    """
    if not 1 <= len(pictures) <= MAX_PAGES:
        raise NotReadable(PageError.TOO_HEAVY)
    write_pdf(out, (_drawn(content, kind) for content, kind in pictures))


def _drawn(content: BinaryIO, kind: FileType) -> FlatPage:
    content.seek(0)
    arguments = (kind.value, "1", masks_to_json({}))
    with as_file_descriptor(content) as file, sandboxed_output(_MAIN, file, _SECONDS, *arguments) as answer:
        if not answer.ready:
            raise NotReadable(PageError.NOT_DRAWN)
        return next(_pages(answer, 1, {}))


def _pages(answer: ChildOutput, count: int, texts: dict[int, str]) -> Iterator[FlatPage]:
    for number in range(1, count + 1):
        page = _page(answer, number)
        if page is None:
            raise NotReadable(PageError.NOT_DRAWN if answer.is_late else PageError.TOO_HEAVY)
        texts[number] = page.text
        yield page


def _page(answer: ChildOutput, number: int) -> FlatPage | None:
    try:
        head = json.loads(answer.line(_MAX_HEADER_BYTES) or b"null")
        if head["page"] != number:
            return None
        if "fault" in head:
            raise NotReadable(PageError(head["fault"]))
        sizes = [int(head[name]) for name in ("width", "height", "picture", "words")]
        width, height, picture, words = sizes
        if not (0 < width <= _MAX_SIDE and 0 < height <= _MAX_SIDE):
            return None
        if not (0 < picture <= _MAX_PICTURE_BYTES and 0 < words <= _MAX_WORDS_BYTES):
            return None
        image, text = answer.bytes(picture), answer.bytes(words)
        if image is None or text is None or image[:3] != b"\xff\xd8\xff":
            return None
        return FlatPage(image, width, height, tuple(_words(json.loads(text))))
    except (ValueError, LookupError, TypeError):
        return None


def _words(found: Any) -> Iterator[tuple[str, Box]]:
    for word, left, top, right, bottom in found:
        if word:
            yield str(word)[:200], (_on_page(left), _on_page(top), _on_page(right), _on_page(bottom))


def _on_page(side: Any) -> int:
    return min(max(int(side), 0), PAGE_UNITS)
