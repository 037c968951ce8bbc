"""A picture as a page: turned upright, on white, in ordinary colours, without a word of what its camera wrote in it."""

import contextlib
import io
import math
from collections.abc import Mapping
from typing import BinaryIO

from PIL import Image, ImageCms
from PIL.ExifTags import Base

from portfolio.domain.dossier.rules.rendition import PageError
from portfolio.files.file_types.formats.image import PILLOW_NAMES, made_smaller, open_image, prepare, refuse_heavy
from portfolio.files.file_types.types import FileType
from portfolio.files.renditions.page_images.navigation import MAX_PIXELS, MAX_SIDE, NotReadable

_UPRIGHT: Mapping[int, Image.Transpose] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS = (5, 6, 7, 8)
_QUALITY = 85
_QUICK = 2


class ImageRenderer:
    """Holds what has to be loaded before the process gives up opening files."""

    def __init__(self) -> None:
        """Load every decoder, the colours of screens, and the encoder, by one small drawing."""
        prepare()
        self._screen = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
        encoded(Image.new("RGB", (1, 1)))

    def draw(self, content: BinaryIO, kind: FileType, page: int, width: int) -> Image.Image:
        """Answer one page (from 1) of a picture, at most this wide in pixels; raises NotReadable: NO_SUCH_PAGE."""
        with open_image(content, PILLOW_NAMES[kind]) as image:
            _go_to(image, kind, page)
            refuse_heavy(image)
            image.load()
            turn = image.getexif().get(Base.Orientation, 1)
            is_sideways = turn in _SIDEWAYS
            smaller = made_smaller(image, _scale(image, width, is_sideways), self._on_white)
            shown = bounded(smaller, width, sideways=is_sideways)
        return shown.transpose(_UPRIGHT[turn]) if turn in _UPRIGHT else shown

    def _on_white(self, image: Image.Image) -> Image.Image:
        profile = image.info.get("icc_profile")
        if image.mode.startswith("I;16"):
            image = image.convert("I").point(lambda value: value / 256).convert("L")
        if "transparency" in image.info or image.mode in ("RGBA", "LA", "PA", "RGBa", "La"):
            image = image.convert("RGBA")
            sheet = Image.new("RGB", image.size, "white")
            sheet.paste(image, mask=image.getchannel("A"))
            image = sheet
        return self._in_ordinary_colours(image, profile).convert("RGB")

    def _in_ordinary_colours(self, image: Image.Image, profile: bytes | None) -> Image.Image:
        # A profile that lies, or that is not of this picture, is forgotten: colours matter less than reading.
        if profile and image.mode in ("RGB", "CMYK", "L"):
            with contextlib.suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
                own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
                return ImageCms.profileToProfile(image, own, self._screen, outputMode="RGB") or image
        return image


def bounded(image: Image.Image, width: int, *, sideways: bool = False) -> Image.Image:
    """Answer the picture at most this wide once upright, and never past what a page image may hold."""
    scale = _scale(image, width, sideways)
    if scale == 1.0:
        return image
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=1.2)


def _scale(image: Image.Image, width: int, is_sideways: bool) -> float:
    across, down = (image.height, image.width) if is_sideways else image.size
    return min(1.0, width / across, MAX_SIDE / down, math.sqrt(MAX_PIXELS / (across * down)))


def encoded(image: Image.Image) -> bytes:
    """Answer the picture as WebP: its pixels and nothing else."""
    out = io.BytesIO()
    bare = image if image.mode == "RGB" else image.convert("RGB")
    bare.save(out, "WEBP", quality=_QUALITY, method=_QUICK, exif=b"", icc_profile=b"", xmp=b"")
    return out.getvalue()


def _go_to(image: Image.Image, kind: FileType, page: int) -> None:
    if kind is not FileType.TIFF:  # the first picture of an animation, or of a burst, is the picture
        if page != 1:
            raise NotReadable(PageError.NO_SUCH_PAGE)
        return
    try:
        image.seek(page - 1)
    except EOFError as error:
        raise NotReadable(PageError.NO_SUCH_PAGE) from error
