"""Write a PDF of pictures, one a page, each with its words laid invisibly over it so that they are found and
copied.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO

from portfolio.domain.evidence.rules.rendition import PAGE_UNITS, Box

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
        """The words of the page, in their order."""
        return " ".join(word for word, _ in self.words)


class _Writer:
    """The objects of a PDF, written one after the other."""

    def __init__(self, out: BinaryIO) -> None:
        self._out, self._places, self._at = out, dict[int, int](), 0
        self.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")

    def write(self, content: bytes) -> None:
        self._out.write(content)
        self._at += len(content)

    def object(self, number: int, head: str, stream: bytes | None = None) -> None:
        """Write an object; with a stream, its dictionary gets the length of it."""
        self._places[number] = self._at
        if stream is None:
            self.write(f"{number} 0 obj\n<<{head}>>\nendobj\n".encode("ascii"))
            return
        self.write(f"{number} 0 obj\n<<{head}/Length {len(stream)}>>\nstream\n".encode("ascii"))
        self.write(stream)
        self.write(b"\nendstream\nendobj\n")

    def end(self, root: int) -> None:
        """Write where each object is."""
        start, count = self._at, max(self._places) + 1
        self.write(f"xref\n0 {count}\n0000000000 65535 f \n".encode("ascii"))
        for number in range(1, count):
            self.write(f"{self._places[number]:010d} 00000 n \n".encode("ascii"))
        self.write(f"trailer\n<</Size {count}/Root {root} 0 R>>\nstartxref\n{start}\n%%EOF\n".encode("ascii"))


def write_pdf(out: BinaryIO, pages: Iterable[FlatPage]) -> int:
    """Write the pages, and return how many there were."""
    writer, kids, number = _Writer(out), list[int](), 4
    writer.object(3, "/Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding")
    for page in pages:
        high = max(1, round(PAGE_WIDTH * page.height / page.width))
        image, content, sheet = number, number + 1, number + 2
        size = f"/Width {page.width}/Height {page.height}/ColorSpace/DeviceRGB/BitsPerComponent 8"
        writer.object(image, f"/Type/XObject/Subtype/Image{size}/Filter/DCTDecode", page.picture)
        writer.object(content, "", _content(page, high))
        resources = f"/Resources<</XObject<</P {image} 0 R>>/Font<</F 3 0 R>>>>"
        writer.object(
            sheet,
            f"/Type/Page/Parent 2 0 R/MediaBox[0 0 {PAGE_WIDTH} {high}]{resources}/Contents {content} 0 R",
        )
        kids.append(sheet)
        number += 3
    listed = " ".join(f"{kid} 0 R" for kid in kids)
    writer.object(2, f"/Type/Pages/Count {len(kids)}/Kids[{listed}]")
    writer.object(1, "/Type/Catalog/Pages 2 0 R")
    writer.end(1)
    return len(kids)


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
