"""An image: of a fixed list of formats, of a bearable size, and whole once decoded."""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping
from datetime import date, datetime
from typing import BinaryIO

# All are loaded at once: the process can open no file, modules included, when it has an image in hand.
from PIL import (  # noqa: F401
    AvifImagePlugin,
    BmpImagePlugin,
    IcoImagePlugin,
    Image,
    Jpeg2KImagePlugin,
    JpegImagePlugin,
    MpoImagePlugin,
    PcxImagePlugin,
    PpmImagePlugin,
    PsdImagePlugin,
    TgaImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)
from PIL.ExifTags import IFD, Base
from pillow_heif import register_heif_opener

from portfolio.files.file_types.types import DetectedFile, FileRejected, FileType, RejectionReason

# Telephones write photographs of 48 million pixels as they are.
MAX_PIXELS = 50_000_000
# Of formats that are decoded line by line, and take no memory beside the picture: a sheet A3 in colours or A1
# in grey, at 600 points an inch.
MAX_DECODED_BYTES = 300_000_000
_LINE_BY_LINE = ("PNG", "TIFF")
# Bytes that a pixel takes in memory, whatever it takes in the file.
_ONE_BYTE, _TWO_BYTES, _MOST_BYTES = ("1", "L", "P"), "I;16", 4
# Of a JPEG, which is decoded at a half, a quarter or an eighth of its size: telephones write 50 to 200
# million, and panoramas as many.
MAX_JPEG_PIXELS = 250_000_000
# A camera whose clock was never set writes the first day that it knows, 1970 or 1980.
_FIRST_DIGITAL_PHOTO = date(1990, 1, 1)

_FORMATS: Mapping[str, tuple[str, FileType]] = {
    "image/jpeg": ("JPEG", FileType.JPEG),
    "image/png": ("PNG", FileType.PNG),
    "image/apng": ("PNG", FileType.PNG),
    "image/webp": ("WEBP", FileType.WEBP),
    "image/gif": ("GIF", FileType.GIF),
    "image/tiff": ("TIFF", FileType.TIFF),
    "image/avif": ("AVIF", FileType.AVIF),
    "image/bmp": ("BMP", FileType.BMP),
    "image/x-ms-bmp": ("BMP", FileType.BMP),
    "image/heic": ("HEIF", FileType.HEIC),
    "image/heif": ("HEIF", FileType.HEIC),
    "image/heic-sequence": ("HEIF", FileType.HEIC),
    "image/heif-sequence": ("HEIF", FileType.HEIC),
    "image/vnd.microsoft.icon": ("ICO", FileType.ICO),
    "image/x-icon": ("ICO", FileType.ICO),
    "image/jp2": ("JPEG2000", FileType.JP2),
    "image/jpx": ("JPEG2000", FileType.JP2),
    "image/x-jp2-codestream": ("JPEG2000", FileType.JP2),
    "image/x-portable-pixmap": ("PPM", FileType.PPM),
    "image/x-portable-greymap": ("PPM", FileType.PPM),
    "image/x-portable-graymap": ("PPM", FileType.PPM),
    "image/x-portable-bitmap": ("PPM", FileType.PPM),
    "image/x-portable-anymap": ("PPM", FileType.PPM),
    "image/x-pcx": ("PCX", FileType.PCX),
    "image/vnd.zbrush.pcx": ("PCX", FileType.PCX),
    "image/vnd.adobe.photoshop": ("PSD", FileType.PSD),
    # Nothing at the beginning of a TGA says that it is one: it comes last.
    "image/x-tga": ("TGA", FileType.TGA),
}
# The only formats that are ever opened, by the names that Pillow gives them, in the order to try them.
OPENED_FORMATS = tuple(dict.fromkeys(name for name, _ in _FORMATS.values()))

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
    """Return a very small photograph."""
    made = io.BytesIO()
    Image.new("RGB", (16, 16)).save(made, "JPEG")
    return made.getvalue()


def open_image(content: BinaryIO, name: str) -> Image.Image:
    """Open a picture of this format; a JPEG of too many pixels is opened smaller than it is.

    Raises what Pillow raises, its error of too many pixels too.
    """
    content.seek(0)
    if name == "JPEG" and (smaller := _smaller_jpeg(content)) is not None:
        return smaller
    content.seek(0)
    Image.MAX_IMAGE_PIXELS = MAX_DECODED_BYTES if name in _LINE_BY_LINE else MAX_PIXELS
    image = Image.open(content, formats=[name])
    refuse_heavy(image)
    return image


def refuse_heavy(image: Image.Image) -> None:
    """Raise the error of too many pixels for a picture, opened and not decoded yet, that takes too much
    memory.
    """
    if image.width * image.height * _bytes_of_pixel(image.mode) > MAX_DECODED_BYTES:
        raise Image.DecompressionBombError(image.mode)


def _bytes_of_pixel(mode: str) -> int:
    if mode in _ONE_BYTE:
        return 1
    return 2 if mode.startswith(_TWO_BYTES) else _MOST_BYTES


def _smaller_jpeg(content: BinaryIO) -> Image.Image | None:
    """Return a large JPEG, to be decoded at a part of its size; None of one that is opened as any other.

    The memory of a progressive one is that of its whole size: it is opened, and refused, as any other.
    """
    with JpegImagePlugin.JpegImageFile(content) as image:
        pixels = image.width * image.height
        if not MAX_PIXELS < pixels <= MAX_JPEG_PIXELS or image.info.get("progressive"):
            return None
    content.seek(0)
    image = JpegImagePlugin.JpegImageFile(content)
    for part in (2, 4, 8):
        if pixels <= part * part * MAX_PIXELS:
            image.draft(None, (image.width // part, image.height // part))
            break
    return image if image.width * image.height <= MAX_PIXELS else None


def validate_image(content: BinaryIO, mime: str) -> DetectedFile:
    """Return the image and, of a TIFF, its number of pages; raises FileRejected: OTHER_IMAGE,
    TOO_MANY_PIXELS, DAMAGED.

    The first picture is decoded whole: a photograph cut half-way by a bad connection has a perfect beginning.
    """
    if mime not in _FORMATS:
        raise FileRejected(RejectionReason.OTHER_IMAGE)
    name, kind = _FORMATS[mime]
    try:
        return _decoded(content, name, kind)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        limit = MAX_DECODED_BYTES // _MOST_BYTES if name in _LINE_BY_LINE else MAX_PIXELS
        raise FileRejected(RejectionReason.TOO_MANY_PIXELS, {"limit": limit}) from error
    except _BROKEN as error:
        raise FileRejected(RejectionReason.DAMAGED, {"kind": kind}) from error


def _decoded(content: BinaryIO, name: str, kind: FileType) -> DetectedFile:
    with open_image(content, name) as image:
        image.load()
        pages = getattr(image, "n_frames", 1) if kind is FileType.TIFF else None
        taken_on = _taken_on(image)
    return DetectedFile(kind, pages, taken_on=taken_on)


def _taken_on(image: Image.Image) -> date | None:
    """Return the day that the camera wrote; None when it wrote none, or one that no camera can have meant."""
    try:
        tags = image.getexif()
        written = str(tags.get_ifd(IFD.Exif).get(Base.DateTimeOriginal) or tags.get(Base.DateTime) or "")
        taken_on = datetime.strptime(written[:10], "%Y:%m:%d").date()
    except _BROKEN:
        return None
    return taken_on if taken_on >= _FIRST_DIGITAL_PHOTO else None
