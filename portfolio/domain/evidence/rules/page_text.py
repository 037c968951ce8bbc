"""The text of a page: its words, where they are on the page, and the words that a person searches for."""

from __future__ import annotations

import re
import struct
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

# Left, top, right, bottom, in ten-thousandths of the width and of the height of the page.
Box = tuple[int, int, int, int]
PAGE_UNITS = 10_000

_BOX = struct.Struct("<4H")  # little-endian: claim-place.js reads it
_WORD = re.compile(r"\S+")
# Letters of Latin scripts without their accents, one for one, so that a place in the folded text is a place
# in the text.
_FOLDED = {
    code: folded
    for code in range(0x41, 0x250)
    if len(folded := unicodedata.normalize("NFD", chr(code))[:1].lower()) == 1 and folded != chr(code)
} | {ord("’"): "'", ord("‘"): "'", ord("‐"): "-", ord("‑"): "-"}
SEARCH_MAX_CHARS = 100
_EXCERPT_CHARS = 60


@dataclass(frozen=True, slots=True)
class TextMatch:
    """A place where the searched words are: the characters of the text, and the words that hold them."""

    start: int
    end: int
    first_word: int
    last_word: int


def pack_boxes(boxes: Iterable[Box]) -> bytes:
    """Return the boxes as bytes, eight for each."""
    return b"".join(_BOX.pack(*(min(max(side, 0), PAGE_UNITS) for side in box)) for box in boxes)


def unpack_boxes(packed: bytes | None) -> list[Box]:
    """Return the boxes of `pack_boxes`, one for each word of the text; none when they are not known."""
    return [(left, top, right, bottom) for left, top, right, bottom in _BOX.iter_unpack(packed or b"")]


def fold(text: str) -> str:
    """Return a text of the same length in lower case and without accents."""
    return text.translate(_FOLDED)


def find_text(text: str, searched: str, limit: int = 200) -> list[TextMatch]:
    """Return where the searched words follow each other in a text, without regard to case, accents and line
    breaks.
    """
    words = fold(searched[:SEARCH_MAX_CHARS]).split()
    if not words:
        return []
    pattern = re.compile(r"\s+".join(re.escape(word) for word in words))
    spans = [(match.start(), match.end()) for match in _limited(pattern.finditer(fold(text)), limit)]
    return list(_matches(text, spans))


def find_quote(text: str, quote: str, position: int | None) -> TextMatch | None:
    """Return where a quoted passage is in a text, the place nearest to `position`; None when it is not there.

    Line breaks and runs of blanks do not count; every letter does.
    """
    words = quote.split()
    if not words:
        return None
    pattern = re.compile(r"\s+".join(re.escape(word) for word in words))
    spans = [(match.start(), match.end()) for match in pattern.finditer(text)]
    if not spans:
        return None
    nearest = min(spans, key=lambda span: abs(span[0] - (position or 0)))
    return next(_matches(text, [nearest]))


def excerpt_around(text: str, match: TextMatch) -> tuple[str, str, str]:
    """Return what is written before a match, the match, and what is written after it, each on one line."""
    before = text[max(0, match.start - _EXCERPT_CHARS) : match.start]
    after = text[match.end : match.end + _EXCERPT_CHARS]
    if match.start > _EXCERPT_CHARS:
        before = "…" + before.partition(" ")[2]
    if match.end + _EXCERPT_CHARS < len(text):
        after = after.rpartition(" ")[0] + "…"
    return _on_one_line(before), " ".join(text[match.start : match.end].split()), _on_one_line(after)


def match_boxes(boxes: Sequence[Box], match: TextMatch) -> list[Box]:
    """Return one box for each line of a match: neighbouring words of one line are joined."""
    found: list[Box] = []
    for left, top, right, bottom in boxes[match.first_word : match.last_word + 1]:
        last = found[-1] if found else None
        if last and min(bottom, last[3]) - max(top, last[1]) > (bottom - top) // 2 and left >= last[0]:
            found[-1] = (last[0], min(last[1], top), max(last[2], right), max(last[3], bottom))
        else:
            found.append((left, top, right, bottom))
    return found


def _matches(text: str, spans: Sequence[tuple[int, int]]) -> Iterator[TextMatch]:
    if not spans:
        return
    words = [(word.start(), word.end()) for word in _WORD.finditer(text)]
    first = 0
    for start, end in spans:
        while words[first][1] <= start:
            first += 1
        last = first
        while last + 1 < len(words) and words[last + 1][0] < end:
            last += 1
        yield TextMatch(start, end, first, last)


def _limited(matches: Iterator[re.Match[str]], limit: int) -> Iterator[re.Match[str]]:
    return (match for match, _ in zip(matches, range(limit), strict=False))


def _on_one_line(text: str) -> str:
    """Return a text with each run of blanks as one space; a blank at an end stays."""
    return re.sub(r"\s+", " ", text)
