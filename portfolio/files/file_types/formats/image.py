"""An image: of a fixed list of formats, of a bearable size, and whole once decoded.

A large picture made smaller strip by strip: in colours, a scanned sheet takes four times its memory.

Drawings of Windows (EMF, WMF), and those of the web kept zipped (SVGZ).
"""

import io
import re
import struct
import warnings
from collections.abc import Callable, Mapping
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

from portfolio.files.file_types.formats.embedded import gunzip
from portfolio.files.file_types.formats.markup import open_markup
from portfolio.files.file_types.formats.programs import pieces_of, refuse_programs
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
PILLOW_NAMES: Mapping[FileType, str] = {kind: name for name, kind in _FORMATS.values()}

# The box of the size of a picture in an AVIF or a HEIC, and how far from the beginning it may lie.
_SIZE, _HEADERS = re.compile(b"ispe"), 256 * 1024
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
    """Raise the error of too many pixels for a picture, opened and not decoded yet, that takes too much memory."""
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
    """Return the image and, of a TIFF, its number of pages; raises FileRejected: OTHER_IMAGE, TOO_MANY_PIXELS, DAMAGED.

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
        raise _why_not_decoded(content, kind) from error


def _why_not_decoded(content: BinaryIO, kind: FileType) -> FileRejected:
    """Return why a decoder gave up: a variant it does not know, a picture beyond its own bound, or damage."""
    content.seek(0)
    head = content.read(_HEADERS)
    if kind in (FileType.AVIF, FileType.HEIC) and _announced_pixels(head) > MAX_PIXELS:
        return FileRejected(RejectionReason.TOO_MANY_PIXELS, {"limit": MAX_PIXELS})
    if (kind is FileType.PSD and _is_unknown_photoshop(head)) or (kind is FileType.TIFF and _is_unknown_tiff(content)):
        return FileRejected(RejectionReason.OTHER_IMAGE)
    return FileRejected(RejectionReason.DAMAGED, {"kind": kind})


def _announced_pixels(head: bytes) -> int:
    """Return the pixels of the largest picture that an AVIF or a HEIC announces."""
    sizes = (struct.unpack_from(">II", head, found.end() + 4) for found in _SIZE.finditer(head[:-12]))
    return max((width * height for width, height in sizes), default=0)


def _is_unknown_photoshop(head: bytes) -> bool:
    depth, mode = struct.unpack(">HH", head[22:26]) if len(head) > 26 else (8, 3)
    return (mode, depth) not in PsdImagePlugin.MODES


def _is_unknown_tiff(content: BinaryIO) -> bool:
    """Return whether a TIFF is packed by a method that no library here reads."""
    try:
        content.seek(0)
        tags = TiffImagePlugin.ImageFileDirectory_v2(content.read(8))
        content.seek(tags.next)
        tags.load(content)
        return tags.get(TiffImagePlugin.COMPRESSION, 1) not in TiffImagePlugin.COMPRESSION_INFO
    except _BROKEN:
        return False


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


# Above it, a picture is never converted whole.
_WHOLE_PIXELS = 50_000_000
_STRIP_PIXELS = 4_000_000
# What the smaller picture may hold.
_MOST_PIXELS = 75_000_000


def made_smaller(image: Image.Image, scale: float, converted: Callable[[Image.Image], Image.Image]) -> Image.Image:
    """Return a picture converted to RGB, and at a whole part of its size, no smaller than this scale if its
    memory allows it; one of an ordinary size is converted as it is.
    """
    pixels = image.width * image.height
    if pixels <= _WHOLE_PIXELS:
        return converted(image)
    part = max(1, int(1 / scale / 1.2))
    while pixels > _MOST_PIXELS * part * part:
        part += 1
    made = Image.new("RGB", (-(-image.width // part), -(-image.height // part)))
    height = part * max(1, _STRIP_PIXELS // (part * image.width))
    is_grey = image.mode in ("1", "L") and "transparency" not in image.info
    for top in range(0, image.height, height):
        strip = image.crop((0, top, image.width, min(image.height, top + height)))
        smaller = converted(strip.convert("L").reduce(part)) if is_grey else converted(strip).reduce(part)
        made.paste(smaller, (0, top // part))
    return made


# What a zipped drawing may hold: far more than one that a person drew.
MAX_DRAWING = 20_000_000
_GZIP = b"\x1f\x8b\x08"
_PLACEABLE = b"\xd7\xcd\xc6\x9a"
# Kept in a file or in memory, a header of nine words, a version of Windows.
_STANDARD = (b"\x01\0\x09\0\0\x03", b"\x01\0\x09\0\0\x01", b"\x02\0\x09\0\0\x03")
_EMF_SIGN, _EMF_SIGN_AT = b" EMF", 40


def open_drawing(content: BinaryIO, head: bytes) -> DetectedFile | None:
    """Return the drawing of Windows that begins so; raise FileRejected: DAMAGED (cut before its end),
    EMBEDDED_PROGRAM.
    """
    if head.startswith(b"\x01\0\0\0") and head[_EMF_SIGN_AT : _EMF_SIGN_AT + 4] == _EMF_SIGN:
        kind, announced = FileType.EMF, struct.unpack_from("<I", head, _EMF_SIGN_AT + 8)[0]
    elif head.startswith((_PLACEABLE, *_STANDARD)):
        before = 22 if head.startswith(_PLACEABLE) else 0
        if len(head) < before + 18:
            raise FileRejected(RejectionReason.DAMAGED, {"kind": FileType.WMF})
        kind, announced = FileType.WMF, 2 * struct.unpack_from("<I", head, before + 6)[0]
    else:
        return None
    if content.seek(0, 2) < announced:
        raise FileRejected(RejectionReason.DAMAGED, {"kind": kind})
    content.seek(0)
    refuse_programs(pieces_of(content))
    return DetectedFile(kind)


def open_zipped_drawing(content: BinaryIO, head: bytes) -> DetectedFile | None:
    """Return the drawing of the web that is zipped; raise FileRejected: ACTIVE_DRAWING (it would run or
    fetch), DECOMPRESSION_BOMB.

    None of what else is zipped: an archive.
    """
    if not head.startswith(_GZIP):
        return None
    content.seek(0)
    drawn = gunzip(content.read(MAX_DRAWING), MAX_DRAWING + 1)
    text = drawn.decode("utf-8", "replace")
    if "<svg" not in text[:4000] and ":svg" not in text[:4000]:
        return None
    if len(drawn) > MAX_DRAWING:
        raise FileRejected(RejectionReason.DECOMPRESSION_BOMB, {"limit": MAX_DRAWING})
    found = open_markup(text.lstrip("\ufeff"))
    return DetectedFile(FileType.SVGZ) if found.kind is FileType.SVG else None


def unzipped(content: bytes) -> bytes:
    """Return what a drawing holds, as far as a drawing may; nothing of what is not zipped."""
    return gunzip(content, MAX_DRAWING)
