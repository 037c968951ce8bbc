"""Places of preparation and certification, how many obtain the certification there, and which entry came before."""

import re
from collections.abc import Iterator, Sequence

from portfolio.domain.certification.readers.cncp_text.cleaning import fold, squeeze
from portfolio.domain.certification.readers.cncp_text.listing import ENTRY_NUMBER, entry_code, unmarked
from portfolio.domain.certification.readers.cncp_text.sections import Chunk, Section, text_of
from portfolio.domain.certification.rules.doubts import Doubt, DoubtCode
from portfolio.domain.certification.rules.entry import Holders, Site, SiteKind

LINK = re.compile(r"\s*(?:https?://|www\.)\S+\s*")
PER_SITE = re.compile(
    r"(?P<site>.*[^\W\d_].*?)[\s:\-–—]+(?P<count>\d{1,6})\s+"
    r"(?:titres?|diplomes?|certifies?|personnes?|candidats?|laureats?|titulaires?|titularises?)\b"
)
LONGEST_LINE = 300
KINDS = {Section.CERTIFICATION_SITES: SiteKind.CERTIFICATION, Section.PREPARATION_SITES: SiteKind.PREPARATION}
PREVIOUS_LINK = re.compile(r"https?://\S*[?&]fiche=(\d{1,6})")
PREVIOUS = re.compile(r"^[ \t]*certifications?\s+precedentes?[ \t]*:?[ \t]*([^\n]*)", re.MULTILINE)
NEXT = re.compile(r"^[ \t]*certifications?\s+suivantes?", re.MULTILINE)
NAMED_CODE = re.compile(
    rf"\brncp\s*(?:n\s*[°ºo]\s*)?({ENTRY_NUMBER})\b|\bfiche\s+(?:n\s*[°ºo]\s*)?({ENTRY_NUMBER})\b"
    r"|^(\d\d?[ .]\d{3}(?!\d)|\d{2,6})\b"
)


def sites_of(chunks: Sequence[Chunk]) -> tuple[Site, ...]:
    """Give every place on a line of its own, with the body that declared it where a heading names it."""
    return tuple(
        Site(KINDS[chunk.section], line, declared_by)
        for chunk in chunks
        if chunk.section in KINDS
        for declared_by, lines in [_declarer_and_lines(chunk)]
        for line in lines
    )


def _declarer_and_lines(chunk: Chunk) -> tuple[str | None, list[str]]:
    """Return the body that certifies and the lines after it: what stands on the heading's own line after
    "l'organisme certificateur" names that body.
    """
    own, _, rest = chunk.text.partition("\n")
    if chunk.section is Section.PREPARATION_SITES and own.strip():
        return squeeze(own), _whole_lines(rest)
    return None, _whole_lines(chunk.text)


def _whole_lines(text: str) -> list[str]:
    lines: list[list[str]] = []
    for line in map(squeeze, map(unmarked, text.split("\n"))):
        if not line or LINK.fullmatch(line):
            continue
        if lines and line[0].islower():
            lines[-1].append(line)
        else:
            lines.append([line])
    return [" ".join(parts) for parts in lines]


def holders_of(chunks: Sequence[Chunk]) -> tuple[Holders, ...]:
    """Give the yearly number of holders of each site that the statistics name."""
    return tuple(_holders(text_of(chunks, Section.STATISTICS)))


def _holders(text: str) -> Iterator[Holders]:
    for line in map(squeeze, map(unmarked, text.split("\n"))):
        match = PER_SITE.match(fold(line)) if len(line) <= LONGEST_LINE else None
        if match:
            yield Holders(line[: match.end("site")].strip(), int(match["count"]))


def predecessor_of(raw: str, own_code: str) -> tuple[str | None, list[Doubt]]:
    """Find the code of the entry before this one, from its link, wherever the PDF put it below the heading.

    `raw` is the text with its links. A predecessor named without any code is doubted.
    """
    folded = fold(raw)
    heading = PREVIOUS.search(folded)
    if not heading:
        return None, []
    named = NAMED_CODE.search(heading[1])
    if named:
        return entry_code(next(filter(None, named.groups()))), []
    # A "certification suivante" named first would own the first link.
    following = NEXT.search(folded)
    links = [f"RNCP{int(code)}" for code in PREVIOUS_LINK.findall(folded[heading.end() :])]
    links = [code for code in dict.fromkeys(links) if code != own_code]
    index = 1 if following and following.start() < heading.start() and len(links) > 1 else 0
    if len(links) > index:
        return links[index], []
    title = squeeze(raw[heading.start(1) : heading.end(1)])
    return None, [Doubt("predecessor", DoubtCode.PREDECESSOR_WITHOUT_CODE, (title,))] if title else []
