"""The head of an entry: code, title, who certifies, level, and the codes that classify it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from portfolio.domain.certification.readers.cncp_text.cleaning import fold, spans, squeeze
from portfolio.domain.certification.readers.cncp_text.jury_conditions import DELIVERABLES
from portfolio.domain.certification.readers.cncp_text.listing import ENTRY_NUMBER, UNFINISHED, entry_code
from portfolio.domain.certification.readers.cncp_text.sections import Chunk, Section, text_of
from portfolio.domain.certification.rules.doubts import Doubt, DoubtCode
from portfolio.domain.certification.rules.entry import Act, ActKind, EntryDetails, Labelled, Passage

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
ROME = re.compile(r"(?<![\w=])[A-Z]\d{4}(?!\w)")
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


ROME_LINE = re.compile(r"^[ \t]*([A-Z]\d{4})[ \t]*[:–—-]?[ \t]*(\S[^\n]*)", re.MULTILINE)
NSF_LINE = re.compile(r"^[ \t]*(\d{3}[a-z]?)[ \t]*[:–—-]?[ \t]+(\S[^\n]*)", re.MULTILINE)
FORMACODE_LINE = re.compile(r"\b(\d{5})\b[ \t]*[:–—-]?[ \t]*([^\n\d]*)")
ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>\"]+(?:[ \t]\.[a-z]{2,6}\b)?", re.IGNORECASE)
ACT = re.compile(r"^[ \t]*(?:arrete|decret|decision|loi|ordonnance)\b", re.MULTILINE)
ACT_HEADS = re.compile(r"^[ \t]*reference[^\n:]*:[ \t]*", re.MULTILINE)
PASSAGES = (
    ("CAPACITES_ATTESTEES", Section.SUMMARY),
    ("SECTEURS_ACTIVITE", Section.SECTORS),
    ("STATISTIQUES", Section.STATISTICS),
    ("AUTRES_SOURCES", Section.SOURCES),
    ("LIENS_CERTIFICATIONS", Section.LINKS),
)
# The paragraphs of the composition, by the words that open them; the first one, which nothing opens, is the
# introduction.
PARAGRAPHS = (
    ("CAS_PRATIQUE", re.compile(r"cas pratique\b")),
    ("OBTENTION_PARTIELLE", re.compile(r"en cas d'obtention partielle\b")),
    ("VAE", re.compile(r"(?:la |par la )?v\.?a\.?e\b")),
    ("ACCES_PAR_BLOCS", re.compile(r"acces par blocs?\b")),
)
OPENING = re.compile(r"^[ \t]*[A-ZÀ-Ý][^:.;\n]{1,60}[ \t]*:", re.MULTILINE)
# The heading of the column beside, which stands in the one before in the text of a PDF.
COLUMN_HEADINGS = re.compile(r"^[ \t]*accords europeens ou internationaux[ \t]*$", re.MULTILINE)
TERRITORIES = {"new_caledonia": r"nouvelle[ -]caledonie", "french_polynesia": r"polynesie"}
LONGEST = 64_000


def details_of(chunks: Sequence[Chunk], raw: str) -> EntryDetails | None:
    """Return the details of an entry; None when the form says nothing of them.

    A territory whose column is lost is unknown.
    """
    details = EntryDetails(
        web_address=_address(chunks, raw),
        new_caledonia=_territory(chunks, "new_caledonia"),
        french_polynesia=_territory(chunks, "french_polynesia"),
        nsf=_labels(NSF_LINE, text_of(chunks, Section.NSF)),
        rome=_labels(ROME_LINE, text_of(chunks, Section.ROME)),
        formacodes=_labels(FORMACODE_LINE, text_of(chunks, Section.FORMACODE)),
        acts=tuple(_acts(chunks)),
        passages=tuple(_passages(chunks)),
    )
    return details if details != EntryDetails() else None


def _passages(chunks: Sequence[Chunk]) -> Iterator[Passage]:
    for name, section in PASSAGES:
        text = _without_headings(text_of(chunks, section))
        lines = [" ".join(line.split()) for line in text.split("\n")]
        text = "\n".join(filter(None, lines))  # blank lines come from the page, not from its author
        if re.search(r"\w{2}", text):
            yield Passage(name, text[:LONGEST])
    yield from _paragraphs(text_of(chunks, Section.COMPOSITION))


def _without_headings(text: str) -> str:
    lines = text.split("\n")
    return "\n".join(line for line in lines if not COLUMN_HEADINGS.match(fold(line)))


def _paragraphs(text: str) -> Iterator[Passage]:
    """Yield the introduction of the components, then each paragraph that its opening words name."""
    starts = [match.start() for match in OPENING.finditer(text)]
    counted = DELIVERABLES.search(fold(text))
    ends = [place for place in (counted.end() if counted else None, *starts[:1]) if place is not None]
    introduction = squeeze(text[: max(min(ends), 0)] if ends else "").removesuffix(":").strip()
    if len(introduction.split()) > 3:
        yield Passage("COMPOSANTES", introduction[:LONGEST])
    for start, end in spans(starts, len(text)):
        opening = fold(text[start:end]).strip()
        name = next((name for name, words in PARAGRAPHS if words.match(opening)), None)
        if name:
            yield Passage(name, squeeze(text[start:end])[:LONGEST])


def _labels(pattern: re.Pattern[str], text: str) -> tuple[Labelled, ...]:
    found = {match[1]: squeeze(match[2]) for match in pattern.finditer(text)}
    return tuple(Labelled(code, label[:300]) for code, label in found.items())


def _address(chunks: Sequence[Chunk], raw: str) -> str | None:
    """Return the first address of the other sources of information; links of page layout stand elsewhere."""
    start = fold(raw).find("autres sources d'information")
    text = raw[start : start + 2000] if start >= 0 else text_of(chunks, Section.SOURCES)
    match = ADDRESS.search(text)
    return "".join(match[0].split()) if match else None


def _territory(chunks: Sequence[Chunk], name: str) -> bool | None:
    """Return yes or no where the word stands beside the territory; a cross alone has lost its column."""
    text = fold(text_of(chunks, Section.TERRITORIES))
    match = re.search(rf"{TERRITORIES[name]}\S*[ \t]*:?[ \t]*(oui|non)\b", text)
    return None if match is None else match[1] == "oui"


def _acts(chunks: Sequence[Chunk]) -> Iterator[Act]:
    """Yield each act as the form writes it, with its level and its duration."""
    text = text_of(chunks, Section.LEGAL)
    folded = fold(text)
    starts = [match.start() for match in ACT.finditer(folded)]
    for start, end in spans(starts, len(text)):
        head = ACT_HEADS.search(folded, start, end)
        title = squeeze(text[start : head.start() if head else end])
        if title:
            yield Act(ActKind.OTHER, title[:1000])
