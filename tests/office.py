"""Find LibreOffice for the tests of conversions; install Debian's when we may.

Without it those tests are skipped by name.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from tests.debian import apt

PACKAGES = ("libreoffice-writer-nogui", "libreoffice-calc-nogui", "libreoffice-impress-nogui")
# One library of each part: documents, workbooks, presentations.
PARTS = ("libswlo.so", "libsclo.so", "libsdlo.so")
FOLDER = Path("/usr/lib/libreoffice/program")


def find() -> bool:
    """Tell whether the three parts of LibreOffice are on this machine."""
    return all((FOLDER / part).is_file() for part in PARTS)


def install() -> None:
    """Install Debian's LibreOffice without a screen, quietly; apt's own words come out only when it fails."""
    failed = apt("update") or apt("install", "-y", "--no-install-recommends", *PACKAGES)
    sys.stdout.write(failed)


def main() -> None:
    """Make sure there is one, or say what is left out."""
    if find():
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        sys.stdout.write("Installing LibreOffice for the tests of conversions…\n")
        install()
    if not find():
        sys.stdout.write(f"Without LibreOffice its tests are skipped: install {' '.join(PACKAGES)}.\n")


if __name__ == "__main__":
    main()
