"""Threads that have checked a password keep nothing of the memory that it took."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import os, threading
from portfolio.domain.account.passwords import hash_password
from portfolio.server.freed_memory import return_large_blocks

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


def kept(first: str) -> int:
    """The MiB that a process keeps after six threads have hashed a password twice, after this first line."""
    command = [sys.executable, "-c", PROGRAM.format(first=first)]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="glibc")
def test_a_thread_that_has_hashed_a_password_gives_its_memory_back():
    assert kept("return_large_blocks()") <= 8
    assert kept("pass") >= 30, "without it glibc keeps a block for each thread: the test can fail"
