"""What the certification is made of: deliverables, defence, and how long what is acquired stays so."""

from __future__ import annotations

import re
from collections.abc import Sequence

from portfolio.domain.certification.readers.cncp_text.cleaning import fold, squeeze
from portfolio.domain.certification.readers.cncp_text.listing import listing_of
from portfolio.domain.certification.readers.cncp_text.numbers import NUMBER, number_of
from portfolio.domain.certification.readers.cncp_text.sections import Chunk, Section, text_of
from portfolio.domain.certification.rules.doubts import Doubt, DoubtCode
from portfolio.domain.certification.rules.entry import Permanence

DELIVERABLES = re.compile(rf"\b(?P<count>{NUMBER})\s+(?:livrables?|productions?|documents?)\b[^:.]*:")
LABELLED = re.compile(r"^[ \t]*[A-ZÀ-Ý][^:.;\n]{2,60}[ \t]*:", re.MULTILINE)
GOES_ON = re.compile(r"\s*(?:\d|[a-zà-ÿœæ])")
DEFENCE = re.compile(r"^[ \t]*(?:[•\-*][ \t]*)?soutenances?\b", re.MULTILINE)
BLOCK_COUNT = re.compile(rf"\b(?P<count>{NUMBER})\s+blocs?\s+de\s+competences?\b")
UNLIMITED = re.compile(r"illimite|\bdefinitivement\b|sans\s+limite|a\s+vie\b")
NOT_UNLIMITED = re.compile(r"\b(?:non|pas|jamais|ni)[\s-]+illimite")
TIME = r"\b\w{1,15}\s?(?:\(\s?\w{1,15}\s?\)\s?)?(?:ans?|annees?|mois)\b"
YEARS = re.compile(rf"\b{NUMBER}\s*(?:\(\s*\w+\s*\)\s*)?ans?\b|\bannees?\b|\bmois\b|\blimite(?:e|s|es)?\b")
EXCEPT = re.compile(r"\b(?:sauf|hormis|except|a\s+l'exclusion|toutefois|cependant|mais)")
# A time that says how long something stays valid, as against "trois ans d'expérience".
VALID_FOR = re.compile(
    r"\b(?:valables?|valides?|validite|benefice|(?:reste|restent|est|sont|demeure\w*)\s+acquis\w*|conserv\w+|perime\w*|expire\w*|revalid\w+|renouvel\w+|recycl\w+)"
    rf"\b(?!\s+des\s+acquis)[^.]{{0,80}}?{TIME}"
)


def deliverables_of(chunks: Sequence[Chunk]) -> tuple[tuple[str, ...], list[Doubt]]:
    """Give the deliverables that the entry counts and lists, and doubt a list that does not have that
    many.
    """
    text = text_of(chunks, Section.COMPOSITION)
    opening = DELIVERABLES.search(fold(text))
    if not opening:
        return (), []
    rest = text[opening.end() :]
    label = LABELLED.search(rest)
    items = listing_of(rest[: label.start()] if label else rest).items
    count = number_of(opening["count"])
    if label is None and count is not None:
        # Nothing tells where the list ends but its announced number.
        items = items[:count]
    if len(items) == count:
        return tuple(items), []
    return tuple(items), [
        Doubt("deliverables", DoubtCode.DELIVERABLE_COUNT_DIFFERS, (str(count), str(len(items))))
    ]


def defence_of(chunks: Sequence[Chunk]) -> str | None:
    """Give the paragraph about the defence, up to the next paragraph or label; None when there is none.

    The PDF may leave a blank line within a paragraph: one that goes on without a capital or a bullet is the
    same.
    """
    text = text_of(chunks, Section.COMPOSITION)
    opening = DEFENCE.search(fold(text))
    if not opening:
        return None
    first, *others = text[opening.start() :].lstrip().split("\n")
    own, after_blank = [first], False
    for line in others:
        if LABELLED.match(line) or (after_blank and line.strip() and not GOES_ON.match(line)):
            break
        after_blank = not line.strip()
        own.append(line)
    return squeeze(" ".join(own))


def permanence_of(chunks: Sequence[Chunk]) -> tuple[Permanence | None, list[Doubt]]:
    """Say how long a block stays acquired, from the table's line first, then from the general clauses
    (R6).
    """
    table, clauses = text_of(chunks, Section.VALIDITY), text_of(chunks, Section.COMPOSITION)
    unlimited, limited = _is_unlimited(table), YEARS.search(fold(table)) or NOT_UNLIMITED.search(fold(table))
    timed = VALID_FOR.search(squeeze(fold(clauses)))
    if unlimited and (limited or EXCEPT.search(fold(table))):
        return None, [Doubt("permanence", DoubtCode.PERMANENCE_MIXED, (squeeze(table)[:200],))]
    if limited:
        return Permanence.LIMITED, [
            Doubt("permanence", DoubtCode.PERMANENCE_LIMITED, (squeeze(table)[:200],))
        ]
    if timed and (unlimited or _is_unlimited(clauses)):
        return None, [Doubt("permanence", DoubtCode.PERMANENCE_MIXED, (_quote(clauses, timed),))]
    if timed:
        return Permanence.LIMITED, [
            Doubt("permanence", DoubtCode.PERMANENCE_LIMITED, (_quote(clauses, timed),))
        ]
    if unlimited or _is_unlimited(clauses):
        return Permanence.UNLIMITED, []
    return None, [Doubt("permanence", DoubtCode.PERMANENCE_UNKNOWN)]


def _quote(text: str, timed: re.Match[str]) -> str:
    """Return the words around what was found in a squeezed text, from the beginning of their sentence when it
    is near.
    """
    whole = squeeze(text)
    start = max(whole.rfind(". ", 0, timed.start()) + 1, timed.start() - 80)
    return whole[start : timed.end()].strip()


def _is_unlimited(text: str) -> bool:
    folded = fold(text)
    return UNLIMITED.search(NOT_UNLIMITED.sub("", folded)) is not None


def block_validity_of(number: int, body: str) -> Doubt | None:
    """Return a doubt about a block whose own text limits how long it stays acquired ("valable trois ans");
    None otherwise.
    """
    timed = VALID_FOR.search(squeeze(fold(body)))
    return Doubt(f"blocks.{number}", DoubtCode.PERMANENCE_OF_BLOCK, (_quote(body, timed),)) if timed else None


def block_count_doubts(text: str, count: int) -> list[Doubt]:
    """Doubt a number of blocks that is not the one the entry's prose tells ("des quatre blocs de
    compétences").
    """
    counts = {number_of(match["count"]) for match in BLOCK_COUNT.finditer(fold(text))} - {None, 1}
    if not counts or count in counts:
        return []
    return [Doubt("blocks", DoubtCode.BLOCK_COUNT_DIFFERS, (str(max(n for n in counts if n)), str(count)))]
