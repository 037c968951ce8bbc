"""The competencies are listed twice: the block's wording rules, the general list's is an alias where it
really differs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from portfolio.domain.certification.readers.cncp_text.cleaning import fold, same_words
from portfolio.domain.certification.readers.cncp_text.listing import listing_of, wording
from portfolio.domain.certification.readers.cncp_text.sections import Chunk, Section, text_of
from portfolio.domain.certification.rules.doubts import Doubt, DoubtCode
from portfolio.domain.certification.rules.entry import EntryBlock, EntryCompetency

OPENING = re.compile(
    r"(?:\best\s+capable\s+de|\bsera\s+capable\s+de|\bcapacites?\s+(?:attestees?|evaluees?)|\bcompetences?\s+(?:attestees?|evaluees?)"
    r"|\bcapable\s+de)\s*:"
)
# Share of words in common, in order; the reference entry's differing wordings stand at 0.77 and 0.88.
ALIKE = 0.6
# Beyond that many unmatched items on a side the text is no list of competencies, and nothing is compared.
MOST_COMPARED = 200


def general_list(chunks: Sequence[Chunk]) -> list[str]:
    """Give the wordings of the summary's list ("Le titulaire est capable de :"); empty when there is no such
    list.
    """
    summary = text_of(chunks, Section.SUMMARY)
    opening = OPENING.search(fold(summary))
    return (
        [text for text in map(wording, listing_of(summary[opening.end() :]).items) if text] if opening else []
    )


def with_aliases(blocks: Sequence[EntryBlock], listed: Sequence[str]) -> tuple[list[EntryBlock], list[Doubt]]:
    """Give the blocks with their aliases, and doubt every wording that differs or stands in one place
    only.
    """
    if not listed:
        return list(blocks), [Doubt("general_list", DoubtCode.GENERAL_LIST_MISSING)]
    pairs = _pairs([competency.text for block in blocks for competency in block.competencies], listed)
    if len(pairs) * 2 < len(listed):
        return list(blocks), [Doubt("general_list", DoubtCode.GENERAL_LIST_MISSING)]
    doubts: list[Doubt] = []
    aliased = []
    for block in blocks:
        ones = [_with_alias(competency, pairs) for competency in block.competencies]
        aliased.append(replace(block, competencies=tuple(ones)))
        doubts += _doubts_of(block.number, ones, pairs)
    matched = set(pairs.values())
    doubts += [
        Doubt("general_list", DoubtCode.COMPETENCY_ONLY_IN_LIST, (text,))
        for text in listed
        if text not in matched
    ]
    return aliased, doubts


def _with_alias(competency: EntryCompetency, pairs: dict[str, str]) -> EntryCompetency:
    alias = pairs.get(competency.text)
    return (
        competency
        if alias is None or same_words(competency.text, alias)
        else replace(competency, alias=alias)
    )


def _doubts_of(block: int, ones: Sequence[EntryCompetency], pairs: dict[str, str]) -> Iterator[Doubt]:
    for entry_competency in ones:
        where = f"blocks.{block}.competencies.{entry_competency.number}"
        if entry_competency.alias is not None:
            yield Doubt(where, DoubtCode.OTHER_WORDING, (entry_competency.alias,))
        elif entry_competency.text not in pairs:
            yield Doubt(where, DoubtCode.COMPETENCY_ONLY_IN_BLOCK)


def _pairs(texts: Sequence[str], listed: Sequence[str]) -> dict[str, str]:
    """Pair the wordings that say the same first, then the nearest ones, each used once."""
    left, pairs = list(dict.fromkeys(listed)), {}
    plain = {" ".join(_words(text)): text for text in reversed(left)}
    for text in texts:
        other = plain.pop(" ".join(_words(text)), None)
        if other is not None:
            pairs[text] = other
    used = set(pairs.values())
    free, left = [text for text in texts if text not in pairs], [text for text in left if text not in used]
    if len(free) > MOST_COMPARED or len(left) > MOST_COMPARED:
        return pairs
    scored = sorted(
        ((_likeness(block_text, other), block_text, other) for block_text in free for other in left),
        key=lambda s: -s[0],
    )
    for score, block_text, other in scored:
        if score >= ALIKE and block_text not in pairs and other not in used:
            pairs[block_text] = other
            used.add(other)
    return pairs


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", fold(text))


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, _words(one)[:100], _words(other)[:100], autojunk=False).ratio()
