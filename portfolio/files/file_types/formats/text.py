"""Text: e-mail, tables with separators, rich text, plain text; never a page that a browser would run."""

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO

from portfolio.files.file_types.formats import delimited
from portfolio.files.file_types.formats.mail import refuse_active_attachments, refuse_sealed_message
from portfolio.files.file_types.formats.markup import MAX_READ, open_markup
from portfolio.files.file_types.formats.opendocument import is_flat_opendocument, validate_flat_opendocument
from portfolio.files.file_types.types import DetectedFile, FileRejected, FileType, RejectionReason

_HEAD = 64 * 1024
_CHUNK = 1024 * 1024
_OVERLAP = 256
_LETTERS_NEEDED = 8

_HEADER = re.compile(rb"([!-9;-~]+)[ \t]*:")
_OF_MAIL = {
    b"from",
    b"to",
    b"date",
    b"subject",
    b"received",
    b"message-id",
    b"mime-version",
    b"content-type",
    b"return-path",
}
# A page that a browser, or Word, saved with its pictures in one file: made as a message that nobody sent.
_SAVED_PAGE = re.compile(rb"^content-type:[ \t]*multipart/related\b", re.IGNORECASE | re.MULTILINE)
_SENT = (b"to", b"received", b"message-id", b"return-path", b"delivered-to")
_MARKUP = re.compile(r"\s*<(?:!doctype|!--|!\[|!entity|\?xml|[a-z][\w:.-]*(?:\s|/?>))", re.IGNORECASE)
# A link of Windows, of Linux, or of the folder that Google keeps on a computer.
_SHORTCUT = re.compile(r"\s*(?:\[InternetShortcut\]|\[Desktop Entry\]|\{[^{}]{0,2000}\"doc_id\"\s*:)")
# With what programs of DOS, and some devices, end a text.
_ENDS = b"\0\x1a"
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
# A cell that asks the spreadsheet to start a program: =cmd|'/c …'!A0, =DDE("cmd";…).
_COMMAND = re.compile(rb"(?:^|[;,\t\"'])[ \t]*[=+@-][ \t]*(?:[A-Za-z][\w.]*\|[ \t]*'|DDE[ \t]*\()", re.MULTILINE)


def validate_text(content: BinaryIO) -> DetectedFile:
    """Return the e-mail, table or text; raises FileRejected.

    EMPTY when there is nothing but spaces, EMBEDDED_PROGRAM for what a message carries, WEB_PAGE, DRAWING,
    PROGRAM, SHORTCUT, FORMULA_INJECTION, UNKNOWN when it is no text at all.
    """
    content.seek(0)
    head = content.read(_HEAD)
    if _is_saved_page(head):
        return DetectedFile(FileType.MHTML)
    if _is_mail(head):
        refuse_sealed_message(head)
        refuse_active_attachments(content)
        return DetectedFile(FileType.EML)
    if head.startswith(b"#!"):
        raise FileRejected(RejectionReason.PROGRAM)
    encoding = _encoding_of(content, head)
    beginning = head.decode(encoding, "replace").lstrip("\ufeff")
    if not beginning.strip() and len(head) < _HEAD:
        raise FileRejected(RejectionReason.EMPTY)
    if _SHORTCUT.match(beginning):
        raise FileRejected(RejectionReason.SHORTCUT)
    if _MARKUP.match(beginning):
        if is_flat_opendocument(beginning):
            return validate_flat_opendocument(content, encoding)
        content.seek(0)
        return open_markup(content.read(MAX_READ).decode(encoding, "replace").lstrip("\ufeff"))
    _refuse_commands(content)
    is_table = delimited.is_table(beginning, is_whole=len(head) < _HEAD)
    return DetectedFile(FileType.CSV if is_table else FileType.TEXT)


def _is_mail(head: bytes) -> bool:
    """Return whether the text begins with the header lines of a message; its body may be anything, as mails are."""
    names = set()
    for number, line in enumerate(head.removeprefix(codecs.BOM_UTF8).splitlines()):
        if not line.strip():
            break
        match = _HEADER.match(line)
        if match:
            names.add(match[1].lower())
        elif not line.startswith((b" ", b"\t")) and not (number == 0 and line.startswith(b"From ")):
            return False
    return bool(names & {b"from", b"received", b"message-id", b"x-unsent"}) and len(names & _OF_MAIL) >= 3


def _is_saved_page(head: bytes) -> bool:
    """Return whether the text is a page saved with its pictures: headers of several parts that belong
    together, and nobody to whom they were sent.
    """
    lines = head.removeprefix(codecs.BOM_UTF8).lstrip().splitlines()
    end = next((number for number, line in enumerate(lines) if not line.strip()), len(lines))
    names = {match[1].lower() for line in lines[:end] if (match := _HEADER.match(line))}
    return (
        b"mime-version" in names
        and not names.intersection(_SENT)
        and _SAVED_PAGE.search(b"\n".join(lines[:end])) is not None
    )


def _encoding_of(content: BinaryIO, head: bytes) -> str:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        if "\ufffd" in head[: _HEAD - 2].decode("utf-16", "replace"):
            raise FileRejected(RejectionReason.UNKNOWN)
        return "utf-16"
    if _is_utf16_without_mark(head):
        return "utf-16-le"
    decoder = codecs.getincrementaldecoder("utf-8")()
    encoding = "utf-8"
    for chunk in _chunks(content):
        if _BINARY.search(chunk if len(chunk) == _CHUNK else chunk.rstrip(_ENDS) or chunk):
            raise FileRejected(RejectionReason.UNKNOWN)
        try:
            decoder.decode(chunk)
        except UnicodeDecodeError:
            encoding = "cp1252"  # what Excel still writes in France
    return encoding


def _is_utf16_without_mark(head: bytes) -> bool:
    """Return whether a text is in two bytes a letter, as Windows writes it, without the mark that says so."""
    first, second = head[: len(head) // 2 * 2 : 2], head[1::2]
    if len(second) < _LETTERS_NEEDED or 0 in first or second.count(0) < len(second) * 0.9:
        return False
    letters = head[: len(head) // 2 * 2].decode("utf-16-le", "replace")
    return "\ufffd" not in letters[:-1] and not _BINARY.search(letters.encode())


def _refuse_commands(content: BinaryIO) -> None:
    before = b""
    for chunk in _chunks(content):
        text = before + chunk.replace(b"\0", b"")
        if _COMMAND.search(text):
            raise FileRejected(RejectionReason.FORMULA_INJECTION)
        before = text[-_OVERLAP:]


def _chunks(content: BinaryIO) -> Iterator[bytes]:
    content.seek(0)
    return iter(lambda: content.read(_CHUNK), b"")
