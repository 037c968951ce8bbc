"""The font that PDFium draws Chinese, Japanese and Korean with when a PDF does not hold its own.

A child opens no file once it has one of somebody: the font is mapped into its memory before.
"""

import ctypes
import mmap
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pypdfium2 import raw

# The functions of PDFium, which have no types.
pdfium: Any = raw
# The sets of characters of Windows that the font draws: Shift JIS, Hangul, GB 2312, Big5.
_DRAWN = frozenset({128, 129, 134, 136})
_NAME = b"NotoSansCJKjp-Regular\0"
_FONT, _WHOLE_FILE = 1, 0
_kept: list[Any] = []  # what PDFium goes on using


def _font_file() -> Path:
    """Return the file of the wheel, none of whose code is run; raises OSError without it."""
    spec = find_spec("noto_cjk_sans_jp_regular")
    if spec is None or spec.origin is None:
        raise OSError("fonts not installed")
    return next(Path(spec.origin).parent.glob("*.otf"))


def install() -> None:
    """Give the font to PDFium, once for the process."""
    if _kept:
        return
    with open(_font_file(), "rb") as file:
        content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def map_font(_info: Any, _weight: Any, _italic: Any, charset: int, *_: Any) -> int | None:
        return _FONT if charset in _DRAWN else None

    def data(_info: Any, _font: Any, table: int, buffer: Any, size: int) -> int:
        if table != _WHOLE_FILE:
            return 0
        if buffer and size >= len(content):
            ctypes.memmove(buffer, content[:], len(content))
        return len(content)

    def name(_info: Any, _font: Any, buffer: Any, size: int) -> int:
        if buffer and size >= len(_NAME):
            ctypes.memmove(buffer, _NAME, len(_NAME))
        return len(_NAME)

    does = {
        "MapFont": map_font,
        "GetFontData": data,
        "GetFaceName": name,
        "GetFontCharset": lambda *_: max(_DRAWN),
        "EnumFonts": lambda *_: None,
        "GetFont": lambda *_: None,
        "Release": lambda *_: None,
        "DeleteFont": lambda *_: None,
    }
    told = pdfium.FPDF_SYSFONTINFO(version=1)
    for field, kind in pdfium.FPDF_SYSFONTINFO._fields_:
        if field in does:
            setattr(told, field, kind(does[field]))
    _kept.extend((told, content))
    pdfium.FPDF_SetSystemFontInfo(told)
