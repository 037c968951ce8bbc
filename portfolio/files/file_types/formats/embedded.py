"""Check the embedded objects of a container: none of them may be a program.

What a gzip stream holds, up to a bound.
"""

import io
import re
import zlib
from collections.abc import Callable, Mapping
from itertools import chain
from zipfile import BadZipFile, ZipFile, ZipInfo

from portfolio.files.file_types.formats import openxml, rich
from portfolio.files.file_types.formats.compound import SIGNATURE, refuse_active_streams
from portfolio.files.file_types.formats.programs import is_named_as_program, pieces_of, refuse_programs
from portfolio.files.file_types.types import FileRejected, RejectionReason

_CHUNK = 1024 * 1024
_DEEPEST = 3
# Larger parts are read as far as this: a sheet of a million cells takes less.
_MOST_XML = 200_000_000
_MOST_OBJECT = 200_000_000
_OF_WEB_PAGE = ".js"
# The parts by which a container is a document of LibreOffice, and no electronic book.
_OPENDOCUMENT = {"mimetype", "content.xml"}
_XML = (".xml", ".rels", ".vml")
# What comes before the root of an XML part: a declaration, comments, instructions.
_PROLOG = 64 * 1024
_IN_PROLOG = re.compile(rb"<\?.*?(?:\?>|\Z)|<!--.*?(?:-->|\Z)", re.DOTALL)

_WATCHED: Mapping[str, Callable[[str], None]] = {
    "word/": rich.refuse_word_fields,
    "xl/": rich.refuse_excel_links,
    "content.xml": rich.refuse_opendocument_links,
    "styles.xml": rich.refuse_opendocument_links,
}


def refuse_active_parts(archive: ZipFile, depth: int = 1, *, is_document: bool = True) -> None:
    """Read every part of an office document; raise FileRejected: EMBEDDED_PROGRAM, DDE, MACROS,
    REMOTE_CONTENT, ENTITIES.

    Of an archive that is no document, the scripts of web pages may stay: a page that a browser saved has them
    beside it, and nobody but its owner receives the archive.
    """
    names = set(archive.namelist())
    is_office, is_opendocument = openxml.CONTENTS in names, names >= _OPENDOCUMENT
    for entry in archive.infolist():
        of_page = not is_document and entry.filename.lower().endswith(_OF_WEB_PAGE)
        if is_named_as_program(entry.filename) and not of_page:
            raise FileRejected(RejectionReason.EMBEDDED_PROGRAM)
        if entry.filename.lower().endswith(_XML):
            if is_office or is_opendocument:
                _refuse_document_type(archive, entry, allows_name=is_opendocument)
            _read_xml(archive, entry)
        elif not entry.is_dir():
            _read_other(archive, entry, depth)


def refuse_active_object(content: bytes) -> None:
    """Look into an object that a document carries as it is; raise FileRejected: EMBEDDED_PROGRAM, DDE,
    MACROS, REMOTE_CONTENT.
    """
    refuse_programs([content])
    if content.startswith((b"PK\x03\x04", SIGNATURE)):
        _look_inside(content, 1)


def _refuse_document_type(archive: ZipFile, entry: ZipInfo, *, allows_name: bool) -> None:
    """Raise FileRejected (ENTITIES) for a part that declares a type of document: its entities may grow
    without end, or name files.

    The standard of Office documents forbids it (ECMA-376, part 2). OpenOffice wrote the name of the type,
    without any declaration of its own: allowed with `allows_name`.
    """
    with archive.open(entry) as part:
        head = part.read(_PROLOG).replace(b"\0", b"")
    if allows_name:
        head = openxml.NAMED_TYPE.sub(b"", head, count=1)
    if _declares_type(head):
        raise FileRejected(RejectionReason.ENTITIES)


def _declares_type(head: bytes) -> bool:
    """Return whether something stands before the root that is neither an instruction nor a comment."""
    bare = _IN_PROLOG.sub(b"", head)
    return bare[bare.find(b"<") :].startswith(b"<!")


def _read_xml(archive: ZipFile, entry: ZipInfo) -> None:
    refuse = next(
        (refusal for beginning, refusal in _WATCHED.items() if entry.filename.lower().startswith(beginning)), None
    )
    with archive.open(entry) as part:
        content = bytearray()
        while piece := part.read(_CHUNK):  # to its end: its sum is checked
            if refuse is not None and len(content) < _MOST_XML:
                content += piece
    if refuse is not None:
        refuse(_as_text(bytes(content)))


def _read_other(archive: ZipFile, entry: ZipInfo, depth: int) -> None:
    with archive.open(entry) as part:
        head = part.read(_CHUNK)
        if head.startswith((b"PK\x03\x04", SIGNATURE)) and entry.file_size <= _MOST_OBJECT and depth < _DEEPEST:
            content = head + part.read()
            refuse_programs([content])
            _look_inside(content, depth)
            return
        refuse_programs(chain([head], pieces_of(part)))


def _look_inside(content: bytes, depth: int) -> None:
    """Look into an embedded document or object; what is damaged there does not make the outer one so."""
    file = io.BytesIO(content)
    if content.startswith(SIGNATURE):
        refuse_active_streams(file)
        return
    try:
        with ZipFile(file) as inner:
            if sum(entry.file_size for entry in inner.infolist()) > _MOST_OBJECT:
                raise FileRejected(RejectionReason.DECOMPRESSION_BOMB, {"limit": _MOST_OBJECT})
            _refuse_active_package(inner)
            refuse_active_parts(inner, depth + 1)
    except (BadZipFile, zlib.error, EOFError, ValueError, KeyError, NotImplementedError, OSError, RuntimeError):
        return


def _refuse_active_package(inner: ZipFile) -> None:
    """Refuse what an embedded package would run or fetch; when its tables are no XML, its parts are looked into."""
    try:
        openxml.refuse_active_package(inner)
    except FileRejected as refusal:
        if refusal.code is not RejectionReason.DAMAGED:
            raise


def _as_text(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    return content.decode("utf-8", "replace")


_WITH_HEADER_OF_GZIP = 31  # the argument of zlib that reads a gzip header


def gunzip(content: bytes, most: int) -> bytes:
    """Return the first `most` bytes that a gzip stream holds; nothing of what is not one."""
    try:
        return zlib.decompressobj(_WITH_HEADER_OF_GZIP).decompress(content, most)
    except zlib.error:
        return b""
