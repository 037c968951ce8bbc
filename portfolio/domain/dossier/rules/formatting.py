"""The light formatting of a text that a person typed: paragraphs, lists, bold words.

A line that begins with a dash is an item of a list; words between two pairs of asterisks are bold. Nothing
else means anything, and what is kept and sealed is the text as it was typed: every page and every document
reads it with this function.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape

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
