"""A document as a list of blocks: what readers make of a file, and what the Typst template prints."""

import base64
import binascii
import io
import re
import unicodedata
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_to_bytes

from PIL import Image, ImageOps

# Characters of one document, all together, and its blocks: far more than 500 pages hold.
MAX_CHARACTERS = 3_000_000
MAX_BLOCKS = 60_000
MAX_IMAGES = 300
BOLD, ITALIC, STRIKE, CODE, SUBSCRIPT, SUPERSCRIPT = "b", "i", "s", "c", "d", "u"


@dataclass(frozen=True, slots=True)
class Run:
    """Some text in one style; `style` is a set of letters."""

    text: str
    style: str = ""


Runs = Sequence[Run]


@dataclass(slots=True)
class Document:
    """Blocks in reading order, the pictures they show, the files that they carry, and what was left out."""

    blocks: list[dict[str, Any]] = field(default_factory=list)
    images: list[tuple[str, bytes]] = field(default_factory=list)
    language: str = "fr"
    characters: int = 0
    is_cut: bool = False
    # Of a table that is cut: how many rows are shown, and how many there are.
    rows: tuple[int, int] | None = None
    # Of a workbook: the name of each sheet, its last row and its last column.
    sheets: list[tuple[str, int, int]] = field(default_factory=list)
    landscape: bool = False

    def heading(self, level: int, runs: Runs | str) -> None:
        """Add a heading, of level 1 to 6."""
        self._add("heading", runs, level=level)

    def paragraph(self, runs: Runs | str, *, indent: int = 0, quote: bool = False) -> None:
        """Add a paragraph."""
        self._add("paragraph", runs, indent=indent, quote=quote)

    def item(self, runs: Runs | str, *, depth: int = 0, marker: str = "•") -> None:
        """Add an item of a list."""
        self._add("item", runs, depth=depth, marker=marker)

    def code(self, text: str) -> None:
        """Add text in a fixed width, whose line ends count."""
        self._add("code", [Run(text)])

    def rule(self) -> None:
        """Add a line across the page."""
        self._append({"type": "rule"})

    def page_break(self) -> None:
        """Begin a new page."""
        self._append({"type": "break"})

    def facts(self, rows: Iterable[tuple[str, str]]) -> None:
        """Add names with their values, such as the header of a message."""
        pairs = [[clean(name), clean(value)] for name, value in rows if value.strip()]
        self.characters += sum(len(value) for _, value in pairs)
        if pairs:
            self._append({"type": "facts", "rows": pairs})

    def table(self, rows: Sequence[Sequence[Runs]], widths: Sequence[float], *, header: bool) -> None:
        """Add a table; `widths` are shares of the line."""
        cells = [
            [self._taken(cell, longest=int(width)) for cell, width in zip(row, widths, strict=True)] for row in rows
        ]
        self._append({"type": "table", "rows": cells, "widths": list(widths), "header": header})

    def image(self, name: str, *, full_page: bool = False) -> None:
        """Add a picture among `images`."""
        self._append({"type": "image", "name": name, "full": full_page})

    def _add(self, kind: str, runs: Runs | str, **more: Any) -> None:
        taken = self._taken([Run(runs)] if isinstance(runs, str) else runs)
        if any(run["text"].strip() for run in taken):
            self._append({"type": kind, "runs": taken} | more)

    def _taken(self, runs: Runs, longest: int = 60) -> list[dict[str, str]]:
        taken = []
        for run in runs:
            if self.characters >= MAX_CHARACTERS:
                self.is_cut = True
                break
            text = clean(run.text)[: MAX_CHARACTERS - self.characters]
            self.characters += len(text)
            taken.append({"text": breakable(text, longest), "style": run.style})
        return taken

    def _append(self, block: dict[str, Any]) -> None:
        if len(self.blocks) >= MAX_BLOCKS:
            self.is_cut = True
        else:
            self.blocks.append(block)


def clean(text: str) -> str:
    """Return the text without what a page cannot show: controls, half characters, marks that turn the reading
    direction.
    """
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(
        character
        for character in composed
        if character in "\n\t" or unicodedata.category(character) not in _HIDDEN or character in _JOINERS
    )


def breakable(text: str, longest: int) -> str:
    """Return the text with a place to break inside words too long for their line: addresses, keys."""
    return re.sub(rf"\S{{{longest}}}(?=\S)", lambda found: found[0] + _BREAK, text) if len(text) > longest else text


_BREAK = "\u200b"
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn"}
_JOINERS = {"\u00ad", "\u200b", "\u200c", "\u200d"}

_FORMATS = ["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF"]
_WIDTH = 1600
_MAX_PIXELS = 40_000_000
_MAX_BYTES = 30_000_000
# What an SVG names elsewhere than in itself: Typst would draw nothing at all for want of it.
_OUTSIDE = re.compile(rb"""\s(?:xlink:)?href\s*=\s*(["'])(?!\s*(?:data:|#))[^"']*\1""", re.IGNORECASE)
# Pictures that tell a sender that a message is read, and that nobody is meant to see.
_SMALLEST = 3


def add_picture(document: Document, content: bytes) -> str:
    """Add a picture to the files of a document and return its name; nothing when it cannot be opened."""
    if not content or len(content) > _MAX_BYTES or len(document.images) >= MAX_IMAGES:
        return ""
    made = _as_png(content)
    if not made:
        return ""
    name = f"picture-{len(document.images) + 1}.{made[0]}"
    document.images.append((name, made[1]))
    return name


def add_drawing(document: Document, content: bytes) -> str:
    """Add an SVG to the files of a document and return its name: Typst draws it without running or fetching
    anything, and without the pictures that it does not hold itself.
    """
    name = f"drawing-{len(document.images) + 1}.svg"
    document.images.append((name, _OUTSIDE.sub(b" ", content)))
    return name


def cached(document: Document, load: Callable[[str], bytes]) -> Callable[[str], str]:
    """Return what finds the picture of an address: written in the address itself, or loaded from the
    file; each once.
    """
    known: dict[str, str] = {}

    def find(address: str) -> str:
        if address not in known:
            content = _inline(address) if address.startswith("data:") else load(address)
            known[address] = add_picture(document, content) if content else ""
        return known[address]

    return find


def _inline(address: str) -> bytes:
    head, _, data = address.partition(",")
    try:
        return base64.b64decode(unquote_to_bytes(data)) if head.endswith(";base64") else unquote_to_bytes(data)
    except (binascii.Error, ValueError):
        return b""


def _as_png(content: bytes) -> tuple[str, bytes] | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
                if image.width * image.height > _MAX_PIXELS or min(image.size) < _SMALLEST:
                    return None
                image.load()
                return _saved(ImageOps.exif_transpose(image))
    except Exception:
        return None


def _saved(image: Image.Image) -> tuple[str, bytes]:
    image.thumbnail((_WIDTH, 4 * _WIDTH))
    out = io.BytesIO()
    if image.mode in ("RGB", "L", "CMYK"):
        image.convert("RGB").save(out, "JPEG", quality=88)
        return "jpg", out.getvalue()
    image.convert("RGBA").save(out, "PNG")
    return "png", out.getvalue()
