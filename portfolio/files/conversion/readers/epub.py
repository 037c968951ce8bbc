"""An EPUB: the chapters in the order of its spine, with their pictures."""

from __future__ import annotations

import io
import posixpath
from functools import partial
from urllib.parse import unquote, urlsplit
from zipfile import ZipFile

from lxml import etree

from portfolio.files.conversion.document import Document
from portfolio.files.conversion.pictures import cached
from portfolio.files.conversion.readers.html import HtmlReader
from portfolio.files.conversion.readers.text import decode

_MAX_CHAPTERS = 400
_MAX_CHAPTER = 8_000_000
_MAX_PICTURE = 30_000_000


def read_epub(content: bytes) -> Document:
    """Return an electronic book as a document."""
    document = Document()
    with ZipFile(io.BytesIO(content)) as archive:
        names = set(archive.namelist())
        for number, chapter in enumerate(_spine(archive, names)[:_MAX_CHAPTERS]):
            if number:
                document.page_break()
            find = cached(document, partial(_picture, archive, names, chapter))
            page = _read(archive, chapter, _MAX_CHAPTER)
            HtmlReader(document, find).read(decode(page))
    return document


def _spine(archive: ZipFile, names: set[str]) -> list[str]:
    container = _xml(_read(archive, "META-INF/container.xml", _MAX_CHAPTER))
    package = next((rootfile.get("full-path", "") for rootfile in container.iter("{*}rootfile")), "")
    root = _xml(_read(archive, package, _MAX_CHAPTER))
    folder = posixpath.dirname(package)
    items = {item.get("id"): item.get("href", "") for item in root.iter("{*}item")}
    chapters = [items.get(itemref.get("idref"), "") for itemref in root.iter("{*}itemref")]
    paths = [
        posixpath.normpath(posixpath.join(folder, unquote(chapter.partition("#")[0])))
        for chapter in chapters
        if chapter
    ]
    return [path for path in paths if path in names]


def _picture(archive: ZipFile, names: set[str], chapter: str, address: str) -> bytes:
    if urlsplit(address).scheme:
        return b""
    path = posixpath.normpath(posixpath.join(posixpath.dirname(chapter), unquote(address.partition("#")[0])))
    return _read(archive, path, _MAX_PICTURE) if path in names else b""


def _read(archive: ZipFile, name: str, most: int) -> bytes:
    with archive.open(name) as part:
        content = part.read(most + 1)
    return content if len(content) <= most else b""


def _xml(content: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
    root = etree.fromstring(content, parser)
    return root if root is not None else etree.Element("empty")
