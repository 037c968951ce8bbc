"""Names that people give to files: whatever they are, they are shown, and obeyed nowhere."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.files.file_types.types import FileType
from portfolio.files.filenames import attachment_headers, display_filename, download_name

any_text = st.text(st.characters(codec=None))


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("Attestation employeur.pdf", "Attestation employeur.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\Zoé\\bilan.docx", "bilan.docx"),
        ("a\r\nSet-Cookie: b.pdf", "a␍␊Set-Cookie: b.pdf"),
        ("a\0.pdf", "a␀.pdf"),
        ("a\ud800.pdf", "a\ufffd.pdf"),
        ("facture\u202efdp.exe", "facture\ufffdfdp.exe"),
        ("e\u0301tude.pdf", "étude.pdf"),
        ("bilan.pdf                    .exe", "bilan.pdf .exe"),
        ("CON", "CON"),
        ("\U0001f469\u200d\U0001f4bb.png", "\U0001f469\u200d\U0001f4bb.png"),
        ("..", "sans nom"),
        ("photos/", "sans nom"),
        ("", "sans nom"),
        (None, "sans nom"),
    ],
)
def test_a_name_is_shown_with_what_it_hid_made_visible(raw, shown):
    assert display_filename(raw) == shown


def test_a_name_of_300_characters_keeps_its_beginning_and_its_end():
    shown = display_filename("a" * 296 + ".pdf")
    assert len(shown) == 150
    assert shown.startswith("aaaa")
    assert shown.endswith("aaaa.pdf")
    assert "…" in shown


@given(any_text)
def test_any_name_is_shown_on_one_line_without_hidden_characters_and_is_no_path(raw):
    shown = display_filename(raw)
    assert 0 < len(shown) <= 150
    assert not set(shown) & set("/\\\r\n\0")
    assert not any(unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} for c in shown)
    assert shown.encode()
    assert display_filename(shown) == shown


@given(any_text, st.sampled_from(FileType))
def test_a_copy_ends_as_its_real_kind_does(raw, kind):
    assert download_name(raw, kind).lower().endswith(tuple(f".{extension}" for extension in kind.extensions))


@pytest.mark.parametrize(
    ("raw", "kind", "name"),
    [
        ("Photo.JPEG", FileType.JPEG, "Photo.JPEG"),
        ("notes.md", FileType.TEXT, "notes.md"),
        ("facture.bat", FileType.TEXT, "facture.bat.txt"),
        ("budget.xlsx", FileType.PDF, "budget.xlsx.pdf"),
        ("page.html.", FileType.TEXT, "page.html.txt"),
        ("CON", FileType.PDF, "_CON.pdf"),
        ("aux.pdf", FileType.PDF, "_aux.pdf"),
        ("contrat.pdf", FileType.PDF, "contrat.pdf"),
    ],
)
def test_a_name_that_lies_about_its_kind_is_set_right_on_copies(raw, kind, name):
    assert download_name(raw, kind) == name


@given(any_text, any_text)
def test_any_name_and_any_type_make_headers_that_can_be_sent(name, mime):
    headers = attachment_headers(name, mime)
    assert headers["Content-Disposition"].startswith("attachment; ")
    for value in headers.values():
        assert value.encode("ascii").isascii()
        assert not set(value) & set("\r\n\0")


def test_an_original_is_only_ever_an_attachment_in_which_nothing_runs():
    assert attachment_headers("Évaluation 100 %.pdf", "application/pdf") == {
        "Content-Type": "application/pdf",
        "Content-Disposition": (
            "attachment; filename=\"Evaluation 100 _.pdf\"; filename*=UTF-8''%C3%89valuation%20100%20%25.pdf"
        ),
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cross-Origin-Resource-Policy": "same-origin",
    }


def test_a_type_that_is_not_one_says_nothing():
    assert attachment_headers("a", "text/html\r\nX: y")["Content-Type"] == "application/octet-stream"
