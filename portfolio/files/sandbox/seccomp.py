"""A filter of system calls for good (seccomp, Linux), made from the table of what each kind of child may do.

Threads still work: decoders of pictures start some. The filter binds root too, which limits of resources do
not.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys
from collections.abc import Iterator
from errno import ENOSYS, EPERM
from functools import cache

from portfolio.files.sandbox import policy
from portfolio.files.sandbox.policy import ChildKind, Only

# How the kernel names a machine, and the call that installs a filter there.
AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_SECCOMP = {"x86_64": 317, "aarch64": 277}

# A program of the Berkeley packet filter: load a word, keep some bits, compare it, return a verdict.
LOAD, AND, EQUAL, AT_LEAST, RETURN = 0x20, 0x54, 0x15, 0x35, 0x06
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # where they lie in what the kernel shows to the filter
ALLOW, _ERROR, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_NO_NEW_PRIVILEGES, _SET_FILTER, _ALL_THREADS = 38, 1, 1
_ALL_BITS = 0xFFFFFFFF
_STEP_BYTES, _PLACE_OF_PID = 8, b"\xfe\xdc\xba\x98"
Step = tuple[int, int, int, int]


def prepare_filter(kind: ChildKind) -> None:
    """Make the filter of this kind ahead of the children that will install it."""
    if platform.machine() in AUDIT:
        _code(kind, platform.machine())


def filter_system_calls(kind: ChildKind) -> bool:
    """Refuse to every thread of this process, for good, what this kind of child may not do; False where the
    system has no such filter.
    """
    machine = platform.machine()
    if sys.platform != "linux" or machine not in AUDIT or struct.calcsize("P") != 8:
        return False
    code = _code(kind, machine).replace(_PLACE_OF_PID, struct.pack("=I", os.getpid()))
    kept = ctypes.create_string_buffer(code, len(code))
    head = ctypes.create_string_buffer(struct.pack("@HP", len(code) // _STEP_BYTES, ctypes.addressof(kept)))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    return bool(libc.syscall(_SECCOMP[machine], _SET_FILTER, _ALL_THREADS, head) == 0)


@cache
def _code(kind: ChildKind, machine: str) -> bytes:
    """Return the filter as the kernel reads it; a fork server makes it once for its children."""
    steps = program(kind, machine, int.from_bytes(_PLACE_OF_PID, sys.byteorder))
    return b"".join(struct.pack("=HBBI", *step) for step in steps)


def program(kind: ChildKind, machine: str, pid: int) -> Iterator[Step]:
    """Yield the filter: a jump is taken over so many steps when the comparison holds, or when it does not."""
    place = policy.MACHINES.index(machine)
    pretended = policy.PRETENDED.get(kind, frozenset())
    yield LOAD, 0, 0, _ARCHITECTURE
    yield EQUAL, 1, 0, AUDIT[machine]
    yield RETURN, 0, 0, _KILL
    yield LOAD, 0, 0, _NUMBER
    yield from _answered_if(AT_LEAST, policy.X32, EPERM)
    yield from _answered_if(AT_LEAST, policy.FIRST_UNKNOWN, ENOSYS)
    for numbers in policy.UNKNOWN.values():
        yield from _answered_if(EQUAL, numbers[place], ENOSYS)
    refused = dict(policy.refused_calls(kind))
    for name, numbers in refused.items():
        yield from _answered_if(EQUAL, numbers[place], 0 if name in pretended else EPERM)
    for name, condition in policy.conditions(kind):
        if name not in refused and condition.numbers[place] is not None:
            checks = [step for only in condition.arguments for step in _checked(only, pid)]
            yield EQUAL, 0, len(checks) + 1, condition.numbers[place] or 0
            yield from checks
            yield RETURN, 0, 0, ALLOW
    yield RETURN, 0, 0, ALLOW


def _answered_if(comparison: int, value: int | None, error: int) -> Iterator[Step]:
    """Yield what answers an error, or a success that is none (0), to a call; nothing of one that the machine
    lacks.
    """
    if value is not None:
        yield comparison, 0, 1, value
        yield RETURN, 0, 0, _ERROR | error


def _checked(only: Only, pid: int) -> Iterator[Step]:
    """Yield what refuses a call whose argument is not as it should be, and goes on otherwise."""
    values = [pid if value == policy.OWN_PROCESS else value for value in only.values]
    yield LOAD, 0, 0, _ARGUMENTS + 8 * only.argument + 4 * only.word
    if only.mask != _ALL_BITS:
        yield AND, 0, 0, only.mask
    for left, value in zip(range(len(values) - 1, -1, -1), values, strict=True):
        if only.is_refused:
            yield EQUAL, left, 0 if left else 1, value
        else:
            yield EQUAL, left + 1, 0, value
    yield RETURN, 0, 0, _ERROR | EPERM
