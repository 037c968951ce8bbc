"""A PDF: it opens without a password, and has at least one page that can be read."""

import ctypes
import io
import re
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO

import pypdfium2
from pypdfium2 import raw

from portfolio.files.file_types.formats.programs import (
    WINDOW,
    begins_as_program,
    holds_program,
    is_named_as_program,
    occurrences,
    windows,
)
from portfolio.files.file_types.types import DetectedFile, FileRejected, FileType, RejectionReason

# The functions of PDFium, which have no types.
pdfium: Any = raw

_STREAM = re.compile(rb"stream\r?\n")
_OBJECTS = re.compile(rb"/\s*ObjStm(?![A-Za-z])")
# A filter of PDF 2.0 that readers do not have yet: they show an empty page, or none.
_BROTLI = re.compile(rb"/\s*BrotliDecode(?![A-Za-z])")
_EMBEDDED = re.compile(rb"/\s*EmbeddedFile(?![A-Za-z])")
# Any letter of a name may be written by its number.
_LAUNCH = re.compile(
    rb"/(?:S|#53)\s*/"
    + b"".join(rb"(?:%c|#%02x|#%02X)" % (letter, letter, letter) for letter in b"Launch")
    + rb"(?![A-Za-z])"
)
# How far before its data a stream may be described; how long the name of an action may be, blanks included.
_DICTIONARY, _NAMES = 1000, 1000
_OVERLAP, _PACKED = 20_000, 64 * 1024
_MOST_UNPACKED = 50_000_000
_MOST_ATTACHED = 200
_PAGES = 500
_FILE_ATTACHMENT = getattr(pdfium, "FPDF_ANNOT_FILEATTACHMENT", 17)


def refuse_active_pdf(content: BinaryIO, document: pypdfium2.PdfDocument) -> None:
    """Raise FileRejected: EMBEDDED_PROGRAM, LAUNCHES, COMPRESSION.

    A script of a form, which no page of ours runs, is left as it is.
    """
    for attachment in _attachments(document):
        _refuse_attachment(attachment)
    _refuse_launches(content)


def _attachments(document: pypdfium2.PdfDocument) -> Iterator[object]:
    for index in range(min(_MOST_ATTACHED, max(0, pdfium.FPDFDoc_GetAttachmentCount(document)))):
        yield pdfium.FPDFDoc_GetAttachment(document, index)
    for number in range(min(_PAGES, len(document))):
        page = pdfium.FPDF_LoadPage(document, number)
        if not page:
            continue
        try:
            yield from _attached_to(page)
        finally:
            pdfium.FPDF_ClosePage(page)


def _attached_to(page: object) -> Iterator[object]:
    for index in range(min(_MOST_ATTACHED, max(0, pdfium.FPDFPage_GetAnnotCount(page)))):
        annotation = pdfium.FPDFPage_GetAnnot(page, index)
        if annotation and pdfium.FPDFAnnot_GetSubtype(annotation) == _FILE_ATTACHMENT:
            yield pdfium.FPDFAnnot_GetFileAttachment(annotation)
        if annotation:
            pdfium.FPDFPage_CloseAnnot(annotation)


def _refuse_attachment(attachment: object) -> None:
    if not attachment:
        return
    length = pdfium.FPDFAttachment_GetName(attachment, None, 0)
    name = (pdfium.FPDF_WCHAR * (length // 2 + 1))()
    pdfium.FPDFAttachment_GetName(attachment, name, length)
    if is_named_as_program(bytes(name)[:length].decode("utf-16-le", "replace").rstrip("\0")):
        raise FileRejected(RejectionReason.EMBEDDED_PROGRAM)
    size = ctypes.c_ulong()
    if not pdfium.FPDFAttachment_GetFile(attachment, None, 0, size) or not 0 < size.value <= _MOST_UNPACKED:
        return
    held = (ctypes.c_char * size.value)()
    if pdfium.FPDFAttachment_GetFile(attachment, held, size.value, size) and begins_as_program(
        bytes(held)[: size.value]
    ):
        raise FileRejected(RejectionReason.EMBEDDED_PROGRAM)


def _refuse_launches(content: BinaryIO) -> None:
    """Look for actions that launch a program, and for programs in embedded files, in the objects and in the
    packed ones.
    """
    for place, held in windows(content, _OVERLAP):
        _refuse_actions(held)
        if holds_program(held):
            raise FileRejected(RejectionReason.EMBEDDED_PROGRAM)
        for at in occurrences(held, b"stream"):
            if start := _STREAM.match(held, at):
                about = held[max(0, at - _DICTIONARY) : at]
                _refuse_stream(content, place + start.end(), about[about.rfind(b" obj") + 1 :])


def _refuse_stream(content: BinaryIO, start: int, about: bytes) -> None:
    """Refuse a stream whose data begin at this place of the file, `about` being its dictionary: launch
    actions in packed objects, a program in an embedded file, data packed by Brotli.
    """
    if _BROTLI.search(about):
        raise FileRejected(RejectionReason.COMPRESSION, {"kind": FileType.PDF})
    if _OBJECTS.search(about):
        before = b""
        for piece in _inflated(content, start):
            _refuse_actions(before + piece)
            before = piece[-_NAMES:]
    elif _EMBEDDED.search(about):
        content.seek(start)
        data = content.read(_OVERLAP)
        if holds_program(next(_inflated(content, start), b"")[:_OVERLAP] or data):
            raise FileRejected(RejectionReason.EMBEDDED_PROGRAM)


def _refuse_actions(objects: bytes) -> None:
    for name in (b"/S", b"/#53"):
        if any(_LAUNCH.match(objects, at) for at in occurrences(objects, name)):
            raise FileRejected(RejectionReason.LAUNCHES)


def _inflated(content: BinaryIO, start: int) -> Iterator[bytes]:
    """Yield what is packed from this place on, in pieces of a window at most; nothing when it is not
    packed, and no more than `_MOST_UNPACKED` bytes.
    """
    packed, unpacked = zlib.decompressobj(), 0
    while not packed.eof and unpacked < _MOST_UNPACKED:
        data = packed.unconsumed_tail
        if not data:
            content.seek(start)
            data = content.read(_PACKED)
            start += len(data)
        if not data:
            return
        try:
            piece = packed.decompress(data, WINDOW)
        except zlib.error:
            return
        if piece:
            unpacked += len(piece)
            yield piece


# The functions of PDFium, which have no types.

# FPDF_ERR_PASSWORD; FPDF_ERR_SECURITY: what opens it is a certificate, or a program of its own.
_CLOSED = {4: RejectionReason.PASSWORD, 5: RejectionReason.LOCKED}
_XFA = (pdfium.FORMTYPE_XFA_FULL, pdfium.FORMTYPE_XFA_FOREGROUND)
# What the one page of such a form says in other programs than Adobe's.
_WAITING, _LOOKED_AT = ("please wait", "veuillez patienter"), 400


def validate_pdf(content: BinaryIO) -> DetectedFile:
    """Return the PDF and its number of pages; raises FileRejected: PASSWORD, LOCKED, COMPRESSION, DAMAGED,
    EMBEDDED_PROGRAM, LAUNCHES, DYNAMIC_FORM.

    A PDF that only restricts printing or copying opens for everyone, and is accepted: administrations send many.
    """
    content.seek(0)
    try:
        document = pypdfium2.PdfDocument(content)
        pages = len(document)
        if pages:
            document[0].close()  # a tree of pages that leads nowhere is damage
        if is_dynamic_form(document):
            raise FileRejected(RejectionReason.DYNAMIC_FORM)
        refuse_active_pdf(content, document)
    except pypdfium2.PdfiumError as error:
        raise FileRejected(_why_closed(content, error), {"kind": FileType.PDF}) from error
    if not pages:
        raise FileRejected(RejectionReason.DAMAGED, {"kind": FileType.PDF})
    return DetectedFile(FileType.PDF, pages)


def _why_closed(content: BinaryIO, error: pypdfium2.PdfiumError) -> RejectionReason:
    """Return why PDFium does not open a PDF."""
    if closed := _CLOSED.get(getattr(error, "err_code", 0)):
        return closed
    packed = any(_BROTLI.search(held) for _, held in windows(content, _OVERLAP))
    return RejectionReason.COMPRESSION if packed else RejectionReason.DAMAGED


def is_dynamic_form(document: pypdfium2.PdfDocument) -> bool:
    """Return whether the pages of a form are made by Adobe's program alone (XFA): it says so, or its one page
    asks to wait.
    """
    kind = document.get_formtype()
    if kind not in _XFA or not len(document):
        return False
    words = document[0].get_textpage().get_text_range()[:_LOOKED_AT] if len(document) == 1 else ""
    return bool(kind == pdfium.FORMTYPE_XFA_FULL) or any(sign in words.lower() for sign in _WAITING)


def sample() -> bytes:
    """Return the smallest PDF, of one empty page."""
    made, document = io.BytesIO(), pypdfium2.PdfDocument.new()
    document.new_page(9, 9)
    document.save(made)
    document.close()
    return made.getvalue()
