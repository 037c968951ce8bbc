"""Recognises the register's CSV export, which has no competency and no jury: it complements an entry and
never opens one.
"""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from typing import NoReturn

from portfolio.domain.certification.rules.import_result import (
    Part,
    PartFinding,
    RejectionReason,
    UnreadableEntry,
)

NAME = re.compile(r"export[_-]fiches[_-]csv[_-]([^/\\]{1,80}?)[_-]\d{4}[_-]\d\d[_-]\d\d\.csv", re.I)
HEADER = re.compile(rb'\A(?:\xef\xbb\xbf)?\s*"?(?:id_fiche|numero_fiche)"?\s*;', re.I)
MOST_PARTS = 50


def recognises(data: bytes) -> bool:
    """Return whether a file is a zip of the CSV export, or one of its CSV files."""
    if data[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return re.search(rb"export[_-]fiches[_-]csv[_-]", data[:4096] + data[-65536:], re.I) is not None
    return HEADER.match(data[:200]) is not None


def read(data: bytes) -> NoReturn:
    """Raise UnreadableEntry: the export is named with its parts, or the archive is incomplete."""
    if data[:2] != b"PK":
        raise UnreadableEntry(RejectionReason.IS_CSV_EXPORT)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = [unicodedata.normalize("NFC", name) for name in archive.namelist()[:MOST_PARTS]]
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise UnreadableEntry(RejectionReason.ARCHIVE_BROKEN) from None
    parts = [match[1].replace("_", " ") for match in map(NAME.search, names) if match]
    raise UnreadableEntry(
        RejectionReason.IS_CSV_EXPORT, [PartFinding(Part.CSV_PART, (part,)) for part in parts]
    )
