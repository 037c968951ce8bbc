"""Namespaces of Linux: a network without anything, and a root folder in which only a few paths are."""

from __future__ import annotations

import ctypes
import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

_USER, _NETWORK, _IPC, _PROCESSES, _MOUNTS = 0x10000000, 0x40000000, 0x08000000, 0x20000000, 0x00020000
_READ_ONLY, _NO_SUID, _NO_DEVICE, _REMOUNT, _BIND, _RECURSIVE = 0x1, 0x2, 0x4, 0x20, 0x1000, 0x4000
# What a mount of another account had keeps when it is made read-only.
_KEPT = os.ST_NOSUID | os.ST_NODEV | os.ST_NOEXEC | os.ST_NOATIME | os.ST_NODIRATIME
_MOUNT_SETATTR, _HERE, _ALL_BELOW = 442, -100, 0x8000
_DUMPABLE, _NO_NEW_PRIVILEGES = 4, 38
_NOBODY = 65534
_ROOT = ".root"


def unshare_namespaces() -> None:
    """Move this process to an empty network namespace, without capabilities in another one, where the kernel
    allows it.
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
