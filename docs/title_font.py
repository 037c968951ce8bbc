"""Make the font of titles again: two subsets of Source Serif 4 (python docs/title_font.py; woff2 needs the
package brotli).

The first holds what French writes and is fetched by every page; the second, the letters of names from
elsewhere in Europe, is fetched by the pages that need it. The licence reserves the name "Source": what is
changed is called Acquis Serif.
"""

from __future__ import annotations

from pathlib import Path

import fontpkg_source_serif_4
from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

FOLDER = Path(__file__).parents[1] / "static" / "fonts"
SOURCE = fontpkg_source_serif_4.ROOT / "files" / "SourceSerif4[opsz,wght].ttf"
FAMILY = "Acquis Serif"
WEIGHT, OPTICAL_SIZE = 650, 28  # the weight of titles, and a size in px between the first title and the third

PUNCTUATION = " !\"%&'()*+,-./:;=?«»‘’“”–—…€°·§\u00a0\u2011\u202f"
FRENCH = "".join(
    map(chr, [*range(ord("0"), ord("9") + 1), *range(ord("A"), ord("Z") + 1), *range(ord("a"), ord("z") + 1)])
)
FRENCH += "ÀÂÆÇÉÈÊËÎÏÔŒÙÛÜŸàâæçéèêëîïôœùûüÿ" + PUNCTUATION
EUROPEAN = "".join(map(chr, [*range(0x21, 0x7F), *range(0xA1, 0x180), 0x218, 0x219, 0x21A, 0x21B]))


def main() -> None:
    """Write both files and print their weight and their range."""
    for name, characters in (("acquis-serif-1", set(FRENCH)), ("acquis-serif-1-more", set(EUROPEAN) - set(FRENCH))):
        path = FOLDER / f"{name}.woff2"
        font = subset_of(characters)
        font.flavor = "woff2"
        font.save(path)
        print(f"{path.name}: {path.stat().st_size} bytes\n  unicode-range: {css_range(set(font.getBestCmap()))}")


def subset_of(characters: set[str]) -> TTFont:
    """Return the font of titles with these characters only, at one weight, with its kerning."""
    options = subset.Options(
        layout_features=["kern"], hinting=False, glyph_names=False, notdef_outline=True, name_IDs=[]
    )
    options.drop_tables += ["STAT", "meta"]
    made = subset.Subsetter(options)
    made.populate(text="".join(sorted(characters)))
    font = TTFont(SOURCE, recalcTimestamp=False)
    made.subset(font)
    font = instancer.instantiateVariableFont(font, {"wght": WEIGHT, "opsz": OPTICAL_SIZE})
    font["name"].setName(FAMILY, 1, 3, 1, 0x409)
    font["name"].setName(
        "Copyright 2014 The Source Serif 4 Project Authors. SIL Open Font License 1.1.", 0, 3, 1, 0x409
    )
    return font


def css_range(points: set[int]) -> str:
    """Return these code points as the unicode-range of CSS."""
    spans: list[list[int]] = []
    for point in sorted(points):
        if spans and point == spans[-1][1] + 1:
            spans[-1][1] = point
        else:
            spans.append([point, point])
    return ",".join(f"U+{first:X}" if first == last else f"U+{first:X}-{last:X}" for first, last in spans)


if __name__ == "__main__":
    main()
