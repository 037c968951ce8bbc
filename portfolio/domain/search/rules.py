"""The words of a text as the index knows them: French stems without accents, and the passage that shows a
match [design].

Competencies that a document may show, found by the words that they have in common.

A lead, never a score of a person.
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

import snowballstemmer

MAX_QUERY_CHARACTERS = 200
MAX_QUERY_WORDS = 12
# Characters before and after the first match of a passage.
PASSAGE_CHARACTERS = 110

_WORD = re.compile(r"[^\W_]+")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss"})
# Words that nearly every French text has: they would find everything.
_EMPTY_WORDS = (
    "a ai au aux avec c ce ces cette d dans de des du elle en est et etait etre il ils j je l la le les "
    "leur lui m ma mais me mes meme mon n ne nos notre nous on ont ou par pas plus pour qu que qui s sa se "
    "ses son sont sur t ta te tes toi ton tu un une vos votre vous y"
)
_EMPTY = frozenset(_EMPTY_WORDS.split())
_stemmer = snowballstemmer.stemmer("french")


@dataclass(frozen=True, slots=True)
class Passage:
    """An extract of a text: each part, and whether it matches a word of the query."""

    parts: tuple[tuple[str, bool], ...]


def index_words(text: str) -> str:
    """Return what the index keeps of a text: the stems of its words, in their order, separated by spaces."""
    return " ".join(stem for word in _WORD.findall(text) for stem in stems_of(word))


def query_words(query: str) -> list[tuple[str, ...]]:
    """Return one group of stems per word of a query: a text matches when it has one stem of each group."""
    words = _WORD.findall(query[:MAX_QUERY_CHARACTERS])
    groups = [stems for word in words if (stems := stems_of(word))]
    return list(dict.fromkeys(groups))[:MAX_QUERY_WORDS]


@lru_cache(maxsize=50_000)
def stems_of(word: str) -> tuple[str, ...]:
    """Return the stems of a word, without accents; none of a word that every text has.

    The stemmer reads accents, which people often leave out: « realise » must find « réalisé ». A word has its
    stem as it is written and as it is without accents, when they differ.
    """
    lower = word.lower().translate(_LIGATURES)
    bare = without_accents(lower)
    if bare in _EMPTY or not bare:
        return ()
    stems = (without_accents(_stemmer.stemWord(lower)), _stemmer.stemWord(bare))
    return tuple(dict.fromkeys(stem for stem in stems if stem))


def without_accents(text: str) -> str:
    """Return the letters and digits of a word, without their accents."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", text) if sign.isalnum())


def passage_of(text: str, query: str) -> Passage:
    """Return the part of a text around its first match, with every match of it marked; its beginning
    without a match.
    """
    wanted = {stem for group in query_words(query) for stem in group}
    first = next((match for match in _WORD.finditer(text) if wanted & set(stems_of(match.group()))), None)
    at = first.start() if first else 0
    start, end = _bounds(text, at)
    parts = list(_marked(text[start:end], wanted))
    if start:
        parts.insert(0, ("… ", False))
    if end < len(text):
        parts.append((" …", False))
    return Passage(tuple(parts))


def _bounds(text: str, at: int) -> tuple[int, int]:
    """Return where a passage begins and ends, at spaces."""
    start, end = max(0, at - PASSAGE_CHARACTERS), min(len(text), at + 2 * PASSAGE_CHARACTERS)
    if start:
        start = text.find(" ", start, at) + 1 or start
    if end < len(text):
        end = max(text.rfind(" ", at, end), at + 1)
    return start, end


def _marked(text: str, wanted: set[str]) -> Iterator[tuple[str, bool]]:
    done = 0
    for match in _WORD.finditer(text):
        if wanted & set(stems_of(match.group())):
            if match.start() > done:
                yield text[done : match.start()], False
            yield match.group(), True
            done = match.end()
    if done < len(text):
        yield text[done:], False


MAX_SUGGESTIONS = 3
# A passage of so many words, each beginning half-way through the one before.
WINDOW_WORDS = 60
# Fewer words in common, or a smaller part of what a competency says, are found by chance.
MIN_WORDS = 3
MIN_SHARE = 0.3
MAX_PASSAGE_CHARACTERS = 420
_LONG_WORD = re.compile(r"[^\W_]{3,}")
# Words of nearly every competency: they tell none of them from the others.
_USUAL = frozenset(stem for word in ("projet", "offre", "service", "ensemble") for stem in stems_of(word))


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A competency, and the passage that has words in common with it: its page, its parts, whether each matches."""

    competency_id: UUID
    page: int
    parts: tuple[tuple[str, bool], ...]


def suggest(competencies: Mapping[UUID, str], pages: Sequence[tuple[int, str]]) -> list[Suggestion]:
    """Return the competencies whose words a passage of the document has, the best first; three at most, often none."""
    wanted = {key: _stems(text) for key, text in competencies.items()}
    weights = _weights(wanted)
    best: dict[UUID, tuple[float, int, str]] = {}
    for number, text in pages:
        for passage in _passages(text):
            found = _stems(passage)
            for key, stems in wanted.items():
                score = _score(found & stems, stems, weights)
                if score > best.get(key, (0.0, 0, ""))[0]:
                    best[key] = (score, number, passage)
    ranked = sorted(best.items(), key=lambda item: -item[1][0])[:MAX_SUGGESTIONS]
    return [Suggestion(key, page, _marked_passage(passage, wanted[key])) for key, (_, page, passage) in ranked]


def _stems(text: str) -> frozenset[str]:
    """Return one stem a word: the first of those that the index knows."""
    return frozenset(stems[0] for word in _LONG_WORD.findall(text) if (stems := stems_of(word)))


def _weights(wanted: Mapping[UUID, frozenset[str]]) -> Mapping[str, float]:
    """Return what each word tells: much when few competencies have it."""
    known = Counter(stem for stems in wanted.values() for stem in stems)
    return {stem: 0.2 if stem in _USUAL else math.log(1 + len(wanted) / count) for stem, count in known.items()}


def _score(common: frozenset[str], stems: frozenset[str], weights: Mapping[str, float]) -> float:
    if len(common - _USUAL) < MIN_WORDS:
        return 0.0
    share = sum(weights[stem] for stem in common) / sum(weights[stem] for stem in stems)
    return share if share >= MIN_SHARE else 0.0


def _passages(text: str) -> list[str]:
    words = list(re.finditer(r"\S+", text))
    step = WINDOW_WORDS // 2
    starts = range(0, max(1, len(words) - step), step)
    return [
        text[words[start].start() : words[min(start + WINDOW_WORDS, len(words)) - 1].end()] for start in starts if words
    ]


def _marked_passage(passage: str, wanted: frozenset[str]) -> tuple[tuple[str, bool], ...]:
    text, parts, done = passage[:MAX_PASSAGE_CHARACTERS], list[tuple[str, bool]](), 0
    for match in _LONG_WORD.finditer(text):
        if wanted & set(stems_of(match.group())[:1]):
            parts += [(text[done : match.start()], False), (match.group(), True)]
            done = match.end()
    parts.append((text[done:] + (" …" if len(passage) > MAX_PASSAGE_CHARACTERS else ""), False))
    return tuple(part for part in parts if part[0])
