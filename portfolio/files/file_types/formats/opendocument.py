"""LibreOffice documents, told by the type their container carries; an electronic book is packed the same way.

LibreOffice documents kept as one XML: the same checks as of those that are a container.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import BinaryIO
from zipfile import ZipFile

from portfolio.files.file_types.formats.embedded import refuse_active_object
from portfolio.files.file_types.formats.openxml import xml_part
from portfolio.files.file_types.formats.rich import refuse_opendocument_links
from portfolio.files.file_types.types import DetectedFile, FileRejected, FileType, RejectionReason

CONTENTS = "mimetype"
_TYPES = "application/vnd.oasis.opendocument"
_MANIFEST = "META-INF/manifest.xml"
_CONTENT = "content.xml"
_KINDS: Mapping[str, FileType] = {kind.mime: kind for kind in (FileType.ODT, FileType.ODS, FileType.ODP, FileType.ODG)}
# A model to write from is read like what is written from it.
_MODELS = {f"{mime}-template": kind for mime, kind in _KINDS.items()}
# What other programs pack in the same way, or that holds no page of its own.
_OTHERS: Mapping[str, str] = {
    f"{_TYPES}.text-master": "LibreOffice, document maître",
    f"{_TYPES}.text-web": "LibreOffice, page web",
    f"{_TYPES}.formula": "LibreOffice Math",
    f"{_TYPES}.chart": "LibreOffice, graphique",
    f"{_TYPES}.base": "LibreOffice Base",
    f"{_TYPES}.database": "LibreOffice Base",
}
_FIRST_OPENOFFICE = "application/vnd.sun.xml."
_EBOOK = "application/epub+zip"
_BOOK, _LOCKED = ("META-INF/container.xml", {"META-INF/rights.xml", "META-INF/license.lcpl", "META-INF/sinf.xml"})
# An empty library is written beside many documents without any macro.
_EMPTY_LIBRARIES = ("script-lb.xml", "script-lc.xml", "dialog-lb.xml", "dialog-lc.xml", "/")


def kind_of(archive: ZipFile) -> DetectedFile:
    """Return the kind of OpenDocument; raises FileRejected: EBOOK (one that is locked), OTHER_OFFICE,
    PASSWORD, MACROS, DAMAGED.
    """
    with archive.open(CONTENTS) as part:
        mime = part.read(100).decode("latin-1").strip()
    if mime == _EBOOK:
        return _ebook(archive)
    kind = _KINDS.get(mime) or _MODELS.get(mime)
    if kind is None:
        raise FileRejected(RejectionReason.OTHER_OFFICE, _program_of(mime))
    names = archive.namelist()
    if "encrypted-package" in names or _encrypted(archive):
        raise FileRejected(RejectionReason.PASSWORD, {"kind": kind})
    if any(name.startswith(("Basic/", "Scripts/")) and not name.endswith(_EMPTY_LIBRARIES) for name in names):
        raise FileRejected(RejectionReason.MACROS)
    if _CONTENT not in names:
        raise FileRejected(RejectionReason.DAMAGED, {"kind": kind})
    return DetectedFile(kind)


def _program_of(mime: str) -> Mapping[str, str]:
    """Return the program of a document that is not read here, as the fact of a refusal; nothing when it is unknown."""
    program = "OpenOffice 1" if mime.startswith(_FIRST_OPENOFFICE) else _OTHERS.get(mime)
    return {"program": program} if program else {}


def _ebook(archive: ZipFile) -> DetectedFile:
    """Return the electronic book; raise FileRejected: EBOOK when its chapters are locked to one reader, DAMAGED
    when they cannot be found.
    """
    names = set(archive.namelist())
    if names & _LOCKED:
        raise FileRejected(RejectionReason.EBOOK)
    if _BOOK not in names:
        raise FileRejected(RejectionReason.DAMAGED, {"kind": FileType.EPUB})
    return DetectedFile(FileType.EPUB)


def _encrypted(archive: ZipFile) -> bool:
    return any(element.tag.endswith("}encryption-data") for element in xml_part(archive, _MANIFEST).iter())


_MOST_READ = 200_000_000
_BEGINNING = 20_000
_ROOT = re.compile(r"<office:document\s[^>]*?office:mimetype\s*=\s*[\"']([^\"']+)[\"']")
_FLAT_KINDS: Mapping[str, FileType] = {
    f"{_TYPES}.text": FileType.FODT,
    f"{_TYPES}.spreadsheet": FileType.FODS,
    f"{_TYPES}.presentation": FileType.FODP,
    f"{_TYPES}.graphics": FileType.FODG,
}
# The checks below read letters: an encoding in which letters may be written otherwise is not accepted.
_ENCODING = re.compile(r"<\?xml[^>]*encoding\s*=\s*[\"']([^\"']+)", re.IGNORECASE)
_ENCODINGS = ("utf-8", "us-ascii", "utf-16", "iso-8859-1", "iso-8859-15", "windows-1252")
_DECLARES = ("<!DOCTYPE", "<!ENTITY")
_MACROS = re.compile(r"<(?:[\w.-]+:)?(?:module|source-code|library-linked)[\s/>]")
_OBJECT = re.compile(r"<(?:[\w.-]+:)?binary-data[^>]*>([^<]*)<")


def is_flat_opendocument(beginning: str) -> bool:
    """Return whether a text begins as a document of LibreOffice kept as one XML."""
    return _ROOT.search(beginning[:_BEGINNING]) is not None


def validate_flat_opendocument(content: BinaryIO, encoding: str) -> DetectedFile:
    """Return the document; raise FileRejected: OTHER_OFFICE, DAMAGED, MACROS, DDE, EMBEDDED_PROGRAM."""
    content.seek(0)
    text = content.read(_MOST_READ + 1).decode(encoding, "replace")
    root = _ROOT.search(text[:_BEGINNING])
    kind = _FLAT_KINDS.get(root[1].removesuffix("-template")) if root else None
    declared = _ENCODING.match(text.lstrip("\ufeff"))
    if kind is None or (declared and declared[1].lower() not in _ENCODINGS):
        raise FileRejected(RejectionReason.OTHER_OFFICE)
    if len(text) > _MOST_READ or any(word in text for word in _DECLARES):
        raise FileRejected(RejectionReason.OTHER_OFFICE)
    if not text.rstrip().endswith("</office:document>"):
        raise FileRejected(RejectionReason.DAMAGED, {"kind": kind})
    if _MACROS.search(text):
        raise FileRejected(RejectionReason.MACROS)
    refuse_opendocument_links(text)
    for found in _OBJECT.finditer(text):
        refuse_active_object(_decoded(found[1]))
    return DetectedFile(kind)


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()))
    except (binascii.Error, ValueError):
        return b""
