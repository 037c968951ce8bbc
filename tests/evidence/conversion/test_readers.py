"""Readers of formats: what a message of Outlook, a page of HTML says."""

import pytest
from compressed_rtf.compressed_rtf import compress

from portfolio.files.conversion.document import Document
from portfolio.files.conversion.readers.html import HtmlReader
from portfolio.files.conversion.readers.mail import read_message, read_outlook
from portfolio.files.conversion.readers.spreadsheet import read_csv
from portfolio.files.conversion.text import NO_TEXT, NOT_DIVIDED, RICH_TEXT
from tests import samples


def blocks_of(page: str) -> list[tuple[str, str]]:
    document = Document()
    HtmlReader(document).read(page)
    return [(block["type"], "".join(run["text"] for run in block.get("runs", ()))) for block in document.blocks]


def test_a_page_is_read_in_its_order():
    page = "<h2>Un</h2><ul><li>a<ul><li>b</li></ul></li></ul><p>x<br>y</p><pre>k  l</pre><blockquote>q</blockquote>"
    assert blocks_of(page) == [
        ("heading", "Un"),
        ("item", "a"),
        ("item", "b"),
        ("paragraph", "x\ny"),
        ("code", "k  l"),
        ("paragraph", "q"),
    ]


def test_tables_that_place_things_are_not_tables():
    assert blocks_of("<table><tr><td>Bonjour</td></tr></table>") == [("paragraph", "Bonjour")]


def test_what_is_hidden_is_not_read():
    assert blocks_of("<p style='display:none'>x</p><p hidden>y</p><script>z</script><p>vu</p>") == [("paragraph", "vu")]


def test_quotes_in_a_table_may_hold_its_separators():
    assert read_csv('a;b\n"x;y";"une\nligne"\n') == ([["a", "b"], ["x;y", "une\nligne"]], 2)


@pytest.mark.parametrize("charset", ["utf-8", "cp1252"])
def test_accents_that_no_charset_announces_are_read_in_the_header_of_a_message(charset):
    written = "From: René <r@exemple.fr>\nTo: a@exemple.fr\nSubject: Été à la résidence\n\nBonjour\n"
    document, _files = read_message(written.encode(charset))
    assert "Été à la résidence" in str(document.blocks)
    assert "René" in str(document.blocks)


def test_a_message_whose_parts_are_not_found_is_damaged_and_not_empty():
    written = 'From: a@exemple.fr\nContent-Type: multipart/alternative; boundary="x"\n\n{}'
    damaged, _files = read_message(written.format("--other\nContent-Type: text/html\n\n<p>Bonjour</p>").encode())
    empty, _files = read_message(written.format("").encode())
    assert [one.blocks[-1]["runs"][0]["text"] for one in (damaged, empty)] == [NOT_DIVIDED, NO_TEXT]


RICH = rb"{\rtf1\ansi\ansicpg1252 R\'e9union}"


@pytest.mark.parametrize(
    ("streams", "files"),
    [
        ({"__substg1.0_10090102": compress(RICH)}, [(RICH_TEXT, RICH)]),
        ({"__substg1.0_10090102": compress(RICH), "__substg1.0_1000001E": b"R\xe9union"}, []),
        ({"__substg1.0_10090102": samples.NOISE}, []),
    ],
    ids=["rich only", "rich and plain", "noise"],
)
def test_the_rich_text_of_a_message_is_a_document_where_it_has_no_other(streams, files):
    document, found = read_outlook(samples.compound_of({"__properties_version1.0": bytes(32), **streams}))
    assert [(file.name, file.content) for file in found] == files
    assert ("Réunion" in str(document.blocks)) == ("__substg1.0_1000001E" in streams)
