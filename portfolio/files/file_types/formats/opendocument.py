"""LibreOffice documents, told by the type their container carries; an electronic book is packed the same way."""

from __future__ import annotations

from collections.abc import Mapping
from zipfile import ZipFile

from portfolio.files.file_types.formats.openxml import xml_part
from portfolio.files.file_types.types import DetectedFile, FileRejected, FileType, RejectionReason

CONTENTS = "mimetype"
_MANIFEST = "META-INF/manifest.xml"
_CONTENT = "content.xml"
_KINDS: Mapping[str, FileType] = {kind.mime: kind for kind in (FileType.ODT, FileType.ODS, FileType.ODP)}
_EBOOK = "application/epub+zip"
# An empty library is written beside many documents without any macro.
_EMPTY_LIBRARIES = ("script-lb.xml", "script-lc.xml", "dialog-lb.xml", "dialog-lc.xml", "/")


def kind_of(archive: ZipFile) -> DetectedFile:
    """Answer the kind of OpenDocument; raises Refused: EBOOK, OTHER_OFFICE, PASSWORD, MACROS, DAMAGED."""
    with archive.open(CONTENTS) as part:
        mime = part.read(100).decode("latin-1").strip()
    if mime == _EBOOK:
        raise FileRejected(RejectionReason.EBOOK)
    if mime not in _KINDS:
        raise FileRejected(RejectionReason.OTHER_OFFICE)
    kind, names = _KINDS[mime], archive.namelist()
    if "encrypted-package" in names or _encrypted(archive):
        raise FileRejected(RejectionReason.PASSWORD, {"kind": kind})
    if any(name.startswith(("Basic/", "Scripts/")) and not name.endswith(_EMPTY_LIBRARIES) for name in names):
        raise FileRejected(RejectionReason.MACROS)
    if _CONTENT not in names:
        raise FileRejected(RejectionReason.DAMAGED, {"kind": kind})
    return DetectedFile(kind)


def _encrypted(archive: ZipFile) -> bool:
    return any(element.tag.endswith("}encryption-data") for element in xml_part(archive, _MANIFEST).iter())
