"""A page of HTML, as blocks: its words, lists, tables and pictures; nothing of it runs and nothing is fetched.

An EPUB: the chapters in the order of its spine, with their pictures.
"""

import io
import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import unquote, urlsplit
from zipfile import ZipFile

from lxml import etree, html

from portfolio.files.conversion.document import (
    BOLD,
    CODE,
    ITALIC,
    STRIKE,
    SUBSCRIPT,
    SUPERSCRIPT,
    Document,
    Run,
    Runs,
    cached,
)
from portfolio.files.conversion.readers.spreadsheet import add_table
from portfolio.files.conversion.readers.text import decode

# Returns the name of a picture in the document, given the address that the page names; empty when it has
# none.
ImageFinder = Callable[[str], str]

_STYLES = {
    "b": BOLD, "strong": BOLD, "th": BOLD, "dt": BOLD, "i": ITALIC, "em": ITALIC, "cite": ITALIC,
    "var": ITALIC, "s": STRIKE, "del": STRIKE, "strike": STRIKE, "code": CODE, "tt": CODE, "kbd": CODE,
    "samp": CODE, "sub": SUBSCRIPT,
    "sup": SUPERSCRIPT,
}  # fmt: skip
_NEVER = {
    "script",
    "style",
    "head",
    "template",
    "noscript",
    "iframe",
    "object",
    "embed",
    "svg",
    "math",
    "select",
    "canvas",
    "audio",
    "video",
}
_BLOCKS = {
    "p", "div", "section", "article", "header", "footer", "main", "nav", "aside", "figure", "figcaption",
    "address", "dl", "dt", "dd", "form", "fieldset", "center", "body", "html", "details", "summary", "hgroup",
    "legend",
}  # fmt: skip
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_SPACES = re.compile(r"[ \t\r\n\f]+")
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_DEEPEST = 200
_MAX_SPAN = 50


@dataclass
class HtmlReader:
    """Walks the elements of one page into a document."""

    document: Document
    find_image: ImageFinder = field(default=lambda _address: "")
    _runs: list[Run] = field(default_factory=list)
    _quoted: int = 0

    def read(self, content: bytes | str, encoding: str | None = None) -> None:
        """Add the blocks of a page."""
        text = content if isinstance(content, str) else None
        parser = html.HTMLParser(
            encoding="utf-8" if text is not None else encoding, no_network=True, remove_comments=True, remove_pis=True
        )
        source = text.encode("utf-8", "ignore") if text is not None else content
        root = etree.fromstring(source or b"<p></p>", parser)
        if root is not None:
            self._walk(root, "", 0)
        self._flush()

    def _walk(self, element: etree._Element, style: str, depth: int) -> None:
        tag = element.tag if isinstance(element.tag, str) else ""
        tag = tag.rpartition("}")[2].lower()
        if tag in _NEVER or not tag or depth > _DEEPEST or _is_hidden(element):
            return
        special = _SPECIAL.get(tag)
        if special:
            special(self, element, style, depth)
        elif tag in _HEADINGS:
            self._flush()
            self._inline(element, style, depth)
            self._flush(_HEADINGS[tag])
        elif tag in _BLOCKS:
            self._flush()
            self._inline(element, style + _STYLES.get(tag, ""), depth)
            self._flush()
        else:
            self._inline(element, style + _STYLES.get(tag, ""), depth)

    def _inline(self, element: etree._Element, style: str, depth: int) -> None:
        self._say(element.text, style)
        for child in element:
            self._walk(child, style, depth + 1)
            self._say(child.tail, style)

    def _say(self, text: str | None, style: str) -> None:
        if text:
            self._runs.append(Run(_SPACES.sub(" ", text), style))

    def _flush(self, level: int = 0) -> None:
        runs, self._runs = _trimmed(self._runs), []
        if runs and level:
            self.document.heading(level, runs)
        elif runs:
            self.document.paragraph(runs, quote=self._quoted > 0)

    def _break(self, _element: etree._Element, style: str, _depth: int) -> None:
        self._runs.append(Run("\n", style))

    def _rule(self, _element: etree._Element, _style: str, _depth: int) -> None:
        self._flush()
        self.document.rule()

    def _image(self, element: etree._Element, style: str, _depth: int) -> None:
        name = self.find_image(element.get("src") or element.get("{http://www.w3.org/1999/xlink}href") or "")
        if name:
            self._flush()
            self.document.image(name)
        elif element.get("alt"):
            self._say(f"[{element.get('alt')}]", style + ITALIC)

    def _pre(self, element: etree._Element, _style: str, _depth: int) -> None:
        self._flush()
        self.document.code("".join(_texts(element)))

    def _list(self, element: etree._Element, style: str, depth: int) -> None:
        self._flush()
        items = [
            child for child in element if isinstance(child.tag, str) and child.tag.rpartition("}")[2].lower() == "li"
        ]
        level = sum(
            1
            for iterancestor in element.iterancestors()
            if isinstance(iterancestor.tag, str) and iterancestor.tag.rpartition("}")[2].lower() in ("ul", "ol")
        )
        for number, item in enumerate(items, 1):
            before = len(self.document.blocks)
            self._inline(item, style, depth + 1)
            marker = f"{number}." if element.tag.rpartition("}")[2].lower() == "ol" else "•"
            runs, self._runs = _trimmed(self._runs), []
            if runs:
                self.document.item(runs, depth=level, marker=marker)
            _indent(self.document.blocks, before, level, marker)

    def _quote(self, element: etree._Element, style: str, depth: int) -> None:
        self._flush()
        self._quoted += 1
        self._inline(element, style, depth)
        self._flush()
        self._quoted -= 1

    def _table(self, element: etree._Element, style: str, depth: int) -> None:
        self._flush()
        rows = [
            descendant
            for descendant in element.iter()
            if _name(descendant) == "tr" and _nearest_table(descendant) is element
        ]
        nested = any(_name(iterdescendant) == "table" for iterdescendant in element.iterdescendants())
        cells = [[cell for cell in row if _name(cell) in ("td", "th")] for row in rows]
        if nested or max((len(row) for row in cells), default=0) < 2:  # used to place things on the page
            for row in cells:
                for cell in row:
                    self._inline(cell, style, depth + 1)
                    self._flush()
            return
        header = bool(cells) and all(_name(cell) == "th" for cell in cells[0])
        add_table(self.document, [self._row(row) for row in cells], header=header)

    def _row(self, cells: list[etree._Element]) -> list[Runs]:
        row: list[Runs] = []
        for cell in cells:
            row.append(_trimmed([Run(_SPACES.sub(" ", text)) for text in _texts(cell)]))
            row += [[]] * (_span(cell) - 1)
        return row


_SPECIAL: dict[str, Callable[[HtmlReader, etree._Element, str, int], None]] = {
    "br": HtmlReader._break,
    "hr": HtmlReader._rule,
    "img": HtmlReader._image,
    "image": HtmlReader._image,
    "pre": HtmlReader._pre,
    "textarea": HtmlReader._pre,
    "ul": HtmlReader._list,
    "ol": HtmlReader._list,
    "blockquote": HtmlReader._quote,
    "table": HtmlReader._table,
}


def _name(element: etree._Element) -> str:
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def _nearest_table(element: etree._Element) -> etree._Element | None:
    return next((iterancestor for iterancestor in element.iterancestors() if _name(iterancestor) == "table"), None)


def _span(cell: etree._Element) -> int:
    span = cell.get("colspan") or "1"
    return max(1, min(int(span), _MAX_SPAN)) if span.isdigit() and len(span) < 6 else 1


def _texts(element: etree._Element) -> Iterator[str]:
    """Yield the words below an element, a line end for each break and each paragraph but the last."""
    if element.text:
        yield element.text
    for child in element:
        if _name(child) == "br":
            yield "\n"
        elif _name(child) and _name(child) not in _NEVER:
            yield from _texts(child)
            if _name(child) in _BLOCKS:
                yield " "
        if child.tail:
            yield child.tail


def _is_hidden(element: etree._Element) -> bool:
    return element.get("hidden") is not None or bool(_HIDDEN.search(element.get("style") or ""))


def _trimmed(runs: list[Run]) -> list[Run]:
    """Return the runs without space at both ends, nor twice at a border."""
    kept: list[Run] = []
    for run in runs:
        text = run.text
        if text.startswith(" ") and (not kept or kept[-1].text.endswith((" ", "\n"))):
            text = text[1:]
        if text:
            kept.append(Run(text, run.style))
    while kept and not kept[-1].text.strip():
        kept.pop()
    return kept


def _indent(blocks: list[dict[str, object]], start: int, level: int, marker: str) -> None:
    """Make the first paragraph of an item its text, and move the others below it."""
    first = True
    for block in blocks[start:]:
        if block["type"] != "paragraph":
            continue
        if first and blocks[start] is block:
            block.update(type="item", depth=level, marker=marker)
        else:
            block["indent"] = level + 1
        first = False


_MAX_CHAPTERS = 400
_MAX_CHAPTER = 8_000_000
_MAX_PICTURE = 30_000_000


def read_epub(content: bytes) -> Document:
    """Return an electronic book as a document."""
    document = Document()
    with ZipFile(io.BytesIO(content)) as archive:
        names = set(archive.namelist())
        chapters = _spine(archive, names)
        document.is_cut = len(chapters) > _MAX_CHAPTERS
        for number, chapter in enumerate(chapters[:_MAX_CHAPTERS]):
            if number:
                document.page_break()
            find = cached(document, partial(_picture, archive, names, chapter))
            with archive.open(chapter) as part:
                page = part.read(_MAX_CHAPTER + 1)
            document.is_cut |= len(page) > _MAX_CHAPTER
            HtmlReader(document, find).read(decode(page[:_MAX_CHAPTER]))
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
