"""What a file really is, whatever its name says; why it is refused, and that nothing it holds reaches this process."""

from __future__ import annotations

import io
import os
import re
import socket
import subprocess
import sys
import zipfile
from pathlib import Path
from tempfile import SpooledTemporaryFile

import pytest

from portfolio.storage.kinds import ACCEPT_ATTRIBUTE, FileKind, RefusalCode, Refused, Sniffed
from portfolio.storage.sniff import child_environment, sniff
from portfolio.storage.wording import REFUSALS, refusal_sentence, size_shown, too_large_sentence
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
    "a BMP": (samples.image("BMP"), RefusalCode.OTHER_IMAGE),
    "a JPEG 2000": (samples.image("JPEG2000"), RefusalCode.OTHER_IMAGE),
    "a ZIP": (samples.archive({"cv.pdf": samples.pdf(), "photo.jpg": samples.jpeg()}), RefusalCode.ARCHIVE),
    "a ZIP behind a password": (samples.password_archive(), RefusalCode.ARCHIVE),
    "a 7z": (samples.SEVEN_ZIP, RefusalCode.ARCHIVE),
    "a Word document cut short": (samples.office("docx")[:-30], RefusalCode.DAMAGED),
    "a Word document that lost a byte": (samples.office("docx").replace(b"PK\x01\x02", b"PK\x01\x03", 1), RefusalCode.DAMAGED),
    "a Word document without its text": (samples.archive({"[Content_Types].xml": "<Types/>"}), RefusalCode.OTHER_OFFICE),
    "a Word document marked as encrypted": (samples.mark_encrypted(samples.office("docx")), RefusalCode.PASSWORD),
    "a Word document with macros": (samples.macro_office(), RefusalCode.MACROS),
    "a Word template": (samples.office("dotx"), RefusalCode.OTHER_OFFICE),
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
    "an electronic book": (samples.epub(), RefusalCode.EBOOK),
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
    "a web page": (samples.HTML, RefusalCode.WEB_PAGE),
    "a web page after blank lines": (b"\n\n  " + samples.HTML, RefusalCode.WEB_PAGE),
    "a web page in UTF-16": (samples.HTML.decode().encode("utf-16"), RefusalCode.WEB_PAGE),
    "an XML that reads files": (samples.XML, RefusalCode.WEB_PAGE),
    "an SVG": (samples.SVG, RefusalCode.DRAWING),
    "a program": (samples.PROGRAM, RefusalCode.PROGRAM),
    "a script": (samples.SCRIPT, RefusalCode.PROGRAM),
    "a table that starts a program": (samples.COMMAND_CSV, RefusalCode.COMMANDS),
    "an MP3 without sound": (samples.mp3(0), RefusalCode.DAMAGED),
    "a WAV cut short": (samples.wav()[:-100], RefusalCode.DAMAGED),
    "an Ogg film": (samples.ogg(b"\x80theora"), RefusalCode.OTHER_MEDIA),
    "an MP4 cut short": (samples.iso_media()[:-50], RefusalCode.DAMAGED),
    "an MP4 of an old telephone": (samples.iso_media(b"3gp4"), RefusalCode.OTHER_MEDIA),
    "a Matroska film": (samples.webm(b"matroska"), RefusalCode.OTHER_MEDIA),
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
    assert "html" not in answer.mime
    assert "xml" not in answer.mime.split("/")[1].replace("openxml", "")


@pytest.mark.parametrize("size", [(6320, 6320), (40_000, 1000)])
@pytest.mark.parametrize("name", ["PNG", "JPEG", "GIF", "TIFF"])
def test_a_picture_of_just_40_million_pixels_is_within_the_childs_means(name, size):
    assert sniffed(samples.image(name, size)).kind.family == "image"


class TestTheLimitedChild:
    def test_a_pdf_that_asks_for_all_the_memory_is_stopped_and_this_process_does_not_grow(self):
        before = resident()
        assert refusal(samples.swollen_pdf(1_500_000_000)).code is RefusalCode.TOO_DEMANDING
        assert resident() - before < 16_000_000

    def test_it_can_open_no_connection_no_file_and_write_nothing(self, tmp_path):
        assert what_it_can_do(tmp_path, confined=False) == {
            "connect",
            "listen",
            "read",
            "create",
            "write",
            "swell",
            "lift a limit",
        }
        assert what_it_can_do(tmp_path, confined=True) == set()

    def test_it_does_not_know_our_secrets(self, monkeypatch):
        monkeypatch.setenv("SECRET_KEY", "canary")
        monkeypatch.setenv("PYTHONSTARTUP", "/nowhere")
        assert "canary" not in child_environment().values()
        assert not any(name.startswith("PYTHON") for name in child_environment())

    def test_when_it_cannot_start_the_file_is_not_blamed(self, monkeypatch, caplog):
        monkeypatch.setattr(sys, "executable", "/bin/false")
        assert refusal(samples.pdf()).code is RefusalCode.NOT_CHECKED
        assert "cannot start" in caplog.text


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


ATTEMPTS = """
import os, resource, socket, sys
from portfolio.storage.confinement import confine
port, folder, writable, confined = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4] == "True"
attempts = {
    "connect": lambda: socket.create_connection(("127.0.0.1", port), 1),
    "listen": lambda: socket.socket(socket.AF_INET6, socket.SOCK_DGRAM),
    "read": lambda: open("/etc/passwd"),
    "create": lambda: open(f"{folder}/never", "w"),
    "write": lambda: os.write(writable, b"x"),
    "swell": lambda: bytearray(2_000_000_000),
    "lift a limit": lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100)),
}
if confined:
    confine(5)
for name, attempt in attempts.items():
    try:
        attempt()
    except (OSError, MemoryError, ValueError):
        continue
    os.write(1, f"{name}\\n".encode())
os._exit(0)
"""


def what_it_can_do(folder: Path, confined: bool) -> set[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener, (folder / "open").open("wb") as writable:
        ran = subprocess.run(
            [sys.executable, "-c", ATTEMPTS, str(listener.getsockname()[1]), str(folder), str(writable.fileno()), str(confined)],
            cwd=Path(__file__).parents[2],
            pass_fds=[writable.fileno()],
            capture_output=True,
            text=True,
            check=True,
        )
    return set(ran.stdout.splitlines())


class TestTheContent:
    def test_a_file_half_read_is_judged_whole_and_given_back_at_its_beginning(self, tmp_path):
        content = samples.pdf(2) + b"%" * 100_000
        path = tmp_path / "sent"
        path.write_bytes(content)
        with path.open("rb") as file:
            file.read(10)
            assert sniff(file, len(content)) == Sniffed(FileKind.PDF, 2)
            assert file.read() == content

    def test_a_file_just_written_is_judged_with_its_last_bytes(self):
        content = samples.pdf(2)
        with SpooledTemporaryFile(max_size=1_000_000) as file:
            file.write(content)
            assert sniff(file, len(content)) == Sniffed(FileKind.PDF, 2)
            assert file.read() == content

    def test_a_refused_file_is_given_back_at_its_beginning_too(self):
        file = io.BytesIO(samples.NOISE)
        with pytest.raises(Refused):
            sniff(file, len(samples.NOISE))
        assert file.read() == samples.NOISE


class TestTheSentences:
    @pytest.mark.parametrize("code", RefusalCode)
    def test_every_reason_has_its_sentence_that_says_what_to_do(self, code):
        sentence = refusal_sentence(Refused(code, {"kind": FileKind.PDF, "limit": 40_000_000}))
        assert sentence == REFUSALS[code]({"kind": FileKind.PDF, "limit": 40_000_000})
        assert len(re.findall(r"[.!](?: |$)", sentence)) >= 2
        assert "{" not in sentence
        assert "'" not in sentence

    def test_figures_are_told(self):
        assert "40 millions" in refusal_sentence(refusal(samples.vast_png()))
        assert "Ce fichier PDF est incomplet" in refusal_sentence(refusal(samples.pdf()[:200]))
        assert "Ce fichier est incomplet" in refusal_sentence(Refused(RefusalCode.DAMAGED))
        assert "200 Mo au plus" in too_large_sentence(200_000_000)

    @pytest.mark.parametrize(
        ("size", "shown"),
        [
            (0, "0 octet"),
            (12, "12 octets"),
            (12_000, "12 ko"),
            (3_400_000, "3,4 Mo"),
            (1_000_000_000, "1 Go"),
            (20_000_000, "20 Mo"),
        ],
    )
    def test_sizes_are_said_as_people_read_them(self, size, shown):
        assert size_shown(size) == shown


def test_a_damaged_entry_inside_a_document_is_seen():
    document = samples.archive(
        {"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "abcabc" * 99}, zipfile.ZIP_STORED
    )
    assert refusal(document.replace(b"abcabcabc", b"abcabcabd", 1)).code is RefusalCode.DAMAGED
