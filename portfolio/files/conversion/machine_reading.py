"""The words of a page that is a picture, read by tesseract where Debian's is installed, with its French.

Before that the picture is made readable by a child without network: the sheet is cut out of what surrounds it, the
shadow is taken off, the lines are put level. The picture that is kept stays as it is.
"""

import io
import json
import shutil
import statistics
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from PIL import Image, ImageFilter, ImageMath, ImageOps

from portfolio.files.conversion.codes import NotConverted
from portfolio.files.conversion.processes import run_main, work_folder
from portfolio.files.sandbox.process import NotLeft, open_left
from portfolio.files.sandbox.program_sandbox import ProgramLimits, run_program

# Where Debian puts what tesseract knows of a language.
LANGUAGES = Path("/usr/share/tesseract-ocr/5/tessdata")
LIMITS = ProgramLimits(cpu_seconds=40, memory=2 * 1024**3, file_bytes=50_000_000)
MAX_BYTES = 200_000
# Lines of words that tesseract doubts this much, in hundredths, are noise of a photograph.
LEAST_CONFIDENCE = 35
# The sheet is looked for, and its tilt measured, on a small picture.
_SMALL, _MOST_TILT = 500, 12


@cache
def program_path() -> str | None:
    """Return the path of tesseract; None where it is not, or has no French."""
    found = shutil.which("tesseract")
    return found if found and (LANGUAGES / "fra.traineddata").is_file() else None


def read_picture(picture: bytes) -> str:
    """Return the words of a picture (WebP, PNG, JPEG), by lines; none of one that cannot be read."""
    program = program_path()
    if program is None:
        return ""
    with work_folder(io.BytesIO(picture)) as folder:
        try:
            run_main(__name__, folder, limits=LIMITS)
            command = [program, "page.png", "words", "-l", "fra", "--tessdata-dir", str(LANGUAGES), "tsv"]
            if run_program(command, folder, LIMITS, read=[str(LANGUAGES), program]) != 0:
                return ""
            with open_left(folder / "words.tsv", MAX_BYTES * 20) as words:
                return _lines_of(words.read().decode("utf-8", "replace"))
        except (NotConverted, NotLeft):
            return ""


def _lines_of(table: str) -> str:
    """Return the lines whose words tesseract is sure enough of."""
    lines: dict[tuple[str, ...], list[tuple[str, float]]] = {}
    for row in table.splitlines()[1:]:
        cells = row.split("\t")
        if len(cells) == 12 and cells[11].strip():
            lines.setdefault(tuple(cells[1:5]), []).append((cells[11].strip(), float(cells[10])))
    kept = (words for words in lines.values() if statistics.mean(sure for _, sure in words) >= LEAST_CONFIDENCE)
    return "\n".join(" ".join(word for word, _ in words) for words in kept)[:MAX_BYTES]


def main() -> None:
    """In the child: make `page.png` of `input`."""
    with Image.open("input") as picture:
        _readable(picture.convert("L")).save("page.png")
    Path("answer.json").write_text(json.dumps({}))


def _readable(picture: Any) -> Any:
    lit = _without_shadow(_sheet_of(picture))
    level = lit.rotate(_tilt_of(lit), resample=3, expand=True, fillcolor=255)
    # The noise of a sensor is finer than letters are.
    return ImageOps.expand(level.filter(ImageFilter.GaussianBlur(1)), 20, 255)


def _sheet_of(picture: Any) -> Any:
    """Return what the bright sheet holds; the whole picture where no sheet stands out."""
    small = picture.copy()
    small.thumbnail((_SMALL, _SMALL))
    soft = small.filter(ImageFilter.MedianFilter(9)).filter(ImageFilter.GaussianBlur(4))
    darkest, brightest = soft.getextrema()
    box = soft.point(lambda value: 255 if value > darkest + (brightest - darkest) / 5 else 0).getbbox()
    if not box or brightest - darkest < 60:
        return picture
    part = (box[2] - box[0]) * (box[3] - box[1]) / (small.width * small.height)
    scale = picture.width / small.width
    return picture.crop(tuple(round(side * scale) for side in box)) if 0.25 < part < 0.95 else picture


def _without_shadow(picture: Any) -> Any:
    """Return the picture divided by its own light: what is left is ink on white."""
    small = picture.copy()
    small.thumbnail((_SMALL, _SMALL))
    light = small.filter(ImageFilter.MaxFilter(9)).filter(ImageFilter.GaussianBlur(9)).resize(picture.size)
    divided = ImageMath.lambda_eval(
        lambda values: values["convert"](values["min"](values["ink"] * 255 / (values["light"] + 1), 255), "L"),
        ink=picture,
        light=light,
    )
    return ImageOps.autocontrast(divided, cutoff=(1, 0))


def _tilt_of(picture: Any) -> float:
    """Return the turn, in degrees, after which the lines are level: that whose rows differ most from each other."""
    small = picture.copy()
    small.thumbnail((2 * _SMALL, 2 * _SMALL))

    def contrast(angle: float) -> float:
        rows = small.rotate(angle, resample=Image.Resampling.BILINEAR, fillcolor=255).resize(
            (1, small.height), Image.Resampling.BOX
        )
        values = list(rows.tobytes())
        return float(sum((one - other) ** 2 for one, other in pairwise(values)))

    best = max((step for step in range(-_MOST_TILT, _MOST_TILT + 1)), key=contrast)
    return max((best + step / 4 for step in range(-3, 4)), key=contrast)
