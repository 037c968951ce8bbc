"""The sandboxed process that reads a file and typesets it: `input` becomes `output.pdf`, and the files inside
it inner-0…

Blocks become the pages of a PDF.

Runs in the sandbox: Typst reads the files of one folder and nothing else.
"""

import json
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import typst

from portfolio.files.conversion.contents import MAX_LISTED, MAX_OPENED, MAX_TOTAL_BYTES, InnerFault, InnerFile
from portfolio.files.conversion.document import Document, Run, add_drawing, cached
from portfolio.files.conversion.fonts import font_files
from portfolio.files.conversion.readers.archive import read_archive
from portfolio.files.conversion.readers.html import HtmlReader, read_epub
from portfolio.files.conversion.readers.mail import read_message, read_outlook, read_saved_page
from portfolio.files.conversion.readers.opendocument import read_opendocument
from portfolio.files.conversion.readers.spreadsheet import (
    MAX_COLUMNS,
    MAX_ROWS,
    add_table,
    add_values,
    read_csv,
    read_workbook,
)
from portfolio.files.conversion.readers.text import MAX_TEXT_BYTES, add_text, decode
from portfolio.files.conversion.text import ARCHIVE_COLUMNS, ARCHIVE_MORE, ARCHIVE_TITLE, shown_size
from portfolio.files.file_types.formats.image import unzipped
from portfolio.files.file_types.types import OPENDOCUMENTS, WORKBOOKS, FileType

_TEMPLATE = Path(__file__).parent / "page.typ"


def typeset(document: Document, folder: Path, output: Path) -> None:
    """Write the PDF of a document; `folder` receives its template, its text and its pictures."""
    folder.mkdir(exist_ok=True)
    for name, content in document.images:
        (folder / name).write_bytes(content)
    values = {"title": "", "landscape": document.landscape, "language": document.language, "blocks": document.blocks}
    (folder / "data.json").write_text(json.dumps(values, ensure_ascii=False), "utf-8")
    shutil.copyfile(_TEMPLATE, folder / "main.typ")
    fonts = font_files()
    output.write_bytes(
        typst.compile(folder / "main.typ", root=folder, font_paths=fonts, ignore_system_fonts=True, format="pdf")
    )


Read = tuple[Document, list[InnerFile]]


def main() -> None:
    """Read the file as the kind given, typeset it, write what is inside it."""
    kind, folder = FileType(sys.argv[3]), Path.cwd()
    content = (folder / "input").read_bytes()
    document, files = READERS[kind](content)
    for number, file in enumerate(files):
        if file.content:
            (folder / f"inner-{number}").write_bytes(file.content)
    typeset(document, folder / "typeset", folder / "output.pdf")
    listed = [{"name": file.name, "size": _size(file), "fault": file.fault or ""} for file in files]
    answer = {
        "is_cut": document.is_cut,
        "rows": document.rows,
        "sheets": document.sheets,
        "characters": document.characters,
        "files": listed,
    }
    (folder / "answer.json").write_text(json.dumps(answer), "utf-8")


def _size(file: InnerFile) -> int:
    return len(file.content) if file.size is None else file.size


def _text(content: bytes) -> Read:
    document = Document(is_cut=len(content) > MAX_TEXT_BYTES)
    add_text(document, decode(content[:MAX_TEXT_BYTES]))
    return document, []


def _csv(content: bytes) -> Read:
    rows, count = read_csv(decode(content[:MAX_TEXT_BYTES]))
    document = Document(landscape=max((len(row) for row in rows), default=0) > 4)
    is_read_whole = len(content) <= MAX_TEXT_BYTES
    document.is_cut = not is_read_whole or count > MAX_ROWS or any(len(row) >= MAX_COLUMNS for row in rows)
    if is_read_whole and count > MAX_ROWS:
        document.rows = (MAX_ROWS, count)
    add_values(document, rows, sideways=document.landscape)
    return document, []


def _html(content: bytes) -> Read:
    document = Document(is_cut=len(content) > 4 * MAX_TEXT_BYTES)
    content = content[: 4 * MAX_TEXT_BYTES]
    declared = b"charset" in content[:4000].lower() or b"encoding=" in content[:200].lower()
    HtmlReader(document, cached(document, lambda _address: b"")).read(content if declared else decode(content))
    return document, []


def _svg(content: bytes) -> Read:
    document = Document()
    document.image(add_drawing(document, content), full_page=True)
    return document, []


def _zip(content: bytes) -> Read:
    files = read_archive(content)
    document = Document()
    document.heading(2, ARCHIVE_TITLE)
    rows = [
        [[Run(column)] for column in ARCHIVE_COLUMNS],
        *([[Run(file.name)], [Run(shown_size(_size(file)))]] for file in files),
    ]
    add_table(document, rows, header=True)
    if len(files) == MAX_LISTED:
        document.paragraph(ARCHIVE_MORE.format(count=MAX_LISTED))
    return document, files


def _bounded(read: Read) -> Read:
    """Return what a message holds, without the files beyond the bounds."""
    document, files = read
    left = MAX_TOTAL_BYTES
    for number, file in enumerate(files[:MAX_LISTED]):
        left -= len(file.content)
        if left < 0 or number >= MAX_OPENED:
            file.size, file.content, file.fault = len(file.content), b"", InnerFault.TOO_MANY
    return document, files[:MAX_LISTED]


READERS: Mapping[FileType, Callable[[bytes], Read]] = {
    FileType.TEXT: _text,
    FileType.CSV: _csv,
    FileType.HTML: _html,
    FileType.SVG: _svg,
    FileType.SVGZ: lambda content: _svg(unzipped(content)),
    FileType.MHTML: lambda content: (read_saved_page(content), []),
    FileType.EPUB: lambda content: (read_epub(content), []),
    FileType.EML: lambda content: _bounded(read_message(content)),
    FileType.MSG: lambda content: _bounded(read_outlook(content)),
    FileType.ZIP: _zip,
    **dict.fromkeys(WORKBOOKS, lambda content: (read_workbook(content), [])),
    **dict.fromkeys(OPENDOCUMENTS, lambda content: (read_opendocument(content), [])),
}
