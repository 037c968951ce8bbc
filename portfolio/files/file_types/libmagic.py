"""The newer of two libmagic: that of the system, which its distribution mends, or that of the wheel.

The wheel is read as a folder of files: its code, which changes how every library is loaded, is not run.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

_NAMES = ("libmagic.so.1", "libmagic.dylib")
_WHEEL = "pylibmagic"
# MAGIC_MIME_TYPE, and the errors of the operating system as errors (MAGIC_ERROR).
_FLAGS = 0x10 | 0x200


@dataclass(frozen=True, slots=True)
class Libmagic:
    """A libmagic: its table (None: the one that it knows), its version as 546 for 5.46."""

    library: ctypes.CDLL
    table: Path | None
    version: int

    @property
    def is_system(self) -> bool:
        """Return whether it is that of the system."""
        return self.table is None


@cache
def libmagic() -> Libmagic:
    """Return the newer libmagic of this machine; raises OSError without any."""
    # By its name first: once the other is loaded, the linker takes it for this name.
    found = [library for library in (_system(), _packaged()) if library is not None]
    if not found:
        raise OSError("no libmagic")
    return max(found, key=lambda library: library.version)


class Magic:
    """The types of contents, as libmagic names them; the table is loaded at once."""

    def __init__(self) -> None:
        """Load the newer libmagic and its table."""
        chosen = libmagic()
        self._library = chosen.library
        self._cookie = ctypes.c_void_p(self._library.magic_open(_FLAGS))
        table = str(chosen.table).encode() if chosen.table else None
        if self._library.magic_load(self._cookie, table) != 0:
            raise OSError(self._error())

    def mime_of(self, head: bytes) -> str:
        """Return the media type of a content, from its first bytes."""
        found = self._library.magic_buffer(self._cookie, head, len(head))
        if found is None:
            raise OSError(self._error())
        return str(found, "utf-8", "replace")

    def _error(self) -> str:
        return (self._library.magic_error(self._cookie) or b"libmagic").decode("utf-8", "replace")


def _system() -> Libmagic | None:
    for name in _NAMES:
        try:
            library = _loaded(name)
            return Libmagic(library, None, library.magic_version())
        except (OSError, AttributeError):
            continue
    return None


def _packaged() -> Libmagic | None:
    spec = find_spec(_WHEEL)
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent
    for name in _NAMES:
        if (folder / name).is_file():
            library = _loaded(str(folder / name))
            return Libmagic(library, folder / "magic.mgc", library.magic_version())
    return None


def _loaded(path: str) -> ctypes.CDLL:
    library = ctypes.CDLL(path)
    library.magic_open.restype = ctypes.c_void_p
    library.magic_load.argtypes = (ctypes.c_void_p, ctypes.c_char_p)
    library.magic_buffer.argtypes = (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t)
    library.magic_buffer.restype = library.magic_error.restype = ctypes.c_char_p
    library.magic_error.argtypes = (ctypes.c_void_p,)
    return library
