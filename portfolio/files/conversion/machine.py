"""Detect the converters and kernel protections of this machine."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

from portfolio.files.conversion.office import has_office
from portfolio.files.conversion.pandoc import program_path
from portfolio.files.file_types.types import FileType
from portfolio.files.sandbox.landlock import landlock_version

_MODULES = {"documents": FileType.DOCX, "spreadsheets": FileType.XLSX, "slides": FileType.PPTX}
_EMPTY_NETWORK = (
    "import ctypes; raise SystemExit(0 if ctypes.CDLL(None).unshare(0x10000000 | 0x40000000 | 0x00020000) "
    "== 0 else 1)"
)


def machine_report() -> dict[str, Any]:
    """Return which parts of LibreOffice, which other converters and which protections are here."""
    return {
        "libreoffice": {name: has_office(kind) for name, kind in _MODULES.items()},
        "pandoc": program_path().is_file() and os.access(program_path(), os.X_OK),
        "recordings": _has_recordings(),
        "landlock": landlock_version(),
        "empty_network": _has_empty_network(),
    }


def _has_recordings() -> bool:
    try:
        import av
    except ImportError:
        return False
    return {"libx264", "aac"} <= set(av.codecs_available)


def _has_empty_network() -> bool:
    """Return whether the kernel allows a process a network of its own, tried in another process."""
    return subprocess.run([sys.executable, "-I", "-c", _EMPTY_NETWORK], check=False).returncode == 0  # noqa: S603 - our own command
