"""The sandboxed process that takes the files out of a PDF that carries some: `input` gives inner-0,
inner-1… Technical files are left out.
"""

import json
from pathlib import Path
from typing import Any

import pypdfium2

from portfolio.files.conversion.contents import MAX_INNER_BYTES, MAX_OPENED, MAX_TOTAL_BYTES, InnerFault, is_technical


def main() -> None:
    """Take the files out, as far as the bounds allow."""
    document = pypdfium2.PdfDocument(Path("input").read_bytes())
    files: list[dict[str, Any]] = []
    left = MAX_TOTAL_BYTES
    for place in range(min(document.count_attachments(), MAX_OPENED)):
        name, content = _taken(document, place)
        if is_technical(name):
            continue
        number = len(files)
        fault = (
            ""
            if content and len(content) <= min(left, MAX_INNER_BYTES)
            else InnerFault.TOO_LARGE
            if content
            else InnerFault.NOT_SHOWN
        )
        if not fault:
            left -= len(content)
            Path(f"inner-{number}").write_bytes(content)
        files.append({"name": name, "size": len(content), "fault": fault})
    Path("answer.json").write_text(json.dumps({"files": files, "is_cut": False}), "utf-8")


def _taken(document: pypdfium2.PdfDocument, number: int) -> tuple[str, bytes]:
    try:
        attachment = document.get_attachment(number)
        return attachment.get_name() or f"fichier-{number + 1}", bytes(attachment.get_data())
    except pypdfium2.PdfiumError:
        return f"fichier-{number + 1}", b""
