"""A filter of system calls for good (seccomp, Linux): no new process or program, no signal to another
process, no socket.

Threads still work: decoders of pictures start some. The filter binds root too, which limits of resources do
not.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from errno import ENOSYS, EPERM

# The numbers of system calls on each machine: those refused whatever their arguments.
_REFUSED = {
    "x86_64": {
        "fork": 57, "vfork": 58, "execve": 59, "execveat": 322,
        "kill": 62, "tkill": 200, "rt_sigqueueinfo": 129, "rt_tgsigqueueinfo": 297,
        "pidfd_open": 434, "pidfd_getfd": 438, "pidfd_send_signal": 424,
        "socket": 41, "socketpair": 53, "connect": 42, "bind": 49, "listen": 50, "accept": 43, "accept4": 288,
        "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311, "process_madvise": 440,
        "unshare": 272, "setns": 308, "chroot": 161, "pivot_root": 155, "mount": 165, "umount2": 166,
        "add_key": 248, "request_key": 249, "keyctl": 250, "bpf": 321, "perf_event_open": 298,
        "userfaultfd": 323, "io_uring_setup": 425, "init_module": 175, "kexec_load": 246, "setrlimit": 160,
    },
    "aarch64": {
        "execve": 221, "execveat": 281,
        "kill": 129, "tkill": 130, "rt_sigqueueinfo": 138, "rt_tgsigqueueinfo": 240,
        "pidfd_open": 434, "pidfd_getfd": 438, "pidfd_send_signal": 424,
        "socket": 198, "socketpair": 199, "connect": 203, "bind": 200, "listen": 201, "accept": 202,
        "accept4": 242, "ptrace": 117, "process_vm_readv": 270, "process_vm_writev": 271,
        "process_madvise": 440, "unshare": 97, "setns": 268, "chroot": 51, "pivot_root": 41, "mount": 40,
        "umount2": 39, "add_key": 217, "request_key": 218, "keyctl": 219, "bpf": 280, "perf_event_open": 241,
        "userfaultfd": 282, "io_uring_setup": 425, "init_module": 105, "kexec_load": 104, "setrlimit": 164,
    },
}  # fmt: skip


@dataclass(frozen=True)
class _Machine:
    """How the kernel names a machine, and the calls that are refused by their arguments."""

    audit: int
    clone: int
    tgkill: int
    prlimit64: int
    seccomp: int


_MACHINES = {
    "x86_64": _Machine(audit=0xC000003E, clone=56, tgkill=234, prlimit64=302, seccomp=317),
    "aarch64": _Machine(audit=0xC00000B7, clone=220, tgkill=131, prlimit64=261, seccomp=277),
}
_CLONE3 = 435  # its flags are in memory, out of reach of a filter: the C library falls back to clone
_CLONE_THREAD = 0x00010000
# The first call of the x32 interface of x86_64, which would pass by the numbers above.
_X32 = 0x40000000

# A program of the Berkeley packet filter: load a word, compare it, return a verdict.
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # where they lie in what the kernel shows to the filter
_ALLOW, _ERROR, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_NO_NEW_PRIVILEGES, _SET_FILTER, _ALL_THREADS = 38, 1, 1
_Step = tuple[int, int, int, int]


# What a program of another project needs to work: it starts threads and programs of its own, and names its
# instance by a socket of its folder.
_NEEDED_BY_PROGRAMS = {
    "fork", "vfork", "execve", "execveat", "kill", "tkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo",
    "socketpair", "bind", "listen", "accept", "accept4", "setrlimit", "socket",
}  # fmt: skip
_UNIX = 1


def filter_system_calls() -> bool:
    """Refuse these calls to every thread of this process for good; False where the system has no such
    filter.
    """
    return _install(lambda machine: _program(machine, os.getpid()))


def filter_network_calls() -> bool:
    """Refuse to a program, and to its children, any connection and what reaches other processes; False
    without a filter.
    """
    return _install(_network_program)


def _install(program: Callable[[str], Iterator[_Step]]) -> bool:
    machine = platform.machine()
    if sys.platform != "linux" or machine not in _MACHINES or struct.calcsize("P") != 8:
        return False
    steps = list(program(machine))
    code = b"".join(struct.pack("=HBBI", *step) for step in steps)
    kept = ctypes.create_string_buffer(code, len(code))
    head = ctypes.create_string_buffer(struct.pack("@HP", len(steps), ctypes.addressof(kept)))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    return bool(libc.syscall(_MACHINES[machine].seccomp, _SET_FILTER, _ALL_THREADS, head) == 0)


def _network_program(machine: str) -> Iterator[_Step]:
    """Yield the filter of programs: a socket of the folder is allowed, no other one, and no connection."""
    refused = _REFUSED[machine]
    yield from _beginning(machine)
    for name in refused.keys() - _NEEDED_BY_PROGRAMS:
        yield from _refused_if(_EQUAL, refused[name], EPERM)
    yield from (
        (_EQUAL, 0, 3, refused["socket"]),
        (_LOAD, 0, 0, _ARGUMENTS),
        (_EQUAL, 1, 0, _UNIX),
        (_RETURN, 0, 0, _ERROR | EPERM),
    )
    yield _RETURN, 0, 0, _ALLOW


def _beginning(machine: str) -> Iterator[_Step]:
    yield _LOAD, 0, 0, _ARCHITECTURE
    yield _EQUAL, 1, 0, _MACHINES[machine].audit
    yield _RETURN, 0, 0, _KILL
    yield _LOAD, 0, 0, _NUMBER
    yield from _refused_if(_AT_LEAST, _X32, EPERM)
    yield from _refused_if(_EQUAL, _CLONE3, ENOSYS)


def _program(machine: str, pid: int) -> Iterator[_Step]:
    """Yield the filter: a jump is taken over so many steps when the comparison holds, or when it does not."""
    calls = _MACHINES[machine]
    yield from _beginning(machine)
    for number in _REFUSED[machine].values():
        yield from _refused_if(_EQUAL, number, EPERM)
    # A new thread is allowed, a new process is not.
    yield from (
        (_EQUAL, 0, 4, calls.clone),
        (_LOAD, 0, 0, _ARGUMENTS),
        (_ANY_BIT, 1, 0, _CLONE_THREAD),
        (_RETURN, 0, 0, _ERROR | EPERM),
        (_RETURN, 0, 0, _ALLOW),
    )
    # A signal to a thread of this process is allowed: abort() sends one.
    yield from (
        (_EQUAL, 0, 4, calls.tgkill),
        (_LOAD, 0, 0, _ARGUMENTS),
        (_EQUAL, 1, 0, pid),
        (_RETURN, 0, 0, _ERROR | EPERM),
        (_RETURN, 0, 0, _ALLOW),
    )
    # A limit may be read, by threads that are started, but not set: the third argument points to the new one.
    yield from (
        (_EQUAL, 0, 5, calls.prlimit64),
        (_LOAD, 0, 0, _ARGUMENTS + 2 * 8),
        (_EQUAL, 0, 2, 0),
        (_LOAD, 0, 0, _ARGUMENTS + 2 * 8 + 4),
        (_EQUAL, 1, 0, 0),
        (_RETURN, 0, 0, _ERROR | EPERM),
    )
    yield _RETURN, 0, 0, _ALLOW


def _refused_if(comparison: int, value: int, error: int) -> Iterator[_Step]:
    yield comparison, 0, 1, value
    yield _RETURN, 0, 0, _ERROR | error
