"""Word, Excel and PowerPoint documents of 2007 and later, told by what their container declares."""

import re
from collections.abc import Iterator, Mapping
from xml.etree import ElementTree
from zipfile import ZipFile

from portfolio.files.file_types.types import DetectedFile, FileRejected, FileType, RejectionReason

CONTENTS = "[Content_Types].xml"
_MAX_PART = 8_000_000
# A workbook kept in binary has no other type, whether it holds macros or not: they are parts of their own.
_BINARY_WORKBOOK = "application/vnd.ms-excel.sheet.binary.macroEnabled.main"
_MAIN: Mapping[str, FileType] = {
    _BINARY_WORKBOOK: FileType.XLSB,
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml": FileType.DOCX,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml": FileType.XLSX,
    "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml": FileType.PPTX,
    "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml": FileType.DOCX,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.template.main+xml": FileType.XLSX,
    "application/vnd.openxmlformats-officedocument.presentationml.template.main+xml": FileType.PPTX,
    "application/vnd.openxmlformats-officedocument.presentationml.slideshow.main+xml": FileType.PPTX,
}
_OTHERS = {"ms-visio": "Visio", "package.xps-": "XPS", "openxps": "XPS"}
# <!DOCTYPE name PUBLIC "…" "….dtd">, without a subset of its own between brackets.
NAMED_TYPE = re.compile(rb"<!DOCTYPE\s+[\w:.-]+(?:\s+(?:PUBLIC|SYSTEM|\"[^\"<>\[\]]*\"|'[^'<>\[\]]*'))*\s*>")
# A program by Office's own account: macros, and the macro sheets of Excel 4.
_MACROS = ("macroenabled", "vbaproject", "macrosheet")
# Relations that Office follows by itself when the document is opened; a link waits to be clicked, a picture
# only shows.
_FOLLOWED = ("/attachedtemplate", "/oleobject", "/frame", "/subdocument")
# A path on the author's own disk leads nowhere; honest documents are full of them.
_OWN_DISK = re.compile(r"file:///(?![/\\\\])|(?!file:|[a-z][a-z0-9+.-]+:|//|\\\\)")


def kind_of(archive: ZipFile) -> DetectedFile | None:
    """Return the kind of Office document, or None; raises FileRejected: MACROS, REMOTE_CONTENT,
    OTHER_OFFICE, DAMAGED.
    """
    if CONTENTS not in archive.namelist():
        return None
    declared = dict(_declared(archive))
    _refuse_macros(declared)
    kinds = [(name, _MAIN[mime]) for name, mime in declared.items() if mime in _MAIN]
    if not kinds:
        raise FileRejected(RejectionReason.OTHER_OFFICE, _program_of(declared))
    name, kind = kinds[0]
    if name.lstrip("/") not in archive.namelist():
        raise FileRejected(RejectionReason.DAMAGED, {"kind": kind})
    if any(_fetches(relation) for relation in _relations(archive)):
        raise FileRejected(RejectionReason.REMOTE_CONTENT)
    return DetectedFile(kind)


def _program_of(declared: Mapping[str, str]) -> Mapping[str, str]:
    """Return the program of a package that is not read here, as the fact of a refusal; nothing when it is unknown."""
    types = " ".join(declared.values()).lower()
    return next(({"program": program} for sign, program in _OTHERS.items() if sign in types), {})


def refuse_active_package(archive: ZipFile) -> None:
    """Raise FileRejected (MACROS, REMOTE_CONTENT) for an Office document inside another one."""
    if CONTENTS not in archive.namelist():
        return
    _refuse_macros(dict(_declared(archive)))
    if any(_fetches(relation) for relation in _relations(archive)):
        raise FileRejected(RejectionReason.REMOTE_CONTENT)


def _refuse_macros(declared: Mapping[str, str]) -> None:
    texts = [text.lower() for text in (*declared, *declared.values()) if text != _BINARY_WORKBOOK]
    if any(word in text for text in texts for word in _MACROS):
        raise FileRejected(RejectionReason.MACROS)


def _declared(archive: ZipFile) -> Iterator[tuple[str, str]]:
    for element in xml_part(archive, CONTENTS):
        yield element.get("PartName") or f".{element.get('Extension')}", element.get("ContentType", "")


def _relations(archive: ZipFile) -> Iterator[ElementTree.Element]:
    for name in archive.namelist():
        if name.endswith(".rels"):
            yield from xml_part(archive, name)


def _fetches(relation: ElementTree.Element) -> bool:
    """Return whether opening the document would fetch something from another machine (remote template)."""
    target = relation.get("Target", "").strip().lower()
    return (
        relation.get("TargetMode", "").lower() == "external"
        and relation.get("Type", "").lower().endswith(_FOLLOWED)
        and not _OWN_DISK.match(target)
    )


def xml_part(archive: ZipFile, name: str) -> ElementTree.Element:
    """Return a small XML part of a container, parsed; raises FileRejected: DAMAGED if it is not XML, ENTITIES if it
    declares some, RESOURCE_LIMIT if it is not small.

    A declaration that only names a type of document, as OpenOffice wrote it, is left out before the parser sees it.
    """
    with archive.open(name) as part:
        text = part.read(_MAX_PART + 1)
    text = NAMED_TYPE.sub(b"", text, count=1)
    if len(text) > _MAX_PART:
        raise FileRejected(RejectionReason.RESOURCE_LIMIT)
    if b"<!DOCTYPE" in text.replace(b"\0", b""):
        raise FileRejected(RejectionReason.ENTITIES)
    try:
        return ElementTree.fromstring(text)  # noqa: S314 - no DTD, bounded, in a limited child  # nosec B314
    except ElementTree.ParseError as error:
        raise FileRejected(RejectionReason.DAMAGED) from error
