"""Restrict the files that this process and its children may open (Landlock, Linux 5.13 and later)."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION, _PATH_BENEATH = 1, 1
_NO_NEW_PRIVILEGES = 38
# The rights that each version of Landlock knows: fifteen in the first, then refer, truncate, and device
# commands.
_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
_EXECUTE, _READ_FILE, _READ_DIR = 1, 1 << 2, 1 << 3
_WRITE_FILE, _TRUNCATE = 1 << 1, 1 << 14
_OF_FILES = _EXECUTE | _READ_FILE | _WRITE_FILE | _TRUNCATE


def restrict_files(*, read: Iterable[Path], write: Iterable[Path], hidden: Collection[Path] = ()) -> bool:
    """Allow to read and run what is below `read` but not below `hidden`, and to do anything below `write`;
    False where it cannot be done.
    """
    version = landlock_version()
    if not version:
        return False
    rights = _RIGHTS[min(version, max(_RIGHTS))]
    libc = ctypes.CDLL(None, use_errno=True)
    handled = ctypes.c_uint64(rights)
    ruleset = libc.syscall(_CREATE_RULESET, ctypes.byref(handled), ctypes.sizeof(handled), 0)
    if ruleset < 0:
        return False
    shown = (path for top in read for path in _without(top, hidden))
    _allow(ruleset, shown, (_EXECUTE | _READ_FILE | _READ_DIR) & rights)
    _allow(ruleset, write, rights)
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    restricted: bool = libc.syscall(_RESTRICT_SELF, ruleset, 0) == 0
    os.close(ruleset)
    return restricted


def landlock_version() -> int:
    """Return the version of Landlock that the kernel offers; 0 without it."""
    if sys.platform != "linux":
        return 0
    with suppress(AttributeError, OSError):
        return max(0, int(ctypes.CDLL(None, use_errno=True).syscall(_CREATE_RULESET, None, 0, _VERSION)))
    return 0


def _without(path: Path, hidden: Collection[Path]) -> Iterator[Path]:
    """Yield what covers a path but these ones below it: a rule of Landlock takes nothing back."""
    real = path.resolve()
    below = [place for place in hidden if real in place.parents]
    if real in hidden:
        return
    if not below:
        yield real
        return
    with suppress(OSError), os.scandir(real) as entries:
        # A link leads to what another rule allows, or to what none does.
        for entry in entries:
            if not entry.is_symlink():
                yield from _without(Path(entry.path), below)


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = [("rights", ctypes.c_uint64), ("folder", ctypes.c_int32)]


def _allow(ruleset: int, paths: Iterable[Path], rights: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    for path in paths:
        try:
            opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:  # a path that this machine does not have needs no rule
            continue
        rule = _PathBeneath(rights if path.is_dir() else rights & _OF_FILES, opened)
        libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(rule), 0)
        os.close(opened)
