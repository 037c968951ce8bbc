"""Chosen entries of an export, read in one pass: each with the SHA-256 of its XML, or the reason why it is not read."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from typing import IO

from lxml import etree

from portfolio.domain.certification.readers.france_competences.entry import entry_of
from portfolio.domain.certification.readers.france_competences.jury import with_route_juries
from portfolio.domain.certification.readers.france_competences.stream import Progress, entries_of, number_of
from portfolio.domain.certification.readers.suspicions import with_suspicions
from portfolio.domain.certification.rules.entry import Entry
from portfolio.domain.certification.rules.registration import Part, PartFinding, RejectionReason, UnreadableEntry

# Written anew by the register without any change of the entry.
VOLATILE = frozenset({"ID_FICHE", "DATE_DERNIERE_MODIFICATION", "DATE_DERNIERE_MODIFICATION_ETAT"})


@dataclass(frozen=True, slots=True)
class SelectedEntry:
    """An entry of an export: what was read, or why it was not, and the SHA-256 of its source."""

    number: str
    source_digest: str
    entry: Entry | None = None
    refusal: UnreadableEntry | None = None


def read_numbers(
    file: IO[bytes], size: int, numbers: Collection[str], *, progress: Progress | None = None
) -> dict[str, SelectedEntry]:
    """Return the entries of these numbers that an export holds, in flat memory.

    A number that comes twice is refused for that number alone. Raise UnreadableEntry when the file cannot be
    read to its end.
    """
    wanted, found = frozenset(numbers), dict[str, SelectedEntry]()
    for element in entries_of(file, size, progress=progress):
        number = number_of(element)
        if number in found:
            twice = UnreadableEntry(RejectionReason.NUMBER_TWICE, [PartFinding(Part.NUMBER, (number,))])
            found[number] = SelectedEntry(number, "", refusal=twice)
        elif number in wanted:
            found[number] = _selected(number, element)
    return found


def _selected(number: str, element: etree._Element) -> SelectedEntry:
    digest = source_digest(element)
    try:
        return SelectedEntry(number, digest, with_route_juries(with_suspicions(entry_of(element))))
    except UnreadableEntry as refusal:
        return SelectedEntry(number, digest, refusal=refusal)


def source_digest(element: etree._Element) -> str:
    """Return the SHA-256 of an entry's content; the order of unlike elements and the spaces between them
    do not count.
    """
    digest = hashlib.sha256()
    _feed(digest, element)
    return digest.hexdigest()


def _feed(digest: hashlib._Hash, element: etree._Element) -> None:
    digest.update(f"<{element.tag}>".encode())
    if text := " ".join((element.text or "").split()):
        digest.update(text.encode())
    for child in sorted((node for node in element if node.tag not in VOLATILE), key=lambda node: str(node.tag)):
        _feed(digest, child)
    digest.update(b"</>")
