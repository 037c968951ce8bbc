"""Make a flattened copy of a file; this process never reads what is inside the file.

Write a PDF of pictures, one a page, each with its words laid invisibly over it so that they are found and copied.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

import pikepdf
from pikepdf import Dictionary, Name

from portfolio.domain.dossier.rules.anchors import MasksByPage, masks_to_json
from portfolio.domain.dossier.rules.rendition import PAGE_UNITS, Box, PageError
from portfolio.files.file_types.types import FileType
from portfolio.files.renditions.page_images.navigation import NotReadable
from portfolio.files.sandbox.process import ChildOutput, as_file_descriptor, sandboxed_output

# The width of a page in points: that of a sheet of A4.
PAGE_WIDTH = 595
# A word is stretched to its width, as if each of its letters took this share of its height.
_LETTER = 0.5


@dataclass(frozen=True, slots=True)
class FlatPage:
    """A page: a JPEG, its size in pixels, and the words that it shows."""

    picture: bytes
    width: int
    height: int
    words: tuple[tuple[str, Box], ...] = ()

    @property
    def text(self) -> str:
        """Return the words of the page, in their order."""
        return " ".join(word for word, _ in self.words)


def write_pdf(out: BinaryIO, pages: Iterable[FlatPage]) -> int:
    """Write the pages, and return how many there were."""
    with pikepdf.new() as document:
        font = document.make_indirect(
            Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding)
        )
        for page in pages:
            high = max(1, round(PAGE_WIDTH * page.height / page.width))
            picture = document.make_stream(
                page.picture,
                Type=Name.XObject,
                Subtype=Name.Image,
                Width=page.width,
                Height=page.height,
                ColorSpace=Name.DeviceRGB,
                BitsPerComponent=8,
                Filter=Name.DCTDecode,
            )
            sheet = document.add_blank_page(page_size=(PAGE_WIDTH, high))
            sheet.obj.Resources = Dictionary(XObject=Dictionary(P=picture), Font=Dictionary(F=font))
            sheet.obj.Contents = document.make_stream(_content(page, high))
        document.save(out, deterministic_id=True)
        return len(document.pages)


def _content(page: FlatPage, high: int) -> bytes:
    picture = f"q {PAGE_WIDTH} 0 0 {high} 0 0 cm /P Do Q"
    words = (_word(word, box, high) for word, box in page.words)
    return b"\n".join([picture.encode("ascii"), b"BT 3 Tr", *words, b"ET"])


def _word(word: str, box: Box, high: int) -> bytes:
    """Return the operators that lay a word where the picture shows it, one character after the other."""
    left, top, right, bottom = box
    height, base = max(bottom - top, 1) * high / PAGE_UNITS, high - bottom * high / PAGE_UNITS
    step = max(right - left, 1) * PAGE_WIDTH / PAGE_UNITS / len(word)
    stretch = min(1000.0, max(1.0, 100 * step / (height * _LETTER)))
    place = f"/F {height:.2f} Tf {stretch:.1f} Tz 1 0 0 1 {left * PAGE_WIDTH / PAGE_UNITS:.2f} {base:.2f} Tm "
    return place.encode("ascii") + b"(" + _escaped(word.encode("cp1252", "replace")) + b" ) Tj"


def _escaped(text: bytes) -> bytes:
    for sign in (b"\\", b"(", b")"):
        text = text.replace(sign, b"\\" + sign)
    return text.replace(b"\r", b" ").replace(b"\n", b" ")


_MAIN = "portfolio.files.renditions.flattening.child_main"
_SECONDS, _MORE_SECONDS = 15, 3
_MAX_HEADER_BYTES, _MAX_PICTURE_BYTES, _MAX_WORDS_BYTES = 400, 16_000_000, 2_000_000
_MAX_SIDE = 20_000
# Beyond, a person waits too long for the copy: the document is better sent in parts.
MAX_PAGES = 150


def flatten(content: BinaryIO, kind: FileType, pages: int, masks: MasksByPage, out: BinaryIO) -> dict[int, str]:
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
