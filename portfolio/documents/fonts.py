"""The fonts of the documents: files of their wheels, never those of the machine, and what they can draw.

The wheels are read as folders of files: none of their code is run.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import typst
from fontTools.ttLib import TTFont

# Serif for titles, sans for text, and two that draw what these lack; templates/documents/base.typ names the
# families.
_FAMILIES = (
    "fontpkg_source_serif_4", "fontpkg_source_sans_3", "fontpkg_noto_sans", "fontpkg_noto_sans_arabic",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Faces:
    """The fonts as Typst takes them, and the code points that at least one of their families draws in every
    style.
    """

    fonts: typst.Fonts
    covered: frozenset[int]


@cache
def font_files() -> Faces:
    """Load the fonts, once for the process.

    Those inside Typst are kept for its fixed-width face, never counted on for text.
    """
    folders = font_folders()
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=folders)
    return Faces(fonts, frozenset().union(*(_drawn_by(Path(folder)) for folder in folders)))


def font_folders() -> list[str]:
    """Return the folders of the fonts, one for each family; raises OSError for one that is not installed."""
    specs = [find_spec(family) for family in _FAMILIES]
    folders = [str(Path(spec.origin).parent / "files") for spec in specs if spec and spec.origin]
    if len(folders) < len(_FAMILIES):
        raise OSError(f"fonts not installed: {len(_FAMILIES) - len(folders)}")
    return folders


def _drawn_by(folder: Path) -> frozenset[int]:
    return frozenset.intersection(*(_drawn_in(file) for file in sorted(folder.glob("*.ttf"))))


def _drawn_in(file: Path) -> frozenset[int]:
    with TTFont(file, lazy=True) as font:
        return frozenset(font.getBestCmap() or ())
