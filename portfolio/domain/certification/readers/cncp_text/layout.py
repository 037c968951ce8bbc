"""Texts that keep the columns of a page side by side, as `pdftotext -layout` writes them: their lines cannot
be read in order.
"""

from __future__ import annotations

import re

GAP = re.compile(r"\S(?: {3,}|[ ]*\t[ \t]*)\S")
INDENTED = re.compile(r"(?: {16,}|\t{3,})\S")
FEWEST_LINES, SMALLEST_SHARE = 10, 0.2  # An entry extracted without columns has a few such lines.


def is_layout(text: str) -> bool:
    """Return whether a text has so many gaps inside its lines, or so deep indents, that it is laid out in
    columns.
    """
    lines = [line.replace("\u00a0", " ") for line in text.splitlines() if line.strip()]
    spread = sum(1 for line in lines if GAP.search(line.strip()) or INDENTED.match(line))
    return spread >= FEWEST_LINES and spread >= SMALLEST_SHARE * len(lines)


def has_columns(text: str) -> bool:
    """Return whether two lines of a short text, at least, have a gap that separates two columns."""
    return sum(1 for line in text.splitlines() if GAP.search(line.replace("\u00a0", " ").strip())) >= 2
