"""Texts of a candidate about a job and about the content of a piece of evidence.

The light formatting of a text that a person typed: paragraphs, lists, bold words.

A line that begins with a dash is an item of a list; words between two pairs of asterisks are bold. Nothing
else means anything, and what is kept and sealed is the text as it was typed: every page and every document
reads it with this function.

When a save begins a new version of a text, and when it goes on with the last one [design].

Themes of competencies, so that the coach can suggest usual kinds of evidence.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from html import escape

COMMENT_MAX_CHARS = 2000


@dataclass(frozen=True, slots=True)
class ExperienceText:
    """Description of a post by its candidate (domain §6: structure, context, post, perimeter, responsibilities)."""

    post: str
    structure: str
    began_on: date | None = None
    ended_on: date | None = None
    context: str = ""
    perimeter: str = ""
    responsibilities: str = ""


@dataclass(frozen=True, slots=True)
class ClaimText:
    """Text of a claim: where to look (in the one form of the rules of passages), and what it shows."""

    passage: str = ""
    comment: str = ""


_BULLET = re.compile(r"^\s*[-•*–—]\s+(?=\S)")
_BOLD = re.compile(r"\*\*(?=[^\s*])(.+?)(?<=[^\s*])\*\*")


@dataclass(frozen=True, slots=True)
class Span:
    """Words of a line, bold or not."""

    text: str
    bold: bool = False


Line = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class TextBlock:
    """A paragraph with its lines, or a list with its items."""

    kind: str
    lines: tuple[Line, ...] = field(default=())


def without_marks(text: str) -> str:
    """Return a text as it is read: its bold words without their asterisks."""
    return _BOLD.sub(r"\1", text)


def text_blocks(text: str) -> tuple[TextBlock, ...]:
    """Return the paragraphs and the lists of a text, as it was typed."""
    blocks: list[TextBlock] = []
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        blocks += _blocks_of(paragraph.split("\n"))
    return tuple(blocks)


def _blocks_of(lines: Sequence[str]) -> list[TextBlock]:
    blocks: list[TextBlock] = []
    for line in lines:
        item = _BULLET.match(line)
        kind, text = ("list", line[item.end() :]) if item else ("paragraph", line)
        if not text.strip():
            continue
        if blocks and blocks[-1].kind == kind:
            blocks[-1] = TextBlock(kind, (*blocks[-1].lines, spans_of(text)))
        else:
            blocks.append(TextBlock(kind, (spans_of(text),)))
    return blocks


def spans_of(line: str) -> Line:
    """Return the bold and the plain words of a line; asterisks that close nothing stay as they were typed."""
    return tuple(span for span in _spans(line) if span.text)


def _spans(line: str) -> Iterator[Span]:
    at = 0
    for found in _BOLD.finditer(line):
        yield Span(line[at : found.start()])
        yield Span(found.group(1), bold=True)
        at = found.end()
    yield Span(line[at:])


def formatted_html(text: str) -> str:
    """Return a text as HTML, everything that was typed escaped."""
    return "".join(_html(block) for block in text_blocks(text))


def _html(block: TextBlock) -> str:
    lines = ["".join(_html_of(span) for span in line) for line in block.lines]
    if block.kind == "list":
        return '<ul class="typed-list">' + "".join(f"<li>{line}</li>" for line in lines) + "</ul>"
    return '<p class="typed">' + "\n".join(lines) + "</p>"


def _html_of(span: Span) -> str:
    text = escape(span.text)
    return f"<strong>{text}</strong>" if span.bold else text


# Saves that follow each other within this time are one sitting: a text that saves itself makes one version of
# it.
SITTING = timedelta(minutes=30)
# As many versions of one text as its author can look through; older ones are forgotten.
MAX_VERSIONS = 60
# A save that takes so many words of a text away, or more than half of a short one, may be a mistake.
LARGE_LOSS_WORDS = 25
FEW_WORDS = 5


def is_large_loss(before: Mapping[str, str], after: Mapping[str, str]) -> bool:
    """Return whether a save takes many words of one of the texts away, whatever is written instead."""
    return any(_is_large(text, after.get(name, "")) for name, text in before.items())


def _is_large(before: str, after: str) -> bool:
    words = Counter(before.split())
    lost, total = (words - Counter(after.split())).total(), words.total()
    return lost >= LARGE_LOSS_WORDS or (total >= FEW_WORDS and lost > total // 2)


def begins_sitting(last_saved_at: datetime | None, at: datetime, *, is_ended: bool = False) -> bool:
    """Return whether a save begins a new version: the first one, after a rest, or after a version was restored."""
    return last_saved_at is None or is_ended or at - last_saved_at > SITTING


class Theme(StrEnum):
    """A family of competencies for which the same pieces often serve."""

    WATCH = "watch"
    PEOPLE = "people"
    DATA = "data"
    PARTNERS = "partners"
    CHANGE = "change"
    NETWORKS = "networks"
    CONTENT = "content"
    MARKETING = "marketing"
    STRATEGY = "strategy"
    OFFER = "offer"
    PROJECT = "project"
    TEACHING = "teaching"
    CARE = "care"
    SAFETY = "safety"
    SALES = "sales"
    ANY = "any"


# Stems found in the register's wordings, the most telling first: the first that is found wins.
_STEMS: tuple[tuple[Theme, str], ...] = (
    (Theme.WATCH, r"\bveille\b|documentaire|\brecherche\b"),
    (Theme.PEOPLE, r"ressources humaines|recrut|\béquipe|encadr|manag|effectif|collaborateurs"),
    (Theme.DATA, r"\bdonnées\b|indicateur|statisti|tableau de bord|mesure[rs]? d"),
    (Theme.PARTNERS, r"partenaire|prestataire|fournisseur|contract|sous-trait|négoci"),
    (Theme.CHANGE, r"transition|conduite du changement|accompagner le changement|transformation"),
    (Theme.NETWORKS, r"réseaux sociaux|implantation|communauté"),
    (Theme.CONTENT, r"\bcontenus?\b|rédig|éditorial"),
    (Theme.MARKETING, r"marketing|communication|publicit|promotion"),
    (Theme.STRATEGY, r"stratégie|positionnement|modèle économique|étude de marché"),
    (Theme.OFFER, r"offre|concevoir|conception|cahier des charges|créer"),
    (Theme.PROJECT, r"projet|planif|planning|coordonn|piloter|suivre|organiser"),
    (Theme.TEACHING, r"former|formation|pédagog|apprenant|animer"),
    (Theme.CARE, r"\bsoins?\b|patient|usager|bénéficiaire|accueil|accompagner"),
    (Theme.SAFETY, r"sécurité|prévention|risque|qualité|conformité|hygiène"),
    (Theme.SALES, r"vente|client|commercial|prospect"),
)
_THEMES = tuple((theme, re.compile(stems, re.IGNORECASE)) for theme, stems in _STEMS)


def theme_of(wording: str) -> Theme:
    """Answer what a competency is about, from the register's own words; ANY when no stem is found. [design]"""
    return next((theme for theme, stems in _THEMES if stems.search(wording)), Theme.ANY)
