"""Read and write a spreadsheet of blocks and competencies; no cell that is written can be a formula."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar

from portfolio.domain.certification.rules.doubts import Doubt
from portfolio.domain.certification.rules.entry import EntryBlock

_Column = TypeVar("_Column")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
HEADING = ("Bloc", "Compétence", "Modalité d’évaluation")


class SheetFaultCode(StrEnum):
    """Reasons why a spreadsheet, or one of its lines, is not read."""

    EMPTY = "sheet_empty"
    NOT_TEXT = "sheet_not_text"
    TOO_LARGE = "sheet_too_large"
    TOO_MANY_LINES = "sheet_too_many_lines"
    NO_SEPARATOR = "sheet_no_separator"
    ONLY_HEADING = "sheet_only_heading"
    HEADING = "sheet_heading"
    QUOTE = "sheet_quote"
    TOO_MANY_CELLS = "sheet_too_many_cells"
    NO_BLOCK = "sheet_no_block"
    NO_COMPETENCY = "sheet_no_competency"
    BLOCK_DIFFERS = "sheet_block_differs"
    TWICE = "sheet_twice"
    TITLE_TOO_LONG = "sheet_title_too_long"
    COMPETENCY_TOO_LONG = "sheet_competency_too_long"
    TOO_MANY_BLOCKS = "sheet_too_many_blocks"
    TOO_MANY_COMPETENCIES = "sheet_too_many_competencies"


@dataclass(frozen=True, slots=True)
class SheetFault:
    """One fault: its code, the line where it is (None for the whole file), the facts its sentence quotes."""

    what: SheetFaultCode
    line: int | None = None
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """The blocks read, the faults in the order of the lines, whether the encoding was guessed, the columns
    not read, what a person must look at in the blocks.
    """

    blocks: tuple[EntryBlock, ...]
    faults: tuple[SheetFault, ...] = ()
    is_guessed: bool = False
    ignored: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()


def safe_cell(text: str) -> str:
    """Return a text as a cell that a spreadsheet program shows and never computes: an apostrophe goes
    before a formula.
    """
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def plain_cell(text: str) -> str:
    """Return the text that `safe_cell` was given."""
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA_STARTS) else text


def folded(text: str) -> str:
    """Return a heading or a code word as it is compared: without case, accents and what ends a label."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("’", "'"))
    return " ".join("".join(letter for letter in plain if not unicodedata.combining(letter)).split()).strip(" :.*")


def guess_columns(headings: Sequence[str], names: Mapping[_Column, Sequence[str]]) -> list[_Column | None]:
    """Return which column each heading names, by the names that people give it: each column once, None for the others.

    A heading that is a name comes before one that contains it (« date de naissance du candidat »). What makes a word
    inclusive is not read (« candidat(e) »).
    """
    known = {_heading(name): column for column, listed in names.items() for name in listed}
    words = [_heading(heading) for heading in headings]
    found: list[_Column | None] = [None] * len(words)
    for place, word in enumerate(words):
        if known.get(word) not in found:
            found[place] = known.get(word)
    for name in sorted(known, key=len, reverse=True):
        for place, word in enumerate(words):
            if found[place] is None and known[name] not in found and f" {name} " in f" {word} ":
                found[place] = known[name]
    return found


def _heading(text: str) -> str:
    return folded(re.sub(r"\((?:e|s|es)\)s?|·e(?:·?s)?", "", text))


def read_day(text: str) -> date | None:
    """Return the day that a cell holds, as people and programs write it; None for another text.

    Two digits of a year are those of the past century from 30 on.
    """
    for pattern in ("%d/%m/%Y", "%Y-%m-%d", "%d.%m.%Y", "%d-%m-%Y", "%d/%m/%y"):
        try:
            found = datetime.strptime(text.split(" ")[0], pattern).date()
        except ValueError:
            continue
        if pattern.endswith("%y"):
            found = found.replace(year=found.year % 100 + (1900 if found.year % 100 >= 30 else 2000))
        return found if date(1900, 1, 1) <= found <= date(2200, 1, 1) else None
    return None


def sheet_rows(blocks: tuple[EntryBlock, ...]) -> Iterator[tuple[str, str, str]]:
    """Yield the lines of a spreadsheet, its heading first: a block names its assessments on its first line."""
    yield HEADING
    for block in blocks:
        name = f"Bloc {block.number} - {block.title}" if block.title else f"Bloc {block.number}"
        assessments = "\n".join(block.assessments)
        for rank, competency in enumerate(block.competencies):
            yield safe_cell(name), safe_cell(competency.text), safe_cell("" if rank else assessments)
        if not block.competencies:
            yield safe_cell(name), "", safe_cell(assessments)
