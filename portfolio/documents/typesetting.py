"""One template and its values become the bytes of one PDF, always the same for the same values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import typst

from portfolio.documents.fonts import font_files

TEMPLATES = Path(__file__).parents[2] / "templates" / "documents"
# Every field of the longest minutes, full, is some 700,000 characters, which take about two seconds.
LIMIT = 1_000_000
# A manifest is attached as it is, not typeset: it costs its own size and no more.
ATTACHMENT_LIMIT = 64_000_000
_STANDARDS: list[Any] = ["a-3b", "ua-1"]


class DocumentTooLarge(ValueError):  # noqa: N818 - an answer about the values, not a fault of the program
    """The values hold more text than a document may."""


def typeset(template: str, values: Mapping[str, Any], *, at: datetime, attachment: str | None = None) -> bytes:
    """Return the PDF/A-3b and PDF/UA-1 document of a template of templates/documents/, given plain values.

    The values travel as one JSON string and are never read as Typst code. `at`, aware, is the only date the file holds.
    Each call has its own compiler: threads share nothing but the fonts. Raises DocumentTooLarge.
    """
    data = json.dumps(values, ensure_ascii=False, sort_keys=True)
    if len(data) > LIMIT or len(attachment or "") > ATTACHMENT_LIMIT:
        raise DocumentTooLarge(f"{len(data)} characters, {len(attachment or '')} attached")
    inputs = {"data": data} if attachment is None else {"data": data, "attachment": attachment}
    compiler = typst.Compiler(
        TEMPLATES / f"{template}.typ",
        root=TEMPLATES,
        font_paths=font_files().fonts,
        ignore_system_fonts=True,
        sys_inputs=inputs,
    )
    pdf = compiler.compile(format="pdf", pdf_standards=_STANDARDS, timestamp=int(at.timestamp()))
    return cast(bytes, pdf)
