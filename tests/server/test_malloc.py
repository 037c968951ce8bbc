"""A process of many threads keeps little of the memory that it has freed."""

import subprocess
import sys

import pytest

from portfolio.server.run import ARENAS

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="glibc")

PASSWORDS = """
import os, threading
from portfolio.domain.account.passwords import hash_password
from portfolio.server.run import configure_malloc

def resident():
    return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

{first}
before = resident()
for _ in range(2):
    threads = [threading.Thread(target=hash_password, args=("quatre blocs",)) for _ in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
print((resident() - before) // 2**20)
"""

# malloc_info(3) writes a <heap> for each arena.
EIGHT_THREADS = """
import ctypes, threading
from portfolio.server.run import configure_malloc

{first}
together = threading.Barrier(8)

def allocate():
    kept = [bytearray(10_000) for _ in range(100)]
    together.wait(30)
    return kept

threads = [threading.Thread(target=allocate) for _ in range(8)]
for one in threads:
    one.start()
for one in threads:
    one.join()
libc = ctypes.CDLL(None)
libc.malloc_info(0, ctypes.c_void_p.in_dll(libc, "stdout"))
libc.fflush(None)
"""


def printed(program: str, first: str) -> str:
    """Return what a process of its own prints that runs this program after this first line."""
    command = [sys.executable, "-c", program.format(first=first)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.slow
def test_a_thread_that_has_hashed_a_password_gives_its_memory_back():
    assert int(printed(PASSWORDS, "configure_malloc()")) <= 8
    assert int(printed(PASSWORDS, "pass")) >= 30, "without it glibc keeps a block for each thread"


def test_threads_share_two_arenas():
    assert printed(EIGHT_THREADS, "configure_malloc()").count("<heap ") <= ARENAS
    assert printed(EIGHT_THREADS, "pass").count("<heap ") > ARENAS, "without it each thread has its own"
