"""Pictures that documents carry, made into PNG or JPEG that Typst prints. Runs in the sandbox."""

import base64
import binascii
import io
import re
import warnings
from collections.abc import Callable
from urllib.parse import unquote_to_bytes

from PIL import Image, ImageOps

from portfolio.files.conversion.document import MAX_IMAGES, Document

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
