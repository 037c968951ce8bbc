"""The sandboxed process that writes a logo anew: upright, on white, in ordinary colours, without
metadata, and light.
"""

import io
import json
import sys
from pathlib import Path

import typst
from PIL import Image, ImageChops

from portfolio.files.conversion.fonts import font_files
from portfolio.files.file_types.types import FileType
from portfolio.files.renditions.page_images.image import ImageRenderer

# In pixels: on paper, a logo is eighty millimetres wide at most, and 1000 pixels print well there.
MAX_WIDTH, MAX_HEIGHT = 1000, 700
# In bytes: it is kept in a row, and printed in every document.
MAX_BYTES = 200_000
_QUALITIES = (92, 85, 75)
_COLOURS = 256
# A drawing is made as large as a logo may be, at 144 points an inch. Typst runs nothing of it, and fetches
# nothing.
_DRAWING = f"""\
#set page(width: {MAX_WIDTH / 2}pt, height: {MAX_HEIGHT / 2}pt, margin: 0pt, fill: white)
#image("drawing.svg", width: 100%, height: 100%, fit: "contain")
"""


def main() -> None:
    """Write `logo` from `input`, and say in answer.json its media type, its size and its darkest point.

    The argument is the kind of the input.
    """
    image = _fitted(_drawn(FileType(sys.argv[3])))
    content, mime = _encoded(image)
    Path("logo").write_bytes(content)
    answer = {"mime": mime, "width": image.width, "height": image.height, "darkest": image.convert("L").getextrema()[0]}
    Path("answer.json").write_text(json.dumps(answer), "utf-8")


def _drawn(kind: FileType) -> Image.Image:
    if kind is FileType.SVG:
        return _trimmed(_of_drawing())
    with Path("input").open("rb") as content:
        return ImageRenderer().draw(content, kind, 1, MAX_WIDTH).convert("RGB")


def _of_drawing() -> Image.Image:
    Path("input").rename("drawing.svg")
    Path("main.typ").write_text(_DRAWING, "utf-8")
    made = typst.compile("main.typ", root=".", font_paths=font_files(), ignore_system_fonts=True, format="png", ppi=144)
    return Image.open(io.BytesIO(made)).convert("RGB")


def _trimmed(image: Image.Image) -> Image.Image:
    """Return what is drawn, without the white around it; all of an image where nothing can be seen."""
    drawn = ImageChops.invert(image).getbbox()
    return image.crop(drawn) if drawn else image


def _fitted(image: Image.Image) -> Image.Image:
    scale = min(1.0, MAX_WIDTH / image.width, MAX_HEIGHT / image.height)
    if scale == 1.0:
        return image
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.LANCZOS)


def _encoded(image: Image.Image) -> tuple[bytes, str]:
    """Return a PNG, which keeps edges sharp; a photograph, which it would make too heavy, becomes a JPEG."""
    content = _saved(image, "PNG", optimize=True)
    if len(content) <= MAX_BYTES:
        return content, FileType.PNG.mime
    for quality in _QUALITIES:
        content = _saved(image, "JPEG", quality=quality)
        if len(content) <= MAX_BYTES:
            return content, FileType.JPEG.mime
    return _saved(image.quantize(_COLOURS), "PNG", optimize=True), FileType.PNG.mime


def _saved(image: Image.Image, form: str, **options: int | bool) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()
