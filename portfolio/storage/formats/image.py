"""An image: of a fixed list of formats, of a bearable size, and whole once decoded."""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping
from typing import BinaryIO

# All are loaded at once: the process can open no file, modules included, when it has an image in hand.
from PIL import AvifImagePlugin, BmpImagePlugin, Image, MpoImagePlugin, TiffImagePlugin, WebPImagePlugin  # noqa: F401
from pillow_heif import register_heif_opener

from portfolio.storage.kinds import FileKind, RefusalCode, Refused, Sniffed

MAX_PIXELS = 40_000_000

_FORMATS: Mapping[str, tuple[str, FileKind]] = {
    "image/jpeg": ("JPEG", FileKind.JPEG),
    "image/png": ("PNG", FileKind.PNG),
    "image/apng": ("PNG", FileKind.PNG),
    "image/webp": ("WEBP", FileKind.WEBP),
    "image/gif": ("GIF", FileKind.GIF),
    "image/tiff": ("TIFF", FileKind.TIFF),
    "image/avif": ("AVIF", FileKind.AVIF),
    "image/bmp": ("BMP", FileKind.BMP),
    "image/x-ms-bmp": ("BMP", FileKind.BMP),
    "image/heic": ("HEIF", FileKind.HEIC),
    "image/heif": ("HEIF", FileKind.HEIC),
}

# What Pillow raises on broken files, as its own fuzzing tests list it.
_BROKEN = (OSError, RuntimeError, SyntaxError, ValueError, LookupError, TypeError, EOFError, ArithmeticError)


def prepare() -> None:
    """Load every decoder and bound it; to be called before the process gives up opening files."""
    register_heif_opener(thumbnails=False)
    Image.preinit()
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # each thread reserves address space, which is limited
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)


def sample() -> bytes:
    """Answer a very small photograph."""
    made = io.BytesIO()
    Image.new("RGB", (16, 16)).save(made, "JPEG")
    return made.getvalue()


def open_image(content: BinaryIO, mime: str) -> Sniffed:
    """Answer the image and, of a TIFF, its number of pages; raises Refused: OTHER_IMAGE, TOO_MANY_PIXELS, DAMAGED.

    The first picture is decoded whole: a photograph cut half-way by a bad connection has a perfect beginning.
    """
    if mime not in _FORMATS:
        raise Refused(RefusalCode.OTHER_IMAGE)
    name, kind = _FORMATS[mime]
    try:
        return _decoded(content, name, kind)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Refused(RefusalCode.TOO_MANY_PIXELS, {"limit": MAX_PIXELS}) from error
    except _BROKEN as error:
        raise Refused(RefusalCode.DAMAGED, {"kind": kind}) from error


def _decoded(content: BinaryIO, name: str, kind: FileKind) -> Sniffed:
    content.seek(0)
    with Image.open(content, formats=[name]) as image:
        image.load()
        pages = getattr(image, "n_frames", 1) if kind is FileKind.TIFF else None
    return Sniffed(kind, pages)
