"""A confined child starts no process and no program, signals nobody and opens no socket, no matter who runs
it; threads still work.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from portfolio.files.sandbox import policy
from portfolio.files.sandbox.policy import ChildKind

TOP = Path(__file__).parents[2]

ATTEMPTS = """
import ctypes, errno, json, os, platform, signal, socket, sys, threading
from portfolio.files.sandbox.walls import apply_limits
parent, confined, libc = int(sys.argv[1]), sys.argv[2] == "True", ctypes.CDLL(None, use_errno=True)
x86 = platform.machine() == "x86_64"
CLONE, VFORK, CLONE3, TGKILL = (56, 58, 435, 234) if x86 else (220, 220, 435, 131)

def called(number, *arguments):
    answer = libc.syscall(number, *arguments)
    if answer == 0 and number in (CLONE, CLONE3, VFORK):
        os._exit(0)
    if answer == -1:
        raise OSError(ctypes.get_errno(), "refused")

def forked():
    if not os.fork():
        os._exit(0)

attempts = {
    "fork": forked,
    "clone": lambda: called(CLONE, signal.SIGCHLD, 0, 0, 0, 0),
    "clone3": lambda: called(CLONE3, ctypes.create_string_buffer(64), 64),
    "kill": lambda: os.kill(parent, 0),
    "kill a group": lambda: os.killpg(os.getpgid(parent), 0),
    "kill a thread": lambda: called(TGKILL, parent, parent, 0),
    "pidfd": lambda: os.pidfd_open(parent),
    "socket": lambda: socket.socket(),
    "socketpair": lambda: socket.socketpair(),
    "lift a limit": lambda: __import__("resource").prlimit(0, 7, (100, 100)),
    "execve": lambda: os.execve("/bin/true", ["true"], {}),
}
if confined:
    apply_limits(5)
did = {}
for name, attempt in attempts.items():
    if name == "execve" and not confined:
        continue
    try:
        attempt()
        did[name] = 0
    except OSError as error:
        did[name] = error.errno
total = []
threads = [threading.Thread(target=total.append, args=(number,)) for number in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
os.write(1, json.dumps({"did": did, "threads": len(total)}).encode())
os._exit(0)
"""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the filter is one of Linux")


def attempts(confined: bool) -> dict[str, object]:
    ran = subprocess.run(
        [sys.executable, "-c", ATTEMPTS, str(os.getpid()), str(confined)],
        cwd=TOP,
        capture_output=True,
        timeout=60,
        check=True,
    )
    found: dict[str, object] = json.loads(ran.stdout)
    return found


def test_a_confined_child_starts_nothing_and_signals_nobody_but_has_its_threads():
    free, confined = attempts(False), attempts(True)
    assert {name for name, error in free["did"].items() if error == 0} >= {
        "fork",
        "clone",
        "kill",
        "kill a thread",
        "socket",
    }
    assert all(confined["did"].values()), confined
    assert confined["threads"] == 8


def test_it_is_the_filter_that_refuses_and_no_limit_of_root():
    confined = attempts(True)["did"]
    assert confined["clone3"] == 38, "the C library then falls back to clone"
    assert {error for name, error in confined.items() if name != "clone3"} == {1}, confined


def test_abort_still_ends_a_confined_child():
    program = "import os\nfrom portfolio.files.sandbox.walls import apply_limits\napply_limits(5)\nos.abort()"
    ran = subprocess.run([sys.executable, "-c", program], cwd=TOP, capture_output=True, timeout=60, check=False)
    assert ran.returncode == -6


def test_the_filter_binds_threads_that_run_already():
    program = """
import os, threading
from portfolio.files.sandbox.policy import ChildKind
from portfolio.files.sandbox.policy import filter_system_calls
go, answer = threading.Event(), []
def late():
    go.wait()
    try:
        os.kill(os.getppid(), 0)
        answer.append("killed")
    except PermissionError:
        answer.append("refused")
thread = threading.Thread(target=late)
thread.start()
assert filter_system_calls(ChildKind.DECODER)
go.set()
thread.join()
print(answer)
"""
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=TOP, capture_output=True, text=True, timeout=60, check=True
    )
    assert ran.stdout == "['refused']\n"


MACHINES = [(kind, machine) for kind in ChildKind for machine in policy.MACHINES]


@pytest.mark.parametrize(("kind", "machine"), MACHINES)
def test_every_jump_of_the_filter_stays_within_it(kind, machine):
    steps = list(policy.program(kind, machine, 1234))
    assert len(steps) < 4096
    for place, (code, yes, no, _) in enumerate(steps):
        if code in (policy.EQUAL, policy.AT_LEAST):
            assert max(yes, no) < 256
            assert place + 1 + max(yes, no) < len(steps)


@pytest.mark.parametrize("machine", policy.MACHINES)
def test_each_call_of_the_table_is_in_one_row_with_a_number_of_its_own(machine):
    place = policy.MACHINES.index(machine)
    rows = [item for row in policy.TABLE for item in row.numbers.items()]
    assert len(dict(rows)) == len(rows)
    conditions = {name: condition.numbers for name, condition in policy.CONDITIONS.items()}
    numbers = {name: found[place] for name, found in [*rows, *policy.UNKNOWN.items(), *conditions.items()]}
    known = [number for number in numbers.values() if number is not None]
    assert len(known) == len(set(known))
    assert max(known) < policy.FIRST_UNKNOWN
    assert {name: dict(rows)[name] for name in conditions if name in dict(rows)} == {
        name: conditions[name] for name in conditions if name in dict(rows)
    }


def verdict(steps, number: int, *arguments: int, audit: int) -> int:
    """Run a filter on one system call, as the kernel does."""
    words = {0: number, 4: audit}
    for place, value in enumerate(arguments):
        words[16 + 8 * place], words[20 + 8 * place] = value & 0xFFFFFFFF, value >> 32
    at, loaded = 0, 0
    while True:
        code, yes, no, value = steps[at]
        if code == policy.RETURN:
            return value
        if code in (policy.LOAD, policy.AND):
            loaded = words.get(value, 0) if code == policy.LOAD else loaded & value
            at += 1
            continue
        held = {policy.EQUAL: loaded == value, policy.AT_LEAST: loaded >= value}[code]
        at += 1 + (yes if held else no)


@pytest.mark.parametrize(("kind", "machine"), MACHINES)
def test_the_filter_gives_the_same_verdicts_on_both_machines(kind, machine):
    place, audit = policy.MACHINES.index(machine), policy.AUDIT[machine]
    steps = list(policy.program(kind, machine, 1234))

    def refused(name: str | int, *arguments: int, audit: int = audit) -> bool:
        number = policy.CONDITIONS[name].numbers[place] if isinstance(name, str) else name
        return verdict(steps, number, *arguments, audit=audit) != policy.ALLOW

    for _, numbers in [*policy.refused_calls(kind), *policy.UNKNOWN.items()]:
        assert numbers[place] is None or refused(numbers[place])
    assert refused("clone", 17)
    assert not refused("clone", 0x3D0F00)
    assert refused("clone", 0x3D0F00 | 0x10000000), "no namespace"
    assert refused("tgkill", 1, 1, 9)
    assert not refused("tgkill", 1234, 1234, 6)
    assert refused("prlimit64", 0, 7, 1 << 40)
    assert not refused("prlimit64", 0, 3, 0, 1 << 40)
    assert refused("setpriority", 0, 1, 19)
    assert refused("setpriority", 1, 0, 19)
    assert not refused("setpriority", 0, 0, 19)
    assert not refused("fcntl", 3, 1)
    assert all(refused("fcntl", 3, command) for command in (8, 10, 15, 1024, 1026))
    assert not refused("ioctl", 1, 0x5401)
    assert refused("ioctl", 1, 0x5412), "nothing is typed into a terminal"
    assert refused("prctl", 1)
    assert not refused("prctl", 15)
    is_decoder, is_program = kind is ChildKind.DECODER, kind is ChildKind.PROGRAM
    assert refused("openat", -100 & 0xFFFFFFFF, 1, 0) is is_decoder
    assert refused("openat", -100 & 0xFFFFFFFF, 1, 0o1000)
    assert refused("openat", -100 & 0xFFFFFFFF, 1, 0o1001) is is_decoder
    assert refused("newfstatat", 0, 1, 1, 0) is is_decoder
    assert not refused("newfstatat", 0, 1, 1, 0x1000)
    assert refused("mmap", 0, 4096, 3, 1) is is_decoder
    assert not refused("mmap", 0, 4096, 3, 0x22)
    assert refused("socket", 1, 1 | 0x80000) is not is_program
    assert refused("socket", 1, 2), "no datagram"
    assert refused("socket", 2, 1)
    assert refused(0x40000000 + 57)
    assert refused(0, audit=0x40000003), "another machine's calls have other numbers"
    assert refused(policy.FIRST_UNKNOWN)
    assert not refused(63)
