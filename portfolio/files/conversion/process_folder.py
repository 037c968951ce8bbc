"""A temporary folder of a process: removed when it exits, or by the next process after a kill."""

import atexit
import fcntl
import os
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path

_LOCK = "owner.lock"
# A folder without its lock is being made, or was made before there were locks.
_MADE_WITHIN_S = 24 * 3600


def make_process_folder(prefix: str) -> Path:
    """Return a new folder of this process, and remove those of this prefix whose process is no more."""
    remove_orphans(prefix)
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    # The kernel gives the lock back when the process ends, however it ends; a process id may come again.
    lock = os.open(folder / _LOCK, os.O_CREAT | os.O_RDWR, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    atexit.register(_remove_own, folder, os.getpid())
    return folder


def remove_orphans(prefix: str) -> None:
    """Remove the folders of this prefix whose process is no more."""
    for folder in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        if folder.is_dir() and not folder.is_symlink() and _is_orphan(folder):
            shutil.rmtree(folder, ignore_errors=True)


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
