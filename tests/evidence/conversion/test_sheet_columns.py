"""Columns are as wide on paper as what their cells say, and no wider than that."""

import pytest
from lxml import etree

from portfolio.files.conversion.sheet_layout import column_sizes, widen_columns

_NAMES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"'
    for short, long in (
        ("office", "office"),
        ("table", "table"),
        ("style", "style"),
        ("fo", "xsl-fo-compatible"),
        ("text", "text"),
    )
)
_TABLE, _STYLE_NAME = (
    "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}table",
    "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}style-name",
)


def widths(*cells: str) -> list[float]:
    """Return how wide the columns of a row of such cells become; each was 2 cm wide."""
    content = etree.fromstring(
        f"""<office:document-content {_NAMES}><office:automatic-styles>
        <style:style style:name="co" style:family="table-column">
        <style:table-column-properties style:column-width="2cm"/></style:style>
        <style:style style:name="lines" style:family="table-cell">
        <style:table-cell-properties fo:wrap-option="wrap"/></style:style>
        </office:automatic-styles><table:table>
        <table:table-column table:style-name="co" table:number-columns-repeated="1024"/>
        <table:table-row>{"".join(cells)}</table:table-row></table:table></office:document-content>"""
    )
    table = next(content.iter(_TABLE))
    rows = [row for row in table if row.tag.endswith("table-row")]
    widen_columns(content, table, rows)
    sizes = dict(column_sizes(content))
    columns = [column for column in table if column.tag.endswith("table-column")]
    counted = sum(int(column.get(f"{_TABLE[:-5]}number-columns-repeated", "1")) for column in columns)
    assert counted == 1024
    return [sizes[column.get(_STYLE_NAME)] for column in columns]


def cell(text: str, kind: str = "string", more: str = "") -> str:
    return f'<table:table-cell office:value-type="{kind}" {more}><text:p>{text}</text:p></table:table-cell>'


EMPTY = "<table:table-cell/>"
LONG = "Fournitures de l’atelier de mars"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (cell("mercredi 14 mars 2024", "date"), EMPTY),
        (cell("12 345 678,90 €", "currency"), EMPTY),
        (cell(LONG), cell("12", "float")),
    ],
)
def test_a_column_holds_what_would_be_lost_or_cut(first, second):
    found = widths(first, second)
    assert found[0] > 3.5
    assert set(found[1:]) == {2.0}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (cell(LONG), EMPTY),
        (cell(LONG, more='table:style-name="lines"'), cell("12", "float")),
        (cell(LONG, more='table:number-columns-spanned="2"'), cell("12", "float")),
        (cell("-4,59999999999999", "float"), EMPTY),
        (cell("12", "float"), cell("oui")),
    ],
)
def test_a_column_stays_where_nothing_is_lost(first, second):
    assert set(widths(first, second)) == {2.0}


def test_only_the_column_that_needs_it_is_widened():
    found = widths(EMPTY, cell("14/03/2024 08:30:00", "date"), cell("oui"))
    assert found[0] == 2.0
    assert found[1] > 3.5
    assert found[2] == 2.0
