"""Lines copied out of a spreadsheet: a name and an address each, in either order, under a header or not."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

MAX_LINES = 100
_SEPARATOR = re.compile(r"[\t;]")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
NAME_MAX_CHARS, EMAIL_MAX_CHARS = 200, 254


class LineFault(StrEnum):
    """What is wrong with a line."""

    NO_EMAIL = "no_email"
    NO_NAME = "no_name"
    TOO_LONG = "too_long"
    TWICE = "twice"
    TOO_MANY = "too_many"


@dataclass(frozen=True, slots=True)
class CandidateLine:
    """A person to open a candidacy for, and the number of the line."""

    number: int
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class WrongLine:
    """A line that cannot be read, as it was typed."""

    number: int
    text: str
    fault: LineFault


@dataclass(frozen=True, slots=True)
class ReadLines:
    """What was read: the people, and the lines that are wrong."""

    lines: tuple[CandidateLine, ...]
    wrong: tuple[WrongLine, ...]


def read_lines(text: str) -> ReadLines:
    """Read lines whose cells are separated by tabs or semicolons; empty lines and a header are left out."""
    lines: list[CandidateLine] = []
    wrong: list[WrongLine] = []
    for number, row in enumerate(text.splitlines(), 1):
        cells = [cell.strip().strip('"') for cell in _SEPARATOR.split(row)]
        cells = [cell for cell in cells if cell]
        if not cells or (number == 1 and not any("@" in cell for cell in cells)):
            continue
        email = next((cell for cell in cells if _EMAIL.fullmatch(cell)), "")
        name = " ".join(cell for cell in cells if cell != email)
        if fault := _fault(name, email, len(lines)):
            wrong.append(WrongLine(number, row[:200], fault))
        else:
            lines.append(CandidateLine(number, name, email))
    counts = Counter(line.email.casefold() for line in lines)
    twice = [line for line in lines if counts[line.email.casefold()] > 1]
    wrong += [WrongLine(line.number, f"{line.name} {line.email}", LineFault.TWICE) for line in twice]
    return ReadLines(tuple(lines), tuple(sorted(wrong, key=lambda wrong_line: wrong_line.number)))


def _fault(name: str, email: str, read: int) -> LineFault | None:
    if not email:
        return LineFault.NO_EMAIL
    if not name:
        return LineFault.NO_NAME
    if len(name) > NAME_MAX_CHARS or len(email) > EMAIL_MAX_CHARS:
        return LineFault.TOO_LONG
    return LineFault.TOO_MANY if read >= MAX_LINES else None
