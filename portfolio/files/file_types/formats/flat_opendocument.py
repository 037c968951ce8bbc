"""LibreOffice documents kept as one XML: the same checks as of those that are a container."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import BinaryIO

from portfolio.files.file_types.formats.commands import refuse_opendocument_links
from portfolio.files.file_types.formats.embedded import refuse_active_object
from portfolio.files.file_types.types import DetectedFile, FileRejected, FileType, RejectionReason

_MOST_READ = 200_000_000
_BEGINNING = 20_000
_ROOT = re.compile(r"<office:document\s[^>]*?office:mimetype\s*=\s*[\"']([^\"']+)[\"']")
_ODF = "application/vnd.oasis.opendocument"
_KINDS: Mapping[str, FileType] = {
    f"{_ODF}.text": FileType.FODT,
    f"{_ODF}.spreadsheet": FileType.FODS,
    f"{_ODF}.presentation": FileType.FODP,
    f"{_ODF}.graphics": FileType.FODG,
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
    kind = _KINDS.get(root[1].removesuffix("-template")) if root else None
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
