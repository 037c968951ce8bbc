"""The one table of what each kind of sandboxed child may do, and the filter of system calls that is made from it, for
good (seccomp, Linux).

Threads still work: decoders of pictures start some. The filter binds root too, which limits of resources do not.
"""

import ctypes
import os
import platform
import struct
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from errno import ENOSYS, EPERM
from functools import cache


class ChildKind(StrEnum):
    """Kind of child, by its purpose: the less it needs, the less it may do."""

    # It is handed one open file, and opens nothing: PDFium, libav, libheif, Pillow, libmagic.
    DECODER = "decoder"
    # A module of ours that works in the folder of one file.
    MODULE = "module"
    # A program of another project that works in the folder of one file: LibreOffice, pandoc.
    PROGRAM = "program"


_NOBODY: frozenset[ChildKind] = frozenset()
_IN_A_FOLDER = frozenset({ChildKind.MODULE, ChildKind.PROGRAM})
_PROGRAMS = frozenset({ChildKind.PROGRAM})
# The numbers of a system call on x86_64 and on aarch64, which lacks some.
_Numbers = tuple[int | None, int | None]
MACHINES = ("x86_64", "aarch64")


@dataclass(frozen=True)
class Calls:
    """System calls that do one thing, and which kinds of children may do it. Calls that are in no row only
    reach the memory of the child and what it has opened already.
    """

    thing: str
    may: frozenset[ChildKind]
    numbers: Mapping[str, _Numbers]


TABLE = (
    Calls("look at paths and open them", _IN_A_FOLDER, {
        "open": (2, None), "openat": (257, 56), "creat": (85, None), "stat": (4, None),
        "lstat": (6, None), "access": (21, None), "faccessat": (269, 48), "faccessat2": (439, 439),
        "readlink": (89, None), "readlinkat": (267, 78), "statx": (332, 291), "statfs": (137, 43),
        "chdir": (80, 49), "fchdir": (81, 50), "getdents": (78, None), "getdents64": (217, 61),
    }),
    Calls("make, name and remove files", _IN_A_FOLDER, {
        "mkdir": (83, None), "mkdirat": (258, 34), "rmdir": (84, None), "unlink": (87, None),
        "unlinkat": (263, 35), "rename": (82, None), "renameat": (264, 38), "renameat2": (316, 276),
        "link": (86, None), "linkat": (265, 37), "symlink": (88, None), "symlinkat": (266, 36),
        "ftruncate": (77, 46), "fallocate": (285, 47), "flock": (73, 32),
    }),
    # No path wall of Linux covers all of these, and an open file of ours is enough for some of them.
    Calls("change modes, owners, times and attributes, make special files", _NOBODY, {
        "truncate": (76, 45), "mknod": (133, None), "mknodat": (259, 33), "chmod": (90, None),
        "fchmod": (91, 52), "fchmodat": (268, 53), "chown": (92, None), "fchown": (93, 55),
        "lchown": (94, None), "fchownat": (260, 54), "utime": (132, None), "utimes": (235, None),
        "futimesat": (261, None), "utimensat": (280, 88), "setxattr": (188, 5), "lsetxattr": (189, 6),
        "fsetxattr": (190, 7), "removexattr": (197, 14), "lremovexattr": (198, 15),
        "fremovexattr": (199, 16), "getxattr": (191, 8), "lgetxattr": (192, 9), "fgetxattr": (193, 10),
        "listxattr": (194, 11), "llistxattr": (195, 12), "flistxattr": (196, 13),
        "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265), "fanotify_init": (300, 262),
        "fanotify_mark": (301, 263), "quotactl": (179, 60),
    }),
    # Landlock does not cover the first; the others reach what no limit of a process counts.
    Calls("watch names, have memory without a name, make the disk write", _NOBODY, {
        "inotify_add_watch": (254, 27), "memfd_create": (319, 279), "sync": (162, 81), "syncfs": (306, 267),
    }),
    Calls("become another program", _PROGRAMS, {"execve": (59, 221)}),
    # LibreOffice names its instance by a socket; that it has a name is pretended (PRETENDED).
    Calls("have a local socket without a name", _PROGRAMS, {
        "socket": (41, 198), "bind": (49, 200), "listen": (50, 201), "shutdown": (48, 210),
        "getsockopt": (55, 209), "setsockopt": (54, 208), "getsockname": (51, 204), "getpeername": (52, 205),
    }),
    Calls("reach others by sockets and messages", _NOBODY, {
        "socketpair": (53, 199), "connect": (42, 203), "accept": (43, 202), "accept4": (288, 242),
        "sendto": (44, 206), "sendmsg": (46, 211), "sendmmsg": (307, 269), "recvfrom": (45, 207),
        "recvmsg": (47, 212), "recvmmsg": (299, 243),
        "shmget": (29, 194), "shmat": (30, 196), "shmctl": (31, 195), "msgget": (68, 186),
        "msgsnd": (69, 189), "msgrcv": (70, 188), "msgctl": (71, 187), "semget": (64, 190),
        "semop": (65, 193), "semtimedop": (220, 192), "semctl": (66, 191), "mq_open": (240, 180),
        "mq_unlink": (241, 181), "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    }),
    Calls("start, signal, look into and hold up processes", _NOBODY, {
        "fork": (57, None), "vfork": (58, None), "execveat": (322, 281), "kill": (62, 129),
        "tkill": (200, 130), "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240),
        "pidfd_open": (434, 434), "pidfd_getfd": (438, 438), "pidfd_send_signal": (424, 424),
        "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
        "process_madvise": (440, 440), "kcmp": (312, 272), "get_robust_list": (274, 100),
        "migrate_pages": (256, 238), "move_pages": (279, 239), "sched_setaffinity": (203, 122),
        "sched_setscheduler": (144, 119), "sched_setparam": (142, 118), "sched_setattr": (314, 274),
        "ioprio_set": (251, 30), "setrlimit": (160, 164), "setsid": (112, 157), "setpgid": (109, 154),
    }),
    Calls("be another account", _NOBODY, {
        "setuid": (105, 146), "setgid": (106, 144), "setreuid": (113, 145), "setregid": (114, 143),
        "setresuid": (117, 147), "setresgid": (119, 149), "setgroups": (116, 159),
        "setfsuid": (122, 151), "setfsgid": (123, 152), "capset": (126, 91),
    }),
    Calls("change the machine, or what it shows of itself", _NOBODY, {
        "setns": (308, 268), "unshare": (272, 97), "chroot": (161, 51), "pivot_root": (155, 41),
        "mount": (165, 40), "umount2": (166, 39), "open_tree": (428, 428), "move_mount": (429, 429),
        "fsopen": (430, 430), "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433),
        "swapon": (167, 224), "swapoff": (168, 225), "acct": (163, 89), "bpf": (321, 280),
        "perf_event_open": (298, 241), "userfaultfd": (323, 282), "io_uring_setup": (425, 425),
        "io_uring_enter": (426, 426), "io_uring_register": (427, 427), "io_setup": (206, 0),
        "io_submit": (209, 2), "init_module": (175, 105), "finit_module": (313, 273),
        "delete_module": (176, 106), "kexec_load": (246, 104), "kexec_file_load": (320, 294),
        "reboot": (169, 142), "sethostname": (170, 161), "setdomainname": (171, 162),
        "settimeofday": (164, 170), "clock_settime": (227, 112), "clock_adjtime": (305, 266),
        "adjtimex": (159, 171), "iopl": (172, None), "ioperm": (173, None), "modify_ldt": (154, None),
        "syslog": (103, 116), "vhangup": (153, 58), "personality": (135, 92), "uselib": (134, None),
    }),
)  # fmt: skip

# Calls whose arguments are in memory, out of reach of a filter, and those that came later than this table:
# the kernel seems not to know them, and libraries do without.
UNKNOWN: Mapping[str, _Numbers] = {"clone3": (435, 435), "openat2": (437, 437)}
FIRST_UNKNOWN = 442
# The first call of the x32 interface of x86_64, which would pass by the numbers above.
X32 = 0x40000000
# Calls that do nothing and seem to have succeeded: LibreOffice does not start without a name for its socket.
PRETENDED: Mapping[ChildKind, frozenset[str]] = {ChildKind.PROGRAM: frozenset({"bind", "listen"})}

# Words of the arguments, as the filter sees them: each is two words, the lower one first.
LOW, HIGH = 0, 1
OWN_PROCESS = -1
_EVERYONE = frozenset(ChildKind)
_DECODERS = frozenset({ChildKind.DECODER})
_CLONE_THREAD, _CLONE_NAMESPACES = 0x00010000, 0x7E020000
_CUT, _WRITTEN = 0o1000, 3
_ALL_BITS = 0xFFFFFFFF


@dataclass(frozen=True)
class Only:
    """An argument that a call may have: one of these values, or (`not`) none of them, under a mask."""

    argument: int
    values: tuple[int, ...]
    word: int = LOW
    mask: int = _ALL_BITS
    is_refused: bool = False


@dataclass(frozen=True)
class Condition:
    """A call that these kinds may only make with some arguments."""

    kinds: frozenset[ChildKind]
    numbers: _Numbers
    arguments: tuple[Only, ...]


CONDITIONS: Mapping[str, Condition] = {
    # A new thread, not a new process or namespace.
    "clone": Condition(_EVERYONE, (56, 220), (Only(0, (_CLONE_THREAD,), mask=_CLONE_THREAD | _CLONE_NAMESPACES),)),
    # abort() sends a signal to a thread of its own process.
    "tgkill": Condition(_EVERYONE, (234, 131), (Only(0, (OWN_PROCESS,)),)),
    # Its own limits may be read: the third argument points to a new one.
    "prlimit64": Condition(_EVERYONE, (302, 261), (Only(0, (0,)), Only(2, (0,)), Only(2, (0,), HIGH))),
    # It ends with its parent: PR_SET_PDEATHSIG stays.
    "prctl": Condition(_EVERYONE, (157, 167), (Only(0, (1,), is_refused=True),)),
    # A child may be nicer itself, not make others so.
    "setpriority": Condition(_EVERYONE, (141, 140), (Only(0, (0,)), Only(1, (0,)))),
    # No lease or notification, and no process that the kernel signals for it: F_SETOWN, F_SETSIG,
    # F_SETOWN_EX, F_SETLEASE, F_NOTIFY.
    "fcntl": Condition(_EVERYONE, (72, 25), (Only(1, (8, 10, 15, 1024, 1026), is_refused=True),)),
    # TCGETS, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX; none that changes the flags of a file, or types into a
    # terminal.
    "ioctl": Condition(_EVERYONE, (16, 29), (Only(1, (0x5401, 0x541B, 0x5421, 0x5450, 0x5451)),)),
    # A file that is opened to be read is not cut: Landlock knows that since Linux 6.2 only.
    "open": Condition(_IN_A_FOLDER, (2, None), (Only(1, (_CUT,), mask=_CUT | _WRITTEN, is_refused=True),)),
    "openat": Condition(_IN_A_FOLDER, (257, 56), (Only(2, (_CUT,), mask=_CUT | _WRITTEN, is_refused=True),)),
    # A stream: a datagram would reach any socket that has a name.
    "socket": Condition(_PROGRAMS, (41, 198), (Only(0, (1,)), Only(1, (1,), mask=0xF))),
    # The file that it was handed is not written in memory.
    "mmap": Condition(_DECODERS, (9, 222), (Only(3, (0,), mask=1),)),
    # The state of an open file (AT_EMPTY_PATH), which the C library asks for in this way.
    "newfstatat": Condition(_DECODERS, (262, 79), (Only(3, (0x1000,), mask=0x1000),)),
}


def refused_calls(kind: ChildKind) -> Iterator[tuple[str, _Numbers]]:
    """Yield the calls that this kind of child may not make, whatever their arguments."""
    pretended = PRETENDED.get(kind, frozenset())
    for row in TABLE:
        if kind not in row.may:
            yield from row.numbers.items()
        else:
            yield from ((name, numbers) for name, numbers in row.numbers.items() if name in pretended)


def conditions(kind: ChildKind) -> Iterator[tuple[str, Condition]]:
    """Yield the calls that this kind of child may make with some arguments."""
    return ((name, condition) for name, condition in CONDITIONS.items() if kind in condition.kinds)


# How the kernel names a machine, and the call that installs a filter there.
AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_SECCOMP = {"x86_64": 317, "aarch64": 277}

# A program of the Berkeley packet filter: load a word, keep some bits, compare it, return a verdict.
LOAD, AND, EQUAL, AT_LEAST, RETURN = 0x20, 0x54, 0x15, 0x35, 0x06
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # where they lie in what the kernel shows to the filter
ALLOW, _ERROR, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_NO_NEW_PRIVILEGES, _SET_FILTER, _ALL_THREADS = 38, 1, 1
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
    place = MACHINES.index(machine)
    pretended = PRETENDED.get(kind, frozenset())
    yield LOAD, 0, 0, _ARCHITECTURE
    yield EQUAL, 1, 0, AUDIT[machine]
    yield RETURN, 0, 0, _KILL
    yield LOAD, 0, 0, _NUMBER
    yield from _answered_if(AT_LEAST, X32, EPERM)
    yield from _answered_if(AT_LEAST, FIRST_UNKNOWN, ENOSYS)
    for numbers in UNKNOWN.values():
        yield from _answered_if(EQUAL, numbers[place], ENOSYS)
    refused = dict(refused_calls(kind))
    for name, numbers in refused.items():
        yield from _answered_if(EQUAL, numbers[place], 0 if name in pretended else EPERM)
    for name, condition in conditions(kind):
        if name not in refused and condition.numbers[place] is not None:
            checks = [step for only in condition.arguments for step in _checked(only, pid)]
            yield EQUAL, 0, len(checks) + 1, condition.numbers[place] or 0
            yield from checks
            yield RETURN, 0, 0, ALLOW
    yield RETURN, 0, 0, ALLOW


def _answered_if(comparison: int, value: int | None, error: int) -> Iterator[Step]:
    """Yield what answers an error, or a success that is none (0), to a call; nothing of one that the machine lacks."""
    if value is not None:
        yield comparison, 0, 1, value
        yield RETURN, 0, 0, _ERROR | error


def _checked(only: Only, pid: int) -> Iterator[Step]:
    """Yield what refuses a call whose argument is not as it should be, and goes on otherwise."""
    values = [pid if value == OWN_PROCESS else value for value in only.values]
    yield LOAD, 0, 0, _ARGUMENTS + 8 * only.argument + 4 * only.word
    if only.mask != _ALL_BITS:
        yield AND, 0, 0, only.mask
    for left, value in zip(range(len(values) - 1, -1, -1), values, strict=True):
        if only.is_refused:
            yield EQUAL, left, 0 if left else 1, value
        else:
            yield EQUAL, left + 1, 0, value
    yield RETURN, 0, 0, _ERROR | EPERM
