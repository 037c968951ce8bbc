"""A PDF: it opens without a password, and has at least one page that can be read."""

import io
from typing import Any, BinaryIO

import pypdfium2
from pypdfium2 import raw

from portfolio.files.file_types.formats.pdf_contents import refuse_active_pdf
from portfolio.files.file_types.types import DetectedFile, FileRejected, FileType, RejectionReason

# The functions of PDFium, which have no types.
pdfium: Any = raw

_WRONG_PASSWORD = 4  # FPDF_ERR_PASSWORD
_XFA = (pdfium.FORMTYPE_XFA_FULL, pdfium.FORMTYPE_XFA_FOREGROUND)
# What the one page of such a form says in other programs than Adobe's.
_WAITING, _LOOKED_AT = ("please wait", "veuillez patienter"), 400


def validate_pdf(content: BinaryIO) -> DetectedFile:
    """Return the PDF and its number of pages; raises FileRejected: PASSWORD, DAMAGED, EMBEDDED_PROGRAM, LAUNCHES,
    DYNAMIC_FORM.

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
        asks = getattr(error, "err_code", None) == _WRONG_PASSWORD
        raise FileRejected(
            RejectionReason.PASSWORD if asks else RejectionReason.DAMAGED, {"kind": FileType.PDF}
        ) from error
    if not pages:
        raise FileRejected(RejectionReason.DAMAGED, {"kind": FileType.PDF})
    return DetectedFile(FileType.PDF, pages)


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
