"""The files that a message carries: none of them may be a program, nor a document that runs one."""

import re
from collections.abc import Iterator
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser
from typing import BinaryIO

from portfolio.files.file_types.formats.embedded import refuse_active_object
from portfolio.files.file_types.formats.programs import is_named_as_program
from portfolio.files.file_types.formats.sealed import is_sealed
from portfolio.files.file_types.types import FileRejected, RejectionReason

# Servers of mail carry 50 MB at most; a mailbox kept as one file may weigh more.
_MOST_READ = 100_000_000
_MOST_PARTS = 5000
# A line that begins a message in a mailbox kept as one file, its header after it.
MESSAGE_BEGINS = re.compile(rb"(?:\A|(?<=\n)\r?\n)From [^\r\n]+\r?\n(?=[!-9;-~]+:)")
# The text of the message itself, when it has no name.
_TEXTS = ("text/plain", "text/html")


def refuse_sealed_message(head: bytes) -> None:
    """Raise FileRejected (LOCKED) for a message that the holder of a key alone can read, from its beginning; a mailbox
    kept as one file may hold one.
    """
    if head.startswith(b"From "):
        return
    message = BytesParser().parsebytes(head)
    kind = message.get_content_type()
    if kind == "multipart/encrypted" or (kind.endswith("pkcs7-mime") and is_sealed(_payload_of(message))):
        raise FileRejected(RejectionReason.LOCKED)


def refuse_active_attachments(content: BinaryIO) -> None:
    """Look into the files attached to a message, or to each message of a mailbox; raise FileRejected:
    EMBEDDED_PROGRAM, REMOTE_CONTENT; RESOURCE_LIMIT when there is more than can be looked at.
    """
    content.seek(0)
    held = content.read(_MOST_READ + 1)
    if len(held) > _MOST_READ:
        raise FileRejected(RejectionReason.RESOURCE_LIMIT)
    for number, part in enumerate(_parts(held)):
        if number == _MOST_PARTS:
            raise FileRejected(RejectionReason.RESOURCE_LIMIT)
        name = _name_of(part)
        if is_named_as_program(name):
            raise FileRejected(RejectionReason.EMBEDDED_PROGRAM)
        if name or part.get_content_type() not in _TEXTS:
            _refuse_attached(_payload_of(part))


def _refuse_attached(payload: bytes) -> None:
    """Refuse the macros of an attachment, with another advice than for those of a document."""
    try:
        refuse_active_object(payload)
    except FileRejected as refusal:
        if refusal.code in (RejectionReason.MACROS, RejectionReason.DDE):
            raise FileRejected(RejectionReason.EMBEDDED_PROGRAM) from refusal
        raise


def _parts(held: bytes) -> Iterator[Message]:
    starts = [found.end() for found in MESSAGE_BEGINS.finditer(held)]
    if len(starts) < 2:
        starts = [0]
    for start, end in zip(starts, [*starts[1:], len(held)], strict=True):
        message = BytesParser().parsebytes(held[start:end])
        yield from (part for part in message.walk() if not part.is_multipart())


def _name_of(part: Message) -> str:
    """Return the name as it may be written: in words encoded one by one, which readers of mail decode."""
    try:
        name = str(part.get_filename() or "")
        decoded = str(make_header(decode_header(name)))
    except (LookupError, UnicodeError, ValueError, OSError):
        return str(part.get("Content-Disposition", "")).rstrip("\"' \r\n\t")
    return decoded


def _payload_of(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def sample() -> bytes:
    """Return a message with two attachments, whose names and contents are written in each way there is."""
    return (
        b"From: a@b.fr\r\nTo: c@d.fr\r\nSubject: s\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/mixed; boundary="z"\r\n\r\n--z\r\nContent-Type: application/pdf\r\n'
        b'Content-Disposition: attachment; filename="=?utf-8?B?w6kucGRm?="\r\n'
        b"Content-Transfer-Encoding: base64\r\n\r\nJVBERg==\r\n--z\r\nContent-Type: application/pdf\r\n"
        b"Content-Disposition: attachment; filename*=utf-8''%C3%A9.pdf\r\n"
        b"Content-Transfer-Encoding: quoted-printable\r\n\r\n=25PDF\r\n--z--\r\n"
    )
