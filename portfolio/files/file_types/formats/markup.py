"""Web pages and drawings in text: accepted when a person reads something in them, and never run here."""

import re

from portfolio.files.file_types.types import DetectedFile, FileRejected, FileType, RejectionReason

# Enough of a page to know whether it says anything: what comes after is read when its pages are made.
MAX_READ = 4_000_000
# A document of LibreOffice, or of Word and Excel of 2003, written as one XML: not a page, though tags of one
# are in it.
_FLAT_OFFICE = re.compile(
    r"<office:document\b|<uof:|<\?mso-application\b|urn:schemas-microsoft-com:office:spreadsheet\""
)
_BEGINNING = 4000
_PAGE = re.compile(
    r"<(?:!doctype\s+html|html|body|head|div|p|h[1-6]|table|ul|ol|article|section|title|center|font|span|br|pre)\b",
    re.IGNORECASE,
)
_UNSEEN = re.compile(
    r"<(script|style|head|noscript|template|iframe|object)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|<[^<>]*>?",
    re.IGNORECASE | re.DOTALL,
)
_ENTITY = re.compile(r"<!ENTITY|<!DOCTYPE[^>\[]*\[", re.IGNORECASE)
# What Illustrator writes before a drawing: short names of its namespaces, which stand for a text and nothing
# else.
_DECLARED = re.compile(
    r"<!DOCTYPE\s+svg\b[^>\[]*\[((?:\s|<!ENTITY\s+[A-Za-z_][\w.-]*\s+(?:\"[^\"&%<]{0,200}\"|'[^'&%<]{0,200}')\s*>){1,200})\]\s*>"
)
_SHORT_NAME = re.compile(r"<!ENTITY\s+([\w.-]+)\s+[\"']([^\"']*)[\"']\s*>")
_MOST_EXPANDED = 1_000_000
_RUNS = re.compile(
    r"<(?:\w+:)?(?:script|foreignObject|iframe|object|embed|handler|listener)\b|\son[a-z]+\s*=|javascript:|<\?xml-stylesheet",
    re.IGNORECASE,
)
# A drawing that shows a file of another place, or itself through another drawing.
_ELSEWHERE = re.compile(
    r"(?:xlink:)?href\s*=\s*[\"'](?!#|data:image/(?:png|jpe?g|gif|webp)|[\"'])[^\"']*", re.IGNORECASE
)
# The first element of an XML, after what declares it.
_ROOT = re.compile(r"\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*)*<([A-Za-z_][\w:.-]*)[\s/>]", re.DOTALL)
_DRAWN = re.compile(r"<(?:\w+:)?svg\b", re.IGNORECASE)
_LINK = re.compile(r"<(?:\w+:)?a\b[^>]*>", re.IGNORECASE)


def open_markup(text: str) -> DetectedFile:
    """Return the web page, the drawing, or the data in XML, which are read as a text.

    Raises FileRejected: ACTIVE_DRAWING (it would run or fetch), OTHER_OFFICE, WEB_PAGE (nothing to read).
    """
    text = with_names_written_out(text)
    if _ENTITY.search(text):
        raise FileRejected(RejectionReason.ACTIVE_DRAWING if _DRAWN.search(text) else RejectionReason.WEB_PAGE)
    if _FLAT_OFFICE.search(text[:_BEGINNING]):
        raise FileRejected(RejectionReason.OTHER_OFFICE, {"program": "XML"})
    if _DRAWN.search(text) and not re.search(r"<html\b|<body\b", text, re.IGNORECASE):
        if _RUNS.search(text) or _ELSEWHERE.search(_LINK.sub("", text)):
            raise FileRejected(RejectionReason.ACTIVE_DRAWING)
        return DetectedFile(FileType.SVG)
    if not _PAGE.search(text) and _is_data(text):
        return DetectedFile(FileType.TEXT)
    if not _PAGE.search(text) or not _UNSEEN.sub(" ", text).strip():
        raise FileRejected(RejectionReason.WEB_PAGE)
    return DetectedFile(FileType.HTML)


def with_names_written_out(text: str) -> str:
    """Return a drawing without the short names that its DOCTYPE declares, each replaced by its text.

    A drawing that declares anything else, or whose names would make it longer by more than a megabyte, stays
    as it is, and is refused.
    """
    declared = _DECLARED.search(text)
    if declared is None:
        return text
    names = dict(_SHORT_NAME.findall(declared[1]))
    drawing = text[: declared.start()] + text[declared.end() :]
    added = sum(drawing.count(f"&{name};") * len(value) for name, value in names.items())
    if added > _MOST_EXPANDED:
        return text
    for name, value in names.items():
        drawing = drawing.replace(f"&{name};", value)
    return drawing


def _is_data(text: str) -> bool:
    """Return whether a text is one element from its beginning to its end, which a browser would not run."""
    root = _ROOT.match(text)
    if root is None or _RUNS.search(text) or "<!DOCTYPE" in text[:_BEGINNING]:
        return False
    return len(text) >= MAX_READ or text.rstrip().endswith(f"</{root[1]}>")
