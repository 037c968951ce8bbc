"""The entries of an export, one at a time in flat memory: no DTD, no entity, bounded depth and sizes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import IO, Any

from lxml import etree

from portfolio.domain.certification.readers.france_competences.sources import (
    CountedStream,
    Progress,
    opened_xml,
)
from portfolio.domain.certification.rules.import_result import (
    IndexLine,
    Part,
    PartFinding,
    RejectionReason,
    UnreadableEntry,
)

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

    Raise UnreadableEntry when the XML is broken, declares a document type, nests too deep, or one entry is
    too large.
    """
    with opened_xml(file, size, **limits) as (stream, total):
        counted = CountedStream(stream, total, MAX_ENTRY_BYTES, progress)
        try:
            yield from _parsed(counted)
        except etree.XMLSyntaxError as error:
            raise UnreadableEntry(
                _reason(error), [PartFinding(Part.ELEMENT, (str(error.position[0]),))]
            ) from error


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
    return IndexLine(
        number_of(element), " ".join((element.findtext("INTITULE") or "").split())[:TITLE_LENGTH]
    )


def index_of(entries: Iterator[etree._Element]) -> list[IndexLine]:
    """Return the number and the title of each entry, up to MAX_INDEX_LINES."""
    return [line_of_index(element) for element in islice(entries, MAX_INDEX_LINES)]
