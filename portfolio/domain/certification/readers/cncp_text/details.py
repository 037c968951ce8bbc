"""Further parts of the old text form: the general summary, the sectors and jobs, labels, territories, addresses,
statistics.
"""

import re
from collections.abc import Iterator, Sequence

from portfolio.domain.certification.readers.cncp_text.cleaning import fold, spans, squeeze
from portfolio.domain.certification.readers.cncp_text.jury_conditions import DELIVERABLES
from portfolio.domain.certification.readers.cncp_text.sections import Chunk, Section, text_of
from portfolio.domain.certification.rules.entry import Act, ActKind, EntryDetails, Labelled, Passage

ROME_LINE = re.compile(r"^[ \t]*([A-N]\d{4})[ \t]*[:–—-]?[ \t]*(\S[^\n]*)", re.MULTILINE)
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
