"""A message of Outlook (MSG): its properties are streams of a compound file ([MS-OXMSG])."""

from __future__ import annotations

import io
import struct
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import olefile

from portfolio.files.conversion.contents import InnerFile
from portfolio.files.conversion.document import Document
from portfolio.files.conversion.pictures import cached
from portfolio.files.conversion.readers.html import HtmlReader
from portfolio.files.conversion.readers.mail import write_message
from portfolio.files.conversion.readers.rich_text import unpack, words_of
from portfolio.files.conversion.readers.text import add_text, decode
from portfolio.wording.conversion import NO_TEXT

_SUBJECT, _SENDER, _ADDRESS, _SMTP, _TO, _CC = "0037", "0C1A", "0C1F", "5D01", "0E04", "0E03"
_BODY, _HTML, _RICH = "1000", "1013", "1009"
_LONG_NAME, _SHORT_NAME, _CONTENT_ID, _SHOWN_NAME = "3707", "3704", "3712", "3001"
_SENT, _DELIVERED = 0x0039, 0x0E06
_ATTACHED = "__attach_version1.0_"
_PROPERTIES = "__properties_version1.0"
_HEADER = 32
_DEEPEST = 4


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
            if tuple(path[:depth]) == self.path
            and len(path) > depth + 1
            and path[depth].startswith(_ATTACHED)
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
    files = [_file_of(attachment, number) for number, attachment in enumerate(attached, 1)]
    sender = _person(message.text(_SENDER), message.text(_SMTP) or message.text(_ADDRESS))
    headers = [
        ("From", sender),
        ("To", message.text(_TO)),
        ("Cc", message.text(_CC)),
        ("Date", message.moment()),
    ]
    write_message(
        document,
        [*headers, ("Subject", message.text(_SUBJECT))],
        [file.name for file in files if file.content],
    )
    pictures = {
        attachment.text(_CONTENT_ID).strip("<>"): attachment.data("3701")
        for attachment in attached
        if attachment.text(_CONTENT_ID)
    }
    used = _add_body(document, message, pictures)
    inner = [_Message(attachment.file, (*attachment.path, "__substg1.0_3701000D")) for attachment in attached]
    for inner_message in inner:
        if depth < _DEEPEST and inner_message.file.exists([*inner_message.path, _PROPERTIES]):
            document.page_break()
            files += _write(document, inner_message, depth + 1)
    return [file for file in files if file.content and file.content not in used]


def _add_body(document: Document, message: _Message, pictures: dict[str, bytes]) -> list[bytes]:
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
        HtmlReader(document, cached(document, load)).read(
            page if b"charset" in page[:3000].lower() else decode(page)
        )
    if len(document.blocks) == before and (rich := unpack(message.data(_RICH))):
        words, is_page = words_of(rich)
        if is_page:
            HtmlReader(document, cached(document, load)).read(words)
        elif not message.text(_BODY).strip():
            add_text(document, words)
    if len(document.blocks) == before:
        add_text(document, message.text(_BODY))
    if len(document.blocks) == before:
        document.paragraph(NO_TEXT)
    return used


def _file_of(attached: _Message, number: int) -> InnerFile:
    name = (
        attached.text(_LONG_NAME)
        or attached.text(_SHORT_NAME)
        or attached.text(_SHOWN_NAME)
        or f"fichier-{number}"
    )
    return InnerFile(name, attached.data("3701"))


def _person(name: str, address: str) -> str:
    shown = address if "@" in address else ""
    return f"{name} <{shown}>" if name and shown and shown != name else name or shown
