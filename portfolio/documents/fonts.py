"""The fonts of the documents: files of their wheels, never those of the machine, and what they can draw."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import fontpkg_noto_sans
import fontpkg_noto_sans_arabic
import fontpkg_source_sans_3
import fontpkg_source_serif_4
import typst
from fontTools.ttLib import TTFont

# Serif for titles, sans for text, and two that draw what these lack; templates/documents/base.typ names the
# families.
_FAMILIES = (fontpkg_source_serif_4, fontpkg_source_sans_3, fontpkg_noto_sans, fontpkg_noto_sans_arabic)


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
    """Return the folders of the fonts, one for each family."""
    return [str(family.ROOT / "files") for family in _FAMILIES]


def _drawn_by(folder: Path) -> frozenset[int]:
    return frozenset.intersection(*(_drawn_in(file) for file in sorted(folder.glob("*.ttf"))))


def _drawn_in(file: Path) -> frozenset[int]:
    with TTFont(file, lazy=True) as font:
        return frozenset(font.getBestCmap() or ())
