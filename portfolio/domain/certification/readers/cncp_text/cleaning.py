"""The text of an entry made plain: one kind of line end, no page numbers, no links that the PDF dropped
between lines.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import ClassVar

from portfolio.domain.certification.rules.doubts import Doubt, DoubtCode

REPLACEMENT = "\ufffd"
LINE_ENDS = re.compile(r"\r\n|[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]")
UNPRINTABLE = re.compile(r"[\x00-\x08\x0e-\x1b\x1f\x7f\x80-\x84\x86-\x9f\ud800-\udfff]")
INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
SOFT_HYPHEN = re.compile(r"\u00ad[ \t]*\n?[ \t]*")
HYPHENS = str.maketrans({"\u2010": "-", "\u2011": "-"})


class _Folding(dict[int, str]):
    """Gives each character in lower case without its accent, one for one, so that positions stay those of the
    text.
    """

    STRAIGHT: ClassVar = {
        "’": "'",
        "‘": "'",
        "ʼ": "'",
        "´": "'",
        "`": "'",
        "–": "-",
        "—": "-",
        "−": "-",
        "\u00a0": " ",
        "\u202f": " ",
        "\u2009": " ",
    }

    def __missing__(self, code: int) -> str:
        char = chr(code)
        plain = self.STRAIGHT.get(char) or unicodedata.normalize("NFD", char)[0].lower()
        self[code] = plain if len(plain) == 1 else char
        return self[code]


_FOLDING = _Folding()


class _PlainForms(dict[int, str]):
    """Maps a presentation form to its letters, and every other character to itself."""

    TAGS: ClassVar = ("<compat>", "<wide>", "<narrow>", "<font>")

    def __missing__(self, code: int) -> str:
        char = chr(code)
        plain = (
            unicodedata.normalize("NFKC", char)
            if unicodedata.decomposition(char).startswith(self.TAGS)
            else char
        )
        self[code] = plain if plain.isalnum() else char
        return self[code]


_PLAIN_FORMS = _PlainForms()

# Anchored on whole folded lines: what a PDF puts at the head and the foot of its pages.
_NOISE = re.compile(
    r"(?:https?://\S+"
    r"|page\s+\d{1,3}(?:\s*(?:/|sur)\s*\d{1,3})?|\d{1,3}\s*(?:/|sur)\s*\d{1,3}|-\s*\d{1,3}\s*-|\d{1,2}"
    r"|intitule\s+descriptif et modalites d'evaluation)"
)
_PAGE_HEADS = re.compile(
    r"le repertoire national des certifications professionnelles(?: \(rncp\))?|resume descriptif de la "
    r"certification.*"
)


def fold(text: str) -> str:
    """Give a text of the same length in lower case, without accents, with straight apostrophes and dashes."""
    return text.translate(_FOLDING)


def squeeze(text: str) -> str:
    """Give a text on one line, every run of white space being one space."""
    return " ".join(text.split())


def spans(starts: Sequence[int], end: int) -> list[tuple[int, int]]:
    """Give each start with where it stops: at the next one, the last at the end."""
    return list(zip(starts, [*starts[1:], end], strict=True)) if starts else []


def same_words(one: str, other: str) -> bool:
    """Return whether two wordings differ only by case, accents, white space and punctuation at their end."""
    return _bare(one) == _bare(other)


def _bare(text: str) -> str:
    return re.sub(r"\W+", " ", fold(text)).strip()


def plain_lines(text: str) -> str:
    """Give the text with one kind of line end and whole accented letters, its links and page numbers still in
    it.
    """
    return unicodedata.normalize("NFC", LINE_ENDS.sub("\n", without_ligatures(text)))


def without_ligatures(text: str) -> str:
    """Return the text with presentation forms (the ligature of « fi », wide letters, roman numerals) in plain
    letters.

    It is NFKC for these forms only: NFKC of everything would turn « m² » into « m2 » and « … » into three
    points.
    """
    return text.translate(_PLAIN_FORMS)


def clean(text: str) -> tuple[str, list[Doubt]]:
    """Give the text with plain line ends and visible replacements, and say whether something had to be
    replaced.
    """
    text, replaced = UNPRINTABLE.subn(REPLACEMENT, LINE_ENDS.sub("\n", text))
    text = plain_lines(INVISIBLE.sub("", text)).translate(HYPHENS)
    text = without_noise(SOFT_HYPHEN.sub("", text))
    # A file whose characters were lost before it came here shows the same sign.
    if not replaced and REPLACEMENT not in text:
        return text, []
    return text, [Doubt("file", DoubtCode.CHARACTERS_REPLACED, (str(text.count(REPLACEMENT)),))]


def without_noise(text: str) -> str:
    """Give the text without lone links, page numbers, repeated page heads and the repeated head of the
    blocks' table.
    """
    lines_left: list[str] = []
    heads: set[str] = set()
    for line in text.split("\n"):
        plain = squeeze(fold(line))
        if _NOISE.fullmatch(plain) or plain in heads:
            lines_left.append("")
            continue
        if _PAGE_HEADS.fullmatch(plain):
            heads.add(plain)
        lines_left.append(line.rstrip())
    return "\n".join(lines_left)
