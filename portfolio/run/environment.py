"""The environment of a server: the kernel shows it as it was at the start, in /proc, with its secrets."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

from config import is_secret

# Where /proc/PID/stat says that the environment begins and ends, counted after the name of the program.
_BEGINS, _ENDS = 47, 48


def hide_secrets() -> None:
    """Empty the secrets in what the kernel shows of this process, which keeps them in its own memory."""
    for name in filter(is_secret, tuple(os.environ)):
        os.environ[name] = os.environ[name]  # the C library has a copy from now on
    try:
        stat = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
        begins, ends = int(stat[_BEGINS]), int(stat[_ENDS])
    except (OSError, IndexError, ValueError):  # no Linux
        return
    place = begins
    for entry in ctypes.string_at(begins, ends - begins).split(b"\0") if 0 < begins < ends else ():
        named, _, value = entry.partition(b"=")
        if is_secret(os.fsdecode(named)):
            ctypes.memset(place + len(named) + 1, 0, len(value))
        place += len(entry) + 1
