"""A PDF: it opens without a password, and has at least one page that can be read."""

from __future__ import annotations

import io
from typing import BinaryIO

import pypdfium2

from portfolio.files.file_types.formats.pdf_contents import refuse_active_pdf
from portfolio.files.file_types.types import DetectedFile, FileRejected, FileType, RejectionReason

_WRONG_PASSWORD = 4  # FPDF_ERR_PASSWORD


def validate_pdf(content: BinaryIO) -> DetectedFile:
    """Return the PDF and its number of pages; raises FileRejected: PASSWORD, DAMAGED, EMBEDDED_PROGRAM,
    LAUNCHES.

    A PDF that only restricts printing or copying opens for everyone, and is accepted: administrations send
    many.
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
        raise FileRejected(
            RejectionReason.PASSWORD if asks else RejectionReason.DAMAGED, {"kind": FileType.PDF}
        ) from error
    if not pages:
        raise FileRejected(RejectionReason.DAMAGED, {"kind": FileType.PDF})
    return DetectedFile(FileType.PDF, pages)


def sample() -> bytes:
    """Return the smallest PDF, of one empty page."""
    made, document = io.BytesIO(), pypdfium2.PdfDocument.new()
    document.new_page(9, 9)
    document.save(made)
    document.close()
    return made.getvalue()
