"""Hints that would make a dossier easier to read, found in its texts; each is a hint that leads somewhere, none is a
score. [design]

Words are split on spaces; the rules know nothing of grammar, and say only what they counted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from portfolio.domain.submission.rules.dossier import SealedBlock, SealedCompetency, SealedDossier

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


def reading_effort(dossier: SealedDossier) -> ReadingEffort:
    """Count the words of the texts and the pages of the exhibits."""
    texts = [dossier.texts.career, dossier.texts.motivation, dossier.texts.conclusion]
    texts += [text for each in dossier.experiences for text in (each.context, each.perimeter, each.responsibilities)]
    words = sum(len(text.split()) for text in texts) + sum(words_of(block) for block in dossier.blocks)
    return ReadingEffort(words, sum(exhibit.pages or 0 for exhibit in dossier.exhibits))


def words_of(block: SealedBlock) -> int:
    """Count the words of the narratives and comments of a block."""
    return sum(len(text.split()) for competency in block.competencies for text in _texts(competency))


def hints_of(dossier: SealedDossier) -> tuple[Hint, ...]:
    """List what was noticed, in the order of the dossier."""
    return (*_short_blocks(dossier), *_uncommented(dossier), *_overused(dossier), *_collective(dossier))


def _texts(competency: SealedCompetency) -> list[str]:
    narrative = competency.narrative
    told = [narrative.situation, narrative.actions, narrative.choices, narrative.result]
    return [*told, *(claim.comment for claim in competency.claims)]


def _short_blocks(dossier: SealedDossier) -> Iterator[Hint]:
    """Compare the words of a competency on average: a block of two competencies is shorter than one of
    four by right.
    """
    means = {block.number: words_of(block) / max(1, len(block.competencies)) for block in dossier.blocks}
    overall = sum(means.values()) / max(1, len(means))
    short = {number for number, mean in means.items() if mean * BALANCE < overall}
    # When most blocks are short, a long one is the exception: nothing is « less than the others ».
    for block in dossier.blocks:
        if block.number in short and 2 * len(short) <= len(means):
            yield Hint(HintKind.SHORT_BLOCK, block=block.number, count=words_of(block), other=round(overall))


def _uncommented(dossier: SealedDossier) -> Iterator[Hint]:
    for block in dossier.blocks:
        for competency in block.competencies:
            bare = [claim for claim in competency.claims if not claim.comment.strip()]
            if bare:
                yield Hint(HintKind.UNCOMMENTED, competency=competency.number, exhibit=bare[0].exhibit, count=len(bare))


def _overused(dossier: SealedDossier) -> Iterator[Hint]:
    uses = Counter(
        exhibit
        for block in dossier.blocks
        for competency in block.competencies
        for exhibit in {claim.exhibit for claim in competency.claims}
    )
    for exhibit, count in sorted(uses.items()):
        if count > MANY_COMPETENCIES:
            yield Hint(HintKind.OVERUSED_PIECE, exhibit=exhibit, count=count)


def _collective(dossier: SealedDossier) -> Iterator[Hint]:
    for block in dossier.blocks:
        for competency in block.competencies:
            text = " ".join(_texts(competency))
            we = len(_WE.findall(text))
            if we >= SEVERAL and we > (own := len(_I.findall(text))):
                yield Hint(HintKind.COLLECTIVE_VOICE, competency=competency.number, count=we, other=own)
