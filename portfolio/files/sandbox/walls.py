"""Close the walls around a sandboxed child; where one cannot be closed, the child ends before it opens a
file, unless this installation accepts the risk.

Restrict the files that this process and its children may open (Landlock, Linux 5.13 and later).
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from portfolio.files.sandbox.namespaces import enter_root, unshare_mounts
from portfolio.files.sandbox.policy import ChildKind
from portfolio.files.sandbox.seccomp import filter_system_calls

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


# The exit status of a child around which a wall is missing.
NO_WALL_STATUS = 97
# In the environment of a child: what is hidden from it, and whether it may do without walls.
_TOLD = "ACQUIS_WALLS"


@dataclass(frozen=True)
class Protection:
    """Paths hidden from every child, and whether the installation accepts the risk of a missing wall."""

    hidden: tuple[Path, ...] = ()
    accepts_risk: bool = False


_protection = Protection()


def install(hidden: Iterable[Path], *, accepts_risk: bool) -> None:
    """Hide these paths from every child from now on; `accepts_risk`: files are opened without walls too."""
    global _protection
    _protection = Protection(tuple(hidden), accepts_risk)


def accepts_risk() -> bool:
    """Return whether this installation opens files where a wall is missing."""
    return _protection.accepts_risk


def told_to_children() -> dict[str, str]:
    """Return what the environment of a child says of its walls."""
    hidden = [str(path) for path in _protection.hidden]
    return {_TOLD: json.dumps({"hidden": hidden, "accepts_risk": _protection.accepts_risk})}


def confine_decoder() -> None:
    """Close the walls around this process, which opens no file any more."""
    restrict_files(read=(), write=())
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
    if not filter_system_calls(ChildKind.DECODER):
        resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
        _refuse_unless_accepted()


def enter_own_root(folder: Path, read: Iterable[Path]) -> bool:
    """Leave the network, and the paths of this machine but this folder and what is read; return whether that
    could be done. The next process that is started has a space of processes of its own.
    """
    return unshare_mounts() and enter_root(read, [Path(os.devnull)], folder, _told().hidden)


def confine_in_folder(kind: ChildKind, folder: Path, read: Iterable[Path], *, has_own_root: bool) -> None:
    """Close the walls around this process, which works in a folder and reads these paths."""
    write = [folder, Path(os.devnull)]
    are_paths_closed = restrict_files(read=read, write=write, hidden=_told().hidden) or has_own_root
    if not filter_system_calls(kind) or not are_paths_closed:
        _refuse_unless_accepted()


def main() -> None:
    """Try each wall in a process that ends with it, and say which ones there are."""
    with TemporaryDirectory(prefix="acquis-") as folder:
        found = {
            "system_calls": _succeeds(lambda: filter_system_calls(ChildKind.DECODER)),
            "landlock": _succeeds(lambda: restrict_files(read=(), write=())),
            "own_root": _succeeds(lambda: enter_own_root(Path(folder), ())),
        }
    sys.stdout.write(json.dumps(found))


def _succeeds(attempt: Callable[[], bool]) -> bool:
    child = os.fork()
    if not child:
        os._exit(0 if attempt() else 1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def _refuse_unless_accepted() -> None:
    if not _told().accepts_risk:
        os._exit(NO_WALL_STATUS)


@cache
def _told() -> Protection:
    """Return what the parent says; without a word, nothing is hidden and no risk is accepted."""
    told = json.loads(os.environ.pop(_TOLD, "{}"))
    hidden = {Path(path).resolve() for path in told.get("hidden", ())}
    return Protection(tuple(path for path in hidden if path.exists()), bool(told.get("accepts_risk")))
