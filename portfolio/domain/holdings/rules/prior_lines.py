"""Lines of a spreadsheet of people who held blocks before this product was used: each cell read, each fault named."""

import hashlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

MAX_LINES = 1000
MAX_CHARS = 300
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_NO_ADDRESS = "@sans-adresse.invalid"
_DATE = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})|(\d{4})-(\d{2})-(\d{2})")
_BLOCK = re.compile(r"(?:.*BC|BLOC|B)?0*(\d{1,3})")
_WHOLE = frozenset(
    {"entiere", "entière", "certification entiere", "certification entière", "toute", "tous", "tous les blocs"}
)
_UNLIMITED = frozenset({"", "illimitee", "illimitée", "sans limite", "définitive", "definitive"})


class Column(StrEnum):
    """The columns of the template, in its order."""

    NAME = "name"
    EMAIL = "email"
    BORN = "born"
    CERTIFICATION = "certification"
    VERSION = "version"
    BLOCK = "block"
    OBTAINED = "obtained"
    NUMBER = "number"
    REFERENCE = "reference"
    VALIDITY = "validity"
    FILE = "file"


# A line without one of these cannot be read.
REQUIRED = (Column.NAME, Column.CERTIFICATION, Column.BLOCK, Column.OBTAINED, Column.REFERENCE)


class HolderFault(StrEnum):
    """Faults that prevent a line from being recorded."""

    MISSING = "missing"
    NOBODY = "nobody"
    TOO_LONG = "too_long"
    BAD_EMAIL = "bad_email"
    BAD_DATE = "bad_date"
    IN_THE_FUTURE = "in_the_future"
    BORN_AFTER = "born_after"
    ENDS_BEFORE = "ends_before"
    BAD_BLOCK = "bad_block"
    BAD_VERSION = "bad_version"
    TWICE = "twice"
    TWO_NAMES = "two_names"
    UNKNOWN_CERTIFICATION = "unknown_certification"
    SEVERAL_VERSIONS = "several_versions"
    UNKNOWN_BLOCK = "unknown_block"
    OPTION_NEEDED = "option_needed"
    NO_FILE = "no_file"
    UNKNOWN_FILE = "unknown_file"
    SEVERAL_FILES = "several_files"
    ALREADY_RECORDED = "already_recorded"
    ALREADY_HELD = "already_held"
    SUSPENDED = "suspended"
    BEFORE_JURY = "before_jury"


class HolderRefusal(StrEnum):
    """Reasons why an import is not confirmed, or a holding not rectified."""

    CLOSED = "holders_closed"
    CHANGED = "holders_changed"
    NOTHING = "holders_nothing"
    ENDED = "holding_ended"
    IN_THE_FUTURE = "holding_in_the_future"


@dataclass(frozen=True, slots=True)
class FoundFault:
    """A fault, the column it is in where one is, and what its sentence quotes."""

    what: HolderFault
    column: Column | None = None
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HolderLine:
    """A line that can be read: who, which block of which certification, since when, and on what proof.

    `block`: None for the whole certification. `version`: None where the line names none.
    """

    number: int
    name: str
    email: str
    born_on: date | None
    code: str
    version: int | None
    block: int | None
    obtained_on: date
    certificate: str
    reference: str
    valid_until: date | None
    file_name: str


@dataclass(frozen=True, slots=True)
class ReadHolders:
    """The lines that can be read, and the faults of the others, by the number of the line."""

    lines: tuple[HolderLine, ...]
    faults: Mapping[int, tuple[FoundFault, ...]]


def read_holders(rows: Sequence[tuple[int, Mapping[Column, str]]], today: date) -> ReadHolders:
    """Read every line; one that repeats another, or names one address in two ways, is a fault of both."""
    lines: list[HolderLine] = []
    faults: defaultdict[int, list[FoundFault]] = defaultdict(list)
    for number, cells in rows:
        line, wrong = _read(number, cells, today)
        faults[number] += wrong
        if line is not None:
            lines.append(line)
    for number, fault in _repeated(lines):
        faults[number].append(fault)
    wrong_numbers = {number for number, found in faults.items() if found}
    kept = tuple(line for line in lines if line.number not in wrong_numbers)
    return ReadHolders(kept, {number: tuple(faults[number]) for number in sorted(wrong_numbers)})


def _read(number: int, cells: Mapping[Column, str], today: date) -> tuple[HolderLine | None, list[FoundFault]]:
    faults = [FoundFault(HolderFault.MISSING, column) for column in REQUIRED if not cells.get(column, "")]
    faults += [FoundFault(HolderFault.TOO_LONG, column) for column, cell in cells.items() if len(cell) > MAX_CHARS]
    typed = cells.get(Column.EMAIL, "").casefold()
    if typed and not _EMAIL.fullmatch(typed):
        faults.append(FoundFault(HolderFault.BAD_EMAIL, Column.EMAIL, (typed,)))
    dates, wrong = _dates(cells, today)
    if not (email := address_of(cells)):
        faults.append(FoundFault(HolderFault.NOBODY))
    block, block_faults = _block(cells.get(Column.BLOCK, ""))
    version, version_faults = _version(cells.get(Column.VERSION, ""))
    faults += [*wrong, *block_faults, *version_faults]
    obtained = dates.get(Column.OBTAINED)
    if faults or obtained is None:
        return None, faults
    line = HolderLine(
        number=number,
        name=" ".join(cells[Column.NAME].split()),
        email=email,
        born_on=dates.get(Column.BORN),
        code=_code(cells[Column.CERTIFICATION]),
        version=version,
        block=block,
        obtained_on=obtained,
        certificate=cells.get(Column.NUMBER, ""),
        reference=cells[Column.REFERENCE],
        valid_until=dates.get(Column.VALIDITY),
        file_name=cells.get(Column.FILE, ""),
    )
    return line, []


def address_of(cells: Mapping[Column, str]) -> str:
    """Return the address of a line. Without one: what stands for it, the same for the same name and day of
    birth, and that no letter reaches (RFC 2606); nothing when the day is not known either.
    """
    born_on = read_day(cells.get(Column.BORN, ""))
    if (email := cells.get(Column.EMAIL, "").casefold()) or born_on is None:
        return email
    words = unicodedata.normalize("NFD", " ".join(cells.get(Column.NAME, "").split()).casefold())
    said = f"{''.join(char for char in words if not unicodedata.combining(char))} {born_on.isoformat()}"
    return f"{hashlib.sha256(said.encode()).hexdigest()[:24]}{_NO_ADDRESS}"


def address_shown(email: str) -> str:
    """Return the address of a holder of before; nothing when they gave none."""
    return "" if email.endswith(_NO_ADDRESS) else email


def _dates(cells: Mapping[Column, str], today: date) -> tuple[dict[Column, date], list[FoundFault]]:
    found: dict[Column, date] = {}
    faults = []
    for column in (Column.BORN, Column.OBTAINED, Column.VALIDITY):
        typed = cells.get(column, "")
        if not typed or (column is Column.VALIDITY and typed.casefold() in _UNLIMITED):
            continue
        day = read_day(typed)
        if day is None:
            faults.append(FoundFault(HolderFault.BAD_DATE, column, (typed[:40],)))
        elif day > today and column is not Column.VALIDITY:
            faults.append(FoundFault(HolderFault.IN_THE_FUTURE, column, (typed,)))
        else:
            found[column] = day
    obtained = found.get(Column.OBTAINED)
    if obtained is not None:
        if found.get(Column.BORN, date.min) >= obtained:
            faults.append(FoundFault(HolderFault.BORN_AFTER, Column.BORN))
        if found.get(Column.VALIDITY, date.max) < obtained:
            faults.append(FoundFault(HolderFault.ENDS_BEFORE, Column.VALIDITY))
    return found, faults


def read_day(typed: str) -> date | None:
    """Read « 12/06/2019 » or « 2019-06-12 »; None when it is no day of the calendar."""
    match = _DATE.fullmatch(typed.strip())
    if match is None:
        return None
    day, month, year, *iso = match.groups()
    parts = (iso[0], iso[1], iso[2]) if iso[0] else (year, month, day)
    try:
        return date(*(int(part) for part in parts))
    except ValueError:
        return None


def _block(typed: str) -> tuple[int | None, list[FoundFault]]:
    if not typed or typed.casefold().strip() in _WHOLE:
        return None, []
    match = _BLOCK.fullmatch("".join(typed.upper().split()))
    if match is None or int(match[1]) == 0:
        return None, [FoundFault(HolderFault.BAD_BLOCK, Column.BLOCK, (typed[:40],))]
    return int(match[1]), []


def _version(typed: str) -> tuple[int | None, list[FoundFault]]:
    if not typed:
        return None, []
    if not (typed.isascii() and typed.isdecimal() and len(typed) <= 4):
        return None, [FoundFault(HolderFault.BAD_VERSION, Column.VERSION, (typed[:40],))]
    return int(typed), []


def _code(typed: str) -> str:
    joined = "".join(typed.upper().split())
    return f"RNCP{joined}" if joined.isascii() and joined.isdecimal() else joined


def _repeated(lines: Sequence[HolderLine]) -> list[tuple[int, FoundFault]]:
    """List the lines that say again what an earlier one says, and those that name one address otherwise than it."""
    found: list[tuple[int, FoundFault]] = []
    first: dict[tuple[str, str, int | None, int | None], int] = {}
    names: dict[str, HolderLine] = {}
    for line in lines:
        key = (line.email, line.code, line.version, line.block)
        earlier = first.setdefault(key, line.number)
        if earlier != line.number:
            found.append((line.number, FoundFault(HolderFault.TWICE, None, (str(earlier),))))
        named = names.setdefault(line.email, line)
        if named.name.casefold() != line.name.casefold():
            found.append((line.number, FoundFault(HolderFault.TWO_NAMES, Column.NAME, (named.name, str(named.number)))))
    return found
