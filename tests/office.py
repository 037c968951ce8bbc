"""Find LibreOffice and tesseract for the tests of conversions; install Debian's when we may.

Without it those tests are skipped by name.
"""

import os
import shutil
import sys
from pathlib import Path

from portfolio.files.conversion.machine_reading import program_path
from tests.debian import apt

PACKAGES = (
    "libreoffice-writer-nogui",
    "libreoffice-calc-nogui",
    "libreoffice-impress-nogui",
    "tesseract-ocr",
    "tesseract-ocr-fra",
)
# One library of each part: documents, workbooks, presentations.
PARTS = ("libswlo.so", "libsclo.so", "libsdlo.so")
FOLDER = Path("/usr/lib/libreoffice/program")


def find() -> bool:
    """Tell whether the three parts of LibreOffice, and tesseract with its French, are on this machine."""
    return program_path() is not None and all((FOLDER / part).is_file() for part in PARTS)


def install() -> None:
    """Install Debian's LibreOffice without a screen and tesseract, quietly; apt's own words come out only when it fails."""
    failed = apt("update") or apt("install", "-y", "--no-install-recommends", *PACKAGES)
    sys.stdout.write(failed)


def main() -> None:
    """Make sure there is one, or say what is left out."""
    if find():
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        sys.stdout.write("Installing LibreOffice and tesseract for the tests of conversions…\n")
        install()
    program_path.cache_clear()
    if not find():
        sys.stdout.write(f"Without LibreOffice or tesseract their tests are skipped: install {' '.join(PACKAGES)}.\n")


if __name__ == "__main__":
    main()
