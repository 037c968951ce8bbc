"""Parse the cited pages or minutes of a piece into one normal form."""

import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

from portfolio.domain.dossier.rules.rendition import fold

_SHEET = re.compile(r"\b(?:feuilles?|onglets?)\b\s*(?:n[°o]\s*)?(?:(?P<number>[0-9]{1,4})\b|(?P<name>[^,;.:]*))")
_SHEET_NUMBER = re.compile(r"\b(?:feuilles?|onglets?)\s*(?:n[°o]\s*)?[0-9]{1,4}\b", re.IGNORECASE)
_ROWS = re.compile(r"\blignes?\s*(?:n[°o]\s*)?([0-9]{1,7})(?:\s*(?:-|à|a|au|et)\s*([0-9]{1,7}))?")
_CELL = r"([a-z]{1,3})([1-9][0-9]{0,6})"
_CELLS = re.compile(rf"\b(?:cellules?|plages?|cases?)\s+{_CELL}(?:\s*:\s*{_CELL})?\b|\b{_CELL}\s*:\s*{_CELL}\b")
# After « feuille » or « onglet », these open a description, not a name.
_NO_NAME = re.compile(r"\s*(?:$|(?:de|du|des|d'|le|la|les|l'|ou|avec|qui|sur)\b|l'|d')")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet that the reader shows: its name, its last row and its last column, counted from 1."""

    name: str
    rows: int
    columns: int


@dataclass(frozen=True, slots=True)
class SheetFault:
    """Number that a passage names and no sheet has; `last`: how far the sheets go."""

    where: str
    last: str


def sheets_of(contents: Any) -> tuple[Sheet, ...]:
    """Return the sheets kept among the contents of a rendition; none of another file."""
    kept = json.loads(contents) if isinstance(contents, str) else contents
    found = kept.get("sheets", ()) if isinstance(kept, dict) else ()
    return tuple(Sheet(str(name), int(rows), int(columns)) for name, rows, columns in found)


def sheet_fault(passage: str, sheets: Sequence[Sheet]) -> SheetFault | None:
    """Return the first sheet, row or cell of a passage that the workbook does not have; None when each is
    there, or where the sheets are not known.
    """
    if not sheets:
        return None
    plain, named = fold(passage), tuple(sheets)
    names = ", ".join(sheet.name for sheet in sheets[:10])
    for match in _SHEET.finditer(plain):
        if match["number"] and int(match["number"]) > len(sheets) and match["number"] not in fold(names):
            return SheetFault(f"feuille {match['number']}", names)
        name = match["name"]
        if name and not _NO_NAME.match(name) and not any(fold(sheet.name) in plain for sheet in sheets):
            return SheetFault(passage[match.start("name") : match.end("name")].strip(), names)
    named = tuple(sheet for sheet in sheets if fold(sheet.name) in plain) or named
    rows, columns = max(sheet.rows for sheet in named), max(sheet.columns for sheet in named)
    last = f"{_letters(columns)}{rows}"
    for match in _ROWS.finditer(plain):
        beyond = [part for part in match.groups() if part and int(part) > rows]
        if beyond:
            return SheetFault(f"ligne {beyond[0]}", last)
    for match in _CELLS.finditer(plain):
        parts = [part for part in match.groups() if part]
        for letters, row in zip(parts[::2], parts[1::2], strict=True):
            if int(row) > rows or _number(letters) > columns:
                return SheetFault(f"{letters.upper()}{row}", last)
    return None


def without_sheets(passage: str) -> str:
    """Return a passage without the numbers of its sheets, which are no pages."""
    return _SHEET_NUMBER.sub(" ", passage)


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("a") + 1
    return number


def _letters(number: int) -> str:
    letters = ""
    while number > 0:
        number, left = divmod(number - 1, 26)
        letters = chr(ord("A") + left) + letters
    return letters


Span = tuple[int, int]

CITATION_MAX_CHARS = 200


class CitationUnit(StrEnum):
    """Units by which one finds a passage in a piece."""

    PAGES = "pages"
    MINUTES = "minutes"
    FREE = "free"


class CitationErrorCode(StrEnum):
    """Faults of a passage."""

    UNREADABLE = "unreadable"
    BACKWARDS = "backwards"
    ZERO = "zero"
    BEYOND = "beyond"
    TOO_LONG = "too_long"
    OTHER_MEASURE = "other_measure"
    NOT_PLAYED = "not_played"
    NOT_COUNTED_YET = "not_counted_yet"
    NOT_IN_SHEETS = "not_in_sheets"


@dataclass(frozen=True, slots=True)
class CitationError:
    """Fault of a passage, and its place: the words or the number that do not fit; `pages` is how many pages, or
    seconds, the file has.
    """

    code: CitationErrorCode
    where: str = ""
    pages: int | None = None
    # How far the sheets of a workbook go.
    last: str = ""


def citation_unit(family: str, pages: int | None) -> CitationUnit:
    """Answer how passages of a file are told: minutes when it is played, pages when they are counted, free
    words otherwise.
    """
    if family in ("audio", "video"):
        return CitationUnit.MINUTES
    return CitationUnit.PAGES if pages is not None else CitationUnit.FREE


@dataclass(frozen=True, slots=True)
class ShownExtent:
    """Number of pages, or seconds, that the reader shows of a file: of what is made of it, or as counted on
    receipt; `pending` while something is still made of it.
    """

    pages: int | None = None
    seconds: int | None = None
    pending: bool = False
    sheets: tuple[Sheet, ...] = ()


def last_of(family: str, pages: int | None, seconds: int | None, shown: ShownExtent | None = None) -> int | None:
    """Return the number of the pages, or of the seconds, of a file, as passages count them; None when it is not known.

    `shown` is what the reader shows of it: it outranks the pages that were counted on receipt.
    """
    made = shown or ShownExtent()
    if family in ("audio", "video"):
        return made.seconds if seconds is None else seconds
    if made.pages is not None:
        return made.pages
    return 1 if family == "image" and pages is None else pages


def parse_citation(
    text: str, measure: CitationUnit, pages: int | None = None, sheets: Sequence[Sheet] = ()
) -> str | CitationError:
    """Answer the passage in its one form, « 4-5, 9 » or « 12:30-14:00 », or what is wrong with it.

    Read with tolerance: « p. 4 à 6 », « pages 4 et 5 », « de la minute 3 à 5 ». Empty stays empty: the whole
    piece is meant. Where nothing is counted on receipt (a spreadsheet, a photo), it stays as typed, and the
    pages that its words name must be there. Reading again what was answered answers the same.
    """
    typed = " ".join(text.split())
    answer = _free(typed, pages, sheets) if measure is CitationUnit.FREE else _read(typed, measure, pages)
    if isinstance(answer, str) and (fault := sheet_fault(answer, sheets)):
        return CitationError(CitationErrorCode.NOT_IN_SHEETS, fault.where, last=fault.last)
    if isinstance(answer, str) and len(answer) > CITATION_MAX_CHARS:
        return CitationError(CitationErrorCode.TOO_LONG)
    return answer


def citation_error(
    text: str, measure: CitationUnit, pages: int | None = None, sheets: Sequence[Sheet] = ()
) -> CitationError | None:
    """Answer what is wrong with a passage; None when it can be read."""
    answer = parse_citation(text, measure, pages, sheets)
    return answer if isinstance(answer, CitationError) else None


def stored_citation_error(
    passage: str, measure: CitationUnit, last: int | None = None, sheets: Sequence[Sheet] = (), *, pending: bool = False
) -> CitationError | None:
    """Return why a passage that was kept does not fit the current file; None when it fits, or where nothing is counted.

    The file may have been replaced since: by a shorter one, or by one in which passages are told otherwise. `last` is
    the number of its pages, or of its seconds, when it is known; a photograph has one page. `pending`: they are about
    to be known, and until then a passage that names some cannot be looked at.
    """
    if not passage:
        return None
    fault = _stored_error(passage, measure, last, sheets)
    if fault is None and pending and last is None and _names_a_number(passage, measure):
        return CitationError(CitationErrorCode.NOT_COUNTED_YET, passage)
    return fault


def _names_a_number(passage: str, measure: CitationUnit) -> bool:
    return (
        measure is not CitationUnit.FREE
        or _ONLY_MOMENTS.fullmatch(passage) is not None
        or next(_page_words(passage), None) is not None
    )


def _stored_error(
    passage: str, measure: CitationUnit, last: int | None, sheets: Sequence[Sheet]
) -> CitationError | None:
    if _STORED_PAGES.fullmatch(passage):
        if measure is CitationUnit.MINUTES:
            return CitationError(CitationErrorCode.OTHER_MEASURE, passage)
        return (
            None if measure is CitationUnit.FREE and last is None else citation_error(passage, CitationUnit.PAGES, last)
        )
    if measure is CitationUnit.PAGES and _STORED_MINUTES.fullmatch(passage):
        return CitationError(CitationErrorCode.OTHER_MEASURE, passage)
    return citation_error(passage, measure, last, sheets)


@lru_cache(maxsize=4096)
def cited_pages(passage: str, measure: CitationUnit, most: int = 30) -> tuple[int, ...]:
    """Answer the pages that a passage in its one form names, in order, the first ones only when there are many."""
    if measure is CitationUnit.FREE and _NAMES_PAGES.match(
        passage
    ):  # of a document whose pages were not counted on receipt
        read = parse_citation(passage, CitationUnit.PAGES)
        passage, measure = (read, CitationUnit.PAGES) if isinstance(read, str) else (passage, measure)
    passage = stored_form(passage, measure)
    if measure is not CitationUnit.PAGES or not _STORED_PAGES.fullmatch(passage):
        return ()
    pages: list[int] = []
    for item in passage.split(", "):
        start, _, end = item.partition("-")
        pages += range(int(start), min(int(end or start), int(start) + most) + 1)
    return tuple(pages[:most])


def cited_spans(passage: str) -> tuple[Span, ...]:
    """Return the moments that a kept passage names, in seconds; none of a passage that names pages or free words."""
    if not _STORED_MINUTES.fullmatch(passage):
        return ()
    read = _spans(passage.split(", "), _moment, None)
    return () if isinstance(read, CitationError) else tuple(read)


def stored_form(passage: str, measure: CitationUnit) -> str:
    """Return a kept passage in its one form where it can be read so; as it was kept otherwise."""
    if stored_citation_error(passage, measure) is not None:
        return passage
    answer = parse_citation(passage, measure)
    return answer if isinstance(answer, str) else passage


def _free(typed: str, last: int | None, sheets: Sequence[Sheet]) -> str | CitationError:
    """Return free words as typed, unless the pages that they name are not in the file, or they are only moments."""
    for words in _page_words(without_sheets(typed) if sheets else typed):
        spans = _spans(_items(words, _PAGE_WORDS), _page, last)
        if isinstance(spans, CitationError) and spans.code is not CitationErrorCode.UNREADABLE:
            return spans
    # Of a text without a file, as the book of a sealed dossier reads it, nothing is refused.
    if last is not None and _ONLY_MOMENTS.fullmatch(typed):
        return CitationError(CitationErrorCode.NOT_PLAYED, typed)
    return typed


def _page_words(typed: str) -> Iterator[str]:
    """Yield what names pages in free words: « page 12 », « pages 3 à 12 », or numbers alone."""
    numbers = re.sub(r"(?<=[0-9])\s+(?=[0-9])", ",", _plain(typed, _PAGE_WORDS))
    if re.fullmatch(_NUMBERS, numbers):
        yield numbers
    else:
        yield from _PAGES_IN_WORDS.findall(typed)


@lru_cache(maxsize=4096)
def _read(typed: str, measure: CitationUnit, pages: int | None) -> str | CitationError:
    if _WHOLE.fullmatch(_plain(typed, _PAGE_WORDS)):
        return ""
    if measure is CitationUnit.MINUTES:
        return _formatted(_spans(_items(typed, _MINUTE_WORDS), _moment, pages), moment_message, 0)
    # « 4 5 9 » without commas is what a thumb types.
    spaced = re.sub(r"(?<=[0-9])\s+(?=[0-9])", ",", typed)
    return _formatted(_spans(_items(spaced, _PAGE_WORDS), _page, pages), str, 1)


# The one forms in which pages and minutes are kept.
_STORED_PAGES = re.compile(r"[0-9]+(?:-[0-9]+)?(?:, [0-9]+(?:-[0-9]+)?)*")
_STORED_MINUTES = re.compile(r"[0-9:]+:[0-9]{2}(?:-[0-9:]+:[0-9]{2})?(?:, [0-9:]+:[0-9]{2}(?:-[0-9:]+:[0-9]{2})?)*")
_NAMES_PAGES = re.compile(r"\s*(?:pages?|pp?\.?|diapos?|diapositives?|feuilles?)\s*[0-9]", re.IGNORECASE)
_ONLY_MOMENTS = re.compile(rf"{_STORED_MINUTES.pattern}|(?:de |à )?(?:la |les )?minutes? ?[0-9].*", re.IGNORECASE)
_JOINT = r"\s*(?:[-‐-―−~→,;&+]|\b(?:jusqu[’']?\s*)?(?:à|a|au|aux|et|puis)\b(?:\s+la\b)?(?:\s+pages?\b)?)\s*"
# « page 1, 3e ligne » names one page.
_NUMBERS = rf"[0-9]{{1,5}}\b(?:{_JOINT}[0-9]{{1,5}}\b)*"
_PAGES_IN_WORDS = re.compile(
    rf"\b(?:(?:pages?|pg|diapos?|diapositives?|slides?|feuillets?|planches?|vues?)\b\.?|pp?\.?)\s*"
    rf"(?:n[°o]\s*)?({_NUMBERS})",
    re.IGNORECASE,
)
_DASHES = re.compile(r"[‐-―−~→]")
_NUMBER_SIGN = re.compile(r"\bn[°o]\s*(?=[0-9])")
_WHOLE = re.compile(r"|tout|toutes|en entier|tout document|document entier|tout fichier")
_ARTICLES = re.compile(r"\b(?:de|du|des|la|le|les)\b")
_TO = re.compile(r"\s*(?:-|\b(?:jusqu[’']?\s*)?(?:à|a|au|aux)\b)\s*")
_AND = re.compile(r"\s*(?:[,;&+]|\bet\b|\bpuis\b)\s*")
_PAGE_WORDS = (
    re.compile(r"\b(?:pages?|pp?|pg|diapos?|diapositives?|slides?|feuilles?|feuillets?|planches?|vues?)\b\.?"),
    re.compile(r"\bpp?\.?(?=[0-9])"),
)
_MINUTE_WORDS = (re.compile(r"\b(?:minutes?|min|mn)\.?\s+(?=[0-9])"),)


def _plain(text: str, words: Sequence[re.Pattern[str]]) -> str:
    plain = _DASHES.sub("-", unicodedata.normalize("NFKC", text).lower())
    for pattern in (*words, _NUMBER_SIGN, _ARTICLES):
        plain = pattern.sub(" ", plain)
    return " ".join(plain.split())


def _items(text: str, words: Sequence[re.Pattern[str]]) -> list[str]:
    """Cut what was typed at its commas and « et », without the words that only name the unit."""
    plain = _AND.sub(",", _TO.sub("-", _plain(text, words)))
    return [item.strip(" .") for item in plain.split(",") if item.strip(" .")]


def _spans(items: Sequence[str], number: Callable[[str], int | None], last: int | None) -> list[Span] | CitationError:
    if not items:
        return CitationError(CitationErrorCode.UNREADABLE)
    spans: list[Span] = []
    for item in items:
        span = _span(item, number)
        if isinstance(span, CitationError):
            return span
        if last is not None and span[1] > last:
            return CitationError(CitationErrorCode.BEYOND, str(span[1]), last)
        spans.append(span)
    return spans


def _span(item: str, number: Callable[[str], int | None]) -> Span | CitationError:
    ends = [number(part.strip()) for part in item.split("-")]
    if len(ends) > 2 or None in ends:
        return CitationError(CitationErrorCode.UNREADABLE, item)
    start, end = ends[0], ends[-1]
    if start is None or end is None:
        return CitationError(CitationErrorCode.UNREADABLE, item)
    if number is _page and start == 0:
        return CitationError(CitationErrorCode.ZERO, item)
    return (start, end) if start <= end else CitationError(CitationErrorCode.BACKWARDS, item)


def _page(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[0-9]{1,5}", text) else None


# « 1:02:30 », « 12:30 », « 1 h 02 », « 12 min 30 », « 12'30 », « 12 », « 45 s »: hours, minutes, seconds.
_MOMENTS = (
    re.compile(r"(?P<h>[0-9]{1,2}):(?P<m>[0-9]{1,2}):(?P<s>[0-9]{2})"),
    re.compile(r"(?P<m>[0-9]{1,3}):(?P<s>[0-9]{2})"),
    re.compile(r"(?P<s>[0-9]{1,2}) ?s(?:ec(?:ondes?)?)?"),
    re.compile(
        r"(?P<h>[0-9]{1,2}) ?h(?:eures?)?(?: ?(?P<m>[0-9]{1,2}) ?(?:min|minutes?|mn|m)?(?: "
        r"?(?P<s>[0-9]{1,2}) ?s?)?)?"
    ),
    re.compile(r"(?P<m>[0-9]{1,3}) ?(?:minutes?|min|mn|m|['’′])?(?: ?(?P<s>[0-9]{1,2}) ?(?:s|sec|[\"”″])?)?"),
)


def _moment(text: str) -> int | None:
    """Seconds from the start, or None when the words say no moment."""
    for pattern in _MOMENTS:
        if found := pattern.fullmatch(text):
            part = {name: int(value) for name, value in found.groupdict().items() if value}
            if part.get("s", 0) > 59 or ("h" in part and part.get("m", 0) > 59):
                return None
            return part.get("h", 0) * 3600 + part.get("m", 0) * 60 + part.get("s", 0)
    return None


def moment_message(seconds: int) -> str:
    """Return a moment of a recording as people write it: « 12:30 », « 1:02:30 »."""
    minutes, rest = divmod(seconds, 60)
    hours, left = divmod(minutes, 60)
    return f"{hours}:{left:02}:{rest:02}" if hours else f"{left}:{rest:02}"


def _formatted(spans: list[Span] | CitationError, say: Callable[[int], str], gap: int) -> str | CitationError:
    """Spans in order, neighbours joined, said in the one form."""
    if isinstance(spans, CitationError):
        return spans
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1] + gap:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return ", ".join(say(start) if start == end else f"{say(start)}-{say(end)}" for start, end in joined)
