"""Lists as the text form writes them: with bullets, with numbers, or as bare lines.

Numbers, shares and dates as a French entry writes them, read on folded text (lower case, no accents).

The competencies are listed twice: the block's wording rules, the general list's is an alias where it really differs.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from difflib import SequenceMatcher
from itertools import pairwise

from portfolio.domain.certification.readers.cncp_text.cleaning import fold, same_words, squeeze
from portfolio.domain.certification.readers.cncp_text.sections import Chunk, Section, text_of
from portfolio.domain.certification.rules.doubts import Doubt, DoubtCode
from portfolio.domain.certification.rules.entry import EntryBlock, EntryCompetency

# The private use signs are the bullets of the fonts Symbol and Wingdings.
BULLET_SIGNS = "•●▪■◦‣⁃∙·➢➤►▶✓✔→\uf0b7\uf0a7\uf0d8\uf0fc"
# A bullet or a number that no text follows: « - », « - - Semer », « 2. ».
EMPTY_BULLET = re.compile(
    rf"(?:^|[ \t]{{2,}})[ \t]*(?:[-–—*{BULLET_SIGNS}](?:[ \t]*$|[ \t]*(?=[{BULLET_SIGNS}])|[ \t]+(?=[-–—*](?:[ \t]|$)))"
    r"|\d{1,2}[.)°]?[ \t]*$)",
    re.MULTILINE,
)
BULLET = re.compile(rf"[ \t]*(?P<mark>[{BULLET_SIGNS}]|[-–—*](?=[ \t]|[^\W\d_]))[ \t]*")
NUMBERED = re.compile(
    r"[ \t]*(?P<mark>(?:C|K|A)?\d{1,2}(?:\.\d{1,2})*[ \t]*[.):-][ \t]+|(?:C)\d{1,2}(?:\.\d{1,2})*[ "
    r"\t]+|[a-z]\)[ \t]+)"
)
INFINITIVE = re.compile(r"[a-zœæ]+(?:er|ir|re)\b")
# A line that ends so is not finished, whatever the next begins with.
UNFINISHED = re.compile(
    r"(?:,|\b(?:de|du|des|la|le|les|un|une|et|ou|en|a|au|aux|pour|par|sur|avec|dans|sans|son|sa|ses|leur|leurs)|\b[dl]')$"
)


@dataclass
class Item:
    """One item being read: its mark, and its lines."""

    mark: str
    lines: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return squeeze(" ".join(self.lines))


@dataclass
class Listing:
    """The items of a list, whether bullets marked them, and prose that stood around them."""

    items: list[str]
    bulleted: bool
    aside: list[str]


def listing_of(text: str) -> Listing:
    """Cut a text into the items of its list; prose that no bullet marks, after a finished item, is set aside."""
    lines = text.split("\n")
    for pattern in (BULLET, NUMBERED):
        if any(pattern.match(line) for line in lines):
            return _marked(lines, pattern)
    return Listing(_bare_items(lines), False, [])


LINE_MARK = re.compile(r"^[ \t]*([A-Z]{0,3}\d{1,2}(?:\.\d{1,2})*(?=[ \t.):-])|[a-z](?=\)))", re.MULTILINE)


def odd_numbers(text: str) -> str:
    """Return what is odd in the marks that begin the lines of a list: « numbers » or « bullets » when some
    may be details of others, « numbers_gap » when they do not follow one another; empty when nothing is.
    """
    marks = LINE_MARK.findall(text)
    lines = text.split("\n")
    bullets = {found["mark"] for line in lines if (found := BULLET.match(line))}
    if len(bullets) > 1 and not any(line.rstrip().endswith(":") for line in lines):
        return "bullets"
    if not marks:
        return ""
    if bullets or len({re.sub(r"\d+", "9", re.sub(r"[A-Z]", "A", mark)) for mark in marks}) > 1:
        return "numbers"
    if not marks[0][-1].isdigit():
        return ""
    ranks = [tuple(map(int, re.findall(r"\d+", mark))) for mark in marks]
    begins = ranks[0][-1] == 1 or (len(ranks[0]) == 1 and marks[0][0].isalpha())
    follows = all(
        after == (*before[:-1], before[-1] + 1) or (after[-1] == 1 and sum(after[:-1]) == sum(before[:-1]) + 1)
        for before, after in pairwise(ranks)
    )
    return "" if begins and follows else "numbers_gap"


def unmarked(line: str) -> str:
    """Give a line without the bullet it may begin with."""
    return BULLET.sub("", line, count=1) if BULLET.match(line) else line


def _marked(lines: list[str], pattern: re.Pattern[str]) -> Listing:
    items: list[Item] = []
    aside: list[Item] = []
    current: Item | None = None
    after_blank = False
    for line in lines:
        if not line.strip():
            after_blank = True
            continue
        match = pattern.match(line)
        if match and not _belongs_to(current, match["mark"]):
            current = Item(_family(match["mark"]), [line[match.end() :]])
            items.append(current)
        elif current is None or (after_blank and _starts_anew(line, current)):
            current = Item("", [line])
            aside.append(current)
        else:
            current.lines.append(line)
        after_blank = False
    return Listing(_texts(items), True, _texts(aside))


def _texts(items: list[Item]) -> list[str]:
    return [item.text for item in items if re.search(r"\w", item.text)]


def _family(mark: str) -> str:
    mark = mark.strip()
    return mark if len(mark) == 1 and not mark.isalnum() else "number"


def _belongs_to(current: Item | None, mark: str) -> bool:
    """Another sign under an item that announces a list ("Gérer :") is a list within it."""
    if current is None or not current.mark or _family(mark) == current.mark:
        return False
    # Everything that an inner list holds was added to its parent, so the announcing line may not be the last.
    return any(line.rstrip().endswith(":") for line in current.lines)


def _starts_anew(line: str, current: Item) -> bool:
    return line.strip()[0].isupper() and not UNFINISHED.search(fold(current.lines[-1]).strip())


def _bare_items(lines: list[str]) -> list[str]:
    items: list[Item] = []
    after_blank = False
    for line in lines:
        if not line.strip():
            after_blank = True
        else:
            if not items or _new_bare_item(line, items[-1].lines[-1], after_blank):
                items.append(Item("", []))
            items[-1].lines.append(line)
            after_blank = False
    return _texts(items)


def _new_bare_item(line: str, previous: str, after_blank: bool) -> bool:
    """Without bullets a line opens an item by its capital, by an infinitive, or after a finished line."""
    start, before = line.strip(), fold(previous).strip()
    if start[0].isupper():
        return bool(INFINITIVE.match(fold(start))) or not UNFINISHED.search(before)
    return before.endswith(";") or (after_blank and before.endswith("."))


def wording(text: str) -> str:
    """Give a wording as the register writes it, on one line and without the sign that ended it in its list."""
    text = squeeze(text).rstrip(" ;,")
    return text if re.search(r"(?:etc|\.\.)\.$", text) else text.rstrip(" .;,")


_WORDS = "un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize"
NUMBERS = {word: value for value, word in enumerate(_WORDS.split(), 1)} | {"une": 1, "vingt": 20}
NUMBER = r"(?:\d{1,3}|" + "|".join(sorted(NUMBERS, key=len, reverse=True)) + r")"

_MONTHS = "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre"
MONTHS = {name: number for number, name in enumerate(_MONTHS.split(), 1)}
DATE = (
    r"(?:\d{1,2}(?:\s*er)?|premier)\s+(?:" + "|".join(MONTHS) + r")\s+\d{4}"
    r"|\d{1,2}\s*[/.-]\s*\d{1,2}\s*[/.-]\s*\d{4}"
)
_IN_WORDS = re.compile(r"(premier|\d{1,2})(?:\s*er)?\s+([a-z]+)\s+(\d{4})")
_IN_FIGURES = re.compile(r"(\d{1,2})\s*[/.-]\s*(\d{1,2})\s*[/.-]\s*(\d{4})")

# « 16 959 » as people write a number: the group of three stands only before something that is no digit.
ENTRY_NUMBER = r"(?:\d{1,3}[ .]\d{3}(?!\d)|\d{1,6})"

FRACTIONS = {"moitie": 1 / 2, "tiers": 1 / 3, "quart": 1 / 4, "quarts": 1 / 4, "cinquieme": 1 / 5, "cinquiemes": 1 / 5}
PERCENTS = {
    "vingt": 20,
    "vingt-cinq": 25,
    "trente": 30,
    "trente-trois": 33,
    "quarante": 40,
    "cinquante": 50,
    "soixante": 60,
}
SHARE = (
    r"\b(?P<percent>\d{1,3}(?:[.,]\d+)?|"
    + "|".join(sorted(PERCENTS, key=len, reverse=True))
    + r")\s*(?:%|pour\s?cents?\b|pourcents?\b)"
    r"|\b(?:(?P<times>" + NUMBER + r")\s+)?(?P<fraction>moitie|tiers|quarts?|cinquiemes?)\b"
    r"|\b(?P<some>" + NUMBER + r")\s+(?:membres?\s+)?sur\s+(?P<all>" + NUMBER + r")\b"
)


def number_of(folded: str) -> int | None:
    """Read "5", "cinq" or "une"; None when it is no number we read."""
    folded = folded.strip()
    if re.fullmatch(r"[0-9]{1,6}", folded):
        return int(folded)
    return NUMBERS.get(folded)


def entry_code(written: str) -> str:
    """Return the code of a register entry from its number as written: « 16 959 » is RNCP16959."""
    return f"RNCP{int(re.sub(r'[^0-9]', '', written))}"


def day_of(folded: str) -> date | None:
    """Read "04 octobre 2016", "1er mai 2012" or "21/07/2009"; None when there is no such day."""
    words, figures = _IN_WORDS.fullmatch(folded.strip()), _IN_FIGURES.fullmatch(folded.strip())
    try:
        if words:
            day = 1 if words[1] == "premier" else int(words[1])
            return date(int(words[3]), MONTHS.get(words[2], 0), day)
        return date(int(figures[3]), int(figures[2]), int(figures[1])) if figures else None
    except ValueError:
        return None


def years_after(day: date, years: int) -> date | None:
    """Give the same day some years later, the 28th for a 29 February; None beyond the calendar."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28) if day.year + years <= date.max.year else None


def share_of(match: re.Match[str]) -> float:
    """Give the share that a match of SHARE writes, between 0 and 1 where it makes sense."""
    if match["percent"]:
        written = PERCENTS.get(match["percent"]) or float(match["percent"].replace(",", "."))
        return round(written / 100, 4)
    if match["some"]:
        return round((number_of(match["some"]) or 0) / (number_of(match["all"]) or 1), 4)
    return round((number_of(match["times"] or "un") or 1) * FRACTIONS[match["fraction"]], 4)


OPENING = re.compile(
    r"(?:\best\s+capable\s+de|\bsera\s+capable\s+de|\bcapacites?\s+(?:attestees?|evaluees?)|\bcompetences?\s+(?:attestees?|evaluees?)"
    r"|\bcapable\s+de)\s*:"
)
# Share of words in common, in order; the reference entry's differing wordings stand at 0.77 and 0.88.
ALIKE = 0.6
# Beyond that many unmatched items on a side the text is no list of competencies, and nothing is compared.
MOST_COMPARED = 200


def general_list(chunks: Sequence[Chunk]) -> list[str]:
    """Give the wordings of the summary's list ("Le titulaire est capable de :"); empty when there is no such list."""
    summary = text_of(chunks, Section.SUMMARY)
    opening = OPENING.search(fold(summary))
    return [text for text in map(wording, listing_of(summary[opening.end() :]).items) if text] if opening else []


def with_aliases(blocks: Sequence[EntryBlock], listed: Sequence[str]) -> tuple[list[EntryBlock], list[Doubt]]:
    """Give the blocks with their aliases, and doubt every wording that differs or stands in one place only."""
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
        Doubt("general_list", DoubtCode.COMPETENCY_ONLY_IN_LIST, (text,)) for text in listed if text not in matched
    ]
    return aliased, doubts


def _with_alias(competency: EntryCompetency, pairs: dict[str, str]) -> EntryCompetency:
    alias = pairs.get(competency.text)
    return competency if alias is None or same_words(competency.text, alias) else replace(competency, alias=alias)


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
