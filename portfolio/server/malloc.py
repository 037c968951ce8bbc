"""How glibc keeps the memory that a process of many threads frees."""

from __future__ import annotations

import ctypes
from contextlib import suppress

# Parameters of mallopt(3) in glibc.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
# In bytes: pieces of a file that are received and sent on stay below, hashes of passwords (19 MiB) above.
LARGE_BLOCK, SPARE = 4 * 1024 * 1024, 8 * 1024 * 1024
# Threads hold the interpreter's lock while they allocate: more arenas save no time, each keeps its own holes.
ARENAS = 2


def configure_malloc() -> None:
    """Have glibc give a block of 4 MiB or more back when it is freed, and share two arenas among all threads;
    nothing on another library. Called before the threads start.

    By itself it moves that bound up to the largest block that was freed, 32 MiB at most: every thread that
    has once checked a password then keeps 19 MiB for the next one. And it gives sixteen arenas to the threads
    of a machine of two cores: what one thread frees, no other can use.
    """
    with suppress(AttributeError, OSError):
        libc = ctypes.CDLL(None)
        libc.mallopt(_MMAP_THRESHOLD, LARGE_BLOCK)
        libc.mallopt(_TRIM_THRESHOLD, SPARE)
        libc.mallopt(_ARENA_MAX, ARENAS)
