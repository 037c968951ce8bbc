"""Check and fill the DOCX template of a certifier in the sandbox: what is in the file is never read here."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from portfolio.files import antivirus
from portfolio.files.conversion.codes import NotConverted
from portfolio.files.conversion.processes import run_main, work_folder
from portfolio.files.file_types.detect import sniff
from portfolio.files.file_types.types import FileRejected, FileType, RejectionReason
from portfolio.files.sandbox.process import is_left
from portfolio.files.sandbox.program_sandbox import ProgramLimits

# Of a template, in bytes: text, styles and a logo.
MAX_FILE_BYTES = 5_000_000
_MAIN = "portfolio.documents.word.filling"
_LIMITS = ProgramLimits(cpu_seconds=60, memory=2 * 1024**3, file_bytes=100_000_000)


class TemplateFault(StrEnum):
    """Reasons why a file is no template."""

    TOO_HEAVY = "too_heavy"
    NOT_A_DOCX = "not_a_docx"
    UNREADABLE = "unreadable"
    NO_FIELD = "no_field"
    UNKNOWN_FIELD = "unknown_field"
    BROKEN_TAG = "broken_tag"
    FORBIDDEN = "forbidden"
    TOO_LONG = "too_long"


@dataclass
class TemplateRejected(Exception):  # noqa: N818 - the word of the domain
    """A file is not taken as a template: why, the tag that is wrong, and the field whose name is near."""

    code: TemplateFault
    tag: str = ""
    near: str = ""


class NotFilled(Exception):  # noqa: N818 - said to a person
    """A template that was checked could not be filled."""


def check_template(content: BinaryIO, size: int, samples: Sequence[Mapping[str, Any]]) -> None:
    """Fill a file of this size in bytes with samples, the first one with every field; raise TemplateRejected,
    FileRejected.
    """
    if size > MAX_FILE_BYTES:
        raise TemplateRejected(TemplateFault.TOO_HEAVY)
    if sniff(content, size).kind is not FileType.DOCX:
        raise TemplateRejected(TemplateFault.NOT_A_DOCX)
    antivirus.scan(content)
    with work_folder(content, "template.docx") as folder:
        (folder / "samples.json").write_text(json.dumps(samples, ensure_ascii=False), "utf-8")
        try:
            answer = run_main(_MAIN, folder, "check", limits=_LIMITS)
        except TimeoutError as error:
            raise FileRejected(RejectionReason.NOT_CHECKED) from error
        except NotConverted as error:
            raise TemplateRejected(TemplateFault.TOO_LONG) from error
        _refuse(answer)


def _refuse(answer: Any) -> None:
    try:
        fault = str(answer["fault"])
        if fault:
            raise TemplateRejected(
                TemplateFault(fault), str(answer.get("tag", ""))[:120], str(answer.get("near", ""))[:60]
            )
    except (
        LookupError,
        TypeError,
        ValueError,
        AttributeError,
    ) as error:  # a process that a file took over may say anything
        raise TemplateRejected(TemplateFault.UNREADABLE) from error


@contextmanager
def filled_template(template: BinaryIO, values: Mapping[str, Any]) -> Iterator[Path]:
    """Lend the DOCX that a template becomes with these values; deleted afterwards.

    Raise NotFilled, StoreFull.
    """
    with work_folder(template, "template.docx") as folder:
        (folder / "values.json").write_text(json.dumps(values, ensure_ascii=False), "utf-8")
        try:
            answer = run_main(_MAIN, folder, "fill", limits=_LIMITS)
        except NotConverted as error:
            raise NotFilled(str(error)) from error
        output = folder / "output.docx"
        if answer.get("fault") or not is_left(output):
            raise NotFilled(str(answer.get("fault"))[:40])
        yield output


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
