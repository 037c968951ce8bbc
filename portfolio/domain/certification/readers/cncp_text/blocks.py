"""The competency blocks: number, title, competencies, assessments, and what is said of their certificate."""

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from portfolio.domain.certification.readers.cncp_text.cleaning import fold, spans, squeeze
from portfolio.domain.certification.readers.cncp_text.listing import (
    BULLET,
    BULLET_SIGNS,
    EMPTY_BULLET,
    NUMBERED,
    UNFINISHED,
    entry_code,
    listing_of,
    odd_numbers,
    unmarked,
    wording,
)
from portfolio.domain.certification.readers.cncp_text.sections import Chunk, Section
from portfolio.domain.certification.rules.doubts import Doubt, DoubtCode
from portfolio.domain.certification.rules.entry import EntryBlock, EntryCompetency

HEAD = re.compile(
    r"^[ \t]*blocs?\s+de\s+competences?\s+n\s*[°ºo]\s*(?P<number>\d{1,3})\s+de\s+la\s+fiche\s+n\s*[°ºo]\s*"
    r"(?:rncp\s*)?(?P<entry>\d{1,3}[ .]\d{3}(?=\s*[-:])|\d{1,6})\s*[-:]?\s*",
    re.MULTILINE,
)
LOOSE_HEAD = re.compile(
    r"^[ \t]*blocs?(?:\s+de\s+competences?)?[ \t]*(?:n\s*[°ºo]\s*)?(?P<number>\d{1,2})[ "
    r"\t]*(?P<entry>)[-:.][ \t]*",
    re.MULTILINE,
)
COMPETENCIES = r"(?:les\s+)?(?:competences?|capacites?|savoir[- ]faire)(?:[^\n:.•]{0,60}?)\s*:"
ASSESSMENT = r"(?:modalites?\s+(?:d'|de\s+l')?(?:evaluations?|controles?)[^\n:]{0,40}|evaluations?\s*):"
CERTIFICATION = (
    r"(?:modalites?\s+de\s+(?:certifications?|validations?)[^\n:]{0,40}|(?:certifications?|validations?)\s*):"
)
PREREQUISITE = r"(?:le\s+cas\s+echeant,?\s+)?pre-?requis\b[^\n:]{0,40}?(?:\s*:|(?=\s))"
CONDITION = re.compile(
    r"\bpre-?requis\b[^.\n]{0,120}"
    r"|\b(?:avoir\s+(?:valide|obtenu)|apres\s+(?:la\s+)?validation|sous\s+reserve|a\s+condition)\b[^.]{0,60}?\bblocs?\s*(?:n\s*[°ºo]\s*)?\d[^.\n]{0,40}"
)
LABEL = re.compile(
    r"^[ \t]*(?:[•*-][ "
    rf"\t]*)?(?:(?P<competencies>{COMPETENCIES})|(?P<assessment>{ASSESSMENT})|(?P<certification>{CERTIFICATION})"
    rf"|(?P<prerequisite>{PREREQUISITE}))",
    re.MULTILINE,
)
_CERTIFICATE, _GIVEN = (
    r"\bcertificats?\s+(?:des?|de\s+la)\s+competences?\b",
    r"\b(?:delivr|obt(?:en|ien)|remis|remet|recoi)",
)
CERTIFICATE = re.compile(rf"{_CERTIFICATE}.{{0,200}}?{_GIVEN}|{_GIVEN}.{{0,60}}?{_CERTIFICATE}", re.DOTALL)
NUMBERED_CASE = re.compile(
    r"\b(?P<kind>cas pratique|etude de cas|epreuve|mise en situation(?: "
    r"professionnelle)?|projet|dossier|exercice|evaluation)"
    r"\s+n\s*[°ºo]\s*(?P<number>\d{1,2})\b"
)


@dataclass(frozen=True, slots=True)
class RawBlock:
    """A block as it stands in the text, before its parts are told apart."""

    number: int
    entry: str
    body: str


def raw_blocks(text: str, chunks: Sequence[Chunk]) -> list[RawBlock]:
    """Find where each block begins and ends: at the next block, or at the next heading of the form."""
    folded = fold(text)
    heads = list(HEAD.finditer(folded)) or list(LOOSE_HEAD.finditer(folded))
    stops = sorted(
        [*(head.start() for head in heads), *(c.start for c in chunks if c.section is not Section.BLOCKS), len(text)]
    )
    blocks = []
    for head in heads:
        end = stops[bisect_left(stops, head.end())]
        blocks.append(RawBlock(int(head["number"]), head["entry"], text[head.end() : end]))
    return blocks


def block_of(raw: RawBlock) -> tuple[EntryBlock, list[Doubt]]:
    """Read one block; its competencies may be empty, which the caller refuses."""
    where = f"blocks.{raw.number}"
    title, rest = _title_and_rest(raw.body)
    parts = _parts(rest)
    listing = listing_of(parts["competencies"])
    assessments, split = _assessments(parts["assessment"])
    stated = bool(CERTIFICATE.search(fold(raw.body)))
    # The first bare line may only announce the list ("Le candidat est capable de :").
    items = listing.items[1:] if listing.items[1:] and listing.items[0].endswith(":") else listing.items
    doubts = _left_over(where, parts, raw.body)
    competencies = tuple(EntryCompetency(n, text) for n, text in enumerate(filter(None, map(wording, items)), 1))
    odd, empty = odd_numbers(parts["competencies"]), len(EMPTY_BULLET.findall(parts["competencies"].strip()))
    checks = (
        (bool(odd), Doubt(where, DoubtCode.CUT_TO_CHECK, (odd, str(len(competencies))))),
        (empty > 0, Doubt(where, DoubtCode.COMPETENCY_WITHOUT_TEXT, (str(empty),))),
        (not title, Doubt(where, DoubtCode.BLOCK_TITLE_MISSING)),
        (not listing.bulleted and len(competencies) > 0, Doubt(where, DoubtCode.COMPETENCIES_WITHOUT_BULLETS)),
        (not assessments, Doubt(f"{where}.assessments", DoubtCode.ASSESSMENT_MISSING)),
        (split, Doubt(f"{where}.assessments", DoubtCode.ASSESSMENTS_SPLIT, (str(len(assessments)),))),
        (not stated, Doubt(f"{where}.certificate_stated", DoubtCode.CERTIFICATE_NOT_STATED)),
    )
    doubts += [doubt for found, doubt in checks if found]
    doubts += [Doubt(where, DoubtCode.TEXT_SET_ASIDE, (text,)) for text in listing.aside if not text.endswith(":")]
    return EntryBlock(raw.number, title, competencies, assessments, stated), doubts


def _left_over(where: str, parts: Mapping[str, str], body: str) -> list[Doubt]:
    """Doubt what a block writes outside its competencies and assessments: a prerequisite, or text under no label."""
    required, aside = squeeze(parts["prerequisite"]), [parts["before"]]
    if not required:
        condition = CONDITION.search(fold(body))
        required = squeeze(body[condition.start() : condition.end()]) if condition else ""
    if not CERTIFICATE.search(fold(parts["certification"])):
        aside.append(parts["certification"])
    doubts = [Doubt(where, DoubtCode.BLOCK_PREREQUISITE, (required,))] if required else []
    return doubts + [
        Doubt(where, DoubtCode.TEXT_SET_ASIDE, (text,)) for text in map(squeeze, aside) if re.search(r"\w", text)
    ]


def _title_and_rest(body: str) -> tuple[str, str]:
    """Part the title of a block from the rest: the title ends at a label, at the first bullet, or at a blank line
    unless it goes on in lower case before a label.
    """
    title: list[str] = []
    lines = body.split("\n")
    labelled = LABEL.search(fold(body)) is not None
    while lines and not _opens_content(lines[0], first=not title):
        unfinished = title and UNFINISHED.search(fold(title[-1]).strip())
        if not lines[0].strip() and not unfinished and not (labelled and _goes_on(lines)):
            break
        title.append(lines.pop(0))
    return wording(" ".join(title)), "\n".join(lines)


def _goes_on(lines: Sequence[str]) -> bool:
    following = next((line.strip() for line in lines if line.strip()), "")
    return following[:1].islower()


def _opens_content(line: str, *, first: bool) -> bool:
    label = LABEL.match(fold(line))
    labelled = label and (label["prerequisite"] or line.strip()[0].isupper())
    return bool(labelled or (not first and (BULLET.match(line) or NUMBERED.match(line))))


def _parts(text: str) -> dict[str, str]:
    """Cut the body at its labels; text before any label is the competencies of a block that does not label them."""
    folded = fold(text)
    labels = [label for label in LABEL.finditer(folded) if _is_label(label, text)]
    parts = {"before": "", "competencies": "", "assessment": "", "certification": "", "prerequisite": ""}
    first = labels[0].start() if labels else len(text)
    current = "before" if any(label["competencies"] for label in labels) else "competencies"
    parts[current] = text[:first]
    for label, (_, end) in zip(labels, spans([label.start() for label in labels], len(text)), strict=True):
        if label["prerequisite"]:
            required, _, rest = _line_of(text[label.start() : end])
            parts["prerequisite"] += "\n" + required
            parts[current] += "\n" + rest
            continue
        current = label.lastgroup or "competencies"
        parts[current] += "\n" + text[label.end() : end]
    return parts


def _line_of(text: str) -> tuple[str, str, str]:
    """Cut a prerequisite from what goes on after it: it ends at a blank line, or before the next bullet."""
    end = re.search(rf"\n(?=[ \t]*(?:\n|[{BULLET_SIGNS}*–—-]))", text)
    return (text[: end.start()], "\n", text[end.end() :]) if end else (text, "", "")


def _is_label(label: re.Match[str], text: str) -> bool:
    """Tell a label from the middle of a sentence, which begins in lower case; a prerequisite is never lost."""
    return bool(label["prerequisite"]) or text[label.start() : label.end()].lstrip()[0].isupper()


def _assessments(text: str) -> tuple[tuple[str, ...], bool]:
    """Give each assessment by itself, and say whether one text had to be cut at its numbered cases."""
    listing = listing_of(text)
    if listing.bulleted and len(listing.items) > 1 and not listing.aside:
        return tuple(listing.items), True
    whole = squeeze(" ".join(map(unmarked, text.split("\n"))))
    cases = _first_of_each_case(fold(whole))
    if len(cases) < 2:
        return ((whole,) if whole else ()), False
    pieces = [whole[start:end].strip() for start, end in spans([0, *cases[1:]], len(whole))]
    return tuple(piece for piece in pieces if piece), True


def _first_of_each_case(folded: str) -> list[int]:
    """A case is announced once; a later "le cas pratique n°1" only refers to it."""
    places: dict[tuple[str, str], int] = {}
    for match in NUMBERED_CASE.finditer(folded):
        places.setdefault((match["kind"], match["number"]), match.start())
    return sorted(places.values())


def numbering_doubts(blocks: Sequence[EntryBlock], raws: Sequence[RawBlock], code: str) -> list[Doubt]:
    """Return what is odd in the numbers of the blocks, or in the entry they say they belong to."""
    numbers = [block.number for block in blocks]
    doubts = []
    if numbers != list(range(1, len(numbers) + 1)):
        doubts.append(Doubt("blocks", DoubtCode.BLOCK_NUMBERING, (", ".join(map(str, numbers)),)))
    for raw in raws:
        if raw.entry and entry_code(raw.entry) != code:
            doubts.append(Doubt(f"blocks.{raw.number}", DoubtCode.BLOCK_OF_OTHER_ENTRY, (entry_code(raw.entry),)))
    return doubts
