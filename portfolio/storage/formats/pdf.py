"""A PDF: it opens without a password, and has at least one page that can be read."""

from __future__ import annotations

import io
from typing import BinaryIO

import pypdfium2

from portfolio.storage.formats.pdf_contents import refuse_active_pdf
from portfolio.storage.kinds import FileKind, RefusalCode, Refused, Sniffed

_WRONG_PASSWORD = 4  # FPDF_ERR_PASSWORD


def open_pdf(content: BinaryIO) -> Sniffed:
    """Answer the PDF and its number of pages; raises Refused: PASSWORD, DAMAGED, EMBEDDED_PROGRAM, LAUNCHES.

    A PDF that only restricts printing or copying opens for everyone, and is accepted: administrations send many.
    """
    content.seek(0)
    try:
        document = pypdfium2.PdfDocument(content)
        pages = len(document)
        if pages:
            document[0].get_size()
        refuse_active_pdf(content, document)
    except pypdfium2.PdfiumError as error:
        asks = getattr(error, "err_code", None) == _WRONG_PASSWORD
        raise Refused(RefusalCode.PASSWORD if asks else RefusalCode.DAMAGED, {"kind": FileKind.PDF}) from error
    if not pages:
        raise Refused(RefusalCode.DAMAGED, {"kind": FileKind.PDF})
    return Sniffed(FileKind.PDF, pages)


def sample() -> bytes:
    """Answer the smallest PDF, of one empty page."""
    made, document = io.BytesIO(), pypdfium2.PdfDocument.new()
    document.new_page(9, 9)
    document.save(made)
    document.close()
    return made.getvalue()
