"""The words of a LibreOffice document, paragraph after paragraph, for machines without LibreOffice."""

import io
from zipfile import ZipFile

from lxml import etree

from portfolio.files.conversion.document import Document

_MAX_XML = 200_000_000
_NOT_READ = ("tracked-changes", "notes", "annotation", "note")
_SIGNS = {"s": " ", "tab": "\t", "line-break": "\n"}


def read_opendocument(content: bytes) -> Document:
    """Return the words of a document, a container or one XML, each slide on its own page."""
    if content.startswith(b"PK"):
        with ZipFile(io.BytesIO(content)) as archive, archive.open("content.xml") as part:
            content = part.read(_MAX_XML + 1)
    if len(content) > _MAX_XML:
        raise MemoryError("content.xml")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True, huge_tree=True)
    root = etree.fromstring(content, parser)
    for unread in [found for name in _NOT_READ for found in root.iter(f"{{*}}{name}")]:
        unread.clear(keep_tail=True)
    document = Document(landscape=root.find(".//{*}presentation") is not None)
    for element in root.iterfind("{*}body//{*}*"):
        name = etree.QName(element).localname
        if name == "page":
            document.page_break()
        elif name == "h":
            document.heading(1, _words(element))
        elif name == "p":
            document.paragraph(_words(element))
    return document


def _words(element: etree._Element) -> str:
    parts = [element.text or ""]
    for child in element.iterchildren(tag=etree.Element):
        name = etree.QName(child).localname
        parts += [_SIGNS.get(name) or ("" if name in ("frame", "custom-shape") else _words(child)), child.tail or ""]
    return "".join(parts).strip() if etree.QName(element).localname in ("p", "h") else "".join(parts)
