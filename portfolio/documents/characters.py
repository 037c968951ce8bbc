"""Replace characters that the fonts cannot draw by a visible sign."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Set
from functools import lru_cache

REPLACED = "\ufffd"
_LINE_END = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# They show nothing by themselves but are parts of honest words: soft hyphen, zero-width space, joiners.
_INVISIBLE = {"\u00ad", "\u200b", "\u200c", "\u200d", "\u2060"}
_NEVER = {"Cc", "Cf", "Cs", "Cn", "Co"}
_RIGHT_TO_LEFT = {"R", "AL", "AN"}
# Of the signs of French text beyond U+02FF: all are composed, visible and written from left to right.
_USUAL = frozenset("‘’“”–—…•€\u2009\u202f\n")
_ISOLATE, _END_OF_ISOLATE = "\u2068", "\u2069"


def replace_unsupported_characters(text: str, covered: Set[int]) -> str:
    """Answer the text to print: composed (NFC), with U+FFFD for what no font draws or nobody could see.

    `covered` holds the code points that the fonts draw. One missing glyph makes Typst refuse a PDF/A document
    (trust.md §3), and a mark that turns the reading direction would let a name rewrite the line it stands on.
    A line written from right to left is isolated, so that the words around it keep their order. Line ends
    become "\\n".
    """
    if _usual(frozenset(covered)).issuperset(text):
        return text
    lines = _LINE_END.sub("\n", text).split("\n")
    return "\n".join(
        _isolated("".join(_drawn(character, covered) for character in _composed(line))) for line in lines
    )


@lru_cache(maxsize=4)
def _usual(covered: frozenset[int]) -> frozenset[str]:
    """Return the characters that need no other look, of those that the fonts draw."""
    return frozenset(character for character in map(chr, covered) if _is_usual(character)) | {"\n"}


def _is_usual(character: str) -> bool:
    """Return whether a character needs no other look: composed Latin that is neither a control nor
    invisible.
    """
    return (
        " " <= character <= "~"
        or ("\xa0" <= character < "\u0300" and character != "\xad")
        or character in _USUAL
    )


def _composed(line: str) -> str:
    return unicodedata.normalize("NFC", line).replace("\ufeff", "\u2060").replace("\t", " ")


def _drawn(character: str, covered: Set[int]) -> str:
    if character in _INVISIBLE:
        return character
    category = unicodedata.category(character)
    if category == "Zs" and ord(character) not in covered:
        return " "
    return character if ord(character) in covered and category not in _NEVER else REPLACED


def _isolated(line: str) -> str:
    if any(unicodedata.bidirectional(character) in _RIGHT_TO_LEFT for character in line):
        return f"{_ISOLATE}{line}{_END_OF_ISOLATE}"
    return line
