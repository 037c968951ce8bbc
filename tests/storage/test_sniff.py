"""What a file really is, whatever its name says; why it is refused, and that nothing it holds reaches this process."""

from __future__ import annotations

import io
import re
import zipfile

import pytest

from portfolio.storage.kinds import ACCEPT_ATTRIBUTE, FileKind, RefusalCode, Refused, Sniffed
from portfolio.storage.names import attachment_headers
from portfolio.storage.sniff import sniff
from tests import samples


def sniffed(content: bytes) -> Sniffed:
    return sniff(io.BytesIO(content), len(content))


def refusal(content: bytes) -> Refused:
    with pytest.raises(Refused) as refused:
        sniffed(content)
    return refused.value


SOUND = {
    "a PDF": (samples.pdf(), FileKind.PDF),
    "a PDF that only forbids printing": (samples.password_pdf(""), FileKind.PDF),
    "a photograph": (samples.jpeg(), FileKind.JPEG),
    "a photograph that says where": (samples.jpeg(located=True), FileKind.JPEG),
    "a photograph of two views": (samples.image("MPO"), FileKind.JPEG),
    "a PNG": (samples.png(), FileKind.PNG),
    "a WebP": (samples.image("WEBP"), FileKind.WEBP),
    "a GIF": (samples.image("GIF"), FileKind.GIF),
    "a TIFF": (samples.tiff(), FileKind.TIFF),
    "a photograph of iPhone": (samples.image("HEIF"), FileKind.HEIC),
    "an AVIF": (samples.image("AVIF"), FileKind.AVIF),
    "a Word document": (samples.office("docx"), FileKind.DOCX),
    "an Excel sheet": (samples.office("xlsx"), FileKind.XLSX),
    "a PowerPoint": (samples.office("pptx"), FileKind.PPTX),
    "a Word document with its template on the author's disk": (samples.linked_office("file:///C:\\Modele.dotx"), FileKind.DOCX),
    "a Word document with a link": (samples.linked_office("https://example.org", "hyperlink"), FileKind.DOCX),
    "a Writer document": (samples.opendocument("odt"), FileKind.ODT),
    "a Calc sheet": (samples.opendocument("ods"), FileKind.ODS),
    "an Impress": (samples.opendocument("odp"), FileKind.ODP),
    "an old Word document": (samples.compound("WordDocument", "1Table"), FileKind.DOC),
    "an old Excel sheet": (samples.compound("Workbook"), FileKind.XLS),
    "an old PowerPoint": (samples.compound("PowerPoint Document", "Current User"), FileKind.PPT),
    "an Outlook message": (samples.compound("__properties_version1.0"), FileKind.MSG),
    "an RTF": (samples.RTF, FileKind.RTF),
    "a table of a French Excel": (samples.CSV, FileKind.CSV),
    "a table with commas": (b"mois,visites\n1,300\n2,450\n3,500\n", FileKind.CSV),
    "a text": (samples.GREETING.encode(), FileKind.TEXT),
    "a text of Windows": (samples.GREETING.encode("cp1252"), FileKind.TEXT),
    "a text in UTF-16": (samples.GREETING.encode("utf-16"), FileKind.TEXT),
    "a Markdown": (samples.MARKDOWN, FileKind.TEXT),
    "a text that speaks of tags": (b"Le titre se met entre <title> et </title>.\n", FileKind.TEXT),
    "a text with a heart": (b"<3 merci\n", FileKind.TEXT),
    "a mail whose body is HTML": (samples.EML, FileKind.EML),
    "an MP3": (samples.mp3(), FileKind.MP3),
    "an MP3 cut at its end": (samples.mp3()[:-100], FileKind.MP3),
    "a WAV": (samples.wav(), FileKind.WAV),
    "an Ogg": (samples.ogg(), FileKind.OGG),
    "a voice message": (samples.ogg(b"OpusHead"), FileKind.OGG),
    "an MP4": (samples.iso_media(), FileKind.MP4),
    "a sound recorded as MP4": (samples.iso_media(handler=b"soun"), FileKind.M4A),
    "a sound of iPhone": (samples.iso_media(b"M4A ", b"soun"), FileKind.M4A),
    "a QuickTime film": (samples.iso_media(b"qt  "), FileKind.MOV),
    "a WebM": (samples.webm(), FileKind.WEBM),
    "a Word template": (samples.office("dotx"), FileKind.DOCX),
    "a BMP": (samples.image("BMP"), FileKind.BMP),
    "a ZIP": (samples.archive({"cv.pdf": samples.pdf(), "photo.jpg": samples.jpeg()}), FileKind.ZIP),
    "an electronic book": (samples.epub(), FileKind.EPUB),
    "a web page": (b"<!DOCTYPE html><html><body><script>alert(1)</script><p>Bilan</p></body></html>", FileKind.HTML),
    "a drawing": (b'<svg xmlns="http://www.w3.org/2000/svg"><circle r="4"/></svg>', FileKind.SVG),
    "an MP4 of an old telephone": (samples.iso_media(b"3gp4"), FileKind.THREEGP),
    "a Matroska film": (samples.webm(b"matroska"), FileKind.MKV),
    "a FLAC": (b"fLaC" + bytes(60), FileKind.FLAC),
    "a sound of an old telephone": (b"#!AMR\n" + bytes(60), FileKind.AMR),
    "an AIFF": (b"FORM\0\0\0\x20AIFF" + bytes(32), FileKind.AIFF),
    "an AVI": (b"RIFF\x20\0\0\0AVI " + bytes(32), FileKind.AVI),
    "a recording of Windows": (bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c") + bytes(60), FileKind.WMA),
    "a bare AAC": (2 * (bytes.fromhex("fff15080010000") + bytes(1)), FileKind.AAC),
}


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_file_is_accepted_for_what_it_is(name):
    content, kind = SOUND[name]
    assert sniffed(content).kind is kind


def test_every_accepted_kind_is_tried():
    assert {kind for _, kind in SOUND.values()} == set(FileKind)


UNSOUND = {
    "an empty file": (b"", RefusalCode.EMPTY),
    "a PDF cut short": (samples.pdf(3)[:300], RefusalCode.DAMAGED),
    "a PDF in name only": (b"%PDF-1.4\n%nothing more", RefusalCode.DAMAGED),
    "a PDF behind a password": (samples.password_pdf(), RefusalCode.PASSWORD),
    "a photograph cut short": (samples.jpeg((640, 480))[:-900], RefusalCode.DAMAGED),
    "a PNG cut short": (samples.png((640, 480))[:-400], RefusalCode.DAMAGED),
    "a HEIC cut short": (samples.image("HEIF", (640, 480))[:-400], RefusalCode.DAMAGED),
    "a PNG of 81 million pixels": (samples.vast_png(), RefusalCode.TOO_MANY_PIXELS),
    "a JPEG 2000": (samples.image("JPEG2000"), RefusalCode.OTHER_IMAGE),
    "a ZIP with a program": (
        samples.archive({"cv.pdf": samples.pdf(), "jeu.exe": samples.PROGRAM}),
        RefusalCode.EMBEDDED_PROGRAM,
    ),
    "a ZIP behind a password": (samples.password_archive(), RefusalCode.PASSWORD),
    "a 7z": (samples.SEVEN_ZIP, RefusalCode.ARCHIVE),
    "a Word document cut short": (samples.office("docx")[:-30], RefusalCode.DAMAGED),
    "a Word document that lost a byte": (samples.office("docx").replace(b"PK\x01\x02", b"PK\x01\x03", 1), RefusalCode.DAMAGED),
    "a Word document without its text": (samples.archive({"[Content_Types].xml": "<Types/>"}), RefusalCode.OTHER_OFFICE),
    "a Word document marked as encrypted": (samples.mark_encrypted(samples.office("docx")), RefusalCode.PASSWORD),
    "a Word document with macros": (samples.macro_office(), RefusalCode.MACROS),
    "a Word document with a template on the internet": (
        samples.linked_office("https://example.org/a.dotm"),
        RefusalCode.REMOTE_CONTENT,
    ),
    "a Word document with a template on a server": (
        samples.linked_office("file:///\\\\server\\a.dotm"),
        RefusalCode.REMOTE_CONTENT,
    ),
    "a Word document with an object of another scheme": (
        samples.linked_office("mhtml:https://example.org/a!x", "oleObject"),
        RefusalCode.REMOTE_CONTENT,
    ),
    "a Word document with a DTD": (samples.office("docx", {"word/_rels/a.rels": samples.XML}), RefusalCode.DAMAGED),
    "a Word document that climbs out": (samples.office("docx", {"../../evil.txt": "x"}), RefusalCode.DAMAGED),
    "a Word document that swells": (samples.swollen_office(), RefusalCode.SWELLS),
    "a Word document of overlapping pieces": (samples.overlapping_office(), RefusalCode.SWELLS),
    "a Writer document behind a password": (samples.password_opendocument(), RefusalCode.PASSWORD),
    "a Writer document with macros": (samples.opendocument("odt", {"Basic/Standard/Module1.xml": "<m/>"}), RefusalCode.MACROS),
    "a drawing of LibreOffice": (samples.opendocument("odg"), RefusalCode.OTHER_OFFICE),
    "an electronic book that is locked": (
        samples.archive({"mimetype": "application/epub+zip", "META-INF/container.xml": "<c/>", "META-INF/rights.xml": "<r/>"}),
        RefusalCode.EBOOK,
    ),
    "a Java program": (
        samples.archive({"META-INF/MANIFEST.MF": "Main-Class: A", "A.class": b"\xca\xfe\xba\xbe"}),
        RefusalCode.PROGRAM,
    ),
    "an old Word document behind a password": (
        samples.compound("WordDocument", start=bytes(10) + b"\0\x01"),
        RefusalCode.PASSWORD,
    ),
    "an old Excel sheet behind a password": (
        samples.compound("Workbook", start=b"\x09\x08\x00\x00\x2f\0\0\0"),
        RefusalCode.PASSWORD,
    ),
    "a new Word document behind a password": (samples.compound("EncryptedPackage", "EncryptionInfo"), RefusalCode.PASSWORD),
    "an old Word document with macros": (samples.compound("WordDocument", "Macros"), RefusalCode.MACROS),
    "an old Word document cut short": (samples.compound("WordDocument")[:-3000], RefusalCode.DAMAGED),
    "a Publisher document": (samples.compound("Quill"), RefusalCode.OTHER_OFFICE),
    "an RTF cut short": (samples.RTF[:-1], RefusalCode.DAMAGED),
    "a web page without words": (samples.HTML, RefusalCode.WEB_PAGE),
    "a web page after blank lines": (b"\n\n  " + samples.HTML, RefusalCode.WEB_PAGE),
    "a web page in UTF-16": (samples.HTML.decode().encode("utf-16"), RefusalCode.WEB_PAGE),
    "an XML that reads files": (samples.XML, RefusalCode.WEB_PAGE),
    "an SVG that runs": (samples.SVG, RefusalCode.DRAWING),
    "a program": (samples.PROGRAM, RefusalCode.PROGRAM),
    "a script": (samples.SCRIPT, RefusalCode.PROGRAM),
    "a table that starts a program": (samples.COMMAND_CSV, RefusalCode.COMMANDS),
    "an MP3 without sound": (samples.mp3(0), RefusalCode.DAMAGED),
    "a WAV cut short": (samples.wav()[:-100], RefusalCode.DAMAGED),
    "an Ogg film": (samples.ogg(b"\x80theora"), RefusalCode.OTHER_MEDIA),
    "an MP4 cut short": (samples.iso_media()[:-50], RefusalCode.DAMAGED),
    "noise": (samples.NOISE, RefusalCode.UNKNOWN),
}


@pytest.mark.parametrize("name", UNSOUND)
def test_an_unsound_file_is_refused_with_the_right_reason(name):
    content, code = UNSOUND[name]
    assert refusal(content).code is code


def test_pages_are_counted():
    assert sniffed(samples.pdf(12)) == Sniffed(FileKind.PDF, 12)
    assert sniffed(samples.tiff(3)) == Sniffed(FileKind.TIFF, 3)
    assert sniffed(samples.png()) == Sniffed(FileKind.PNG, None)


@pytest.mark.parametrize("kind", FileKind)
def test_a_kind_says_how_its_copies_are_sent(kind):
    answer = Sniffed(kind)
    assert answer.extension == kind.extensions[0]
    assert re.fullmatch(r"[a-z]+/[a-z0-9.+-]+", answer.mime)
    assert f".{answer.extension}" in ACCEPT_ATTRIBUTE.split(",")
    sent = attachment_headers("copie", answer.mime)["Content-Type"]
    assert "html" not in sent
    assert "xml" not in sent.split("/")[1].replace("openxml", "")


def test_a_damaged_entry_inside_a_document_is_seen():
    document = samples.archive(
        {"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "abcabc" * 99}, zipfile.ZIP_STORED
    )
    assert refusal(document.replace(b"abcabcabc", b"abcabcabd", 1)).code is RefusalCode.DAMAGED
