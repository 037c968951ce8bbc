"""Memory that is freed goes back to the system, not to the reserve of one thread."""

from __future__ import annotations

import ctypes
from contextlib import suppress

# Parameters of mallopt(3) in glibc.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
# In bytes: pieces of a file that are received and sent on stay below, hashes of passwords (19 MiB) above.
LARGE_BLOCK, SPARE = 4 * 1024 * 1024, 8 * 1024 * 1024


def return_large_blocks() -> None:
    """Have glibc give a block of 4 MiB or more back when it is freed; nothing on another library.

    By itself it moves that bound up to the largest block that was freed, 32 MiB at most: every thread that
    has once checked a password then keeps 19 MiB for the next one.
    """
    with suppress(AttributeError, OSError):
        libc = ctypes.CDLL(None)
        libc.mallopt(_MMAP_THRESHOLD, LARGE_BLOCK)
        libc.mallopt(_TRIM_THRESHOLD, SPARE)
