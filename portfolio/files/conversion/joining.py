"""The sandboxed process that puts PDFs and pictures together: the files named as arguments become `joined.pdf`."""

import io
import json
import sys
import warnings
from contextlib import suppress
from pathlib import Path

import pypdfium2
from PIL import Image, ImageOps

from portfolio.files.conversion.codes import MAX_PAGES
from portfolio.files.file_types.formats.image import OPENED_FORMATS, made_smaller, open_image, prepare, refuse_heavy

_WIDTH = 1654  # an A4 page at 200 points an inch
_A4 = (595, 842)
_MAX_FRAMES = 50
# Pictures that may be larger than others.
_BEGINNINGS = ((b"\xff\xd8", "JPEG"), (b"\x89PNG", "PNG"), (b"II*\0", "TIFF"), (b"MM\0*", "TIFF"))


def main() -> None:
    """Join the files, and write how many pages each one gave."""
    prepare()
    warnings.simplefilter("ignore", DeprecationWarning)
    joined, counts = pypdfium2.PdfDocument.new(), []
    for name in sys.argv[3:]:
        counts.append(_add(joined, Path(name), MAX_PAGES - len(joined)))
    with Path("joined.pdf").open("wb") as out:
        joined.save(out)
    Path("answer.json").write_text(json.dumps({"pages": counts}), "utf-8")


def _add(joined: pypdfium2.PdfDocument, path: Path, left: int) -> int:
    """Add the pages of one file, as far as there is place for them, and return how many."""
    with suppress(Exception):
        source = _opened(path)
        count = min(len(source), left)
        if count > 0:
            source.init_forms()
            _flatten(source, count)
            joined.import_pages(source, list(range(count)))
        return max(0, count)
    return 0


def _opened(path: Path) -> pypdfium2.PdfDocument:
    content = path.read_bytes()
    return pypdfium2.PdfDocument(content if b"%PDF-" in content[:1024] else _pdf_of(content))


def _flatten(source: pypdfium2.PdfDocument, count: int) -> None:
    """Make what was typed in form fields part of the pages: the fields themselves are not taken along."""
    flatten = getattr(pypdfium2.raw, "FPDFPage_Flatten", None)
    if flatten is None:
        return
    for number in range(count):
        page = source[number]
        with suppress(Exception):
            flatten(page, 0)
        page.close()


def _pdf_of(content: bytes) -> bytes:
    """Return a picture, or the pages of a TIFF, as a PDF: upright, on white, without what a camera wrote."""
    out, frames = io.BytesIO(), []
    with _opened_picture(content) as image:
        count = min(getattr(image, "n_frames", 1), _MAX_FRAMES) if image.format == "TIFF" else 1
        for number in range(count):
            image.seek(number)
            refuse_heavy(image)
            upright = ImageOps.exif_transpose(image)
            frame = made_smaller(upright, min(1.0, _WIDTH / upright.width), _on_white)
            frame.thumbnail((_WIDTH, 4 * _WIDTH))
            frames.append(frame)
    resolution = max(72.0, frames[0].width / (_A4[0] / 72))
    frames[0].save(out, "PDF", save_all=True, append_images=frames[1:], resolution=resolution)
    return out.getvalue()


def _opened_picture(content: bytes) -> Image.Image:
    file = io.BytesIO(content)
    for beginning, name in _BEGINNINGS:
        if content.startswith(beginning):
            return open_image(file, name)
    return Image.open(file, formats=OPENED_FORMATS)


def _on_white(image: Image.Image) -> Image.Image:
    image = image.convert("RGBA") if image.mode in ("P", "LA", "PA", "RGBA") else image.convert("RGB")
    if image.mode == "RGB":
        return image
    sheet = Image.new("RGB", image.size, "white")
    sheet.paste(image, mask=image.getchannel("A"))
    return sheet
