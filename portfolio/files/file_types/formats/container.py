"""A ZIP: safe to list, whole, and holding an office document; anything else in a ZIP is an archive.

Documents of Pages, Numbers and Keynote: Apple's own programs alone read them, but most hold a preview.
"""

import stat
import struct
import zlib
from collections.abc import Sequence
from itertools import pairwise
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile, ZipInfo

from portfolio.files.file_types.formats import opendocument, openxml
from portfolio.files.file_types.formats.embedded import gunzip, refuse_active_parts
from portfolio.files.file_types.types import DetectedFile, FileRejected, FileType, RejectionReason

MAX_ENTRIES = 20_000
MAX_UNPACKED = 1_000_000_000
# Beyond this size an entry may not have shrunk more than so: sheets of figures reach 100, bombs 1,000.
_RATIO_MATTERS_FROM = 10_000_000
_MAX_RATIO = 200
_LOCAL_HEADER = 30
_FIRST_OF_SEVERAL = b"PK\x07\x08"
_END_LENGTH, _LONGEST_COMMENT = 22, 0xFFFF
_PROGRAMS = {"META-INF/MANIFEST.MF", "AndroidManifest.xml"}


def validate_container(content: BinaryIO, size: int) -> DetectedFile:
    """Return the office document inside; raises FileRejected.

    DAMAGED, UNSAFE_NAMES, DECOMPRESSION_BOMB and PASSWORD for containers that cannot be trusted; COMPRESSION
    for those packed by a method that is not read here; PROGRAM, EBOOK, OTHER_OFFICE for the rest; SPANNED for
    a part of one; MACROS, DDE, EMBEDDED_PROGRAM for what would run. A plain ZIP is accepted for what is in it.
    """
    _refuse_spanned(content, size)
    content.seek(0)
    try:
        with ZipFile(content) as archive:
            entries = archive.infolist()
            _reject_unknown_entries(archive)
            _refuse_bombs(entries, size)
            _refuse_unsafe(entries)
            sniffed = (
                openxml.kind_of(archive)
                or (opendocument.kind_of(archive) if _is_opendocument(archive) else None)
                or kind_of(archive)
                or DetectedFile(FileType.ZIP)
            )
            # Each entry is read to its end, and checked against its own sum: a document that lost a page is
            # told now.
            refuse_active_parts(archive, is_document=sniffed.kind is not FileType.ZIP)
    except NotImplementedError as error:
        raise FileRejected(RejectionReason.COMPRESSION) from error
    except (BadZipFile, zlib.error, EOFError, ValueError, KeyError, OSError) as error:
        raise FileRejected(RejectionReason.DAMAGED) from error
    return sniffed


def _refuse_spanned(content: BinaryIO, size: int) -> None:
    """Refuse an archive that was cut into several files: its first part says so, its last one counts them."""
    content.seek(0)
    if content.read(4) == _FIRST_OF_SEVERAL:
        raise FileRejected(RejectionReason.SPANNED)
    content.seek(max(0, size - _END_LENGTH - _LONGEST_COMMENT))
    tail = content.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + _END_LENGTH:
        return
    disk, directory, here, entries = struct.unpack_from("<4H", tail, at + 4)
    # 0xFFFF: the numbers are in the record of large archives, which Python reads and refuses by itself.
    if 0xFFFF not in (disk, directory) and (disk or directory or here != entries):
        raise FileRejected(RejectionReason.SPANNED)


def _reject_unknown_entries(archive: ZipFile) -> None:
    names = set(archive.namelist())
    if names & _PROGRAMS and not names & {openxml.CONTENTS, opendocument.CONTENTS}:
        raise FileRejected(RejectionReason.PROGRAM)
    if not any(not entry.is_dir() for entry in archive.infolist()):
        raise FileRejected(RejectionReason.EMPTY)


def _is_opendocument(archive: ZipFile) -> bool:
    """Return whether the container says its own type, as documents of LibreOffice and electronic books do."""
    return opendocument.CONTENTS in archive.namelist()


def _refuse_bombs(entries: Sequence[ZipInfo], size: int) -> None:
    """A ZIP may not promise more than it can hold: pieces that overlap, or that swell out of proportion."""
    swells = (
        len(entries) > MAX_ENTRIES
        or sum(entry.compress_size for entry in entries) > size
        or sum(entry.file_size for entry in entries) > MAX_UNPACKED
        or any(_out_of_proportion(entry) for entry in entries)
        or _overlap(entries)
    )
    if swells:
        raise FileRejected(RejectionReason.DECOMPRESSION_BOMB, {"limit": MAX_UNPACKED})


def _out_of_proportion(entry: ZipInfo) -> bool:
    return entry.file_size > _RATIO_MATTERS_FROM and entry.file_size > _MAX_RATIO * entry.compress_size


def _overlap(entries: Sequence[ZipInfo]) -> bool:
    in_order = sorted(entries, key=lambda entry: entry.header_offset)
    return any(
        entry.header_offset + _LOCAL_HEADER + entry.compress_size > following.header_offset
        for entry, following in pairwise(in_order)
    )


def _refuse_unsafe(entries: Sequence[ZipInfo]) -> None:
    if any(entry.flag_bits & 1 for entry in entries):
        raise FileRejected(RejectionReason.PASSWORD)
    if len({entry.filename for entry in entries}) < len(entries) or any(_unsafe(entry) for entry in entries):
        raise FileRejected(RejectionReason.UNSAFE_NAMES)


def _unsafe(entry: ZipInfo) -> bool:
    name = entry.filename.replace("\\", "/")
    return (
        name.startswith("/")
        or name[1:2] == ":"  # a drive of Windows; elsewhere in a name, a Mac writes so the « / » of a person
        or ".." in name.split("/")
        or stat.S_ISLNK(entry.external_attr >> 16)
    )


# The whole document as a PDF where its author asked for it, else a picture of its beginning; the best first.
PREVIEWS = ("QuickLook/Preview.pdf", "preview.jpg", "QuickLook/Thumbnail.jpg", "QuickLook/Thumbnail.png")
_PACKED, _MAIN = ".iwa", "Index/Document.iwa"
_BEFORE_2013 = {"index.apxl": FileType.KEYNOTE, "index.apxl.gz": FileType.KEYNOTE}
_XML_BEFORE_2013 = ("index.xml", "index.xml.gz")
_SLIDES = ("Index/Slide", "Index/MasterSlide", "Index/TemplateSlide")
_BEHIND_PASSWORD = (".iwpv2", ".iwph")
# The first object of a document of Pages is of the type 10,000, that of the two others of the type 1.
_PAGES_TYPE = b"\x08\x90\x4e"
_NUMBERS_ROOT = b"<ls:document"
_HEAD = 4096


def kind_of(archive: ZipFile) -> DetectedFile | None:
    """Return the kind of document of Apple, None of another archive; raise FileRejected: PASSWORD,
    NO_PREVIEW.
    """
    names = archive.namelist()
    kind = _kind_of_today(archive, names) or _kind_of_before_2013(archive, names)
    if kind is None:
        return None
    if any(name.endswith(_BEHIND_PASSWORD) for name in names):
        raise FileRejected(RejectionReason.PASSWORD, {"kind": kind})
    if not any(preview in names for preview in PREVIEWS):
        raise FileRejected(RejectionReason.NO_PREVIEW, {"program": kind.name.title()})
    return DetectedFile(kind)


def _kind_of_today(archive: ZipFile, names: list[str]) -> FileType | None:
    if not any(name.endswith(_PACKED) for name in names):
        return None
    if any(name.startswith(_SLIDES) for name in names):
        return FileType.KEYNOTE
    return FileType.PAGES if _MAIN in names and _PAGES_TYPE in _head(archive, _MAIN)[:64] else FileType.NUMBERS


def _kind_of_before_2013(archive: ZipFile, names: list[str]) -> FileType | None:
    for name, kind in _BEFORE_2013.items():
        if name in names:
            return kind
    for name in _XML_BEFORE_2013:
        if name in names and any(entry_name.startswith("QuickLook/") for entry_name in names):
            head = _head(archive, name)
            if name.endswith(".gz"):
                head = gunzip(head, _HEAD)
            return FileType.NUMBERS if _NUMBERS_ROOT in head else FileType.PAGES
    return None


def _head(archive: ZipFile, name: str) -> bytes:
    with archive.open(name) as part:
        return part.read(_HEAD)
