"""The sandboxed process that counts the pages and the characters of `output.pdf`, and reads its first words."""

import json
import sys
from pathlib import Path

import pypdfium2

from portfolio.files.conversion.codes import MAX_PAGES


def main() -> None:
    """Count, and write the answer; the second argument is the name of the PDF."""
    document = pypdfium2.PdfDocument(Path(sys.argv[3]).read_bytes())
    characters = 0
    for number in range(min(len(document), MAX_PAGES)):
        page = document[number]
        characters += page.get_textpage().count_chars()
        page.close()
    Path("answer.json").write_text(json.dumps({"pages": len(document), "characters": characters}), "utf-8")
