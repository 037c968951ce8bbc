"""Kinds of files given as an entry, from its first bytes: only plain text is read, the rest is named.

Recognises the register's CSV export, which has no competency and no jury: it complements an entry and never opens one.
"""

import io
import re
import unicodedata
import zipfile
from typing import NoReturn

from portfolio.domain.certification.rules.registration import Part, PartFinding, RejectionReason, UnreadableEntry

OFFICE_PARTS = (b"word/", b"ppt/", b"xl/", b"mimetypeapplication/vnd.oasis", b"[Content_Types].xml")
SIGNATURES: tuple[tuple[bytes, RejectionReason], ...] = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", RejectionReason.IS_OFFICE_FILE),
    (b"{\\rtf", RejectionReason.IS_OFFICE_FILE),
    (b"\x89PNG", RejectionReason.IS_IMAGE),
    (b"\xff\xd8\xff", RejectionReason.IS_IMAGE),
    (b"GIF8", RejectionReason.IS_IMAGE),
    (b"II*\x00", RejectionReason.IS_IMAGE),
    (b"MM\x00*", RejectionReason.IS_IMAGE),
    (b"Rar!", RejectionReason.IS_ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", RejectionReason.IS_ARCHIVE),
    (b"\x1f\x8b", RejectionReason.IS_ARCHIVE),
)
UTF8_MARK, UTF16_MARKS = b"\xef\xbb\xbf", (b"\xff\xfe", b"\xfe\xff")
MARKUP = re.compile(rb"<(?:\?xml|![A-Za-z]|!--|[A-Za-z_][\w:.-]*[\s>/])")
CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f\ufffd]")
MOST_CONTROLS = 0.02  # A damaged text has a few; a program, a sound or a random file has far more.


def foreign_format(data: bytes) -> RejectionReason | None:
    """Name the format of a file that is no plain text; None when it may be one."""
    head = data[:4096].removeprefix(UTF8_MARK)
    if b"%PDF-" in head[:1024]:
        return RejectionReason.IS_PDF
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        office = any(part in data for part in OFFICE_PARTS)
        return RejectionReason.IS_OFFICE_FILE if office else RejectionReason.IS_ARCHIVE
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return RejectionReason.IS_IMAGE
    if head[4:8] == b"ftyp":
        return (
            RejectionReason.IS_IMAGE
            if head[8:12] in (b"heic", b"heix", b"mif1", b"avif")
            else RejectionReason.IS_BINARY
        )
    signed = next((reason for signature, reason in SIGNATURES if head.startswith(signature)), None)
    return signed or _markup(head)


def _markup(head: bytes) -> RejectionReason | None:
    if not MARKUP.match(head.lstrip()):
        return None
    if re.search(rb"<!doctype\s+html|<html", head, re.I):
        return RejectionReason.IS_HTML
    return RejectionReason.IS_XML


def decoded(data: bytes) -> tuple[str, bool] | None:
    """Give the text of a file and whether its encoding had to be guessed; None when it is no text.

    UTF-8 first, with or without its mark; UTF-16 when marked; else the western encoding of older Windows programs.
    """
    if data.startswith(UTF16_MARKS):
        return _if_text(data.decode("utf-16", errors="replace"), guessed=False)
    try:
        return _if_text(data.removeprefix(UTF8_MARK).decode("utf-8"), guessed=False)
    except UnicodeDecodeError:
        return _if_text(data.decode("cp1252", errors="replace"), guessed=True)


def _if_text(text: str, *, guessed: bool) -> tuple[str, bool] | None:
    too_many = len(CONTROLS.findall(text)) > max(8, len(text) * MOST_CONTROLS)
    return None if too_many else (text, guessed)


NAME = re.compile(r"export[_-]fiches[_-]csv[_-]([^/\\]{1,80}?)[_-]\d{4}[_-]\d\d[_-]\d\d\.csv", re.I)
HEADER = re.compile(rb'\A(?:\xef\xbb\xbf)?\s*"?(?:id_fiche|numero_fiche)"?\s*;', re.I)
MOST_PARTS = 50


def recognises(data: bytes) -> bool:
    """Return whether a file is a zip of the CSV export, or one of its CSV files."""
    if data[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return re.search(rb"export[_-]fiches[_-]csv[_-]", data[:4096] + data[-65536:], re.I) is not None
    return HEADER.match(data[:200]) is not None


def read(data: bytes) -> NoReturn:
    """Raise UnreadableEntry: the export is named with its parts, or the archive is incomplete."""
    if data[:2] != b"PK":
        raise UnreadableEntry(RejectionReason.IS_CSV_EXPORT)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = [unicodedata.normalize("NFC", name) for name in archive.namelist()[:MOST_PARTS]]
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise UnreadableEntry(RejectionReason.ARCHIVE_BROKEN) from None
    parts = [match[1].replace("_", " ") for match in map(NAME.search, names) if match]
    raise UnreadableEntry(RejectionReason.IS_CSV_EXPORT, [PartFinding(Part.CSV_PART, (part,)) for part in parts])
