"""The sandboxed process in which LibreOffice is loaded: it waits for lines, and saves a file of its folder as each
one asks.

It calls LibreOfficeKit, the C interface of LibreOffice: tables of functions, each in a place that does not change.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pypdfium2

from portfolio.files.sandbox.walls import READY

# Where LibreOfficeKit is, in the folder of the program: distributions merge the libraries into one, or do not.
LIBRARIES = ("libmergedlo.so", "libsofficeapp.so")
# Places in the tables of LibreOfficeKit.h, of which the first word is their size.
_DESTROY, _SAVE_AS = 1, 2
_LOAD_WITH_OPTIONS = 4
# Nobody answers a question, and no macro runs.
_OPTIONS = b"Batch=true,MacroSecurityLevel=3,EnableMacrosExecution=false"
# An empty text is loaded while nobody waits: half of what the first file would wait for.
_FIRST = b"private:factory/swriter"

_function = ctypes.CFUNCTYPE
_Load = _function(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p)
_Save = _function(ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p)
_Destroy = _function(None, ctypes.c_void_p)


class LibreOffice:
    """LibreOffice in this process, for good."""

    def __init__(self, program: Path, profile: Path) -> None:
        """Load it with this profile; raise OSError when it does not start."""
        library = ctypes.CDLL(str(next(path for name in LIBRARIES if (path := program / name).is_file())))
        start = library.libreofficekit_hook_2
        start.restype, start.argtypes = ctypes.c_void_p, (ctypes.c_char_p, ctypes.c_char_p)
        self._office = start(os.fsencode(program), profile.as_uri().encode())
        if not self._office:
            raise OSError("LibreOffice does not start")
        self._load = _Load(_table(self._office)[_LOAD_WITH_OPTIONS])
        self._loaded: tuple[bytes, int | None] = (b"", None)

    def load(self, address: bytes) -> int | None:
        """Return the document of this address, the same one while no other is asked for; None when it is none."""
        if self._loaded[0] != address:
            if (document := self._loaded[1]) is not None:
                _Destroy(_table(document)[_DESTROY])(document)
            self._loaded = address, self._load(self._office, address, _OPTIONS)
        return self._loaded[1]

    def save(self, source: Path, target: Path, extension: str, options: str) -> None:
        """Save a document under another name and in another format; nothing is there when that cannot be."""
        if (document := self.load(source.as_uri().encode())) is not None:
            save: Callable[..., int] = _Save(_table(document)[_SAVE_AS])
            save(document, target.as_uri().encode(), extension.encode(), options.encode())


def _table(thing: int) -> Any:
    """Return the table of functions to which the first word of a thing points."""
    return ctypes.cast(ctypes.cast(thing, ctypes.POINTER(ctypes.c_void_p))[0], ctypes.POINTER(ctypes.c_void_p))


def _pages(path: Path) -> int:
    """Return how many pages a PDF has; 0 when it is none."""
    try:
        return len(pypdfium2.PdfDocument(path))
    except (pypdfium2.PdfiumError, FileNotFoundError):
        return 0


def main() -> None:
    """Say that LibreOffice is there, then answer each line by the number of pages that was made."""
    folder, answers = Path.cwd(), os.dup(1)
    os.dup2(2, 1)  # what a library prints is no answer
    office = LibreOffice(Path(sys.argv[3]), folder / "profile")
    office.load(_FIRST)
    os.write(answers, READY)
    for line in sys.stdin:
        asked = json.loads(line)
        # A file that asks for long work is ended before the limit of the process.
        signal.setitimer(signal.ITIMER_PROF, asked["seconds"])
        office.save(folder / asked["source"], folder / asked["target"], asked["format"], json.dumps(asked["options"]))
        os.write(answers, b"%d\n" % _pages(folder / asked["target"]))
    os._exit(0)  # LibreOffice takes its time to end, and keeps nothing
