"""The words of a LibreOffice document or presentation, for machines without LibreOffice: headings, lists,
tables, slides.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from zipfile import ZipFile

from lxml import etree

from portfolio.files.conversion.document import Document, Run
from portfolio.files.conversion.readers.spreadsheet import add_table

_TEXT, _TABLE, _DRAW, _PRESENTATION = (
    f"{{urn:oasis:names:tc:opendocument:xmlns:{namespace}:1.0}}"
    for namespace in ("text", "table", "drawing", "presentation")
)
_MAX_XML = 200_000_000
_DEEPEST = 60


def read_opendocument(content: bytes) -> Document:
    """Return a document or a presentation as blocks, each slide on its own page."""
    with ZipFile(io.BytesIO(content)) as archive:
        if archive.getinfo("content.xml").file_size > _MAX_XML:
            raise MemoryError("content.xml")
        return _document(archive.read("content.xml"))


def read_flat_opendocument(content: bytes) -> Document:
    """Return a document kept as one XML as blocks."""
    if len(content) > _MAX_XML:
        raise MemoryError("flat document")
    return _document(content)


def _document(content: bytes) -> Document:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True, huge_tree=True)
    root = etree.fromstring(content, parser)
    document = Document(landscape=root.find(".//{*}presentation") is not None)
    body = root.find("{*}body")
    _walk(document, root if body is None else body, 0)
    return document


def _walk(document: Document, element: etree._Element, depth: int) -> None:
    if depth > _DEEPEST:
        return
    for child in element.iterchildren(tag=etree.Element):
        if child.tag == f"{_DRAW}page":
            document.page_break()
        if child.tag == f"{_TEXT}h":
            level = child.get(f"{_TEXT}outline-level", "1")
            document.heading(int(level) if level.isdigit() else 1, _words(child))
        elif child.tag == f"{_TEXT}p":
            _paragraph(document, child)
            _walk(document, child, depth + 1)
        elif child.tag == f"{_TABLE}table":
            rows = [
                [[Run(_words(cell))] for cell in row.iter(f"{_TABLE}table-cell")]
                for row in child.iter(f"{_TABLE}table-row")
            ]
            add_table(document, rows, header=False)
        elif child.tag not in (f"{_TEXT}tracked-changes", f"{_PRESENTATION}notes"):
            _walk(document, child, depth + 1)


def _paragraph(document: Document, element: etree._Element) -> None:
    lists = sum(1 for iterancestor in element.iterancestors(f"{_TEXT}list"))
    if lists:
        document.item(_words(element), depth=lists - 1)
    else:
        document.paragraph(_words(element))


def _words(element: etree._Element) -> str:
    return "".join(_pieces(element)).strip()


def _pieces(element: etree._Element) -> Iterator[str]:
    yield element.text or ""
    for child in element.iterchildren(tag=etree.Element):
        name = child.tag.rpartition("}")[2]
        if name == "s":
            count = child.get(f"{_TEXT}c", "1")
            yield " " * min(int(count) if count.isdigit() else 1, 200)
        elif name in ("tab", "line-break"):
            yield "\t" if name == "tab" else "\n"
        elif name not in ("frame", "note", "annotation", "custom-shape"):
            yield from _pieces(child)
        yield child.tail or ""
