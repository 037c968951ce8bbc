"""Temporary folders that hold a person's files in clear: removed after use, and after a kill by the next process."""

import atexit
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

_PREFIX = "acquis-"
_LOCK = "owner.lock"
# A folder without its lock is being made, or was made before there were locks.
_MADE_WITHIN_S = 24 * 3600


@contextmanager
def temporary_folder(place: Path | None = None) -> Iterator[Path]:
    """Lend a new folder in the system's place, or in this one; it is deleted afterwards."""
    with tempfile.TemporaryDirectory(dir=folder_of_process(place)) as folder:
        yield Path(folder)


def folder_of_process(place: Path | None = None) -> Path:
    """Return the folder of this process, made where it is not there; those of ended processes are removed then."""
    where = str(place or tempfile.gettempdir())
    folder = _made(where, os.getpid())
    if not folder.is_dir():  # the data folder was emptied
        _made.cache_clear()
        folder = _made(where, os.getpid())
    return folder


def remove_orphans(place: Path) -> None:
    """Remove the folders of processes that are no more."""
    for folder in place.glob(f"{_PREFIX}*"):
        if folder.is_dir() and not folder.is_symlink() and _is_orphan(folder):
            shutil.rmtree(folder, ignore_errors=True)


@cache
def _made(place: str, owner: int) -> Path:
    Path(place).mkdir(mode=0o700, parents=True, exist_ok=True)
    remove_orphans(Path(place))
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=place))
    # The kernel gives the lock back when the process ends, however it ends; a process id may come again.
    lock = os.open(folder / "new.lock", os.O_CREAT | os.O_RDWR, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    (folder / "new.lock").rename(folder / _LOCK)
    atexit.register(_remove_own, folder, owner)
    return folder


def _is_orphan(folder: Path) -> bool:
    try:
        lock = os.open(folder / _LOCK, os.O_RDWR | os.O_NOFOLLOW)
    except OSError:
        with suppress(OSError):
            return time.time() - folder.stat().st_mtime > _MADE_WITHIN_S
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(lock)
    return True


def _remove_own(folder: Path, owner: int) -> None:
    if os.getpid() == owner:  # a child made by fork ends without taking it away
        shutil.rmtree(folder, ignore_errors=True)
