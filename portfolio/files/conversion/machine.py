"""Detect the converters and the walls of this machine."""

import json
import os
import subprocess
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from portfolio.files.conversion.office import has_office
from portfolio.files.conversion.pandoc import program_path
from portfolio.files.file_types.libmagic import libmagic
from portfolio.files.file_types.types import FileType
from portfolio.files.sandbox import walls
from portfolio.files.sandbox.process import child_command, child_environment

_MODULES = {"documents": FileType.DOCX, "spreadsheets": FileType.XLSX, "slides": FileType.PPTX}


@dataclass(frozen=True)
class Walls:
    """The walls that this machine can close around what opens a file, each tried."""

    # The filter of system calls: every child needs it.
    system_calls: bool = False
    # Landlock, or a root folder of its own: one of them for a child that opens files by their names.
    landlock: bool = False
    own_root: bool = False

    @property
    def are_closed(self) -> bool:
        """Return whether every kind of child has the walls that it needs."""
        return self.system_calls and (self.landlock or self.own_root)


@cache
def walls_of_machine() -> Walls:
    """Try each wall in a process of its own, once."""
    tried = subprocess.run(  # noqa: S603 - our own command
        child_command(walls.__name__), env=child_environment(), capture_output=True, check=False
    )
    with suppress(ValueError, TypeError):
        return Walls(**json.loads(tried.stdout))
    return Walls()


def machine_report() -> dict[str, Any]:
    """Return which parts of LibreOffice, which other converters and which protections are here."""
    return {
        "libreoffice": {name: has_office(kind) for name, kind in _MODULES.items()},
        "pandoc": program_path().is_file() and os.access(program_path(), os.X_OK),
        "recordings": _has_recordings(),
        "libmagic": _libmagic(),
        "walls": asdict(walls_of_machine()),
    }


def _libmagic() -> dict[str, Any] | None:
    with suppress(OSError):
        return {"version": libmagic().version, "is_system": libmagic().is_system}
    return None


def _has_recordings() -> bool:
    try:
        import av
    except ImportError:
        return False
    return {"libx264", "aac"} <= set(av.codecs_available)
