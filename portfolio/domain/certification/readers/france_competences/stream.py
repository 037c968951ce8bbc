"""The entries of an export, one at a time in flat memory: no DTD, no entity, bounded depth and sizes.

The XML of an export as a stream of bytes, plain or inside a zip whose declared sizes are bounded.
"""

import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import PurePosixPath
from typing import IO, Any, Protocol

from lxml import etree

from portfolio.domain.certification.rules.registration import (
    IndexLine,
    Part,
    PartFinding,
    RejectionReason,
    UnreadableEntry,
)

MAX_DECLARED_BYTES = 2 * 1024**3
ZIP_MARKS = (b"PK\x03\x04", b"PK\x05\x06")
# A damaged table of contents leads to impossible positions (ValueError) and unknown methods
# (NotImplementedError).
ZIP_FAULTS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError, RuntimeError)

Progress = Callable[[int, int], None]


class ByteStream(Protocol):
    """The part of a binary file that the XML parser needs."""

    def read(self, size: int = -1, /) -> bytes:
        """Return at most `size` bytes."""


class CountedStream:
    """A stream that counts the bytes read since an entry began, and reports how much of the whole is read."""

    def __init__(self, stream: ByteStream, total: int, max_bytes: int, progress: Progress | None = None) -> None:
        self._stream, self._total, self._max, self._progress = stream, total, max_bytes, progress
        self._done = self._since = 0

    def read(self, size: int = -1, /) -> bytes:
        """Return the next bytes; raise UnreadableEntry when one entry takes more than the bound, or the
        zip is damaged.
        """
        try:
            piece = self._stream.read(size)
        except ZIP_FAULTS as error:
            raise UnreadableEntry(RejectionReason.ARCHIVE_BROKEN) from error
        self._done += len(piece)
        self._since += len(piece)
        if self._since > self._max:
            raise UnreadableEntry(RejectionReason.ENTRY_TOO_LARGE)
        if self._progress:
            self._progress(self._done, self._total)
        return piece

    def begin_entry(self) -> None:
        """Count from here."""
        self._since = 0


def is_zip(head: bytes) -> bool:
    """Return whether bytes begin as a zip does."""
    return head.startswith(ZIP_MARKS)


@contextmanager
def opened_xml(
    file: IO[bytes], size: int, *, max_declared: int = MAX_DECLARED_BYTES
) -> Iterator[tuple[IO[bytes], int]]:
    """Open the XML of a file, in its zip where it is one, with the size that it declares.

    Raise UnreadableEntry when the zip is truncated, locked, declares too much, or holds no XML or several.
    """
    file.seek(0)
    if not is_zip(file.read(4)):
        if size > max_declared:
            raise UnreadableEntry(RejectionReason.ARCHIVE_TOO_LARGE)
        file.seek(0)
        yield file, size
        return
    with ExitStack() as opened:
        try:
            archive = opened.enter_context(zipfile.ZipFile(file))
            member = _xml_member(archive, max_declared)
            stream = opened.enter_context(archive.open(member))
        except ZIP_FAULTS as error:
            raise UnreadableEntry(RejectionReason.ARCHIVE_BROKEN) from error
        yield stream, member.file_size


def _xml_member(archive: zipfile.ZipFile, max_declared: int) -> zipfile.ZipInfo:
    members = archive.infolist()
    if sum(member.file_size for member in members) > max_declared:
        raise UnreadableEntry(RejectionReason.ARCHIVE_TOO_LARGE)
    found = [member for member in members if member.filename.lower().endswith(".xml") and not member.is_dir()]
    if len(found) != 1:
        names = ", ".join(PurePosixPath(member.filename).name for member in found[:5])
        raise UnreadableEntry(RejectionReason.ARCHIVE_SEVERAL, [PartFinding(Part.FILES, (str(len(found)), names))])
    member = found[0]
    if member.flag_bits & 0x1:
        raise UnreadableEntry(RejectionReason.ARCHIVE_LOCKED)
    return member


def holds_xml(file: IO[bytes]) -> bool:
    """Return whether a zip holds XML and is no office document; of a damaged zip, whether its first file is XML."""
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
    except ZIP_FAULTS:
        names = [_first_name(file)]
    is_office = any(name in ("[Content_Types].xml", "mimetype") for name in names)
    return not is_office and any(name.lower().endswith(".xml") for name in names)


def _first_name(file: IO[bytes]) -> str:
    """Return the name written at the head of a zip, whose length stands in bytes 26 and 27."""
    file.seek(0)
    head = file.read(1024)
    return head[30 : 30 + int.from_bytes(head[26:28], "little")].decode("utf-8", "replace")


ROOT, ENTRY, NUMBER = "FICHES", "FICHE", "NUMERO_FICHE"
MAX_ENTRY_BYTES = 16 * 1024 * 1024
MAX_HEAD_BYTES = 64 * 1024
MAX_INDEX_LINES = 60_000
TITLE_LENGTH = 300
# huge_tree stays off: the parser then refuses a depth over 256 and a text over 10 MB.
SAFE: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}


def root_of(head: bytes) -> str | None:
    """Return the name of the root element from the first bytes of a file; None when there is none."""
    parser = etree.XMLPullParser(events=("start",), **SAFE)
    try:
        parser.feed(head[:MAX_HEAD_BYTES].lstrip(b" \t\r\n"))
        found = next(iter(parser.read_events()), None)
    except etree.XMLSyntaxError:
        found = next(iter(parser.read_events()), None)
    return None if found is None else str(found[1].tag)


def entries_of(
    file: IO[bytes], size: int, *, progress: Progress | None = None, **limits: int
) -> Iterator[etree._Element]:
    """Yield each FICHE element of an export; it is emptied when the next one is asked for.

    Raise UnreadableEntry when the XML is broken, declares a document type, nests too deep, or one entry is too large.
    """
    with opened_xml(file, size, **limits) as (stream, total):
        counted = CountedStream(stream, total, MAX_ENTRY_BYTES, progress)
        try:
            yield from _parsed(counted)
        except etree.XMLSyntaxError as error:
            raise UnreadableEntry(_reason(error), [PartFinding(Part.ELEMENT, (str(error.position[0]),))]) from error


def _parsed(stream: CountedStream) -> Iterator[etree._Element]:
    found: Iterator[tuple[str, etree._Element]] = etree.iterparse(
        stream, events=("start", "end"), tag=(ROOT, ENTRY), **SAFE
    )
    for event, element in found:
        if event == "start":
            _refuse_document_type(element)
            continue
        if element.tag == ENTRY:
            stream.begin_entry()
            yield element
            _empty(element)


def _refuse_document_type(element: etree._Element) -> None:
    """A document type may declare entities: nothing of the register has one."""
    if element.getparent() is None and element.getroottree().docinfo.doctype:
        raise UnreadableEntry(RejectionReason.XML_DECLARES_TYPE)


def _empty(element: etree._Element) -> None:
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _reason(error: etree.XMLSyntaxError) -> RejectionReason:
    message = str(error).lower()
    if "entity" in message or "entities" in message:
        return RejectionReason.XML_DECLARES_TYPE
    if "depth" in message or "huge" in message or "too long" in message:
        return RejectionReason.XML_TOO_DEEP
    return RejectionReason.XML_BROKEN


def number_of(element: etree._Element) -> str:
    """Return the number of an entry, as the register writes it."""
    return "".join((element.findtext(NUMBER) or "").split()).upper()


def line_of_index(element: etree._Element) -> IndexLine:
    """Return the number and the title of an entry."""
    return IndexLine(number_of(element), " ".join((element.findtext("INTITULE") or "").split())[:TITLE_LENGTH])


def index_of(entries: Iterator[etree._Element]) -> list[IndexLine]:
    """Return the number and the title of each entry, up to MAX_INDEX_LINES."""
    return [line_of_index(element) for element in islice(entries, MAX_INDEX_LINES)]
