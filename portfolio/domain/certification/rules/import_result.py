"""Result of a reader whose input is not a register entry: what it understood, and what it did not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class RejectionReason(StrEnum):
    """Why a file is not read as an entry."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    IS_PDF = "is_pdf"
    IS_OFFICE_FILE = "is_office_file"
    IS_LAYOUT_TEXT = "is_layout_text"
    IS_CSV_EXPORT = "is_csv_export"
    JSON_TOO_LARGE = "json_too_large"
    JSON_BROKEN = "json_broken"
    JSON_TOO_DEEP = "json_too_deep"
    JSON_DUPLICATE_KEY = "json_duplicate_key"
    JSON_NOT_FINITE = "json_not_finite"
    JSON_OF_ANOTHER_KIND = "json_of_another_kind"
    TOO_MANY_ITEMS = "too_many_items"
    NO_ENTRY_IN_ANSWER = "no_entry_in_answer"
    IDENTIFIER_TWICE = "identifier_twice"
    PARENT_MISSING = "parent_missing"
    CYCLE = "cycle"
    IS_ARCHIVE = "is_archive"
    IS_XML = "is_xml"
    IS_HTML = "is_html"
    IS_IMAGE = "is_image"
    IS_BINARY = "is_binary"
    NOT_AN_ENTRY = "not_an_entry"
    BLOCK_WITHOUT_COMPETENCY = "block_without_competency"
    EXPORT_TOO_LARGE = "export_too_large"
    SEVERAL_ENTRIES = "several_entries"
    NUMBER_ABSENT = "number_absent"
    NUMBER_TWICE = "number_twice"
    BLOCK_CODE_TWICE = "block_code_twice"
    UNKNOWN_ROUTE = "unknown_route"
    SPECIFIC_REGISTER = "specific_register"
    XML_BROKEN = "xml_broken"
    XML_DECLARES_TYPE = "xml_declares_type"
    XML_TOO_DEEP = "xml_too_deep"
    ENTRY_TOO_LARGE = "entry_too_large"
    ARCHIVE_BROKEN = "archive_broken"
    ARCHIVE_TOO_LARGE = "archive_too_large"
    ARCHIVE_SEVERAL = "archive_several"
    ARCHIVE_LOCKED = "archive_locked"


class Part(StrEnum):
    """A part of an entry that was found, or looked for in vain."""

    HEADING = "heading"
    CODE = "code"
    TITLE = "title"
    BLOCK_IDENTIFIER = "block_identifier"
    CSV_PART = "csv_part"
    CYCLE = "cycle"
    PARENT = "parent"
    BLOCKS = "blocks"
    BLOCK = "block"
    COMPETENCIES_OF_BLOCK = "competencies_of_block"
    REGISTRATIONS = "registrations"
    ENTRIES = "entries"
    NUMBER = "number"
    ELEMENT = "element"
    BLOCK_CODE = "block_code"
    FILES = "files"


@dataclass(frozen=True, slots=True)
class IndexLine:
    """One entry of a file that holds several: its number and its title."""

    number: str
    title: str


@dataclass(frozen=True, slots=True)
class PartFinding:
    """A part, and the facts its sentence quotes."""

    part: Part
    facts: tuple[str, ...] = ()


class UnreadableEntry(Exception):  # noqa: N818 - the name says the answer, as a person would
    """Raised by a reader instead of guessing: the reason, what was understood, what was missing.

    Nothing is written.
    """

    def __init__(
        self,
        reason: RejectionReason,
        understood: Iterable[PartFinding] = (),
        missing: Iterable[PartFinding] = (),
        *,
        filename: str = "",
        index: Iterable[IndexLine] = (),
    ) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.understood = list(understood)
        self.missing = list(missing)
        self.filename = filename
        self.index = tuple(index)  # the entries to choose from, when the file holds several

    def about(self, filename: str) -> UnreadableEntry:
        """Give the same answer about a named file."""
        return UnreadableEntry(
            self.reason, self.understood, self.missing, filename=filename, index=self.index
        )
