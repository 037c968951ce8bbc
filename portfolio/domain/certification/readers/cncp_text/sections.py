"""The fixed headings of the form, and the text that stands under each.

Texts that keep the columns of a page side by side, as `pdftotext -layout` writes them: their lines cannot
be read in order.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto

from portfolio.domain.certification.readers.cncp_text.cleaning import fold, spans


class Section(Enum):
    """A heading of the form."""

    TITLE = auto()
    AUTHORITY = auto()
    SIGNATORY = auto()
    LEVEL = auto()
    CONVENTION = auto()
    NSF = auto()
    FORMACODE = auto()
    SUMMARY = auto()
    SECTORS = auto()
    ROME = auto()
    ACCESS = auto()
    COMPOSITION = auto()
    BLOCKS = auto()
    VALIDITY = auto()
    CONDITIONS = auto()
    TERRITORIES = auto()
    LINKS = auto()
    LEGAL = auto()
    MORE = auto()
    STATISTICS = auto()
    SOURCES = auto()
    CERTIFICATION_SITES = auto()
    PREPARATION_SITES = auto()
    HISTORY = auto()
    PREVIOUS = auto()
    NEXT = auto()


# On folded text. A space is any white space, so that a heading may run over two lines.
_HEADINGS: dict[Section, str] = {
    Section.TITLE: r"intitule(?=[ \t]*(?::|\n|\Z))",
    Section.AUTHORITY: (
        r"autorites? responsables? de la certification(?: qualite du\S* signataire\S* de la certification)?"
    ),
    Section.SIGNATORY: r"qualite du\S* signataire\S* de la certification",
    Section.LEVEL: r"niveau et/ou domaine d'activite",
    Section.CONVENTION: r"convention\(s\)",
    Section.NSF: r"code(?:s|\(s\))? nsf",
    Section.FORMACODE: r"formacode(?:s|\(s\))?(?=[ \t]*:)",
    Section.SUMMARY: r"resume du referentiel d'emplois?(?: ou elements? de competences? acquis(?:es)?)?",
    Section.SECTORS: r"secteurs? d'activites? ou types? d'emplois?[^\n]*",
    Section.ROME: r"codes? des fiches rome(?: les plus proches)?",
    Section.ACCESS: r"modalites d'acces a cette certification",
    Section.COMPOSITION: r"descriptif des composantes de la certification",
    Section.BLOCKS: r"blocs? de competences?[ \t]*:[ \t]*(?=\n|\Z)",
    Section.VALIDITY: r"validite des composantes acquises",
    Section.CONDITIONS: (r"conditions d'inscription a la certification(?: oui\s*non)?(?: composition des jurys)?"),
    Section.TERRITORIES: r"oui non(?= accessible en )|(?=accessible en (?:nouvelle|polynesie|wallis|saint))",
    Section.LINKS: r"liens avec d'autres certifications",
    Section.LEGAL: (
        r"base legale(?=[ \t]*(?::|\n|\Z))|references? du decret[^\n:]*(?=:)|references? arrete "
        r"creation[^\n:]*(?=:)"
        r"|references? autres?(?=[ \t]*:)"
    ),
    Section.MORE: r"pour plus d'informations?(?=[ \t]*(?::|\n|\Z))",
    Section.STATISTICS: r"statistiques?(?=[ \t]*(?::|\n|\Z))",
    Section.SOURCES: r"autres? sources? d'informations?",
    Section.CERTIFICATION_SITES: r"lieu(?:x|\(x\))? de certification(?=[ \t]*(?::|\n|\Z))",
    Section.PREPARATION_SITES: (
        r"lieu(?:x|\(x\))? de preparation a la certification(?: declare(?:s|\(s\))? par l'organisme "
        r"certificateur)?"
    ),
    Section.HISTORY: r"historique de la certification",
    Section.PREVIOUS: r"certifications? precedentes?",
    Section.NEXT: r"certifications? suivantes?",
}


@dataclass(frozen=True, slots=True)
class Chunk:
    """One heading as it occurred, and the text under it; positions are those of the whole text."""

    section: Section
    start: int
    text: str


def _compiled(section: Section, pattern: str) -> re.Pattern[str]:
    group = f"(?P<{section.name}>{pattern})".replace(" ", r"\s+").replace(r"[\s+\t]", r"[ \t]")
    return re.compile(rf"^[ \t]*{group}[ \t]*:?", re.MULTILINE)


_PATTERNS = {section: _compiled(section, pattern) for section, pattern in _HEADINGS.items()}


def chunks_of(text: str) -> list[Chunk]:
    """Cut a text at the headings of the form, in order; what stands before the first heading is left out."""
    folded = fold(text)
    found = [(match.start(), match.end(), section) for section, p in _PATTERNS.items() for match in p.finditer(folded)]
    found.sort(key=lambda place: (place[0], -place[1]))
    heads = [place for index, place in enumerate(found) if not index or place[0] >= found[index - 1][1]]
    reach = spans([start for start, _, _ in heads], len(text))
    return [
        Chunk(section, start, text[end:until]) for (_, end, section), (start, until) in zip(heads, reach, strict=True)
    ]


def text_of(chunks: Iterable[Chunk], *sections: Section) -> str:
    """Give the text under some headings, one after the other; empty when none is there."""
    return "\n\n".join(chunk.text.strip("\n") for chunk in chunks if chunk.section in sections)


def has(chunks: Iterable[Chunk], section: Section) -> bool:
    """Return whether a heading is there."""
    return any(chunk.section is section for chunk in chunks)


GAP = re.compile(r"\S(?: {3,}|[ ]*\t[ \t]*)\S")
INDENTED = re.compile(r"(?: {16,}|\t{3,})\S")
FEWEST_LINES, SMALLEST_SHARE = 10, 0.2  # An entry extracted without columns has a few such lines.


def is_layout(text: str) -> bool:
    """Return whether a text has so many gaps inside its lines, or so deep indents, that it is laid out in columns."""
    lines = [line.replace("\u00a0", " ") for line in text.splitlines() if line.strip()]
    spread = sum(1 for line in lines if GAP.search(line.strip()) or INDENTED.match(line))
    return spread >= FEWEST_LINES and spread >= SMALLEST_SHARE * len(lines)


def has_columns(text: str) -> bool:
    """Return whether two lines of a short text, at least, have a gap that separates two columns."""
    return sum(1 for line in text.splitlines() if GAP.search(line.replace("\u00a0", " ").strip())) >= 2
