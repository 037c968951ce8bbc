"""LibreOffice documents, told by the type their container carries; an electronic book is packed the same
way.
"""

from __future__ import annotations

from collections.abc import Mapping
from zipfile import ZipFile

from portfolio.files.file_types.formats.openxml import xml_part
from portfolio.files.file_types.types import DetectedFile, FileRejected, FileType, RejectionReason

CONTENTS = "mimetype"
_MANIFEST = "META-INF/manifest.xml"
_CONTENT = "content.xml"
_KINDS: Mapping[str, FileType] = {
    kind.mime: kind for kind in (FileType.ODT, FileType.ODS, FileType.ODP, FileType.ODG)
}
# A model to write from is read like what is written from it.
_MODELS = {f"{mime}-template": kind for mime, kind in _KINDS.items()}
_EBOOK = "application/epub+zip"
_BOOK, _LOCKED = (
    "META-INF/container.xml",
    {"META-INF/rights.xml", "META-INF/license.lcpl", "META-INF/sinf.xml"},
)
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
        raise FileRejected(RejectionReason.OTHER_OFFICE)
    names = archive.namelist()
    if "encrypted-package" in names or _encrypted(archive):
        raise FileRejected(RejectionReason.PASSWORD, {"kind": kind})
    if any(name.startswith(("Basic/", "Scripts/")) and not name.endswith(_EMPTY_LIBRARIES) for name in names):
        raise FileRejected(RejectionReason.MACROS)
    if _CONTENT not in names:
        raise FileRejected(RejectionReason.DAMAGED, {"kind": kind})
    return DetectedFile(kind)


def _ebook(archive: ZipFile) -> DetectedFile:
    """Return the electronic book; raise FileRejected (EBOOK) when its chapters are locked to one reader, or
    cannot be found.
    """
    names = set(archive.namelist())
    if _BOOK not in names or names & _LOCKED:
        raise FileRejected(RejectionReason.EBOOK)
    return DetectedFile(FileType.EPUB)


def _encrypted(archive: ZipFile) -> bool:
    return any(element.tag.endswith("}encryption-data") for element in xml_part(archive, _MANIFEST).iter())
