"""Progress of a long request, for the page that waits for it: a small file that any process reads."""

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

Progress = Callable[[int, int], None]


def _path(key: str) -> Path:
    return Path(tempfile.gettempdir()) / f"acquis-progress-{hashlib.sha256(key.encode()).hexdigest()[:32]}"


@contextmanager
def reported(key: str) -> Iterator[Progress]:
    """Give a function that records how much is done of how much, under a key; the record is removed at the end."""
    path, last = _path(key), -1

    def report(done: int, total: int) -> None:
        nonlocal last
        percent = min(100, done * 100 // max(total, 1))
        if percent == last:
            return
        last = percent
        with suppress(OSError):  # the request goes on without its progress
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(str(percent))

    try:
        yield report
    finally:
        with suppress(OSError):
            path.unlink()


def percent_done(key: str) -> int | None:
    """Return the percentage recorded under a key; None when nothing is."""
    try:
        text = _path(key).read_text()
    except OSError:
        return None
    return int(text) if text.isdecimal() else None
