"""The newer of two libmagic for python-magic: that of the system, which its distribution mends, or the wheel's.

The wheel is read as a folder of files: its code, which changes how every library is loaded, is not run.
"""

import ctypes
from _ctypes import dlclose
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

_NAMES = ("libmagic.so.1", "libmagic.dylib")
_WHEEL = "pylibmagic"


@dataclass(frozen=True, slots=True)
class Libmagic:
    """A libmagic: its path, its table (None: the one that it knows), its version as 546 for 5.46."""

    path: str
    table: Path | None
    version: int

    @property
    def is_system(self) -> bool:
        """Return whether it is that of the system."""
        return self.table is None


@cache
def libmagic() -> Libmagic:
    """Return the newer libmagic of this machine; raise OSError without any."""
    found = [library for library in (_system(), _packaged()) if library is not None]
    if not found:
        raise OSError("no libmagic")
    return max(found, key=lambda library: library.version)


def open_magic() -> Any:
    """Return the `magic.Magic` that names media types by the newer libmagic, its table loaded."""
    chosen = libmagic()
    # python-magic asks the linker for the library by its name: it is given the one that is loaded already.
    ctypes.CDLL(chosen.path)
    import magic

    return magic.Magic(mime=True, magic_file=str(chosen.table) if chosen.table else None)


def _system() -> Libmagic | None:
    for name in _NAMES:
        try:
            return Libmagic(name, None, _version_of(name))
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
            path = str(folder / name)
            return Libmagic(path, folder / "magic.mgc", _version_of(path))
    return None


def _version_of(path: str) -> int:
    """Read the version of a library, and unload it: one that stays would answer to the name of the other."""
    library = ctypes.CDLL(path)
    try:
        return int(library.magic_version())
    finally:
        dlclose(library._handle)
