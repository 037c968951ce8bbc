"""The template that a certifier may begin with: every field of the livret 2 at its place, as a DOCX."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

_WRITTEN_AT = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph of the template, in one of the styles of Word: « Title », « Heading 1 », « Normal »."""

    text: str
    style: str = "Normal"


def example_docx(title: str, lines: Sequence[Line]) -> bytes:
    """Return a DOCX with these paragraphs."""
    from docx import Document  # one screen asks for it, and its library loads slowly
    from docx.shared import Mm

    document: Any = Document()
    page = document.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin = page.right_margin = Mm(25)
    for line in lines:
        document.add_paragraph(line.text, style=line.style)
    properties = document.core_properties
    properties.title, properties.author, properties.comments, properties.language = title, "", "", "fr-FR"
    properties.created = properties.modified = _WRITTEN_AT
    out = BytesIO()
    document.save(out)
    return out.getvalue()
