"""Limits that a sandboxed process applies to itself before it opens a file: memory, time, disk, network."""

from __future__ import annotations

import os
import resource

from portfolio.files.sandbox.namespaces import unshare_namespaces
from portfolio.files.sandbox.walls import confine_decoder

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
