"""Odd and hostile files made here: each is accepted as what it is, or refused for what is wrong with it."""

import io
import stat
import struct
import zipfile
import zlib

import pytest

from portfolio.files.file_types.detect import sniff
from portfolio.files.file_types.types import FileRejected, FileType, RejectionReason
from tests import samples


def pdf(*changes: tuple[bytes, bytes]) -> bytes:
    """A PDF of one page, some of it replaced; its table of places no longer holds, as in many a real one."""
    made = samples.pdf()
    for one, other in changes:
        assert one in made
        made = made.replace(one, other)
    return made


def png(*pieces: tuple[bytes, bytes]) -> bytes:
    """A PNG of 64 × 48 with these pieces before its picture."""
    picture = zlib.compress((b"\0" + bytes(192)) * 48)
    around = [(b"IHDR", struct.pack(">IIBBBBB", 64, 48, 8, 2, 0, 0, 0)), *pieces, (b"IDAT", picture), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(samples._png_piece(name, data) for name, data in around)


def tiff_of_lists(following: int) -> bytes:
    """A TIFF whose first list of entries is followed by the one at this place."""
    entries = [
        (256, 3, 1, 1),
        (257, 3, 1, 1),
        (258, 3, 1, 8),
        (259, 3, 1, 1),
        (262, 3, 1, 1),
        (273, 4, 1, 110),
        (279, 4, 1, 1),
    ]
    listed = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return (b"II*\0" + struct.pack("<I", 8) + listed + struct.pack("<I", following)).ljust(111, b"\x80")


def with_link() -> bytes:
    out = io.BytesIO(samples.office("docx"))
    with zipfile.ZipFile(out, "a") as container:
        link = zipfile.ZipInfo("word/lien")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        container.writestr(link, "/etc/passwd")
    return out.getvalue()


SWOLLEN = zlib.compress(bytes(100_000_000), 9)
GIF_OF_65535 = (
    b"GIF89a" + struct.pack("<HHBBB", 65535, 65535, 0x80, 0, 0) + bytes(6) + b"," + struct.pack("<HHHHB", 0, 0, 1, 1, 0)
)
CATALOG = b"<< /Type /Catalog /Pages 2 0 R >>"


@pytest.mark.parametrize(
    ("content", "decided"),
    [
        (pdf((CATALOG, CATALOG[:-2] + b"/OpenAction << /S /JavaScript /JS (app.alert(1)) >> >>")), FileType.PDF),
        (pdf((CATALOG, CATALOG[:-2] + b"/OpenAction << /S /Launch /F (/bin/sh) >> >>")), RejectionReason.LAUNCHES),
        (pdf((CATALOG, CATALOG[:-2] + b"/Deep " + b"[" * 100_000 + b"]" * 100_000 + b" >>")), FileType.PDF),
        (pdf((b"/Count 1 /Kids [4 0 R]", b"/Count 0 /Kids []")), RejectionReason.DAMAGED),
        (pdf((b"/Kids [4 0 R]", b"/Kids [2 0 R]")), RejectionReason.DAMAGED),
        (pdf((b"/Count 1", b"/Count 999999999")), FileType.PDF),
        (pdf((b"[0 0 595 842]", b"[0 0 14400 14400]")), FileType.PDF),
        (samples.pdf()[:300], RejectionReason.DAMAGED),
        (samples.pdf() + samples.archive({"virus.exe": "MZ"}), FileType.PDF),
        (samples.archive({"a.pdf": samples.pdf()}, zipfile.ZIP_STORED), FileType.ZIP),
        (png((b"iCCP", b"x\0\0" + SWOLLEN)), RejectionReason.DAMAGED),
        (png((b"zTXt", b"x\0\0" + SWOLLEN)), RejectionReason.DAMAGED),
        (samples.SVG, RejectionReason.ACTIVE_DRAWING),
        (GIF_OF_65535 + b"\x02\x02\x44\x01\0;", RejectionReason.TOO_MANY_PIXELS),
        (b"GIF89a/*" + samples.image("GIF")[8:] + b"*/=1;alert(1)", FileType.GIF),
        (tiff_of_lists(following=8), FileType.TIFF),
        (samples.jpeg((640, 480))[:-2000], RejectionReason.DAMAGED),
        (samples.office("docx", {"../../x": "x"}), RejectionReason.UNSAFE_NAMES),
        (with_link(), RejectionReason.UNSAFE_NAMES),
        (b"a\0b", RejectionReason.UNKNOWN),
        (b" \r\n\t\n", RejectionReason.EMPTY),
        (b"\xef\xbb\xbf\n", RejectionReason.EMPTY),
        (b"<br />\n<b>Warning</b>: include()\n" + samples.pdf(), FileType.PDF),
        (b"X" * 1000 + samples.pdf(), FileType.PDF),
        (b"Un PDF commence par %PDF-1.4, puis un retour.\n", FileType.TEXT),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n", RejectionReason.OTHER_OFFICE),
        (b"L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0F" + bytes(200), RejectionReason.SHORTCUT),
        (b"[InternetShortcut]\r\nURL=https://exemple.fr/\r\n", RejectionReason.SHORTCUT),
        (b'{"": "WARNING", "doc_id": "1x", "email": "samia@exemple.fr"}', RejectionReason.SHORTCUT),
        (b'{"mesure": 3, "unite": "m"}', FileType.TEXT),
        (b"{\\rtf1" + b"{" * 100_000 + b"}" * 100_001, FileType.RTF),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_an_odd_file_is_what_it_is_or_refused_for_what_is_wrong(content, decided):
    try:
        found: object = sniff(io.BytesIO(content), len(content)).kind
    except FileRejected as refused:
        found = refused.code
    assert found is decided
