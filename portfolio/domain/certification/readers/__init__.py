"""Readers of register entries: a file in, an entry with its doubts out, or what was not understood.

One format a module.
"""

import re
from dataclasses import replace
from typing import IO, Protocol

from portfolio.domain.certification.readers import cncp_text, formats, france_competences
from portfolio.domain.certification.readers.formats import decoded, foreign_format
from portfolio.domain.certification.readers.france_competences.jury import with_route_juries
from portfolio.domain.certification.readers.france_competences.stream import Progress
from portfolio.domain.certification.readers.suspicions import with_suspicions
from portfolio.domain.certification.rules.doubts import Doubt, DoubtCode
from portfolio.domain.certification.rules.entry import Entry
from portfolio.domain.certification.rules.registration import RejectionReason, UnreadableEntry

MAX_BYTES = 2 * 1024 * 1024  # a text, or a form's field
MAX_FILE_BYTES = 32_000_000  # a file of one of the other formats, sent from a screen
MAX_EXPORT_BYTES = 256_000_000  # an export, read from where it was put down and never held in memory


# Marks of direction, in UTF-8 or escaped: the readers of texts take them out.
DIRECTION_BYTES = re.compile(
    rb"\xe2\x80[\x8e\x8f\xaa-\xae]|\xe2\x81[\xa6-\xa9]|\\u20(?:0[ef]|2[a-e]|6[6-9])", re.IGNORECASE
)


class Reader(Protocol):
    """A module that reads one format, recognised by its content."""

    def recognises(self, data: bytes) -> bool:
        """Return whether the bytes are of this format."""

    def read(self, data: bytes) -> Entry:
        """Return the entry, or raise UnreadableEntry."""


def all_readers() -> tuple[Reader, ...]:
    """Return the readers in the order in which they are tried, after France compétences' XML and before the old text:
    a new format is one line here.
    """
    # Imported once an entry is read: no page waits for them.
    from portfolio.domain.certification.readers import api_v2, bounded_json, case, mahara_matrix, public_page

    return (api_v2, case, mahara_matrix, formats, public_page, bounded_json)


def read_entry(data: bytes, filename: str, number: str = "") -> Entry:
    """Read a register entry from the bytes of a file; what the bytes are decides, the name is only quoted.

    `number` chooses the entry in a file that holds several. Raises UnreadableEntry, and nothing else whatever
    the bytes, with a reason a person can act on: empty, too large, of another format, several entries, or a
    text that is no entry.
    """
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise UnreadableEntry(RejectionReason.EMPTY, filename=filename)
    try:
        return with_route_juries(with_suspicions(_routed(data, number)))
    except UnreadableEntry as refusal:
        raise refusal.about(filename) from None


def read_entry_file(
    file: IO[bytes],
    size: int,
    filename: str,
    number: str = "",
    *,
    progress: Progress | None = None,
    max_bytes: int | None = None,
) -> Entry:
    """Read a register entry from an open file, the whole export of the register in flat memory; see `read_entry`.

    `max_bytes` bounds the size of an export; a command reads any.
    """
    if not france_competences.recognises_file(file):
        file.seek(0)
        return read_entry(file.read(MAX_FILE_BYTES + 1), filename, number)
    try:
        if max_bytes is not None and size > max_bytes:
            raise UnreadableEntry(RejectionReason.EXPORT_TOO_LARGE)
        entry = france_competences.read_file(file, size, number, progress=progress)
        return with_route_juries(with_suspicions(entry))
    except UnreadableEntry as refusal:
        raise refusal.about(filename) from None


def _routed(data: bytes, number: str) -> Entry:
    if len(data) > MAX_FILE_BYTES and france_competences.looks_like_export(data):
        raise UnreadableEntry(RejectionReason.EXPORT_TOO_LARGE)
    if france_competences.recognises(data):
        return france_competences.read(data, number)
    found = next((reader for reader in all_readers() if len(data) <= MAX_FILE_BYTES and reader.recognises(data)), None)
    entry = found.read(data) if found else _old_text(data)
    if not DIRECTION_BYTES.search(data):
        return entry
    return replace(entry, doubts=(Doubt("file", DoubtCode.DIRECTION_REMOVED, (entry.title,)), *entry.doubts))


def _old_text(data: bytes) -> Entry:
    # A large PDF is told that it is a PDF: making it smaller would not help.
    foreign = foreign_format(data)
    if foreign is None and len(data) > MAX_BYTES:
        raise UnreadableEntry(RejectionReason.TOO_LARGE)
    text = None if foreign else decoded(data)
    if text is None:
        raise UnreadableEntry(foreign or RejectionReason.IS_BINARY)
    entry = cncp_text.read(text[0])
    if not text[1]:
        return entry
    return replace(entry, doubts=(Doubt("file", DoubtCode.ENCODING_GUESSED), *entry.doubts))


__all__ = ["MAX_BYTES", "MAX_EXPORT_BYTES", "MAX_FILE_BYTES", "Reader", "all_readers", "read_entry", "read_entry_file"]
