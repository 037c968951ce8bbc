"""The blocks of an entry, each with its competencies, the text they come from, and a doubt where the cut is
not certain.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from lxml import etree

from portfolio.domain.certification.readers.france_competences.cutting import Cut, cut
from portfolio.domain.certification.readers.france_competences.texts import (
    has_markup,
    line_of,
    plain,
    raw_of,
    squeeze,
    text_of,
)
from portfolio.domain.certification.rules.details import CutRule
from portfolio.domain.certification.rules.doubts import Doubt, DoubtCode
from portfolio.domain.certification.rules.entry import CompetencySource, EntryBlock, EntryCompetency
from portfolio.domain.certification.rules.import_result import (
    Part,
    PartFinding,
    RejectionReason,
    UnreadableEntry,
)

# Not a descent: CORRESPONDANCES holds elements of the same name.
PATH = "BLOCS_COMPETENCES/BLOC_COMPETENCES"
OF_ENTRY = re.compile(r"((?:RNCP|RS)\d+)(?:BC|BLOC)?\d*$", re.IGNORECASE)
TRAILING = re.compile(r"(\d{1,3})$")
MODALITY_END = re.compile(r"\n+|[ \t]{4,}(?![a-zà-ÿ])")
BULLET = re.compile(r"^[-–—*•●▪■◦‣∙·➢➤►✓\uf0b7][ \t]+")


def blocks_of(entry: etree._Element, number: str) -> tuple[tuple[EntryBlock, ...], list[Doubt]]:
    """Return the blocks in the order of their numbers, with the doubts about them.

    Raise UnreadableEntry when two blocks of the entry have one code.
    """
    elements = entry.findall(PATH)
    codes = [squeeze(raw_of(element, "CODE")) for element in elements]
    for code, times in Counter(filter(None, codes)).items():
        if times > 1:
            raise UnreadableEntry(
                RejectionReason.BLOCK_CODE_TWICE, [PartFinding(Part.BLOCK_CODE, (code, number))]
            )
    ranks, about_ranks = _numbers(codes)
    read = [_block(element, code, rank) for element, code, rank in zip(elements, codes, ranks, strict=True)]
    blocks = sorted((block for block, _ in read), key=lambda block: block.number)
    doubts = [*about_ranks, *_of_others(blocks, number)]
    if not blocks:
        doubts.append(Doubt("blocks", DoubtCode.BLOCKS_MISSING))
    return tuple(blocks), [*doubts, *(doubt for _, found in read for doubt in found)]


def _numbers(codes: Sequence[str]) -> tuple[list[int], list[Doubt]]:
    """Return the number that ends each code, or the ranks when these are not all there and different."""
    found = [int(match[1]) if (match := TRAILING.search(code)) else 0 for code in codes]
    if all(found) and len(set(found)) == len(found) and max(found, default=0) < 1000:
        expected = list(range(1, len(found) + 1))
        told = ", ".join(map(str, sorted(found)))
        return found, [] if sorted(found) == expected else [
            Doubt("blocks", DoubtCode.BLOCK_NUMBERING, (told,))
        ]
    told = ", ".join(code or "sans code" for code in codes)
    return list(range(1, len(codes) + 1)), [Doubt("blocks", DoubtCode.BLOCK_NUMBERING, (told,))]


def _of_others(blocks: Sequence[EntryBlock], number: str) -> Iterator[Doubt]:
    for block in blocks:
        match = OF_ENTRY.match(block.code or "")
        if match and match[1].upper() != number:
            yield Doubt(f"blocks.{block.number}", DoubtCode.BLOCK_OF_OTHER_ENTRY, (match[1],))


def _block(element: etree._Element, code: str, rank: int) -> tuple[EntryBlock, list[Doubt]]:
    where = f"blocks.{rank}"
    source = text_of(element, "LISTE_COMPETENCES")
    found = cut(source)
    assessments = modalities_of(text_of(element, "MODALITES_EVALUATION"))
    block = EntryBlock(
        number=rank,
        title=line_of(element, "LIBELLE", "INTITULE"),
        competencies=tuple(EntryCompetency(place, text) for place, text in enumerate(found.items, 1)),
        assessments=assessments,
        code=code or None,
        source=CompetencySource(source, found.rule) if source else None,
    )
    doubts = [*cut_doubts(where, found)]
    if not block.title:
        doubts.append(Doubt(where, DoubtCode.BLOCK_TITLE_MISSING))
    if not assessments:
        doubts.append(Doubt(f"{where}.assessments", DoubtCode.ASSESSMENT_MISSING))
    if any(
        has_markup(raw_of(element, name)) for name in ("LISTE_COMPETENCES", "LIBELLE", "MODALITES_EVALUATION")
    ):
        doubts.append(Doubt(where, DoubtCode.MARKUP_REMOVED))
    return block, [*doubts, *_prerequisites(element, where)]


def cut_doubts(where: str, found: Cut) -> Iterator[Doubt]:
    """Yield what a person must look at in the competencies cut out of a text."""
    if not found.items:
        yield Doubt(where, DoubtCode.COMPETENCIES_MISSING)
    elif found.rule is CutRule.WHOLE:
        yield Doubt(where, DoubtCode.CUT_WHOLE)
    elif not found.is_certain:
        how = f"{found.rule}_flat" if found.is_flat else str(found.rule)
        yield Doubt(where, DoubtCode.CUT_TO_CHECK, (how, str(len(found.items))))
    for text in found.aside:
        yield Doubt(where, DoubtCode.TEXT_SET_ASIDE, (text[:500],))
    for rank in found.merged:
        yield Doubt(f"{where}.competencies.{rank}", DoubtCode.COMPETENCIES_MERGED)


def _prerequisites(element: etree._Element, where: str) -> Iterator[Doubt]:
    """Show what a block asks for beforehand: the entry keeps it, no rule of ours applies it."""
    for name in ("PREREQUIS_ENTREE_FORMATION_BLOC", "PREREQUIS_VALIDATION_BLOC"):
        if text := line_of(element, name):
            yield Doubt(where, DoubtCode.BLOCK_PREREQUISITE, (text[:500],))


def modalities_of(text: str) -> tuple[str, ...]:
    """Return the assessments of a block, one a line of the source."""
    lines = map(squeeze, MODALITY_END.split(plain(text)))
    return tuple(BULLET.sub("", line) for line in lines if BULLET.sub("", line).strip("-*• "))
