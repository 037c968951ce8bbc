"""The sandboxed process that prepares a workbook for paper: `workbook.ods` becomes `prepared.ods`.

Each sheet is as wide as its pages, and its columns as what they say; its first row comes again on each page;
what is empty after the last cell is left out.

Columns of a workbook made wide enough for what their cells say.

On paper nobody clicks a cell: a date too wide for its column is printed as ###, and a text is cut where the
next cell begins. It happens most where the font of the author is missing on this machine.
"""

import copy
import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from lxml import etree

from portfolio.files.conversion.readers.spreadsheet import MAX_ROWS

_OFFICE, _TABLE, _STYLE, _FO, _TEXT, _DRAW = (
    f"{{urn:oasis:names:tc:opendocument:xmlns:{namespace}:1.0}}"
    for namespace in ("office", "table", "style", "xsl-fo-compatible", "text", "drawing")
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
            yield (style.get(f"{_STYLE}name", ""), length(properties.get(f"{_STYLE}column-width", "")) or COLUMN_WIDTH)


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
        style = etree.SubElement(styles, f"{_STYLE}style", {f"{_STYLE}name": name, f"{_STYLE}family": "table-column"})
        etree.SubElement(
            style,
            f"{_STYLE}table-column-properties",
            {f"{_STYLE}column-width": f"{width:.2f}cm", f"{_FO}break-before": "auto"},
        )
    column.element.set(f"{_TABLE}style-name", name)


_MAX_XML = 300_000_000
_MARGIN = 1.0
# Width and height in centimetres of the paper, and how wide a sheet may be on it: smaller print would not be
# read.
_PAPERS = ((21.0, 29.7, 24.0), (29.7, 21.0, 36.0), (42.0, 29.7, 55.0))
_HEADER_WITHIN = 5


def main() -> None:
    """Prepare the workbook."""
    with ZipFile("workbook.ods") as archive:
        content, styles = (_xml(archive, name) for name in ("content.xml", "styles.xml"))
        counts, widths = list[tuple[int, int]](), dict[str, float]()
        sheets: list[tuple[str, int, int]] = []
        for table in content.iter(f"{_TABLE}table"):
            counts.append(_trim(table))
            sheets.append((table.get(f"{_TABLE}name", ""), *_extent(table)))
            widen_columns(content, table, _rows(table))
            master = _master(content, table)
            widths[master] = max(widths.get(master, 0.0), _width(content, table))
            _repeat_first_row(table)
        for master, width in widths.items():
            _fit(styles, master, width)
        with ZipFile("prepared.ods", "w", ZIP_DEFLATED) as prepared:
            for entry in archive.infolist():
                changed = {"content.xml": content, "styles.xml": styles}.get(entry.filename)
                data = (
                    archive.read(entry)
                    if changed is None
                    else etree.tostring(changed, xml_declaration=True, encoding="UTF-8")
                )
                prepared.writestr(entry.filename, data, ZIP_STORED if entry.filename == "mimetype" else ZIP_DEFLATED)
    shown, in_all = (sum(count) for count in zip(*counts, strict=True)) if counts else (0, 0)
    rows = (shown, in_all) if shown < in_all else None
    Path("answer.json").write_text(json.dumps({"rows": rows, "sheets": sheets}), "utf-8")


def _xml(archive: ZipFile, name: str) -> etree._Element:
    if archive.getinfo(name).file_size > _MAX_XML:
        raise MemoryError(name)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
    return etree.fromstring(archive.read(name), parser)


def _rows(table: etree._Element) -> list[etree._Element]:
    return [row for row in table.iter(f"{_TABLE}table-row") if next(row.iterancestors(f"{_TABLE}table")) is table]


def _trim(table: etree._Element) -> tuple[int, int]:
    """Leave out the rows and the cells after the last one that says or draws something, and the rows beyond
    what is shown; return how many rows stay, and how many there were.
    """
    rows = _rows(table)
    while rows and not any(_is_filled(cell) for cell in rows[-1]):
        _remove(rows.pop())
    count = len(rows)
    while len(rows) > MAX_ROWS:
        _remove(rows.pop())
    for row in rows:
        if repeated(row, "rows") > MAX_ROWS:
            row.set(f"{_TABLE}number-rows-repeated", str(MAX_ROWS))
        cells = list(row)
        while len(cells) > 1 and not _is_filled(cells[-1]):
            row.remove(cells.pop())
    return len(rows), count


def _extent(table: etree._Element) -> tuple[int, int]:
    """Return the last row and the last column of what stays of a sheet."""
    rows = _rows(table)
    widths = (sum(repeated(cell, "columns") for cell in row) for row in rows)
    return sum(repeated(row, "rows") for row in rows), max(widths, default=0)


def _remove(row: etree._Element) -> None:
    parent = row.getparent()
    if parent is not None:
        parent.remove(row)
        if len(parent) == 0 and parent.tag != f"{_TABLE}table" and (above := parent.getparent()) is not None:
            above.remove(parent)


def _is_filled(cell: etree._Element) -> bool:
    return len(cell) > 0 or cell.get(f"{_OFFICE}value-type") is not None


def _master(content: etree._Element, table: etree._Element) -> str:
    name = table.get(f"{_TABLE}style-name")
    found = next((style for style in content.iter(f"{_STYLE}style") if style.get(f"{_STYLE}name") == name), None)
    return found.get(f"{_STYLE}master-page-name", "Default") if found is not None else "Default"


def _width(content: etree._Element, table: etree._Element) -> float:
    """Return how wide in centimetres the columns are up to the last one in use."""
    used = max((sum(repeated(cell, "columns") for cell in row) for row in _rows(table)), default=0)
    sizes = dict(column_sizes(content))
    total, left = 0.0, used
    for column in table.iter(f"{_TABLE}table-column"):
        if left <= 0:
            break
        count = min(left, repeated(column, "columns"))
        left -= count
        if column.get(f"{_TABLE}visibility") not in ("collapse", "filter"):
            total += count * sizes.get(column.get(f"{_TABLE}style-name", ""), COLUMN_WIDTH)
    drawn = (
        length(frame.get("{urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0}width", ""))
        for frame in table.iter(f"{_DRAW}frame")
    )
    return max(total, *drawn, 0.0) if used else max([0.0, *drawn])


def _repeat_first_row(table: etree._Element) -> None:
    """Make the first full row come again on each page, unless the author has chosen."""
    if any(True for _ in table.iter(f"{_TABLE}table-header-rows")) or len(_rows(table)) < 2 * _HEADER_WITHIN:
        return
    direct = [row for row in table if row.tag == f"{_TABLE}table-row"]
    for number, row in enumerate(direct[:_HEADER_WITHIN]):
        if sum(1 for cell in row if _is_filled(cell)) > 1:
            header = etree.Element(f"{_TABLE}table-header-rows")
            table.insert(list(table).index(direct[0]), header)
            for header_row in direct[: number + 1]:
                header.append(header_row)
            return


def _fit(styles: etree._Element, master: str, width: float) -> None:
    """Choose the paper on which this width is read, and have the sheets of this master page as wide as it is."""
    page = next(
        (
            master_page
            for master_page in styles.iter(f"{_STYLE}master-page")
            if master_page.get(f"{_STYLE}name") == master
        ),
        None,
    )
    name = page.get(f"{_STYLE}page-layout-name") if page is not None else None
    layout = next(
        (
            page_layout
            for page_layout in styles.iter(f"{_STYLE}page-layout")
            if page_layout.get(f"{_STYLE}name") == name
        ),
        None,
    )
    if layout is None:
        return
    properties = layout.find(f"{_STYLE}page-layout-properties")
    if properties is None:
        properties = etree.SubElement(layout, f"{_STYLE}page-layout-properties")
    across, down, most = next((paper for paper in _PAPERS if width <= paper[2]), _PAPERS[-1])
    for unwanted in ("scale-to", "scale-to-pages"):
        properties.attrib.pop(f"{_STYLE}{unwanted}", None)
    chosen = {
        f"{_FO}page-width": f"{across}cm", f"{_FO}page-height": f"{down}cm",
        f"{_STYLE}print-orientation": "landscape" if across > down else "portrait",
        f"{_STYLE}scale-to-X": str(max(1, math.ceil(width / most))), f"{_STYLE}scale-to-Y": "0",
        f"{_STYLE}print": "charts drawings objects zero-values",
    }  # fmt: skip
    for side in ("top", "bottom", "left", "right"):
        chosen[f"{_FO}margin-{side}"] = f"{_MARGIN}cm"
    for key, value in chosen.items():
        properties.set(key, value)
