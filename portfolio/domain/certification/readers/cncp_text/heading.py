"""The head of an entry: code, title, who certifies, level, and the codes that classify it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from portfolio.domain.certification.readers.cncp_text.cleaning import fold, squeeze
from portfolio.domain.certification.readers.cncp_text.listing import ENTRY_NUMBER, UNFINISHED, entry_code
from portfolio.domain.certification.readers.cncp_text.sections import Chunk, Section, text_of
from portfolio.domain.certification.rules.doubts import Doubt, DoubtCode

CODE = re.compile(rf"\bcode\s+rncp\s*:?\s*(?:n\s*[°ºo]\s*)?(?:rncp\s*)?({ENTRY_NUMBER})\b")
MENTIONED = re.compile(r"\brncp\s*(?:n\s*[°ºo]\s*)?(\d\d[ .]\d{3}(?!\d)|\d{2,6})\b")
OF_ENTRY = re.compile(
    rf"blocs?\s[^\n]{{0,40}}\n?[^\n]{{0,40}}de\s+la\s+fiche\s+n\s*[°ºo]\s*(?:rncp\s*)?({ENTRY_NUMBER})\b"
)
# Words that say that a code is the one of another entry.
OF_ANOTHER = re.compile(
    r"\b(?:remplac|succed|suivante|precedent|ancienne|nouvelle|anterieure|equivalen|correspond|lien|voir)"
)
REPLACED = re.compile(r"\bremplacee?s?[ \t]+(?:\w{1,15}[ \t]+){0,4}?par\b[^\n]{0,120}")
LEVEL = re.compile(r"\b(?:niveau\s+)?([1-8])\s*\(\s*nomenclature\s+europe")
LEVEL_1969 = re.compile(r"\b(?:niveau\s+)?(iv|v|iii|ii|i)\s*\(\s*nomenclature\s+de\s+1969")
NSF = re.compile(r"(?<![\w/])\d{3}[a-z]?(?![\w/])")
ROME = re.compile(r"(?<![\w=])[A-N]\d{4}(?!\w)")
MENTION = re.compile(r"autorites?\s+responsables?\s*:\s*([^\n]*(?:\n[^\n]+)*)")
# The words a signatory's quality begins with: where the second column began.
QUALITY = re.compile(
    r"(?<=\s)(?:le |la "
    r")?(?:direct(?:eur|rice)|president|recteur|rectrice|ministre|gerant|responsable|secretaire|doyen|"
    r"administrat(?:eur|rice)|delegue|chef|proviseur|vice-president|fondat(?:eur|rice)|representant|prefet|chancelier)"
)


@dataclass(frozen=True, slots=True)
class Authority:
    """Bodies that certify, and person who signs."""

    certifiers: tuple[str, ...] = ()
    signatory: str | None = None


def code_of(text: str) -> tuple[str, list[Doubt]]:
    """Find the entry's code in its head, else in the names of its blocks; empty when neither tells it."""
    folded = fold(text)
    replaced = REPLACED.search(folded)
    about = (
        [Doubt("code", DoubtCode.ENTRY_REPLACED, (squeeze(text[replaced.start() : replaced.end()]),))]
        if replaced
        else []
    )
    stated, of_blocks = _own(CODE, folded), _own(OF_ENTRY, folded)
    if stated:
        return stated, about
    mentioned = _own(MENTIONED, folded)
    if of_blocks:
        return of_blocks, about if mentioned == of_blocks else [
            *about,
            Doubt("code", DoubtCode.CODE_DEDUCED, (of_blocks,)),
        ]
    if not mentioned:
        return "", []
    return mentioned, [*about, Doubt("code", DoubtCode.CODE_ONLY_MENTIONED, (mentioned,))]


def _own(pattern: re.Pattern[str], folded: str) -> str:
    """Return the first code that no word before it, on its line, gives to another entry; empty when there is none."""
    for match in pattern.finditer(folded):
        start = match.start()
        line = folded[max(folded.rfind("\n", 0, start) + 1, start - 120) : start]
        if not OF_ANOTHER.search(line):
            return entry_code(match[1])
    return ""


def title_of(chunks: Sequence[Chunk]) -> tuple[str, list[Doubt]]:
    """Return the title of the head on one line, empty when there is none, and doubt a text left after a blank line.

    A title goes on over a blank line when it is unfinished, or when the next line begins in lower case.
    """
    first = next((chunk.text for chunk in chunks if chunk.section is Section.TITLE), "")
    title, *rest = re.split(r"\n[ \t]*\n\s*", first.strip())
    while rest and (rest[0][:1].islower() or UNFINISHED.search(fold(title).strip())):
        title = f"{title} {rest.pop(0)}"
    left = squeeze(" ".join(rest))
    return squeeze(title), [Doubt("title", DoubtCode.TITLE_CUT_AT_BLANK_LINE, (left,))] if left else []


def levels_of(chunks: Sequence[Chunk]) -> tuple[str | None, str | None]:
    """Give the European level and the level of 1969, None where unread."""
    folded = fold(text_of(chunks, Section.LEVEL))
    now, old = LEVEL.search(folded), LEVEL_1969.search(folded)
    return (now[1] if now else None), (old[1].upper() if old else None)


def nsf_of(chunks: Sequence[Chunk]) -> tuple[str, ...]:
    """Give the codes of the speciality of training ("326", "326t")."""
    return tuple(dict.fromkeys(NSF.findall(fold(text_of(chunks, Section.NSF)))))


def rome_of(chunks: Sequence[Chunk]) -> tuple[str, ...]:
    """Give the codes of the nearest job records ("E1103")."""
    return tuple(dict.fromkeys(ROME.findall(text_of(chunks, Section.ROME))))


def authority_of(chunks: Sequence[Chunk]) -> tuple[Authority, list[Doubt]]:
    """Tell certifiers from the signatory's quality, whose two columns the text has put on one line.

    Another mention ("Autorité responsable : …") in the acts settles where the first column ends; else the
    first word of a quality does. Both are worked out, hence a doubt each time.
    """
    cell, second = squeeze(text_of(chunks, Section.AUTHORITY)), squeeze(text_of(chunks, Section.SIGNATORY))
    if not cell:
        return Authority(signatory=second or None), [Doubt("certifiers", DoubtCode.SECTION_MISSING, ("certifiers",))]
    if second:
        return Authority(_names(cell), second), []
    cut = _end_of_certifiers(cell, text_of(chunks, Section.LEGAL))
    authority = Authority(_names(cell[:cut]), cell[cut:].strip(" ,;:-–") or None)
    return authority, [Doubt("certifiers", DoubtCode.CERTIFIERS_COLUMN_LOST, (cell,))]


def _end_of_certifiers(cell: str, legal: str) -> int:
    folded = fold(cell)
    for match in MENTION.finditer(fold(legal)):
        mention = squeeze(match[1]).rstrip(" .")
        for end in (len(mention), mention.find(". ")):
            if end > 0 and folded.startswith(mention[:end]):
                return end
    quality = QUALITY.search(folded)
    return quality.start() if quality else len(cell)


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip(" ,.") for name in re.split(r"\s+[-–—]\s+|\s*;\s*", text) if name.strip(" ,."))
