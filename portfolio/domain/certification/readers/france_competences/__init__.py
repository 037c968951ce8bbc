"""Reader of France compétences' published data: XML V4.x, V3 and V2, plain or zipped, one entry or the
whole register.
"""

import io
from collections.abc import Iterator
from copy import deepcopy
from typing import IO

from lxml import etree

from portfolio.domain.certification.readers.formats import decoded
from portfolio.domain.certification.readers.france_competences.entry import entry_of
from portfolio.domain.certification.readers.france_competences.stream import (
    ENTRY,
    MAX_DECLARED_BYTES,
    MAX_HEAD_BYTES,
    MAX_INDEX_LINES,
    ROOT,
    ZIP_FAULTS,
    Progress,
    entries_of,
    holds_xml,
    index_of,
    is_zip,
    line_of_index,
    number_of,
    opened_xml,
    root_of,
)
from portfolio.domain.certification.rules.entry import Entry
from portfolio.domain.certification.rules.registration import (
    IndexLine,
    Part,
    PartFinding,
    RejectionReason,
    UnreadableEntry,
)


def recognises(data: bytes) -> bool:
    """Return whether bytes are an export, or a zip of XML; what is damaged inside is said by `read`."""
    return recognises_file(io.BytesIO(data))


def recognises_file(file: IO[bytes]) -> bool:
    """Return whether a file is an export, or a zip of XML."""
    file.seek(0)
    head = file.read(MAX_HEAD_BYTES)
    return holds_xml(file) if is_zip(head) else root_of(head) in (ROOT, ENTRY)


def looks_like_export(head: bytes) -> bool:
    """Return whether the first bytes of a file are those of an export or of a zip."""
    return is_zip(head) or root_of(head) in (ROOT, ENTRY)


def opened_text(data: bytes, limit: int) -> str:
    """Return the XML of a file as text, unzipped; empty when it cannot be opened or is longer than the limit."""
    try:
        with opened_xml(io.BytesIO(data), len(data), max_declared=limit) as (stream, _):
            found = decoded(stream.read(limit + 1))
    except (UnreadableEntry, *ZIP_FAULTS):
        return ""
    return found[0] if found else ""


def read(data: bytes, number: str = "", *, max_declared: int = MAX_DECLARED_BYTES) -> Entry:
    """Read the entry of this number, or the only one, from bytes."""
    return read_file(io.BytesIO(data), len(data), number, max_declared=max_declared)


def read_file(
    file: IO[bytes],
    size: int,
    number: str = "",
    *,
    progress: Progress | None = None,
    max_declared: int = MAX_DECLARED_BYTES,
) -> Entry:
    """Read the entry of this number, or the only one, in flat memory.

    Raise UnreadableEntry with the entries to choose from when no number is given and there are several, when
    the number is absent or twice there, or when the file or the entry cannot be read.
    """
    entries = entries_of(file, size, progress=progress, max_declared=max_declared)
    wanted = "".join(number.split()).upper()
    if wanted:
        return _numbered(entries, f"RNCP{wanted}" if wanted.isdecimal() else wanted)
    first = next(entries, None)
    if first is None:
        raise UnreadableEntry(RejectionReason.NOT_AN_ENTRY, missing=[PartFinding(Part.CODE), PartFinding(Part.TITLE)])
    kept = deepcopy(first)
    index = [line_of_index(kept), *index_of(entries)]
    if len(index) == 1:
        return entry_of(kept)
    if len({line.number for line in index}) == 1:
        raise UnreadableEntry(RejectionReason.NUMBER_TWICE, [PartFinding(Part.NUMBER, (index[0].number,))])
    raise UnreadableEntry(RejectionReason.SEVERAL_ENTRIES, [PartFinding(Part.ENTRIES, (str(len(index)),))], index=index)


def _numbered(entries: Iterator[etree._Element], number: str) -> Entry:
    """Read to the end: the same number may come again."""
    found: etree._Element | None = None
    count = 0
    index: list[IndexLine] = []
    for element in entries:
        count += 1
        if number_of(element) == number:
            if found is not None:
                raise UnreadableEntry(RejectionReason.NUMBER_TWICE, [PartFinding(Part.NUMBER, (number,))])
            found = deepcopy(element)
        if len(index) < MAX_INDEX_LINES and found is None:
            index.append(line_of_index(element))
    if found is not None:
        return entry_of(found)
    raise UnreadableEntry(
        RejectionReason.NUMBER_ABSENT,
        [PartFinding(Part.ENTRIES, (str(count),))],
        [PartFinding(Part.NUMBER, (number,))],
        index=index,
    )
