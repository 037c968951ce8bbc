"""The process that becomes a program of another project, or runs a module of ours: it gives up everything
else first.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import json
import os
import resource
import signal
import stat
import sys
from collections.abc import Iterable
from pathlib import Path

from portfolio.files.sandbox.landlock import restrict_files
from portfolio.files.sandbox.limits import unshare_namespaces
from portfolio.files.sandbox.seccomp import filter_network_calls

_DIE_WITH_PARENT = 1
_NEW_PROCESSES, _NEW_MOUNTS = 0x20000000, 0x00020000
_BIND, _RECURSIVE, _PRIVATE, _DETACH = 0x1000, 0x4000, 0x40000, 2
_OWN_FOLDERS = ("HOME", "TMPDIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR")
_TEMPORARY = Path("/tmp")  # noqa: S108 - an empty folder is shown in its place  # nosec B108
_SHOWN_AS_TEMPORARY = ".tmp"
# Libraries, fonts and their settings; nothing of ours, and nothing that names a person or holds a key.
_SYSTEM = (
    "/usr", "/lib", "/lib64", "/bin", "/opt", "/etc/fonts", "/etc/ld.so.cache", "/etc/libreoffice",
    "/etc/localtime", "/etc/alternatives", "/var/cache/fontconfig", "/var/lib/libreoffice",
    "/var/spool/libreoffice",
    "/dev/urandom", "/dev/random",
)  # fmt: skip


def main() -> None:
    """Leave the network and the other processes, restrict the files, then run the command or the module
    given as JSON.
    """
    settings = json.loads(sys.argv[3])
    _die_with_parent()
    unshare_namespaces()
    folder = os.getcwd()
    read = [Path(path) for path in (*_SYSTEM, *settings["read"])]
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).unshare(_NEW_PROCESSES)
        _hide_temporary(Path(folder), read)
    # The first process of a space of processes: when it ends, all the others of that space end.
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
    _die_with_parent()
    os.nice(5)
    for what, value in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, settings["cpu"]),
        (resource.RLIMIT_AS, settings["memory"]),
        (resource.RLIMIT_FSIZE, settings["file"]),
    ):
        resource.setrlimit(what, (value, value))
    restrict_files(
        read=read,
        write=[Path(folder), Path("/dev/null")],
        sockets=[_TEMPORARY],
    )
    filter_network_calls()
    os.environ |= dict.fromkeys(_OWN_FOLDERS, folder)
    if "main" in settings:
        sys.argv = [*sys.argv[:2], settings["main"], *settings["arguments"]]
        importlib.import_module(settings["main"]).main()
        return
    command = settings["command"]
    os.execv(command[0], command)  # noqa: S606 - our own command


def _hide_temporary(folder: Path, read: Iterable[Path]) -> None:
    """Show an empty folder in the place of /tmp, with nothing in it but what of this folder and of what is
    read lies there; leave /tmp as it is where the kernel refuses.
    """
    libc = ctypes.CDLL(None)
    # A mount that is not private would hide /tmp from the whole machine.
    if libc.unshare(_NEW_MOUNTS) or libc.mount(None, b"/", None, _RECURSIVE | _PRIVATE, None):
        return
    opened = {path: os.open(path, os.O_PATH | os.O_CLOEXEC) for path in _below_temporary([folder, *read])}
    shown = folder / _SHOWN_AS_TEMPORARY
    shown.mkdir(exist_ok=True)
    if libc.mount(os.fsencode(shown), os.fsencode(_TEMPORARY), None, _BIND, None):
        return
    try:
        for path, descriptor in opened.items():
            _show(libc, descriptor, path)
        os.chdir(folder)
    except OSError:
        libc.umount2(os.fsencode(_TEMPORARY), _DETACH)
        os.chdir(folder)


def _below_temporary(paths: Iterable[Path]) -> list[Path]:
    """Return which of these paths lie below /tmp, by name or where links lead; not those below another."""
    places = {_TEMPORARY, _TEMPORARY.resolve()}
    named = {name for path in paths if path.exists() for name in (path, path.resolve())}
    below = [name for name in named if places & set(name.parents)]
    return [name for name in below if not set(below) & set(name.parents)]


def _show(libc: ctypes.CDLL, descriptor: int, path: Path) -> None:
    """Show an open file or folder under this path, whose folders are made; raise OSError."""
    if stat.S_ISDIR(os.fstat(descriptor).st_mode):
        path.mkdir(parents=True, exist_ok=True)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    if libc.mount(f"/proc/self/fd/{descriptor}".encode(), os.fsencode(path), None, _BIND | _RECURSIVE, None):
        raise OSError(f"{path} cannot be shown")


def _die_with_parent() -> None:
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
