"""Check that what is given instead of the text of an entry is named, with what to do."""

import codecs

import pytest

from portfolio.domain.certification.readers import MAX_BYTES, read_entry
from portfolio.domain.certification.rules.doubts import Doubt, DoubtCode
from portfolio.domain.certification.rules.registration import Part, RejectionReason, UnreadableEntry
from portfolio.wording.certification import refusal_message
from tests import samples
from tests.certification.readers.entries import SAMPLE
from tests.certification.readers.writing import Style, entry_text

TEXT = entry_text(SAMPLE)


def refusal_of(data: bytes, filename: str = "fiche.txt") -> UnreadableEntry:
    with pytest.raises(UnreadableEntry) as caught:
        read_entry(data, filename)
    return caught.value


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", RejectionReason.EMPTY),
        (b" \r\n\t\n", RejectionReason.EMPTY),
        (codecs.BOM_UTF8, RejectionReason.EMPTY),
        (samples.pdf(), RejectionReason.IS_PDF),
        (samples.pdf() + b" " * MAX_BYTES, RejectionReason.IS_PDF),
        (b"\n" + samples.pdf(), RejectionReason.IS_PDF),
        (b"PK\x03\x04" + b"\x00" * 26 + b"word/document.xml", RejectionReason.IS_OFFICE_FILE),
        (b"PK\x03\x04" + b"\x00" * 26 + b"photo.jpg", RejectionReason.IS_ARCHIVE),
        (b"{\\rtf1\\ansi fiche}", RejectionReason.IS_OFFICE_FILE),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 500, RejectionReason.IS_OFFICE_FILE),
        (b'<?xml version="1.0"?><CATALOGUE><FICHE/></CATALOGUE>', RejectionReason.IS_XML),
        (codecs.BOM_UTF8 + b"\n<CATALOGUE/>", RejectionReason.IS_XML),
        (b"<!DOCTYPE html><title>Fiche</title>", RejectionReason.IS_HTML),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, RejectionReason.IS_IMAGE),
        (bytes(range(256)) * 20, RejectionReason.IS_BINARY),
        (TEXT.encode() + b"\n" * MAX_BYTES, RejectionReason.TOO_LARGE),
        (b"Bonjour, voici mon CV.", RejectionReason.NOT_AN_ENTRY),
    ],
)
def test_what_is_no_text_of_an_entry_is_named(data: bytes, reason: RejectionReason) -> None:
    refusal = refusal_of(data)
    assert refusal.reason is reason
    assert refusal_message(refusal).startswith("fiche.txt\u00a0: ")


def test_the_name_of_a_file_decides_nothing() -> None:
    assert read_entry(TEXT.encode(), "fiche.pdf") == read_entry(TEXT.encode(), "fiche.txt")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_encodings_that_say_what_they_are_are_read_without_a_doubt(encoding: str) -> None:
    assert read_entry(TEXT.encode(encoding), "fiche.txt") == read_entry(TEXT.encode(), "fiche.txt")


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_an_older_encoding_is_guessed_and_the_guess_is_told(encoding: str) -> None:
    text = entry_text(SAMPLE, Style(curly=False, bullet="- ")).replace("•", "-")
    entry = read_entry(text.encode(encoding), "fiche.txt")
    assert entry.doubts[0] == Doubt("file", DoubtCode.ENCODING_GUESSED)
    assert entry.certifiers == ("École du Miel",)


def test_a_block_without_a_competency_is_refused_with_what_was_understood() -> None:
    refusal = refusal_of(TEXT.replace("• Accueillir", "").replace("• Vendre", "").encode())
    assert refusal.reason is RejectionReason.BLOCK_WITHOUT_COMPETENCY
    assert [(finding.part, finding.facts) for finding in refusal.missing] == [
        (Part.COMPETENCIES_OF_BLOCK, ("2", "Ouvrir l’atelier"))
    ]
    assert [finding.part for finding in refusal.understood] == [
        Part.HEADING, Part.CODE, Part.TITLE, Part.REGISTRATIONS, Part.BLOCK,
    ]  # fmt: skip
    told = refusal_message(refusal)
    assert "Introuvable\u00a0: les compétences du bloc 2, «\u00a0Ouvrir l’atelier\u00a0»." in told
    assert "le code RNCP12345" in told


def test_a_text_without_code_or_block_says_what_it_looked_for() -> None:
    refusal = refusal_of(b"# Notes\nUn texte quelconque sur la VAE.")
    assert refusal.understood == []
    assert [finding.part for finding in refusal.missing] == [Part.CODE, Part.TITLE, Part.BLOCKS]
