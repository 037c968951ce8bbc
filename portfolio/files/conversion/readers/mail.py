"""A message: who wrote to whom, when, about what; its text; the files attached to it.

A message of Outlook (MSG): its properties are streams of a compound file ([MS-OXMSG]).
"""

from __future__ import annotations

import base64
import binascii
import email
import email.policy
import io
import struct
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.header import decode_header
from email.message import Message
from email.utils import parsedate_to_datetime
from itertools import islice
from urllib.parse import urljoin

import olefile
from compressed_rtf.compressed_rtf import decompress

from portfolio.files.conversion.contents import MAX_LISTED, InnerFile
from portfolio.files.conversion.document import Document, cached
from portfolio.files.conversion.readers.html import HtmlReader
from portfolio.files.conversion.readers.text import add_text, decode
from portfolio.files.conversion.text import (
    ATTACHED,
    HEADERS,
    MAILBOX_TITLE,
    NO_SUBJECT,
    NO_TEXT,
    NOT_DIVIDED,
    RICH_TEXT,
    RICH_TEXT_BELOW,
)
from portfolio.files.file_types.formats.mail import MESSAGE_BEGINS

_DEEPEST = 20
_PAGE_TYPES = ("text/html", "application/xhtml+xml")


def read_message(content: bytes) -> tuple[Document, list[InnerFile]]:
    """Return a message as a document, and the files that it carries; of a mailbox, its messages as files."""
    starts = [found.end() for found in islice(MESSAGE_BEGINS.finditer(content), MAX_LISTED + 1)]
    if len(starts) > 1:
        return _read_mailbox(content, starts)
    message = email.message_from_bytes(content, policy=email.policy.compat32)
    document = Document()
    parts = list(_parts(message))
    inner = [part for part in parts if _is_attached(part)]
    files = [_file_of(part, number) for number, part in enumerate(inner, 1)]
    write_message(
        document,
        [(name, _header(message, name)) for name in ("From", "To", "Cc", "Date", "Subject")],
        [file.name for file in files],
    )
    _add_body(document, [part for part in parts if part not in inner])
    return document, files


def read_saved_page(content: bytes) -> Document:
    """Return a page saved with its pictures in one file (MHTML): they are found by their addresses."""
    message = email.message_from_bytes(content.lstrip(), policy=email.policy.compat32)
    parts = list(_parts(message))
    pages = [part for part in parts if part.get_content_type() in _PAGE_TYPES]
    document, held = Document(), {_place(part): part for part in parts if _place(part)}
    if not pages:
        _add_body(document, parts)
        return document
    start = _place(pages[0])

    def load(address: str) -> bytes:
        part = held.get(urljoin(start, address)) or held.get(address) or _by_identifier(parts, address)
        return _payload(part) if part is not None else b""

    HtmlReader(document, cached(document, load)).read(_text(pages[0]))
    return document


def _place(part: Message) -> str:
    return "".join(str(part.get("Content-Location", "")).split())


def _by_identifier(parts: list[Message], address: str) -> Message | None:
    wanted = address[4:] if address.lower().startswith("cid:") else ""
    return next((part for part in parts if wanted and str(part.get("Content-ID", "")).strip("<> ") == wanted), None)


def _read_mailbox(content: bytes, starts: list[int]) -> tuple[Document, list[InnerFile]]:
    ends = [content.rindex(b"From ", 0, start) for start in starts[1:]]
    files = []
    for number, (start, end) in enumerate(zip(starts, [*ends, len(content)], strict=True), 1):
        message = email.message_from_bytes(content[start:end], policy=email.policy.compat32)
        subject = _header(message, "Subject")[:80] or NO_SUBJECT
        files.append(InnerFile(f"{number}. {subject}.eml", content[start:end]))
    document = Document(is_cut=len(files) > MAX_LISTED)
    document.heading(2, MAILBOX_TITLE)
    for file in files[:MAX_LISTED]:
        document.paragraph(file.name.removesuffix(".eml"))
    return document, files


def write_message(document: Document, headers: list[tuple[str, str]], attached: list[str]) -> None:
    """Add the head of a message."""
    named = dict(headers)
    document.heading(2, named.get("Subject") or NO_SUBJECT)
    document.facts(
        [(HEADERS[name], value) for name, value in headers if name != "Subject"] + [(ATTACHED, ", ".join(attached))]
    )
    document.rule()


def _parts(message: Message, depth: int = 0) -> Iterator[Message]:
    if message.is_multipart() and message.get_content_maintype() == "multipart" and depth < _DEEPEST:
        for part in message.get_payload():
            if isinstance(part, Message):
                yield from _parts(part, depth + 1)
    else:
        yield message


def _is_attached(part: Message) -> bool:
    if part.get_content_disposition() == "attachment" or part.get_content_type() == "message/rfc822":
        return True
    if part.get_content_maintype() == "text":
        return bool(part.get_filename()) and part.get_content_disposition() != "inline"
    return (
        not (part.get_content_maintype() == "image" and part.get("Content-ID"))
        and part.get_content_maintype() != "multipart"
    )


def _file_of(part: Message, number: int) -> InnerFile:
    name = _decoded(part.get_filename() or "")
    if part.get_content_type() == "message/rfc822":
        inner = part.get_payload(0) if part.is_multipart() else part
        assert isinstance(inner, Message)
        content = _payload(inner) if not inner.keys() else inner.as_bytes()
        if (
            str(part.get("Content-Transfer-Encoding", "")).lower() == "base64"
        ):  # some programs encode a message, against the rule
            with suppress(binascii.Error, ValueError):
                content = base64.b64decode(inner.as_bytes(), validate=False)
        return InnerFile(name or f"{_header(inner, 'Subject')[:80] or f'message-{number}'}.eml", content)
    return InnerFile(name or f"fichier-{number}", _payload(part))


def _add_body(document: Document, parts: list[Message]) -> None:
    pictures = {
        str(part.get("Content-ID", "")).strip("<> "): part for part in parts if part.get_content_maintype() == "image"
    }
    texts = [part for part in parts if part.get_content_maintype() == "text"]
    pages = [part for part in texts if part.get_content_type() in _PAGE_TYPES]
    before = len(document.blocks)

    def load(address: str) -> bytes:
        part = pictures.get(address[4:]) if address.lower().startswith("cid:") else None
        return _payload(part) if part is not None else b""

    for part in pages or [text for text in texts if text.get_content_type() != "text/calendar"] or texts:
        if part in pages:
            HtmlReader(document, cached(document, load)).read(_text(part))
        else:
            add_text(document, _text(part))
    if len(document.blocks) == before:
        # Parts whose boundary is not found stay one: what is in it is not read, and is not nothing.
        undivided = any(part.get_content_maintype() == "multipart" and part.get_payload() for part in parts)
        document.paragraph(NOT_DIVIDED if undivided else NO_TEXT)


def _text(part: Message) -> str:
    content, charset = _payload(part), part.get_content_charset()
    if charset:
        with suppress(LookupError, UnicodeError):
            return content.decode(charset)
    return decode(content)


def _payload(part: Message) -> bytes:
    try:
        payload = part.get_payload(decode=True)
    except (ValueError, LookupError, AssertionError):
        return b""
    return payload if isinstance(payload, bytes) else b""


def _header(message: Message, name: str) -> str:
    value = _decoded(_written(message, name))
    if name != "Date" or not value:
        return value
    try:
        return parsedate_to_datetime(value).strftime("%d/%m/%Y %H:%M")
    except (ValueError, TypeError, IndexError):
        return value


def _written(message: Message, name: str) -> str:
    """A header as it was written: with accents that no charset announces, in many a message."""
    values = (value for key, value in message.raw_items() if key.lower() == name.lower())
    return decode(str(next(values, "")).encode("utf-8", "surrogateescape"))


def _decoded(value: str) -> str:
    try:
        parts = decode_header(value)
    except (email.errors.HeaderParseError, ValueError):
        return value
    words = []
    for content, charset in parts:
        if isinstance(content, str):
            words.append(content)
            continue
        try:
            words.append(content.decode(charset or "utf-8"))
        except (LookupError, UnicodeError):
            words.append(decode(content))
    return " ".join("".join(words).split())


_SUBJECT, _SENDER, _ADDRESS, _SMTP, _TO, _CC = "0037", "0C1A", "0C1F", "5D01", "0E04", "0E03"
_BODY, _HTML, _RICH = "1000", "1013", "1009"
_LONG_NAME, _SHORT_NAME, _CONTENT_ID, _SHOWN_NAME = "3707", "3704", "3712", "3001"
_SENT, _DELIVERED = 0x0039, 0x0E06
_ATTACHED = "__attach_version1.0_"
_PROPERTIES = "__properties_version1.0"
_HEADER = 32
_DEEPEST_OUTLOOK = 4


class _Message:
    """The properties of one message, which may lie inside another one."""

    def __init__(self, file: olefile.OleFileIO, path: tuple[str, ...] = ()) -> None:
        self.file, self.path = file, path

    def text(self, tag: str) -> str:
        if self._has(f"{tag}001F"):
            return self._stream(f"{tag}001F").decode("utf-16-le", "replace").rstrip("\0")
        return decode(self._stream(f"{tag}001E")).rstrip("\0") if self._has(f"{tag}001E") else ""

    def data(self, tag: str) -> bytes:
        return self._stream(f"{tag}0102") if self._has(f"{tag}0102") else b""

    def moment(self) -> str:
        with suppress(OSError, struct.error, OverflowError):
            stream = self.file.openstream([*self.path, _PROPERTIES]).read()
            found = {}
            for at in range(_HEADER if not self.path else 24, len(stream) - 15, 16):
                kind, tag = struct.unpack_from("<HH", stream, at)
                if kind == 0x0040 and tag in (_SENT, _DELIVERED):
                    (found[tag],) = struct.unpack_from("<Q", stream, at + 8)
            if found:
                since = timedelta(microseconds=found.get(_SENT, next(iter(found.values()))) // 10)
                return f"{datetime(1601, 1, 1, tzinfo=UTC) + since:%d/%m/%Y %H:%M} UTC"
        return ""

    def attached(self) -> list[_Message]:
        depth = len(self.path)
        names = {
            tuple(path[: depth + 1])
            for path in self.file.listdir(streams=True, storages=False)
            if tuple(path[:depth]) == self.path and len(path) > depth + 1 and path[depth].startswith(_ATTACHED)
        }
        return [_Message(self.file, name) for name in sorted(names)]

    def _has(self, name: str) -> bool:
        return bool(self.file.exists([*self.path, f"__substg1.0_{name}"]))

    def _stream(self, name: str) -> bytes:
        content: bytes = self.file.openstream([*self.path, f"__substg1.0_{name}"]).read()
        return content


def read_outlook(content: bytes) -> tuple[Document, list[InnerFile]]:
    """Return a message as a document, and the files that it carries."""
    document = Document()
    with olefile.OleFileIO(io.BytesIO(content)) as file:
        files = _write(document, _Message(file))
    return document, files


def _write(document: Document, message: _Message, depth: int = 0) -> list[InnerFile]:
    attached = message.attached()
    files = [_outlook_file_of(attachment, number) for number, attachment in enumerate(attached, 1)]
    sender = _person(message.text(_SENDER), message.text(_SMTP) or message.text(_ADDRESS))
    headers = [("From", sender), ("To", message.text(_TO)), ("Cc", message.text(_CC)), ("Date", message.moment())]
    write_message(
        document, [*headers, ("Subject", message.text(_SUBJECT))], [file.name for file in files if file.content]
    )
    pictures = {
        attachment.text(_CONTENT_ID).strip("<>"): attachment.data("3701")
        for attachment in attached
        if attachment.text(_CONTENT_ID)
    }
    before = len(document.blocks)
    used = _add_outlook_body(document, message, pictures)
    if len(document.blocks) == before:
        rich = _rich_text_of(message)
        files += rich
        document.paragraph(RICH_TEXT_BELOW if rich else NO_TEXT)
    inner = [_Message(attachment.file, (*attachment.path, "__substg1.0_3701000D")) for attachment in attached]
    for inner_message in inner:
        if depth < _DEEPEST_OUTLOOK and inner_message.file.exists([*inner_message.path, _PROPERTIES]):
            document.page_break()
            files += _write(document, inner_message, depth + 1)
    return [file for file in files if file.content and file.content not in used]


def _add_outlook_body(document: Document, message: _Message, pictures: dict[str, bytes]) -> list[bytes]:
    """Add the text of a message, and return the pictures that it shows."""
    used: list[bytes] = []

    def load(address: str) -> bytes:
        content = pictures.get(address[4:], b"") if address.lower().startswith("cid:") else b""
        if content:
            used.append(content)
        return content

    before = len(document.blocks)
    page = message.data(_HTML) or message.text(_HTML).encode()
    if page:
        HtmlReader(document, cached(document, load)).read(page if b"charset" in page[:3000].lower() else decode(page))
    if len(document.blocks) == before:
        add_text(document, message.text(_BODY))
    return used


def _rich_text_of(message: _Message) -> list[InnerFile]:
    """Return the text of a message that has no other than a rich one: a document, opened as those that it carries."""
    with suppress(Exception):  # the library raises nothing more precise
        return [InnerFile(RICH_TEXT, decompress(message.data(_RICH)))]
    return []


def _outlook_file_of(attached: _Message, number: int) -> InnerFile:
    name = attached.text(_LONG_NAME) or attached.text(_SHORT_NAME) or attached.text(_SHOWN_NAME) or f"fichier-{number}"
    return InnerFile(name, attached.data("3701"))


def _person(name: str, address: str) -> str:
    shown = address if "@" in address else ""
    return f"{name} <{shown}>" if name and shown and shown != name else name or shown
