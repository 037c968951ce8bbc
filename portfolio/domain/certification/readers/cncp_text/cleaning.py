"""The text of an entry made plain: one kind of line end, no page numbers, no links that the PDF dropped between lines.

Hyphens that a PDF left inside words: joined on evidence, kept where they belong, doubted where neither is sure.
"""

import re
import unicodedata
from collections.abc import Collection, Sequence
from enum import Enum
from functools import lru_cache
from typing import ClassVar

from spellchecker import SpellChecker

from portfolio.domain.certification.rules.doubts import Doubt, DoubtCode

REPLACEMENT = "\ufffd"
LINE_ENDS = re.compile(r"\r\n|[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]")
UNPRINTABLE = re.compile(r"[\x00-\x08\x0e-\x1b\x1f\x7f\x80-\x84\x86-\x9f\ud800-\udfff]")
INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
SOFT_HYPHEN = re.compile(r"\u00ad[ \t]*\n?[ \t]*")
HYPHENS = str.maketrans({"\u2010": "-", "\u2011": "-"})


class _Folding(dict[int, str]):
    """Gives each character in lower case without its accent, one for one, so that positions stay those of the text."""

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
        plain = unicodedata.normalize("NFKC", char) if unicodedata.decomposition(char).startswith(self.TAGS) else char
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
    """Give the text with one kind of line end and whole accented letters, its links and page numbers still in it."""
    return unicodedata.normalize("NFC", LINE_ENDS.sub("\n", without_ligatures(text)))


def without_ligatures(text: str) -> str:
    """Return the text with presentation forms (the ligature of « fi », wide letters, roman numerals) in plain letters.

    It is NFKC for these forms only: NFKC of everything would turn « m² » into « m2 » and « … » into three points.
    """
    return text.translate(_PLAIN_FORMS)


def clean(text: str) -> tuple[str, list[Doubt]]:
    """Give the text with plain line ends and visible replacements, and say whether something had to be replaced."""
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
    """Verdicts on a hyphen: its fate, and whether a person should look at it."""

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
    """Decide between "left-right" and "leftright" from the words of the text, a lexicon, and how French is written.

    `seen` holds the words that the text writes without a hyphen, in lower case. Grammar comes first (elle-même,
    e-commerce, Rhône-Alpes), then how French cuts words (no line is cut as "start-up"), then the evidence of words.
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
    """Return whether French typography may cut a word there: before a syllable, and each side is pronounced."""
    after = SYLLABLE.match(right) or (VOWEL.match(right) and VOWEL.match(left[-1]))
    return bool(after and VOWEL.search(left) and VOWEL.search(right))


def _is_word(word: str, seen: Collection[str]) -> bool:
    return word in seen or word in lexicon() or word.replace("œ", "oe") in lexicon()


def _known(word: str, seen: Collection[str]) -> bool:
    """A word is known when it, its singular or its plural is."""
    return any(_is_word(form, seen) for form in (word, word.removesuffix("s"), f"{word}s"))


def mend_hyphens(text: str) -> tuple[str, list[tuple[str, str, bool]]]:
    """Give the text with its words mended, and the uncertain decisions as (written, kept as, whether it was joined)."""
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
    """Several hyphens make a locution (c'est-à-dire, étudiant-e-s), unless a known word appears without any of them."""
    if written.lower() in lexicon() or any(len(part) == 1 for part in written.split("-")):
        return written
    whole = written.replace("-", "")
    return whole if _known(whole.lower(), seen) else written
