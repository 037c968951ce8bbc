"""Documents as HTML by pandoc, from its wheel: for Markdown, and for documents on machines without LibreOffice."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import pypandoc

from portfolio.files.conversion.codes import NotConverted
from portfolio.files.conversion.processes import bounded_seconds, failure_of
from portfolio.files.file_types.types import FileType
from portfolio.files.sandbox.process import is_left
from portfolio.files.sandbox.program_sandbox import ProgramLimits, run_program

# Raw Typst and raw HTML of a Markdown file are text like any other.
MARKDOWN = "commonmark+pipe_tables+strikeout+task_lists+autolink_bare_uris+footnotes"
FORMATS: Mapping[FileType, str] = {FileType.DOCX: "docx+styles", FileType.RTF: "rtf", FileType.PPTX: "pptx"}
_LIMITS = ProgramLimits(cpu_seconds=60, memory=4 * 1024**3, file_bytes=200_000_000)
_OF_SMALL = 10


@cache
def program_path() -> Path:
    """Return the path of pandoc in its wheel."""
    return Path(pypandoc.get_pandoc_path())


def to_html(source_format: str, folder: Path) -> None:
    """Replace `input` of this folder by HTML that holds its pictures; raises NotConverted."""
    program = program_path()
    command = [
        str(program),
        "--sandbox",
        "--from",
        source_format,
        "--to",
        "html",
        "--embed-resources",
        "--standalone",
        "--track-changes=all",
        "--metadata",
        "title= ",
        "--output",
        "output.html",
        "input",
    ]
    read = [str(program.parent), os.path.realpath(program)]
    limits = replace(_LIMITS, cpu_seconds=bounded_seconds(folder, _LIMITS.cpu_seconds, _OF_SMALL))
    status = run_program(command, folder, limits, read=read)
    output = folder / "output.html"
    if status != 0 or not is_left(output):
        raise NotConverted(failure_of(status))
    output.replace(folder / "input")
