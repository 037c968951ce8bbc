"""What a decoder does that a file has taken over: try to reach data, code, keys, network, processes, sockets.

It imports nothing of ours, for it also runs as a program of another project.
"""

# ruff: noqa: SIM115 - what is opened is left open
import ctypes
import fcntl
import json
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable
from typing import Any

LIBC = ctypes.CDLL(None, use_errno=True)


def called(number: int, *arguments: Any) -> int:
    """Make a system call; raise OSError when it is refused."""
    found: int = LIBC.syscall(number, *arguments)
    if found == -1:
        raise OSError(ctypes.get_errno(), "refused")
    return found


def tried(attempt: Callable[[], object]) -> int:
    """Return the error of an attempt; 0 when it succeeded."""
    try:
        attempt()
    except OSError as error:
        return error.errno or -1
    except (ValueError, MemoryError):
        return -1
    return 0


def forked(start: Callable[[], object]) -> None:
    """Start a process, which ends at once."""
    own = os.getpid()
    start()
    if os.getpid() != own:
        os._exit(0)


def attempts(plan: dict[str, Any]) -> dict[str, Callable[[], object]]:
    """Return everything that is tried, by name; what only tells that a path exists is named « see … »."""
    data, code, pid, port = plan["data"], plan["code"], plan["pid"], plan["port"]
    key = f"{data}/ledger.key"
    found: dict[str, Callable[[], object]] = {}
    for place in (key, f"{data}/acquis.db", plan["backup"], plan["outside"]):
        found[f"read {place}"] = lambda place=place: open(place).read()
    for place in (key, f"{code}/new.py", plan["outside"]):
        folder = os.path.dirname(place)
        found |= {
            f"write {place}": lambda place=place: open(place, "r+b"),
            f"append {place}": lambda place=place: open(place, "ab"),
            f"cut {place}": lambda place=place: os.open(place, os.O_RDONLY | os.O_TRUNC),
            f"truncate {place}": lambda place=place: os.truncate(place, 0),
            f"unlink {place}": lambda place=place: os.unlink(place),
            f"rename {place}": lambda place=place: os.rename(place, f"{place}.moved"),
            f"rename over {place}": lambda place=place: os.rename("own", place),
            f"link {place}": lambda place=place: os.link(place, f"{place}.link"),
            f"take {place}": lambda place=place: os.link(place, "taken"),
            f"symlink in {folder}": lambda folder=folder: os.symlink("/", f"{folder}/symlink"),
            f"mkdir in {folder}": lambda folder=folder: os.mkdir(f"{folder}/made"),
            f"mkfifo in {folder}": lambda folder=folder: os.mkfifo(f"{folder}/fifo"),
            f"create in {folder}": lambda folder=folder: open(f"{folder}/created", "w"),
            f"socket in {folder}": lambda folder=folder: bound(f"{folder}/socket"),
            f"rmdir {folder}/empty": lambda folder=folder: os.rmdir(f"{folder}/empty"),
            f"list {folder}": lambda place=place: listed(place),
            f"chmod {place}": lambda place=place: os.chmod(place, 0o777),
            f"chown {place}": lambda place=place: os.chown(place, 1, 1),
            f"utime {place}": lambda place=place: os.utime(place, (0, 0)),
            f"setxattr {place}": lambda place=place: os.setxattr(place, "user.a", b"x"),
            f"getxattr {place}": lambda place=place: os.listxattr(place),
            f"see {place}": lambda place=place: os.stat(place),
            f"see access {place}": lambda place=place: called(plan["access"], -100, place.encode(), 0),
            f"see from {folder}": lambda place=place: seen_from(place),
        }
    found |= {
        # The open file itself, by its descriptor.
        "fchmod": lambda: os.fchmod(0, 0o777),
        "fchown": lambda: os.fchown(0, 1, 1),
        "futimens": lambda: os.utime(0, (0, 0)),
        "fsetxattr": lambda: os.setxattr(0, "user.a", b"x"),
        "flags": lambda: called(plan["ioctl"], 0, 0x40086602, ctypes.byref(ctypes.c_long(0x40))),
        "lease": lambda: fcntl.fcntl(0, 1024, 0),
        "signal owner": lambda: fcntl.fcntl(1, 8, pid),
        # Secrets of the machine and of the server.
        "read shadow": lambda: open("/etc/shadow").read(),
        "read environ": lambda: open(f"/proc/{pid}/environ", "rb").read(),
        "read memory": lambda: open(f"/proc/{pid}/mem", "rb").read(1),
        "descriptors": lambda: os.listdir(f"/proc/{pid}/fd"),
        # Network and sockets.
        "connect": lambda: socket.socket().connect((b"127.0.0.1", port)),
        "listen": lambda: socket.socket().bind((b"127.0.0.1", 0)),
        "udp": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", (b"127.0.0.1", port)),
        "raw": lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1),
        "netlink": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW),
        "unix stream": lambda: socket.socket(socket.AF_UNIX).connect(plan["stream"]),
        "unix datagram": lambda: socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b"x", plan["datagram"]),
        "abstract datagram": lambda: socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b"x", plan["abstract"]),
        "socketpair": lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM),
        # Processes.
        "kill": lambda: os.kill(pid, 0),
        "stop": lambda: os.kill(pid, signal.SIGCONT),
        "kill a group": lambda: os.killpg(os.getpgid(pid), 0),
        "kill own group": lambda: os.kill(0, 0),
        "kill all": lambda: os.kill(-1, 0),
        "tgkill": lambda: called(plan["tgkill"], pid, pid, 0),
        "pidfd": lambda: os.pidfd_open(pid),
        "ptrace": lambda: called(plan["ptrace"], 16, pid, 0, 0),
        "priority": lambda: os.setpriority(os.PRIO_PROCESS, pid, 19),
        "priority of the group": lambda: os.setpriority(os.PRIO_PGRP, 0, 19),
        "limit": lambda: called(plan["prlimit64"], pid, 7, (ctypes.c_uint64 * 2)(0, 0), 0),
        "own limit": lambda: resource.setrlimit(7, (100, 100)),
        "affinity": lambda: os.sched_setaffinity(pid, {0}),
        "fork": lambda: forked(os.fork),
        "clone": lambda: forked(lambda: called(plan["clone"], int(signal.SIGCHLD), 0, 0, 0, 0)),
        "clone user namespace": lambda: forked(
            lambda: called(plan["clone"], 0x10000000 | int(signal.SIGCHLD), 0, 0, 0, 0)
        ),
        "outlive": lambda: called(plan["prctl"], 1, 0, 0, 0, 0),
        "session": lambda: os.setsid(),
        # What no limit of a process counts.
        "memory without a name": lambda: os.memfd_create("x"),
        "disk": lambda: called(plan["sync"]),
        "root": lambda: os.chroot("/"),
    }
    return found


def listed(path: str) -> None:
    """List the folder of a path; raise OSError when the path is not there, as in one that is shown empty."""
    if os.path.basename(path) not in os.listdir(os.path.dirname(path)):
        raise FileNotFoundError


def seen_from(path: str) -> None:
    """Go to the folder of a path, and look at it from there."""
    os.chdir(os.path.dirname(path))
    os.stat(os.path.basename(path))


def bound(path: str) -> None:
    """Make a socket with a name; raise OSError when there is none afterwards."""
    socket.socket(socket.AF_UNIX).bind(path)
    os.stat(path)


def tried_all(plan: dict[str, Any]) -> dict[str, int]:
    """Try everything, then each system call that this child may not make; return the errors, 0 for a success.

    Arguments that mean nothing make an allowed call fail in another way.
    """
    found = {name: tried(attempt) for name, attempt in attempts(plan).items()}
    for name, number in plan["calls"].items():
        found[f"call {name}"] = tried(lambda number=number: forked(lambda: called(number, *[-1] * 6)))
    return found


def main() -> None:
    """Try everything in a folder of its own; the plan is the last argument."""
    place = os.path.abspath("said.json")
    found = tried_all(json.loads(sys.argv[-1]))
    with open(place, "w") as said:
        json.dump(found, said)
