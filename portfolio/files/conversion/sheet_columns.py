"""Columns of a workbook made wide enough for what their cells say.

On paper nobody clicks a cell: a date too wide for its column is printed as ###, and a text is cut where the
next cell begins. It happens most where the font of the author is missing on this machine.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

_OFFICE, _TABLE, _STYLE, _FO, _TEXT = (
    f"{{urn:oasis:names:tc:opendocument:xmlns:{namespace}:1.0}}"
    for namespace in ("office", "table", "style", "xsl-fo-compatible", "text")
)
_CM = {"cm": 1.0, "mm": 0.1, "in": 2.54, "pt": 2.54 / 72, "pc": 2.54 / 6}
COLUMN_WIDTH = 2.26
# How wide a sign is printed, in centimetres: figures that do not fit are lost, letters are only cut.
_FIGURE, _LETTER, _PADDING = 0.24, 0.2, 0.3
# A text longer than this goes on being cut, or has lines of its own.
_WIDEST_TEXT, _WIDEST_FIGURES = 9.0, 6.0
# Figures without a format of their own are rounded to what their column holds.
_ROUNDED = re.compile(r"[.,]\d{6,}$")
# Sheets of more columns than this are not read column by column.
_MOST_COLUMNS = 200


@dataclass
class _Column:
    """A column, and what is known of it: its element may stand for several."""

    element: etree._Element
    width: float


def length(value: str) -> float:
    """Return a length of OpenDocument in centimetres; 0 when it is none."""
    try:
        return float(value[:-2]) * _CM.get(value[-2:], 1.0)
    except ValueError:
        return 0.0


def repeated(element: etree._Element, what: str) -> int:
    """Return how many rows, columns or cells an element stands for."""
    value = element.get(f"{_TABLE}number-{what}-repeated", "1")
    return int(value) if value.isdigit() else 1


def column_sizes(content: etree._Element) -> Iterator[tuple[str, float]]:
    """Yield the styles of columns with their widths in centimetres."""
    for style in content.iter(f"{_STYLE}style"):
        for properties in style.iter(f"{_STYLE}table-column-properties"):
            yield (
                style.get(f"{_STYLE}name", ""),
                length(properties.get(f"{_STYLE}column-width", "")) or COLUMN_WIDTH,
            )


def widen_columns(content: etree._Element, table: etree._Element, rows: list[etree._Element]) -> None:
    """Widen the columns of a table in which a cell says more than its width holds."""
    wanted = _wanted_widths(rows, _wrapping_styles(content))
    columns = _columns(table, dict(column_sizes(content)), max(wanted, default=-1) + 1)
    for number, column in enumerate(columns):
        if wanted.get(number, 0.0) > column.width + 0.05:
            _set_width(content, column, wanted[number])


def _wanted_widths(rows: list[etree._Element], wrapping: set[str]) -> dict[int, float]:
    wanted: dict[int, float] = {}
    for row in rows:
        cells, place = list(row), 0
        for number, cell in enumerate(cells):
            after = cells[number + 1] if number + 1 < len(cells) else None
            width = _cell_width(cell, after, wrapping)
            if width and place < _MOST_COLUMNS:
                wanted[place] = max(wanted.get(place, 0.0), width)
            place += repeated(cell, "columns")
    return wanted


def _cell_width(cell: etree._Element, after: etree._Element | None, wrapping: set[str]) -> float:
    """Return how wide a cell has to be to say all that it says; 0 when any width will do."""
    kind = cell.get(f"{_OFFICE}value-type")
    if kind is None or cell.get(f"{_TABLE}number-columns-spanned", "1") != "1":
        return 0.0
    lines = ["".join(line.itertext()) for line in cell.findall(f"{_TEXT}p")]
    longest = max((len(line) for line in lines), default=0)
    if kind != "string":
        if any(_ROUNDED.search(line) for line in lines):
            return 0.0
        return min(_WIDEST_FIGURES, _FIGURE * longest + _PADDING)
    # A text alone goes on over the empty cells beside it.
    is_cut = after is not None and after.get(f"{_OFFICE}value-type") is not None
    if not is_cut or cell.get(f"{_TABLE}style-name") in wrapping:
        return 0.0
    return min(_WIDEST_TEXT, _LETTER * longest + _PADDING)


def _wrapping_styles(content: etree._Element) -> set[str]:
    return {
        style.get(f"{_STYLE}name", "")
        for style in content.iter(f"{_STYLE}style")
        for properties in style.iter(f"{_STYLE}table-cell-properties")
        if properties.get(f"{_FO}wrap-option") == "wrap"
    }


def _columns(table: etree._Element, sizes: dict[str, float], used: int) -> list[_Column]:
    """Return the first columns of a table, each with an element of its own."""
    columns: list[_Column] = []
    for element in list(table.iter(f"{_TABLE}table-column")):
        width = sizes.get(element.get(f"{_TABLE}style-name", ""), COLUMN_WIDTH)
        while len(columns) < used:
            left = repeated(element, "columns")
            if left == 1:
                columns.append(_Column(element, width))
                break
            first = copy.deepcopy(element)
            first.attrib.pop(f"{_TABLE}number-columns-repeated")
            element.addprevious(first)
            element.set(f"{_TABLE}number-columns-repeated", str(left - 1))
            columns.append(_Column(first, width))
    return columns


def _set_width(content: etree._Element, column: _Column, width: float) -> None:
    styles = content.find(f"{_OFFICE}automatic-styles")
    if styles is None:
        return
    name = f"wide{round(width * 100)}"
    if not any(style.get(f"{_STYLE}name") == name for style in styles):
        style = etree.SubElement(
            styles, f"{_STYLE}style", {f"{_STYLE}name": name, f"{_STYLE}family": "table-column"}
        )
        etree.SubElement(
            style,
            f"{_STYLE}table-column-properties",
            {f"{_STYLE}column-width": f"{width:.2f}cm", f"{_FO}break-before": "auto"},
        )
    column.element.set(f"{_TABLE}style-name", name)
