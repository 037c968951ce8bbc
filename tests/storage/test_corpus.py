"""Real files that no one here wrote, sound and hostile: each is decided, with its reason (ACQUIS_CORPUS names their folder)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from portfolio.storage.kinds import FileKind, RefusalCode, Refused
from portfolio.storage.sniff import sniff
from portfolio.storage.wording import refusal_sentence

CORPUS = Path(os.environ.get("ACQUIS_CORPUS", "/nowhere"))
pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="ACQUIS_CORPUS does not name the folder of real files")

# Sound files that are refused all the same; every other one is accepted as what its name says.
REFUSED_THOUGH_SOUND = {
    "magika_test.svg": RefusalCode.DRAWING,
    "test-documents.7z": RefusalCode.ARCHIVE,
    "test-documents.zip": RefusalCode.ARCHIVE,
    "testEPUB.epub": RefusalCode.EBOOK,
}

# Accepted ones are kept as attachments in which nothing runs: they open, and what is odd in them harms no reader.
HOSTILE: dict[str, FileKind | RefusalCode] = {
    "200MP.heic": RefusalCode.TOO_MANY_PIXELS,
    "36-memory_error.jpg": FileKind.JPEG,
    "Classic_XXE_-_etc_passwd.xml": RefusalCode.WEB_PAGE,
    "Deny_Of_Service_-_Billion_Laugh_Attack": RefusalCode.WEB_PAGE,
    "NullHeader.docx": FileKind.DOCX,
    "SVG_XSS1.svg": RefusalCode.DRAWING,
    "SVG_XSS_nested_use_xlink.svg": RefusalCode.DRAWING,
    "broken_data_stream.png": RefusalCode.DAMAGED,
    "content-stream-errors.pdf": FileKind.PDF,
    "corrupted.heic": RefusalCode.DAMAGED,
    "crazyones-encrypted-256.pdf": RefusalCode.PASSWORD,
    "cyclic-toc.pdf": FileKind.PDF,
    "dde-in-csv.csv": RefusalCode.COMMANDS,
    "decompression_bomb.gif": RefusalCode.TOO_MANY_PIXELS,
    "decompression_bomb.ico": RefusalCode.OTHER_IMAGE,
    "droste.zip": RefusalCode.ARCHIVE,
    "empty_file": RefusalCode.EMPTY,
    "etc_passwd.zip": RefusalCode.ARCHIVE,
    "full_encrypted.7z": RefusalCode.ARCHIVE,
    "generated_bomb_document_xml_250MB.docx": RefusalCode.SWELLS,
    "generated_bomb_flat_300MB.zip": RefusalCode.ARCHIVE,
    "generated_bomb_flate_200MB.pdf": FileKind.PDF,
    "generated_zip_evil_names.zip": RefusalCode.ARCHIVE,
    "image02206.jpg": FileKind.JPEG,
    "mail_malformed_3": FileKind.EML,
    "oom-225817ca0f8c663be7ab4b9e717b02c661e66834.tif": RefusalCode.DAMAGED,
    "payload_in_all_known_metadata.jpg": FileKind.JPEG,
    "python-config-__init__.py.zip": RefusalCode.ARCHIVE,
    "quadratic.xml": RefusalCode.WEB_PAGE,
    "test-zip-of-zip.zip": RefusalCode.ARCHIVE,
    "testAltChunkHTML.docx": FileKind.DOCX,
    "testAttachedTemplate.docx": RefusalCode.REMOTE_CONTENT,
    "testEXCEL_protected_passtika.xlsx": RefusalCode.PASSWORD,
    "testExternalRefs.docx": FileKind.DOCX,
    "testMP3truncated.mp3": RefusalCode.DAMAGED,
    "testODTEncrypted.odt": RefusalCode.PASSWORD,
    "testODTnotaZipFile.odt": FileKind.TEXT,
    "testPDFFileEmbInAnnotation.pdf": FileKind.PDF,
    "testPDF_bad_page_303226.pdf": FileKind.PDF,
    "testPDF_jsActionOnPage.pdf": FileKind.PDF,
    "testPDF_malformedXFA.pdf": FileKind.PDF,
    "testPDF_protected.pdf": FileKind.PDF,  # opens for everyone; only printing and copying are restricted
    "testWORD_truncated.docx": RefusalCode.DAMAGED,
    "testZIP_corrupted_oom.zip": RefusalCode.DAMAGED,
    "testZipEncrypted.zip": RefusalCode.ARCHIVE,
    "testZipEntryNameCharsetShiftSJIS.zip": RefusalCode.ARCHIVE,
    "truncated_jpeg.jpg": RefusalCode.DAMAGED,
    "xss.html": RefusalCode.WEB_PAGE,
    "xss.xhtml": RefusalCode.WEB_PAGE,
    "zero_width.gif": RefusalCode.DAMAGED,
}


def files(folder: str) -> list[Path]:
    return sorted((CORPUS / folder).glob("*")) if CORPUS.is_dir() else []


def decided(path: Path) -> FileKind | RefusalCode:
    with path.open("rb") as content:
        try:
            return sniff(content, path.stat().st_size).kind
        except Refused as refused:
            assert refusal_sentence(refused)  # noqa: PT017
            return refused.code


@pytest.mark.parametrize("path", files("benign"), ids=lambda path: path.name)
def test_a_sound_file_is_accepted_as_what_it_is_or_refused_for_a_reason_of_ours(path):
    answer = decided(path)
    if path.name in REFUSED_THOUGH_SOUND:
        assert answer is REFUSED_THOUGH_SOUND[path.name]
    else:
        assert path.suffix.lower().lstrip(".") in FileKind(answer).extensions


@pytest.mark.parametrize("path", files("hostile"), ids=lambda path: path.name)
def test_a_hostile_file_is_refused_for_what_is_wrong_or_kept_as_an_inert_attachment(path):
    assert decided(path) is HOSTILE[path.name]


def test_every_file_is_decided():
    assert (len(files("benign")), len(files("hostile"))) == (72, 50)
    assert {path.name for path in files("hostile")} == set(HOSTILE)
