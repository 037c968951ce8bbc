"""Resource limits that a sandboxed process applies to itself before it opens a file: memory, time, disk,
network.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource

from portfolio.files.sandbox.seccomp import filter_system_calls

# What the child says once it is confined; only then does it touch the file.
READY = b"ready\n"

# A picture of 50 million pixels, decoded, with what its decoder needs beside it.
ADDRESS_SPACE = 1024 * 1024 * 1024

_NEW_USER, _NEW_NETWORK, _NEW_IPC = 0x10000000, 0x40000000, 0x08000000
_DUMPABLE, _NO_NEW_PRIVILEGES = 4, 38


def apply_limits(cpu_seconds: int, *, written: int = 0, memory: int = ADDRESS_SPACE) -> None:
    """Limit this process for good: memory, CPU seconds, no writing, and no further open file, hence no
    connection.

    A system call filter (seccomp) refuses new processes and signals, to root too; without seccomp,
    RLIMIT_NPROC does.

    A socket is an open file, so the last limit already prevents network access; where the kernel allows it,
    the process also moves to an empty network namespace and drops the capabilities that could raise a limit.
    All modules must be imported before. `written`: how many bytes the process may write to a file that was
    open when it started.
    """
    unshare_namespaces()
    set_rlimits(cpu_seconds, written=written, memory=memory)


def set_rlimits(cpu_seconds: int, *, written: int = 0, memory: int = ADDRESS_SPACE) -> None:
    """Apply the resource limits, in a process that already has its own namespaces."""
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_AS, memory)
    _limit(resource.RLIMIT_CPU, cpu_seconds)
    _limit(resource.RLIMIT_FSIZE, written)
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 2)  # decoders complain at length about broken files
    os.close(silence)
    _limit(resource.RLIMIT_NOFILE, 0)
    if not filter_system_calls():
        _limit(resource.RLIMIT_NPROC, 0)


def unshare_namespaces() -> None:
    """Move this process to an empty network namespace, without capabilities in another one, where the kernel
    allows it.
    """
    # Only Linux has these calls; some containers refuse them.
    with contextlib.suppress(AttributeError, OSError):
        libc = ctypes.CDLL(None)
        libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        libc.prctl(_DUMPABLE, 0, 0, 0, 0)  # nor may one of our own user look into this one
        libc.unshare(_NEW_USER | _NEW_NETWORK | _NEW_IPC)


def _limit(what: int, value: int) -> None:
    resource.setrlimit(what, (value, value))
