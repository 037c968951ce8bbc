"""A message: who wrote to whom, when, about what; its text; the files attached to it."""

from __future__ import annotations

import base64
import binascii
import email
import email.policy
from collections.abc import Iterator
from contextlib import suppress
from email.header import decode_header
from email.message import Message
from email.utils import parsedate_to_datetime
from itertools import islice
from urllib.parse import urljoin

from portfolio.files.conversion.contents import MAX_LISTED, InnerFile
from portfolio.files.conversion.document import Document
from portfolio.files.conversion.pictures import cached
from portfolio.files.conversion.readers.html import HtmlReader
from portfolio.files.conversion.readers.text import add_text, decode
from portfolio.files.file_types.formats.mail import MESSAGE_BEGINS
from portfolio.wording.conversion import ATTACHED, HEADERS, MAILBOX_TITLE, NO_SUBJECT, NO_TEXT

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
    return next(
        (part for part in parts if wanted and str(part.get("Content-ID", "")).strip("<> ") == wanted), None
    )


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
        [(HEADERS[name], value) for name, value in headers if name != "Subject"]
        + [(ATTACHED, ", ".join(attached))]
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
        str(part.get("Content-ID", "")).strip("<> "): part
        for part in parts
        if part.get_content_maintype() == "image"
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
        document.paragraph(NO_TEXT)


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
