"""Competencies cut out of prose: the register writes them in one text, whose line breaks may be lost."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

BLOCK_HEAD = re.compile(r"^\s*bloc de comp[ée]tences?\s*(?:n\s*[°ºo]\s*)?\d{1,2}\s*[:–-]?\s*", re.I)
MARK = re.compile(r"^\s*(?:[•●▪◦‣·*]|[-–—](?=\s|\w))\s*")
CAPITAL = r"[A-ZÀÂÄÇÉÈÊËÎÏÔÖÙÛÜŒ]"
MOST_ITEMS = 500


class CutRule(StrEnum):
    """The mark at which a text was cut, from the surest to the loosest."""

    BLANK_LINE = "blank_line"
    LINE_BREAK = "line_break"
    BULLET = "bullet"
    ACTIVITY_CODE = "activity_code"
    COMPETENCY_CODE = "competency_code"
    NUMBER_AND_DASH = "number_and_dash"
    NUMBER_AND_POINT = "number_and_point"
    SEMICOLON = "semicolon"
    DASH = "dash"
    WIDE_SPACE = "wide_space"
    SENTENCE = "sentence"
    CAPITAL = "capital"
    WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class Cut:
    """The competencies of a text, and the mark that separated them."""

    items: tuple[str, ...]
    rule: CutRule


_CUTS = (
    (CutRule.BLANK_LINE, re.compile(r"\n[ \t]*\n\s*")),
    (CutRule.LINE_BREAK, re.compile(r"\s*\n\s*")),
    (CutRule.BULLET, re.compile(r"(?:^|\s+)[•●▪◦‣·*]\s+")),
    (CutRule.ACTIVITY_CODE, re.compile(r"(?:^|\s+)(?=A\s?\d{1,2}\s*[–-]\s)")),
    (
        CutRule.COMPETENCY_CODE,
        re.compile(r"(?:^|\s+)(?=(?:[AC]\.?\d{1,2}(?:\.?[AC]?\d{1,2})*|\d{1,2}(?:\.\d{1,2})+)\s*[.:–-]?\s+\S)"),
    ),
    (CutRule.NUMBER_AND_DASH, re.compile(r"(?:^|\s+)(?=\d{1,2}\s+[–-]\s)")),
    (CutRule.NUMBER_AND_POINT, re.compile(r"(?:^|\s+)(?=\d{1,2}[.)]\s)")),
    (CutRule.SEMICOLON, re.compile(r"\s*;\s+")),
    (CutRule.DASH, re.compile(r"(?:^|\s+)[-–—]\s+")),
    (CutRule.WIDE_SPACE, re.compile(r"[ \t]{2,}")),
    (CutRule.SENTENCE, re.compile(rf"(?<=\.)\s+(?={CAPITAL})")),
    (CutRule.CAPITAL, re.compile(rf"(?<=[a-zà-ÿ)])\s+(?={CAPITAL}[a-zà-ÿœ]+(?:er|ir|re)\b)")),
)


def cut(text: str) -> Cut:
    """Return the competencies of a text by the first mark that separates at least two of them."""
    source = BLOCK_HEAD.sub("", text.strip())
    for rule, pattern in _CUTS:
        items = _items(pattern.split(source))
        if len(items) > 1:
            return Cut(items[:MOST_ITEMS], rule)
    return Cut(_items([source]), CutRule.WHOLE)


def _items(pieces: list[str]) -> tuple[str, ...]:
    found = (" ".join(MARK.sub("", piece, count=1).split()).rstrip(" ;,") for piece in pieces)
    return tuple(item for item in found if re.search(r"[^\W\d_]{2}", item))
