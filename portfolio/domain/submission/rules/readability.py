"""Hints that would make a dossier easier to read, found in its texts; each is a hint that leads somewhere, none is a
score. [design]

Words are split on spaces; the rules know nothing of grammar, and say only what they counted.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from portfolio.domain.submission.rules.dossier import SealedBlock, SealedCompetency, SealedExperience, SealedTexts

# What an adult reads silently in a minute, and what a page of an exhibit takes to look at, in minutes.
WORDS_A_MINUTE, MINUTES_A_PAGE = 200, 0.5
# One piece claimed for more competencies than this proves none of them well.
MANY_COMPETENCIES = 5
# A block whose competencies hold less than a third of the mean number of words is out of balance.
BALANCE = 3
# « nous » counts from so many times on, and when it outnumbers « je ».
SEVERAL = 3
_I = re.compile(r"\b(?:je|mon|ma|mes|moi)\b|\bj['’]", re.IGNORECASE)
_WE = re.compile(r"\b(?:nous|notre|nos)\b", re.IGNORECASE)
_WE_SPELT = [spelt for word in ("nous", "notre", "nos") for spelt in (word, word.capitalize(), word.upper())]


class HintKind(StrEnum):
    """Kinds of hints."""

    SHORT_BLOCK = "short_block"
    UNCOMMENTED = "uncommented"
    OVERUSED_PIECE = "overused_piece"
    COLLECTIVE_VOICE = "collective_voice"


@dataclass(frozen=True, slots=True)
class Hint:
    """One thing noticed: on a block, a competency (« 2.1 ») or an exhibit, with the figures that the sentence needs."""

    kind: HintKind
    block: int | None = None
    competency: str = ""
    exhibit: str = ""
    count: int = 0
    other: int = 0


@dataclass(frozen=True, slots=True)
class ReadingEffort:
    """Length of a reading, and about how long it takes, in minutes."""

    words: int
    pages: int

    @property
    def minutes(self) -> int:
        """Return the time that reading takes, rounded up to five minutes."""
        exact = self.words / WORDS_A_MINUTE + self.pages * MINUTES_A_PAGE
        return max(5, -(-int(exact) // 5) * 5)


class Readable(Protocol):
    """The texts of a dossier: sealed, or about to be."""

    @property
    def texts(self) -> SealedTexts: ...
    @property
    def experiences(self) -> Sequence[SealedExperience]: ...
    @property
    def blocks(self) -> Sequence[SealedBlock]: ...


def reading_effort(dossier: Readable, pages: int) -> ReadingEffort:
    """Count the words of the texts, beside the pages of the exhibits."""
    texts = [dossier.texts.career, dossier.texts.motivation, dossier.texts.conclusion]
    texts += [text for each in dossier.experiences for text in (each.context, each.perimeter, each.responsibilities)]
    words = sum(len(text.split()) for text in texts) + sum(words_of(block) for block in dossier.blocks)
    return ReadingEffort(words, pages)


def words_of(block: SealedBlock) -> int:
    """Count the words of the narratives and comments of a block."""
    return sum(len(text.split()) for competency in block.competencies for text in _texts(competency))


def hints_of(dossier: Readable) -> tuple[Hint, ...]:
    """List what was noticed, in the order of the dossier."""
    return (*_short_blocks(dossier), *_uncommented(dossier), *_overused(dossier), *_collective(dossier))


def _texts(competency: SealedCompetency) -> list[str]:
    narrative = competency.narrative
    told = [narrative.situation, narrative.actions, narrative.choices, narrative.result]
    return [*told, *(claim.comment for claim in competency.claims)]


def _short_blocks(dossier: Readable) -> Iterator[Hint]:
    """Compare the words of a competency on average: a block of two competencies is shorter than one of four
    by right.
    """
    means = {block.number: words_of(block) / max(1, len(block.competencies)) for block in dossier.blocks}
    overall = sum(means.values()) / max(1, len(means))
    short = {number for number, mean in means.items() if mean * BALANCE < overall}
    # When most blocks are short, a long one is the exception: nothing is « less than the others ».
    for block in dossier.blocks:
        if block.number in short and 2 * len(short) <= len(means):
            yield Hint(HintKind.SHORT_BLOCK, block=block.number, count=words_of(block), other=round(overall))


def _uncommented(dossier: Readable) -> Iterator[Hint]:
    for block in dossier.blocks:
        for competency in block.competencies:
            bare = [claim for claim in competency.claims if not claim.comment.strip()]
            if bare:
                yield Hint(HintKind.UNCOMMENTED, competency=competency.number, exhibit=bare[0].exhibit, count=len(bare))


def _overused(dossier: Readable) -> Iterator[Hint]:
    uses = Counter(
        exhibit
        for block in dossier.blocks
        for competency in block.competencies
        for exhibit in {claim.exhibit for claim in competency.claims}
    )
    for exhibit, count in sorted(uses.items()):
        if count > MANY_COMPETENCIES:
            yield Hint(HintKind.OVERUSED_PIECE, exhibit=exhibit, count=count)


def _collective(dossier: Readable) -> Iterator[Hint]:
    for block in dossier.blocks:
        for competency in block.competencies:
            text = " ".join(_texts(competency))
            if sum(map(text.count, _WE_SPELT)) < SEVERAL:
                continue  # counting is fifty times quicker than looking for words
            we = len(_WE.findall(text))
            if we >= SEVERAL and we > (own := len(_I.findall(text))):
                yield Hint(HintKind.COLLECTIVE_VOICE, competency=competency.number, count=we, other=own)
