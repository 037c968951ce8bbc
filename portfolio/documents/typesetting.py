"""One template and its values become the bytes of one PDF/A-3b, always the same for the same values."""

import ctypes
import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, cast

import typst

from portfolio.documents.values import look_inputs
from portfolio.domain.certifying_body.rules import PLAIN_LOOK, Look
from portfolio.files.conversion.fonts import font_files

TEMPLATES = Path(__file__).parents[2] / "templates" / "documents"
# Every field of the longest minutes, full, is some 700,000 characters, which take about two seconds.
LIMIT = 1_000_000
# A manifest is attached as it is, not typeset: it costs its own size and no more.
ATTACHMENT_LIMIT = 64_000_000
_STANDARDS: list[Any] = ["a-3b", "ua-1"]
# Typst drops what eleven compilations in a row have not used.
_DROPPED_AFTER = 11


class DocumentTooLarge(ValueError):  # noqa: N818 - an answer about the values, not a fault of the program
    """The values hold more text than a document may."""


def typeset(
    template: str, values: Mapping[str, Any], *, at: datetime, attachment: str | None = None, look: Look = PLAIN_LOOK
) -> bytes:
    """Return the PDF/A-3b and PDF/UA-1 document of a template of templates/documents/, given plain values, in a look.

    The values travel as one JSON string and are never read as Typst code. `at`, aware, is the only date the file holds.
    Each call has its own compiler: threads share nothing but the fonts. Raises DocumentTooLarge.
    """
    data = _checked(values, attachment or "")
    inputs = {"data": data, **look_inputs(look)}
    if attachment is not None:
        inputs["attachment"] = attachment
    try:
        pdf = _compiler(template, inputs).compile(format="pdf", pdf_standards=_STANDARDS, timestamp=int(at.timestamp()))
    finally:
        _drop_compiled()
    return cast(bytes, pdf)


def typeset_picture(
    template: str, values: Mapping[str, Any], *, look: Look, points_per_inch: float, kind: Literal["png", "svg"] = "png"
) -> bytes:
    """Return the first page of a document as a PNG or an SVG; raise DocumentTooLarge."""
    inputs = {"data": _checked(values, ""), **look_inputs(look)}
    try:
        pages = _compiler(template, inputs).compile(format=kind, ppi=points_per_inch)
    finally:
        _drop_compiled()
    return cast(bytes, pages[0] if isinstance(pages, list) else pages)


def _checked(values: Mapping[str, Any], attachment: str) -> str:
    data = json.dumps(values, ensure_ascii=False, sort_keys=True)
    if len(data) > LIMIT or len(attachment) > ATTACHMENT_LIMIT:
        raise DocumentTooLarge(f"{len(data)} characters, {len(attachment)} attached")
    return data


def _compiler(template: str, inputs: dict[str, str]) -> typst.Compiler:
    return typst.Compiler(
        TEMPLATES / f"{template}.typ",
        root=TEMPLATES,
        font_paths=font_files(),
        ignore_system_fonts=True,
        sys_inputs=inputs,
    )


def _drop_compiled() -> None:
    """Give back what Typst keeps of the last documents, in case they are compiled again: tens of megabytes in
    a process that serves, where no document is the same as the last.

    It has no call for it: empty documents are compiled, which takes a fraction of a millisecond each.
    """
    nothing = typst.Compiler(TEMPLATES / "empty.typ", root=TEMPLATES, ignore_system_fonts=True)
    for _ in range(_DROPPED_AFTER):
        nothing.compile(format="pdf")
    with suppress(AttributeError, OSError):  # glibc alone has it
        ctypes.CDLL(None).malloc_trim(0)
