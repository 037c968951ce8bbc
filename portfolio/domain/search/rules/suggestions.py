"""Competencies that a document may show, found by the words that they have in common.

A lead, never a score of a person.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from portfolio.domain.search.rules.words import stems_of

MAX_SUGGESTIONS = 3
# A passage of so many words, each beginning half-way through the one before.
WINDOW_WORDS = 60
# Fewer words in common, or a smaller part of what a competency says, are found by chance.
MIN_WORDS = 3
MIN_SHARE = 0.3
MAX_PASSAGE_CHARACTERS = 420
_WORD = re.compile(r"[^\W_]{3,}")
# Words of nearly every competency: they tell none of them from the others.
_USUAL = frozenset(stem for word in ("projet", "offre", "service", "ensemble") for stem in stems_of(word))


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A competency, and the passage that has words in common with it: its page, its parts, whether each
    matches.
    """

    competency_id: UUID
    page: int
    parts: tuple[tuple[str, bool], ...]


def suggest(competencies: Mapping[UUID, str], pages: Sequence[tuple[int, str]]) -> list[Suggestion]:
    """Return the competencies whose words a passage of the document has, the best first; three at most, often
    none.
    """
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
    return [Suggestion(key, page, _marked(passage, wanted[key])) for key, (_, page, passage) in ranked]


def _stems(text: str) -> frozenset[str]:
    """Return one stem a word: the first of those that the index knows."""
    return frozenset(stems[0] for word in _WORD.findall(text) if (stems := stems_of(word)))


def _weights(wanted: Mapping[UUID, frozenset[str]]) -> Mapping[str, float]:
    """Return what each word tells: much when few competencies have it."""
    known = Counter(stem for stems in wanted.values() for stem in stems)
    return {
        stem: 0.2 if stem in _USUAL else math.log(1 + len(wanted) / count) for stem, count in known.items()
    }


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
        text[words[start].start() : words[min(start + WINDOW_WORDS, len(words)) - 1].end()]
        for start in starts
        if words
    ]


def _marked(passage: str, wanted: frozenset[str]) -> tuple[tuple[str, bool], ...]:
    text, parts, done = passage[:MAX_PASSAGE_CHARACTERS], list[tuple[str, bool]](), 0
    for match in _WORD.finditer(text):
        if wanted & set(stems_of(match.group())[:1]):
            parts += [(text[done : match.start()], False), (match.group(), True)]
            done = match.end()
    parts.append((text[done:] + (" …" if len(passage) > MAX_PASSAGE_CHARACTERS else ""), False))
    return tuple(part for part in parts if part[0])
