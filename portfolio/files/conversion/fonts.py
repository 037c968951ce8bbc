"""The fonts of the documents: files of their wheels, never those of the machine, and what they can draw.

The wheels are read as folders of files: none of their code is run.
"""

from collections import defaultdict
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import typst
from fontTools.ttLib import TTFont

# Serif for titles, sans for text; templates/documents/base.typ names the families. What these lack: Chinese,
# Japanese and Korean, then the signs and the other alphabets.
_OWN = ("fontpkg_source_serif_4", "fontpkg_source_sans_3")
_OTHER_SCRIPTS = ("noto_cjk_sans_jp_regular", "manimgx_fonts")


@cache
def font_files() -> typst.Fonts:
    """Load the fonts, once for the process.

    Those inside Typst are kept for its fixed-width face, never counted on for text.
    """
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=font_folders())


def font_folders() -> list[str]:
    """Return the folders of the fonts; raises OSError when one is not installed."""
    return [*(str(_folder_of(package) / "files") for package in _OWN), *fonts_of_other_scripts()]


def fonts_of_other_scripts() -> list[str]:
    """Return the folders of the fonts of other scripts than ours, for LibreOffice too; raises OSError."""
    return [str(_folder_of(package)) for package in _OTHER_SCRIPTS]


def _folder_of(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise OSError(f"fonts not installed: {package}")
    return Path(spec.origin).parent


@cache
def covered_signs() -> frozenset[int]:
    """Return the code points that at least one family of the fonts draws in every style."""
    families = defaultdict[str, list[Path]](list)
    for folder in font_folders():
        for file in Path(folder).glob("*.[ot]tf"):
            families[file.stem.partition("-")[0].partition("[")[0]].append(file)
    return frozenset().union(*(frozenset.intersection(*map(_drawn_in, files)) for files in families.values()))


def _drawn_in(file: Path) -> frozenset[int]:
    with TTFont(file, lazy=True) as font:
        return frozenset(font.getBestCmap() or ())
