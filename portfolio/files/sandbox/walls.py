"""Close the walls around a sandboxed child; where one cannot be closed, the child ends before it opens a
file, unless this installation accepts the risk.

The walls: the limits of resources, the files that may be opened (Landlock, Linux 5.13 and later), namespaces
(a network without anything, a root folder in which only a few paths are), the filter of system calls.
"""

import ctypes
import json
import os
import resource
import stat
import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from portfolio.files.sandbox.policy import ChildKind, filter_system_calls

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION, _PATH_BENEATH = 1, 1
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


_USER, _NETWORK, _IPC, _PROCESSES, _MOUNTS = 0x10000000, 0x40000000, 0x08000000, 0x20000000, 0x00020000
_READ_ONLY, _NO_SUID, _NO_DEVICE, _REMOUNT, _BIND, _RECURSIVE = 0x1, 0x2, 0x4, 0x20, 0x1000, 0x4000
# What a mount of another account had keeps when it is made read-only.
_KEPT = os.ST_NOSUID | os.ST_NODEV | os.ST_NOEXEC | os.ST_NOATIME | os.ST_NODIRATIME
_MOUNT_SETATTR, _HERE, _ALL_BELOW = 442, -100, 0x8000
_DUMPABLE, _NO_NEW_PRIVILEGES = 4, 38
_NOBODY = 65534
_ROOT = ".root"


def unshare_namespaces() -> None:
    """Move this process to an empty network namespace, without capabilities in another one, where the
    kernel allows it.
    """
    with suppress(AttributeError, OSError):  # only Linux has these calls
        _close_to_others()
        ctypes.CDLL(None).unshare(_USER | _NETWORK | _IPC)


def unshare_mounts() -> bool:
    """Do so, with mounts of its own, and processes of their own for those that it starts; False where the
    kernel refuses.
    """
    with suppress(AttributeError, OSError):
        account, group, libc = os.geteuid(), os.getegid(), ctypes.CDLL(None)
        if libc.unshare(_USER | _NETWORK | _IPC | _PROCESSES | _MOUNTS):
            unshare_namespaces()
            return False
        try:  # a file can only be made by an account that the namespace knows
            Path("/proc/self/setgroups").write_text("deny")
            Path("/proc/self/uid_map").write_text(f"{_NOBODY} {account} 1")
            Path("/proc/self/gid_map").write_text(f"{_NOBODY} {group} 1")
        finally:
            _close_to_others()
        return True
    return False


def _close_to_others() -> None:
    """Gain no right any more, and let no other process of this account look into this one."""
    libc = ctypes.CDLL(None)
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    libc.prctl(_DUMPABLE, 0, 0, 0, 0)


def enter_root(read: Iterable[Path], write: Iterable[Path], folder: Path, hidden: Iterable[Path]) -> bool:
    """Have nothing in the root folder but what is read, written, and this folder, under their names; False
    where the kernel refuses, and then nothing is changed but mounts of this process that nobody sees.

    What is `hidden` is empty in what is read. A process that may neither mount nor change its root any more
    cannot leave it.
    """
    root = folder / _ROOT
    with suppress(AttributeError, OSError):
        root.mkdir(exist_ok=True)
        _mount(b"tmpfs", root, b"tmpfs", _NO_SUID | _NO_DEVICE, b"size=1m,mode=755")
        (root / "tmp").mkdir()
        places = [(_linked(path, root), False) for path in read] + [(path, True) for path in hidden]
        # A path below another one is shown in its place, or hidden there.
        for path, is_hidden in sorted(dict.fromkeys(places), key=lambda place: (len(place[0].parts), place[1])):
            if is_hidden:
                _hide(_below(root, path))
            else:
                _show(path, root, is_read_only=True)
        for path in write:
            _show(path, root, is_read_only=False)
        _show(folder, root, is_read_only=False)
        for place in (root, *(_below(root, path) for path, is_hidden in places if is_hidden)):
            if place.is_dir():
                _make_read_only(place, below=False)
        os.chroot(root)
        os.chdir(folder)
        return True
    return False


def _show(path: Path, root: Path, *, is_read_only: bool) -> None:
    """Show a path of this machine in the new root; nothing where it is missing."""
    try:
        is_folder = stat.S_ISDIR(path.stat().st_mode)
    except OSError:
        return
    place = _below(root, path)
    if not place.exists():
        if is_folder:
            place.mkdir(parents=True)
        else:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.touch()
    try:
        _mount(os.fsencode(path), place, None, _BIND)
    except OSError:  # mounts below it are only shown with it
        _mount(os.fsencode(path), place, None, _BIND | _RECURSIVE)
    if is_read_only:
        _make_read_only(place, below=True)


def _linked(path: Path, root: Path) -> Path:
    """Make, in the new root, the links on the way to a path, and return where they lead."""
    here, names = Path("/"), list(path.parts[1:])
    while names:
        name = names.pop(0)
        place = here.parent if name == ".." else here / name
        if place.is_symlink():
            target = place.readlink()
            copy = _below(root, place)
            if not os.path.lexists(copy):
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.symlink_to(target)
            names = [*target.parts[target.is_absolute() :], *names]
            here = Path("/") if target.is_absolute() else here
        else:
            here = place
    return here


def _hide(place: Path) -> None:
    """Show nothing under a path of the new root."""
    if place.is_dir():
        _mount(b"tmpfs", place, b"tmpfs", _NO_SUID | _NO_DEVICE, b"size=64k,mode=755")
    elif place.exists():
        _mount(os.fsencode(os.devnull), place, None, _BIND)


def _make_read_only(place: Path, *, below: bool) -> None:
    attributes = (ctypes.c_uint64 * 4)(_READ_ONLY, 0, 0, 0)
    name, flags = os.fsencode(place), _ALL_BELOW if below else 0
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(_MOUNT_SETATTR, _HERE, name, flags, attributes, ctypes.sizeof(attributes)):
        kept = os.statvfs(place).f_flag & _KEPT
        _mount(b"none", place, None, _REMOUNT | _BIND | _READ_ONLY | kept)


def _mount(source: bytes, place: Path, kind: bytes | None, flags: int, options: bytes | None = None) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(source, os.fsencode(place), kind, ctypes.c_ulong(flags), options):
        raise OSError(ctypes.get_errno(), f"{place} cannot be mounted")


def _below(root: Path, path: Path) -> Path:
    return root / path.relative_to("/")


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


# What the child says once it is confined; only then does it touch the file.
READY = b"ready\n"

# A picture of 50 million pixels, decoded, with what its decoder needs beside it.
ADDRESS_SPACE = 1024 * 1024 * 1024


def apply_limits(cpu_seconds: int, *, memory: int = ADDRESS_SPACE) -> None:
    """Limit this process for good: memory, CPU seconds, no writing, no further open file, and nothing that
    the table of system calls does not let a decoder do.

    Where the kernel allows it, the process also moves to an empty network namespace and drops the
    capabilities that could raise a limit. All modules must be imported before.
    """
    unshare_namespaces()
    set_rlimits(cpu_seconds, memory=memory)


def set_rlimits(cpu_seconds: int, *, memory: int = ADDRESS_SPACE) -> None:
    """Apply the limits, in a process that already has its own namespaces."""
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_AS, memory)
    _limit(resource.RLIMIT_CPU, cpu_seconds)
    _limit(resource.RLIMIT_FSIZE, 0)
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 2)  # decoders complain at length about broken files
    os.close(silence)
    confine_decoder()


def _limit(what: int, value: int) -> None:
    resource.setrlimit(what, (value, value))


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
