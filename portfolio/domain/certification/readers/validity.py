"""Time for which blocks stay acquired, where the fields or the texts of an entry limit it (R6), and whether one is
acquired alone.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from portfolio.domain.certification.readers.cncp_text.cleaning import fold, squeeze
from portfolio.domain.certification.readers.cncp_text.jury_conditions import UNLIMITED, block_validity_of
from portfolio.domain.certification.readers.cncp_text.listing import NUMBER, number_of
from portfolio.domain.certification.rules.doubts import Doubt, DoubtCode
from portfolio.domain.certification.rules.entry import Entry, EntryBlock, Permanence

DURATION = re.compile(rf"\b(?P<count>{NUMBER})\s*(?:\(\s*\w+\s*\)\s*)?(?P<unit>ans?|annees?|mois)\b")
LONGEST_MONTHS = 600
# Texts of the whole entry that speak of its blocks, and not of a card or a permit.
OF_VALIDITY = (
    "VALIDATION_PARTIELLE_PERIMETRE",
    "MODALITES_RENOUVELLEMENT",
    "OBJECTIFS_CONTEXTE",
    "CAPACITES_ATTESTEES",
)


def months_of(text: str) -> int | None:
    """Return the months of a duration, « trois ans » or « 36 mois »; None without one, or with several."""
    found = {
        count * (1 if match["unit"] == "mois" else 12)
        for match in DURATION.finditer(fold(text))
        if (count := number_of(match["count"]))
    }
    months = found.pop() if len(found) == 1 else 0
    return months if 0 < months <= LONGEST_MONTHS else None


def with_duration(entry: Entry, written: str) -> Entry:
    """Return an entry with the duration of validity that its field DUREE_VALIDITE gives; a bare number is of years."""
    if not written:
        return entry
    if UNLIMITED.search(fold(written)):
        told = Doubt("permanence", DoubtCode.PERMANENCE_STATED, (written[:200],))
        return replace(_settled(entry, told), permanence=Permanence.UNLIMITED)
    months = months_of(f"{written} ans" if written.isdecimal() else written)
    told = Doubt("permanence", DoubtCode.PERMANENCE_LIMITED, (f"durée de validité : {written[:100]}",))
    blocks = tuple(replace(block, validity_months=months) for block in entry.blocks)
    return replace(_settled(entry, told), permanence=Permanence.LIMITED, blocks=blocks)


def _settled(entry: Entry, told: Doubt) -> Entry:
    kept = (doubt for doubt in entry.doubts if doubt.what is not DoubtCode.PERMANENCE_UNKNOWN)
    return replace(entry, doubts=(*kept, told))


def with_validity_of_texts(entry: Entry) -> Entry:
    """Return an entry whose blocks have the months that their own texts write (« bloc valable 3 ans »), with a
    doubt each; the blocks are then not without end.
    """
    known = {doubt.where for doubt in entry.doubts if doubt.what is DoubtCode.PERMANENCE_OF_BLOCK}
    blocks, doubts = [], list(_of_entry(entry))
    for block in entry.blocks:
        told = block_validity_of(block.number, _text_of(block))
        if told and told.where not in known:
            doubts.append(told)
        months = block.validity_months or (months_of(told.facts[0]) if told else None)
        blocks.append(replace(block, validity_months=months))
    permanence = entry.permanence
    if doubts and permanence is Permanence.UNLIMITED:
        permanence = None
    return replace(entry, blocks=tuple(blocks), permanence=permanence, doubts=(*entry.doubts, *doubts))


def _text_of(block: EntryBlock) -> str:
    source = block.source.text if block.source else ". ".join(item.text for item in block.competencies)
    return ". ".join((block.title, source, *block.assessments))


def _of_entry(entry: Entry) -> Iterator[Doubt]:
    if any(doubt.where == "permanence" and doubt.what is not DoubtCode.PERMANENCE_UNKNOWN for doubt in entry.doubts):
        return
    for passage in entry.details.passages if entry.details else ():
        if passage.name in OF_VALIDITY and (told := block_validity_of(0, passage.text)):
            yield Doubt("permanence", DoubtCode.PERMANENCE_LIMITED, told.facts)


def partial_doubts(entry: Entry, written: str, answer: bool | None) -> Iterator[Doubt]:
    """Yield a doubt where the field VALIDATION_PARTIELLE contradicts the blocks of an entry, or is not read."""
    if written and answer is None:
        yield Doubt("blocks", DoubtCode.ANSWER_UNREADABLE, (squeeze(written)[:40],))
    elif (answer is False and len(entry.blocks) > 1) or (answer and len(entry.blocks) == 1):
        yield Doubt("blocks", DoubtCode.PARTIAL_VALIDATION, ("Oui" if answer else "Non",))
