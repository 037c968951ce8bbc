"""Readers of formats: what a message of Outlook, a page of HTML or an old document says."""

from __future__ import annotations

import struct

import pytest

from portfolio.files.conversion.document import Document
from portfolio.files.conversion.readers.html import HtmlReader
from portfolio.files.conversion.readers.legacy_office import _visible
from portfolio.files.conversion.readers.mail import read_message
from portfolio.files.conversion.readers.rich_text import unpack, words_of
from portfolio.files.conversion.readers.spreadsheet import read_csv
from tests import samples


def blocks_of(page: str) -> list[tuple[str, str]]:
    document = Document()
    HtmlReader(document).read(page)
    return [(block["type"], "".join(run["text"] for run in block.get("runs", ()))) for block in document.blocks]


def compressed(rich: bytes) -> bytes:
    """Rich text as Outlook keeps it, each byte as it is."""
    body = b"".join(b"\0" + rich[start : start + 8] for start in range(0, len(rich), 8))
    return struct.pack("<II4sI", len(body) + 12, len(rich), b"LZFu", 0) + body


def test_the_rich_text_of_a_message_is_unpacked():
    rich = rb"{\rtf1\ansi\ansicpg1252 R\'e9union \u8217?\par fin}"
    assert unpack(compressed(rich)) == rich
    assert words_of(rich) == ("Réunion ’\nfin", False)


def test_a_reference_of_the_compression_repeats_what_was_written():
    literal = b"abcabcabc"
    packed = b"\x08" + b"abc" + struct.pack(">H", 207 << 4 | 6 - 2) + b""
    unpacked = unpack(struct.pack("<II4sI", len(packed) + 12, len(literal), b"LZFu", 0) + packed)
    assert unpacked == literal


def test_html_put_into_rich_text_comes_out_as_html():
    rich = rb"{\rtf1\ansi\fromhtml1 {\*\htmltag84 <p>}Bonjour \htmlrtf \b cache\htmlrtf0 Paul{\*\htmltag92 </p>}}"
    assert words_of(rich) == ("<p>Bonjour Paul</p>", True)


@pytest.mark.parametrize(
    "noise", [b"", b"x" * 15, struct.pack("<II4sI", 99, 99, b"LZFu", 0) + b"\xff" * 9, samples.NOISE]
)
def test_rich_text_that_is_not_one_is_nothing(noise):
    assert isinstance(unpack(noise), bytes)


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


def test_of_a_field_only_its_result_is_read():
    assert "".join(_visible("Page \x13 PAGE \x147\x15.\r")) == "Page 7.\n"


@pytest.mark.parametrize("charset", ["utf-8", "cp1252"])
def test_accents_that_no_charset_announces_are_read_in_the_header_of_a_message(charset):
    written = "From: René <r@exemple.fr>\nTo: a@exemple.fr\nSubject: Été à la résidence\n\nBonjour\n"
    document, _files = read_message(written.encode(charset))
    assert "Été à la résidence" in str(document.blocks)
    assert "René" in str(document.blocks)
