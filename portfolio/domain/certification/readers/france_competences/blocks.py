"""The blocks of an entry, each with its competencies, the text they come from, and a doubt where the cut is
not certain.

The prose of a block cut into competencies: codes, numbers, bullets, lines, semicolons, capitals, in this
order of trust.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from lxml import etree

from portfolio.domain.certification.readers.france_competences.texts import (
    has_markup,
    line_of,
    plain,
    raw_of,
    squeeze,
    text_of,
)
from portfolio.domain.certification.rules.doubts import Doubt, DoubtCode
from portfolio.domain.certification.rules.entry import CompetencySource, CutRule, EntryBlock, EntryCompetency
from portfolio.domain.certification.rules.registration import Part, PartFinding, RejectionReason, UnreadableEntry

# The export replaces a line break by two to four spaces; real prose may hold two.
EDGE = r"(?:\A|\n|[ \t]{2,}|(?<=[.;:])[ \t]+)"
CODE = (
    r"(?:[A-Z]{1,3}\.?\d{1,2}\.?(?:[A-Z]{1,3}\.?\d{1,2}\.?)?(?:\.?\d{1,2})*"  # A1C1. C1 C.6. A5.C1. CP2 C1.1
    r"|\d{1,2}\.\d{1,2}(?:\.\d{1,2})*)"  # 2.1 2.1.1
)
CODED = re.compile(rf"{EDGE}(?P<mark>{CODE})[ \t]*(?:[.):–—-][ \t]*|[ \t]+|(?<=\.))(?=[A-ZÀ-ÝŒ«\"'’(]|[ls]['’])")
NUMBERED = re.compile(
    r"(?:\A|\n|[ \t]{2,}|(?<=[.;:])[ \t]+)(?P<number>\d{1,2})[ \t]*(?:[.)°]|[ \t][–—-])[ "
    r"\t]*(?=[A-ZÀ-ÝŒ«\"a-zà-ÿ])"
)
BULLETS = "•●▪■◦‣∙·➢➤►✓✔○\uf0b7\uf0a7\uf0d8"
BULLETED = re.compile(
    rf"(?:\A[ \t]*|\n[ \t]*|[ \t]{{2,}})(?P<mark>[-–—*o{BULLETS}])[ \t]+(?=\S)|[ "
    rf"\t]*(?P<round>[{BULLETS}])[ \t]*(?=\S)"
)
LINE = re.compile(r"\n+|[ \t]{3,}")
SEMICOLON = re.compile(r"[ \t]*;(?:[ \t]+|\n+)")
ACTION = r"[A-ZÀ-Ý][a-zà-ÿœ'’-]+(?:er|ir|oir|re)\b"
CAPITAL = re.compile(rf"(?<=[a-zà-ÿ).])[ \t]+(?={ACTION}[ \t])")
MERGED = re.compile(
    rf"[a-zà-ÿœ)][ \t]+{ACTION}[ "
    r"\t]+(?:l[ea]s?\b|l['’]|d[eu]s?\b|d['’]|un|une|aux?\b|en\b|son|sa|ses|[a-zà-ÿ])"
)
INNER = re.compile(r"(?:\n|[ \t]{3,})(?=[A-ZÀ-ÝŒ«])")
HEADING = re.compile(
    r"\A\s*bloc\s+(?:de\s+comp[ée]tences?\s*)?(?:n\s*[°ºo]\s*)?\d{1,2}\b[ \t]*[:–—-]?[ \t]*", re.IGNORECASE
)
INNER_HEADING = re.compile(
    r"(?:Activités?|Blocs?|Domaines?|Fonctions?|Missions?|Pôles?|Modules?|Thèmes?)\s+[A-Z]?\d|(?:Modalités?\b.{0,40}|[ÉE]valuations?)\s*:"
)
# A numbered line inside a competency: a second level, or another list.
NESTED = re.compile(
    rf"(?:\n|[ \t]{{2,}})[ \t]*(?:{CODE}|\d{{1,2}}|[a-z](?=\)))[ \t]*(?:[.):–—°-]|[ \t](?=[A-ZÀ-Ý]))"
    r"[ \t]*\S"
)
# Codes after a single space: believed only when they begin the text and follow one another.
SPACED = re.compile(rf"(?:\A|[ \t])(?P<mark>{CODE})[ \t]*[.):–—-][ \t]*(?=[A-ZÀ-ÝŒ])")
# Where every line break is lost: marks after one space, believed only when they begin the text and follow one
# another.
FLAT_CODE = re.compile(rf"(?:\A|[ \t])(?P<mark>{CODE})[ \t]*(?:[.):–—-][ \t]*|[ \t])(?=[A-ZÀ-ÝŒ])")
FLAT_NUMBER = re.compile(r"(?:\A|[ \t])(?P<mark>\d{1,2})[ \t]*(?:[.)°]|[ \t][–—-])[ \t]+(?=[A-ZÀ-ÝŒ])")
FLAT_DASH = re.compile(r"(?:\A|[ \t])(?P<mark>[-–—*])[ \t]+(?=[A-ZÀ-ÝŒ])")
UNSURE = frozenset({CutRule.LINES, CutRule.SEMICOLONS, CutRule.CAPITALS})


@dataclass(frozen=True, slots=True)
class Cut:
    """Competencies in order, the rule that cut them, texts that belong to none, and the ranks that may hold several."""

    items: tuple[str, ...]
    rule: CutRule
    aside: tuple[str, ...] = ()
    merged: tuple[int, ...] = ()
    skips: bool = False  # its numbers do not follow one another
    nested: tuple[int, ...] = ()  # ranks of the items that hold numbered lines of their own
    is_flat: bool = False  # cut at marks after one space, in a text without a line break

    @property
    def is_certain(self) -> bool:
        """Return whether the text itself marks where each competency begins, and its codes follow one another."""
        return (
            not self.is_flat and self.rule not in UNSURE | {CutRule.WHOLE} and not self._has_gap and not self._is_mixed
        )

    @property
    def _is_mixed(self) -> bool:
        """Return whether some items begin in capitals and others not: the latter may be details of the former."""
        return self.rule in (CutRule.BULLETS, CutRule.NUMBERS) and len({item[0].islower() for item in self.items}) > 1

    @property
    def _has_gap(self) -> bool:
        if self.rule is not CutRule.CODES:
            return self.skips
        ranks = [rank for item in self.items if (rank := _rank_of(item))]
        return (
            len(ranks) < len(self.items)
            or (len(ranks[0][1]) > 1 and ranks[0][1][-1] != 1)
            or not all(_succeeds(before, after) for before, after in pairwise(ranks))
        )


def _rank_of(item: str) -> tuple[str, tuple[int, ...]] | None:
    """Return the letters and the numbers of the code that a competency begins with."""
    match = CODED.match(item)
    return _rank(match["mark"]) if match else None


def _rank(code: str) -> tuple[str, tuple[int, ...]]:
    return re.sub(r"[^A-Z]", "", code), tuple(map(int, re.findall(r"\d+", code)))


def _succeeds(before: tuple[str, tuple[int, ...]], after: tuple[str, tuple[int, ...]]) -> bool:
    """Return whether a code is the next one: one more at its last level, or one more above and 1 below."""
    if before[0] != after[0] or len(before[1]) != len(after[1]):
        return after[1][-1] == 1
    place = next((rank for rank, pair in enumerate(zip(before[1], after[1], strict=True)) if pair[0] != pair[1]), -1)
    below = after[1][place + 1 :]
    return after[1][place] == before[1][place] + 1 and set(below) <= {1}


def are_in_order(codes: Sequence[str]) -> bool:
    """Return whether codes written beside competencies follow one another; words that are no codes do."""
    ranks = [_rank(code) for code in codes if re.fullmatch(CODE, code)]
    if not ranks:
        return True
    return (
        len(ranks) == len(codes)
        and ranks[0][1][-1] == 1
        and all(len(before[1]) == len(after[1]) and _succeeds(before, after) for before, after in pairwise(ranks))
    )


LISTED = re.compile(rf"^[ \t]*(?:{CODE}|\d{{1,2}}|[a-z](?=\))|[-–—*o{BULLETS}])[ \t]*[.):°–—-]?[ \t]*\S", re.MULTILINE)


def holds_list(text: str) -> bool:
    """Return whether the text of one competency is itself a list."""
    return len(LISTED.findall(text)) > 1 or _flat(text) is not None


def cut(text: str) -> Cut:
    """Cut the text of a block into competencies; a text that nothing divides is one competency."""
    body = HEADING.sub("", text.strip(), count=1) if "\n" in text or "  " in text else text.strip()
    single: Cut | None = None
    for rule, pieces in (
        (CutRule.CODES, _coded(body)),
        (CutRule.NUMBERS, _numbered(body)),
        (CutRule.BULLETS, _bulleted(body)),
    ):
        if pieces is not None:
            single = replace(_marked(rule, *pieces), skips=rule is CutRule.NUMBERS and _skips(body))
            if len(single.items) > 1:
                return single
            break
    if (found := _flat(body) or single) is not None:
        return found
    for rule, parts in (
        (CutRule.LINES, _lines(body)),
        (CutRule.SEMICOLONS, _parts(SEMICOLON, body)),
        (CutRule.CAPITALS, _parts(CAPITAL, body)),
    ):
        if len(parts) > 1:
            return Cut(tuple(parts), rule)
    whole = squeeze(body)
    return Cut((whole,) if whole else (), CutRule.WHOLE)


def _flat(text: str) -> Cut | None:
    """Cut a text whose line breaks are lost, at codes, numbers or dashes after one space; never certain."""
    if "\n" in text or re.search(r"[ \t]{2}", text):
        return None
    for rule, pattern in ((CutRule.CODES, FLAT_CODE), (CutRule.NUMBERS, FLAT_NUMBER), (CutRule.BULLETS, FLAT_DASH)):
        found = list(pattern.finditer(text))
        if len(found) > 1 and found[0].start("mark") == 0 and _follow(rule, [match["mark"] for match in found]):
            starts = [match.start("mark") if rule is CutRule.CODES else match.end() for match in found]
            ends = [*(match.start() for match in found[1:]), len(text)]
            pieces = [squeeze(text[start:end]).rstrip(" ;") for start, end in zip(starts, ends, strict=True)]
            return Cut(tuple(filter(None, pieces)), rule, is_flat=True)
    return None


def _follow(rule: CutRule, marks: list[str]) -> bool:
    """Return whether marks are of one shape and follow one another."""
    if rule is CutRule.BULLETS:
        return len(set(marks)) == 1
    ranks = [int(re.findall(r"\d+", mark)[-1]) for mark in marks]
    return len({_shape(mark) for mark in marks}) == 1 and all(
        after in (before + 1, 1) for before, after in pairwise(ranks)
    )


def _coded(text: str) -> tuple[str, list[str]] | None:
    """Cut before codes of one shape; a competency keeps its code, which assessments refer to."""
    found = list(CODED.finditer(text))
    if not found:
        return None
    same = _of_one_shape(found)
    if not same and (spaced := _of_one_shape(list(SPACED.finditer(text)))) and spaced[0].start("mark") == 0:
        same = spaced
    if not same:
        return None
    starts = [match.start("mark") for match in same]
    return text[: starts[0]], [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]


def _of_one_shape(found: list[re.Match[str]]) -> list[re.Match[str]]:
    """Keep the matches written as the first one; none when fewer than two are left, or one comes twice."""
    same = [match for match in found if _shape(match["mark"]) == _shape(found[0]["mark"])]
    return same if len(same) > 1 and len({match["mark"] for match in same}) == len(same) else []


def _shape(code: str) -> str:
    return re.sub(r"\d+", "9", re.sub(r"[A-Z]+", "A", code.rstrip(".")))


def _numbered(text: str) -> tuple[str, list[str]] | None:
    """Cut before 1, 2, 3… when the numbers go up from 1; a number that is absent from the text is skipped."""
    marks = list(NUMBERED.finditer(text))
    found: list[re.Match[str]] = []
    for place, match in enumerate(marks):
        last = int(found[-1]["number"]) if found else 0
        rest = {int(later["number"]) for later in marks[place:]}
        expected = next((number for number in range(last + 1, last + 4 if found else 2) if number in rest), None)
        if int(match["number"]) == expected:
            found.append(match)
    if len(found) < 2:
        return None
    ends = [*(match.start() for match in found[1:]), len(text)]
    return text[: found[0].start()], [text[match.end() : end] for match, end in zip(found, ends, strict=True)]


def _skips(text: str) -> bool:
    """Return whether the numbers that begin lines are not 1, 2, 3… each once."""
    numbers = [int(match["number"]) for match in NUMBERED.finditer(text)]
    return numbers != list(range(1, len(numbers) + 1))


def _bulleted(text: str) -> tuple[str, list[str]] | None:
    """Cut before the first kind of bullet; another kind divides the inside of a competency."""
    found = list(BULLETED.finditer(text))
    if not found:
        return None
    first = found[0]["mark"] or found[0]["round"]
    same = [match for match in found if (match["mark"] or match["round"]) == first]
    if len(same) < 2 and (same[0].start() > 0 or text[same[0].end() :].count("\n") > 1):
        return None
    ends = [*(match.start() for match in same[1:]), len(text)]
    return text[: same[0].start()], [text[match.end() : end] for match, end in zip(same, ends, strict=True)]


def _marked(rule: CutRule, lead: str, pieces: list[str]) -> Cut:
    """Clean the pieces; a heading that ends a piece belongs to none, and a piece that goes on in capitals
    is doubted.
    """
    aside, items, merged, nested = [squeeze(lead)] if lead.strip() else [], [], [], []
    for piece in pieces:
        kept = piece.rstrip(" \t\n;")
        inner = list(INNER.finditer(kept))
        if inner and (kept.endswith(":") or INNER_HEADING.match(kept[inner[-1].end() :])):
            aside.append(squeeze(kept[inner[-1].end() :]))
            kept, inner = kept[: inner[-1].start()].rstrip(" \t\n;"), inner[:-1]
        if not kept.strip():
            continue
        items.append(squeeze(kept))
        if inner or MERGED.search(squeeze(kept)) or BULLETED.search(kept.lstrip("".join(BULLETS) + "-*– ")):
            merged.append(len(items))
        if NESTED.search(kept):
            nested.append(len(items))
    return Cut(tuple(items), rule, tuple(aside), tuple(merged), nested=tuple(nested))


def _lines(text: str) -> list[str]:
    """Cut at line ends; a line that begins in lower case goes on with the one before."""
    lines: list[str] = []
    for piece in filter(None, map(squeeze, LINE.split(text))):
        if lines and (piece[0].islower() or lines[-1].endswith((",", ":", "’", "'"))):
            lines[-1] = f"{lines[-1]} {piece}"
        else:
            lines.append(piece)
    return [line.rstrip(" ;") for line in lines]


def _parts(pattern: re.Pattern[str], text: str) -> list[str]:
    return [piece.rstrip(" ;") for piece in map(squeeze, pattern.split(text)) if piece.rstrip(" ;")]


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
    if not elements and number.startswith("RS"):
        return _whole(entry)
    codes = [squeeze(raw_of(element, "CODE")) for element in elements]
    for code, times in Counter(filter(None, codes)).items():
        if times > 1:
            raise UnreadableEntry(RejectionReason.BLOCK_CODE_TWICE, [PartFinding(Part.BLOCK_CODE, (code, number))])
    ranks, about_ranks = _numbers(codes)
    read = [_block(element, code, rank) for element, code, rank in zip(elements, codes, ranks, strict=True)]
    blocks = sorted((block for block, _ in read), key=lambda block: block.number)
    doubts = [*about_ranks, *_of_others(blocks, number), *_not_read(entry, elements)]
    if not blocks:
        doubts.append(Doubt("blocks", DoubtCode.BLOCKS_MISSING))
    return tuple(blocks), [*doubts, *(doubt for _, found in read for doubt in found)]


def _whole(entry: etree._Element) -> tuple[tuple[EntryBlock, ...], list[Doubt]]:
    """Return the one block of an entry of the specific register: the certification itself, with what it attests."""
    only = etree.Element("BLOC_COMPETENCES")
    for name, source in (
        ("LIBELLE", "INTITULE"),
        ("LISTE_COMPETENCES", "CAPACITES_ATTESTEES"),
        ("MODALITES_EVALUATION", "MODALITES_EVALUATION"),
    ):
        etree.SubElement(only, name).text = raw_of(entry, source)
    block, doubts = _block(only, "", 1)
    return (block,), [Doubt("blocks", DoubtCode.SPECIFIC_REGISTER), *doubts]


NAMES = frozenset(
    {
        "CODE",
        "LIBELLE",
        "INTITULE",
        "LISTE_COMPETENCES",
        "MODALITES_EVALUATION",
        "PREREQUIS_ENTREE_FORMATION_BLOC",
        "PREREQUIS_VALIDATION_BLOC",
    }
)


def _not_read(entry: etree._Element, elements: Sequence[etree._Element]) -> Iterator[Doubt]:
    """Yield a doubt for each thing of the blocks that no field holds, or that is written twice."""
    blocks = (
        child for group in entry.findall("BLOCS_COMPETENCES") for child in group if child.tag != "BLOC_COMPETENCES"
    )
    for child in [*blocks, *(child for element in elements for child in element if child.tag not in NAMES)]:
        yield Doubt("blocks", DoubtCode.FIELD_NOT_KEPT, (str(child.tag), squeeze("".join(child.itertext()))[:200]))
    for element in elements:
        yield from twice_in(element, "blocks")


def twice_in(element: etree._Element, where: str) -> Iterator[Doubt]:
    """Yield a doubt for each child of an element that comes twice: the first one is read."""
    seen = set()
    for child in element:
        if child.tag in seen:
            yield Doubt(where, DoubtCode.ELEMENT_TWICE, (str(child.tag), squeeze("".join(child.itertext()))[:200]))
        seen.add(child.tag)


def _numbers(codes: Sequence[str]) -> tuple[list[int], list[Doubt]]:
    """Return the number that ends each code, or the ranks when these are not all there and different."""
    found = [int(match[1]) if (match := TRAILING.search(code)) else 0 for code in codes]
    if all(found) and len(set(found)) == len(found) and max(found, default=0) < 1000:
        expected = list(range(1, len(found) + 1))
        told = ", ".join(map(str, sorted(found)))
        return found, [] if sorted(found) == expected else [Doubt("blocks", DoubtCode.BLOCK_NUMBERING, (told,))]
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
    if any(has_markup(raw_of(element, name)) for name in ("LISTE_COMPETENCES", "LIBELLE", "MODALITES_EVALUATION")):
        doubts.append(Doubt(where, DoubtCode.MARKUP_REMOVED))
    return block, [*doubts, *_prerequisites(element, where)]


def cut_doubts(where: str, found: Cut) -> Iterator[Doubt]:
    """Yield what a person must look at in the competencies cut out of a text."""
    if not found.items:
        yield Doubt(where, DoubtCode.COMPETENCIES_MISSING)
    elif found.rule is CutRule.WHOLE:
        yield Doubt(where, DoubtCode.CUT_WHOLE)
    elif not found.is_certain:
        how = f"{found.rule}_flat" if found.is_flat else f"{found.rule}_gap" if found.skips else str(found.rule)
        yield Doubt(where, DoubtCode.CUT_TO_CHECK, (how, str(len(found.items))))
    for text in found.aside:
        yield Doubt(where, DoubtCode.TEXT_SET_ASIDE, (text[:500],))
    for rank in found.nested:
        yield Doubt(f"{where}.competencies.{rank}", DoubtCode.COMPETENCIES_NESTED)
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


def list_doubts(number: int, texts: Sequence[str], codes: Sequence[str]) -> Iterator[Doubt]:
    """Yield what a person must look at in competencies that a source writes one by one, with its codes."""
    where, written = f"blocks.{number}", [text for text in texts if text.strip()]
    if len(written) < len(texts):
        yield Doubt(where, DoubtCode.COMPETENCY_WITHOUT_TEXT, (str(len(texts) - len(written)),))
    if not are_in_order(codes):
        yield Doubt(where, DoubtCode.COMPETENCY_NUMBERING, (", ".join(codes)[:300],))
    for rank, text in enumerate(written, 1):
        if holds_list(text):
            yield Doubt(f"{where}.competencies.{rank}", DoubtCode.COMPETENCIES_NESTED)
