"""Hyphens that a PDF left inside words: joined on evidence, kept where they belong, doubted where neither is
sure.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from enum import Enum
from functools import lru_cache

from spellchecker import SpellChecker

from portfolio.domain.certification.readers.cncp_text.cleaning import fold

_LETTERS = r"[^\W\d_]{1,40}"  # Bounded, so that no text, however odd, is slow to read.
# Links and addresses are left alone: "www.digital-campus.fr".
COMPOUND = re.compile(rf"(?<![\w./@-]){_LETTERS}(?:-{_LETTERS}){{1,8}}(?![\w-])(?![./@]\w)")
AT_LINE_END = re.compile(rf"(?<![\w./@-])((?:{_LETTERS}-){{0,8}})({_LETTERS})-[ \t]*\n\s*({_LETTERS})(\S*)")
WORD = re.compile(r"(?<![\w-])[^\W\d_]+(?![\w-])")

# What stands after the hyphen in French grammar: elle-même, celui-ci, a-t-il, candidat-e-s, directeur-trice.
_TAILS = """meme memes ci la il ils elle elles on je tu nous vous moi toi lui leur le les en y ce dire
trice trices rice rices ere eres euse euses ne nes ive ives"""
# What stands before it, the second half being a word of its own: auto-évaluation, sous-traitance,
# co-construction.
_HEADS = """anti apres arriere audio auto avant bi bio co contre cross cyber demi eco euro ex extra geo hors
hyper infra inter intra macro mi micro mini mono multi neo non para pluri poly post pre presque pro quasi
radio re retro sans semi socio sous sub super sur sus techno tele trans tri ultra uni vice video web"""
TAILS, HEADS = frozenset(_TAILS.split()), frozenset(_HEADS.split())
SYLLABLE = re.compile(r"(?:s[cpt][lrh]?|[bcdfghjklmnpqrstvwxz]|[bcdfgkptv][lr]|[cpt]h|gn|qu)[aeiouy]")
FRENCH_ENDING = re.compile(
    r"(?:tion|ment|ite|ique|able|ible|eur|euse|iste|isme|age|ance|ence|aire|elle|ente|eux|if|ive|ee|er|ir)s?$"
)
VOWEL = re.compile(r"[aeiouyœæ]")


class Verdict(Enum):
    """What to do with a hyphen, and whether a person should look at it."""

    JOIN = (True, True)
    JOIN_DOUBTED = (True, False)
    KEEP = (False, True)
    KEEP_DOUBTED = (False, False)

    @property
    def joins(self) -> bool:
        return self.value[0]

    @property
    def sure(self) -> bool:
        return self.value[1]


@lru_cache(maxsize=1)
def lexicon() -> Collection[str]:
    """Give some 140,000 French forms, in lower case with their accents."""
    return frozenset(SpellChecker(language="fr").word_frequency.dictionary)


def verdict_on(left: str, right: str, seen: Collection[str], *, line_end: bool = False) -> Verdict:
    """Decide between "left-right" and "leftright" from the words of the text, a lexicon, and how French is
    written.

    `seen` holds the words that the text writes without a hyphen, in lower case. Grammar comes first
    (elle-même, e-commerce, Rhône-Alpes), then how French cuts words (no line is cut as "start-up"), then the
    evidence of words.
    """
    if _belongs(left, right):
        return Verdict.KEEP
    left, right = left.lower(), right.lower()
    joined = _known(left + right, seen)
    halves = _is_word(left, seen), _is_word(right, seen)
    if joined and not all(halves):
        return Verdict.JOIN
    if joined:
        return Verdict.KEEP_DOUBTED if fold(left) in HEADS else Verdict.JOIN_DOUBTED
    if all(halves) or (fold(left) in HEADS and halves[1]):
        return Verdict.KEEP
    # An English compound (crowd-funding) has no French ending; the pieces of a rare French word do.
    if line_end or not (any(halves) or FRENCH_ENDING.search(fold(right)) is None):
        return Verdict.JOIN_DOUBTED
    return Verdict.KEEP_DOUBTED


def _belongs(left: str, right: str) -> bool:
    plain = fold(right)
    return (
        min(len(left), len(right)) == 1
        or right[0].isupper()
        or (left.isupper() and len(left) > 1)
        or plain in TAILS
        or f"{left}-{right}".lower() in lexicon()
        or not _could_be_cut(fold(left), plain)
    )


def _could_be_cut(left: str, right: str) -> bool:
    """Return whether French typography may cut a word there: before a syllable, and each side is
    pronounced.
    """
    after = SYLLABLE.match(right) or (VOWEL.match(right) and VOWEL.match(left[-1]))
    return bool(after and VOWEL.search(left) and VOWEL.search(right))


def _is_word(word: str, seen: Collection[str]) -> bool:
    return word in seen or word in lexicon() or word.replace("œ", "oe") in lexicon()


def _known(word: str, seen: Collection[str]) -> bool:
    """A word is known when it, its singular or its plural is."""
    return any(_is_word(form, seen) for form in (word, word.removesuffix("s"), f"{word}s"))


def mend_hyphens(text: str) -> tuple[str, list[tuple[str, str, bool]]]:
    """Give the text with its words mended, and the uncertain decisions as (written, kept as, whether it was
    joined).
    """
    uncertain: list[tuple[str, str, bool]] = []
    seen = {word.lower() for word in WORD.findall(AT_LINE_END.sub(" ", text))}

    def decide(left: str, right: str, *, line_end: bool) -> str:
        verdict = verdict_on(left, right, seen, line_end=line_end)
        mended = left + right if verdict.joins else f"{left}-{right}"
        if not verdict.sure:
            uncertain.append((f"{left}-{right}", mended, verdict.joins))
        return mended

    def at_line_end(match: re.Match[str]) -> str:
        before, left, right, rest = match.groups()
        # The end of the word goes up to its beginning; what follows stays on its own line.
        return f"{before}{decide(left, right, line_end=True)}{rest}\n"

    def inside(match: re.Match[str]) -> str:
        first, *others = match[0].split("-")
        if len(others) > 1:
            return _several(match[0], seen)
        return decide(first, others[0], line_end=False)

    return COMPOUND.sub(inside, AT_LINE_END.sub(at_line_end, text)), uncertain


def _several(written: str, seen: Collection[str]) -> str:
    """Several hyphens make a locution (c'est-à-dire, étudiant-e-s), unless a known word appears without any
    of them.
    """
    if written.lower() in lexicon() or any(len(part) == 1 for part in written.split("-")):
        return written
    whole = written.replace("-", "")
    return whole if _known(whole.lower(), seen) else written
