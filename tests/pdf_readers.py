"""Open a PDF with the readers that people have: none of them may complain or end.

Run as a module, it installs Debian's Poppler and qpdf when we may; without them these readers are left out.
"""

import io
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pikepdf
import pymupdf
import pypdfium2

from tests.debian import apt

_POPPLER = shutil.which("pdftoppm")


def assert_opened_by_all(pdf: bytes, folder: Path) -> None:
    """Draw every page with PDFium, MuPDF and, where it is installed, Poppler; read its syntax with qpdf."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert document.check_pdf_syntax() == []
        count = len(document.pages)
    with pypdfium2.PdfDocument(pdf) as document:
        assert [page.render(scale=0.2).width > 0 for page in document] == [True] * count
    pymupdf.TOOLS.mupdf_warnings()  # those of other files
    with pymupdf.open(stream=pdf, filetype="pdf") as document:
        assert [page.get_pixmap(dpi=15).width > 0 for page in document] == [True] * count
    assert pymupdf.TOOLS.mupdf_warnings() == ""
    if _POPPLER is not None:
        path = folder / "read.pdf"
        path.write_bytes(pdf)
        drawn = subprocess.run([_POPPLER, "-r", "15", "-png", path, folder / "page"], capture_output=True, check=False)
        assert (drawn.returncode, drawn.stderr) == (0, b"")


def main() -> None:
    """Make sure there are Poppler and qpdf, or say what is left out."""
    if (_POPPLER is None or shutil.which("qpdf") is None) and os.geteuid() == 0 and shutil.which("apt-get"):
        sys.stdout.write("Installing Poppler and qpdf, two more readers of PDF…\n")
        sys.stdout.write(apt("update") or apt("install", "-y", "--no-install-recommends", "poppler-utils", "qpdf"))
    if shutil.which("pdftoppm") is None:
        sys.stdout.write("Without Poppler the books are opened by two readers: install `poppler-utils`.\n")


if __name__ == "__main__":
    main()
