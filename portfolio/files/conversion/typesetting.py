"""Blocks become the pages of a PDF.

Runs in the sandbox: Typst reads the files of one folder and nothing else.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import typst

from portfolio.documents.fonts import font_files
from portfolio.files.conversion.document import Document

_TEMPLATE = Path(__file__).parent / "page.typ"


def typeset(document: Document, folder: Path, output: Path) -> None:
    """Write the PDF of a document; `folder` receives its template, its text and its pictures."""
    folder.mkdir(exist_ok=True)
    for name, content in document.images:
        (folder / name).write_bytes(content)
    values = {
        "title": "",
        "landscape": document.landscape,
        "language": document.language,
        "blocks": document.blocks,
    }
    (folder / "data.json").write_text(json.dumps(values, ensure_ascii=False), "utf-8")
    shutil.copyfile(_TEMPLATE, folder / "main.typ")
    fonts = font_files()
    output.write_bytes(
        typst.compile(
            folder / "main.typ", root=folder, font_paths=fonts, ignore_system_fonts=True, format="pdf"
        )
    )
