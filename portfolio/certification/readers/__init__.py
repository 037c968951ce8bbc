"""Readers of register entries: a file in, an entry with its doubts out, or what was not understood. One format a file."""

from __future__ import annotations

from dataclasses import replace

from portfolio.certification.readers import cncp_text
from portfolio.certification.readers.formats import decoded, foreign_format
from portfolio.certification.rules import Doubt, DoubtCode, Entry, NotAnEntry, RefusalReason

MAX_BYTES = 2 * 1024 * 1024


def read_entry(data: bytes, filename: str) -> Entry:
    """Read a register entry from the bytes of a file; what the bytes are decides, the name is only quoted.

    Raises NotAnEntry, and nothing else whatever the bytes, with a reason a person can act on: empty, over MAX_BYTES,
    of another format, or a text that is no entry. Nothing is written.
    """
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise NotAnEntry(RefusalReason.EMPTY, filename=filename)
    # A large PDF is told that it is a PDF: making it smaller would not help.
    foreign = foreign_format(data)
    if foreign is None and len(data) > MAX_BYTES:
        raise NotAnEntry(RefusalReason.TOO_LARGE, filename=filename)
    text = None if foreign else decoded(data)
    if text is None:
        raise NotAnEntry(foreign or RefusalReason.IS_BINARY, filename=filename)
    try:
        entry = cncp_text.read(text[0])
    except NotAnEntry as refusal:
        raise refusal.about(filename) from None
    if not text[1]:
        return entry
    return replace(entry, doubts=(Doubt("file", DoubtCode.ENCODING_GUESSED), *entry.doubts))


__all__ = ["MAX_BYTES", "read_entry"]
