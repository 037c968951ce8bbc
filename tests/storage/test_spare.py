"""The child that waits for the next file opens one only, is never needed, and outlives nobody."""

from __future__ import annotations

import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from portfolio.storage import sniff as sniffing
from portfolio.storage.handing import hand
from portfolio.storage.kinds import FileKind, RefusalCode, Refused, Sniffed
from portfolio.storage.sniff import sniff
from portfolio.storage.spare import Spare
from tests import samples

TOP = Path(__file__).parents[2]
ONE_PAGE = Sniffed(FileKind.PDF, 1)


@pytest.fixture(autouse=True)
def spare(monkeypatch) -> Iterator[Spare]:
    """One of this test alone, so that what it starts is known."""
    sniffing._opening.end()
    spare = Spare("portfolio.storage.opening")
    monkeypatch.setattr(sniffing, "_opening", spare)
    yield spare
    spare.end()
    assert waiting() == []


def waiting(pid: int | None = None) -> list[int]:
    """The children of a process that open files or wait for one."""
    pid = pid or os.getpid()
    try:
        born = [int(one) for path in Path(f"/proc/{pid}/task").glob("*/children") for one in path.read_text().split()]
    except FileNotFoundError:
        return []
    return [one for one in born if b"portfolio.storage.opening" in command(one)]


def command(pid: int) -> bytes:
    """What a process runs; one just born may not say yet."""
    path = Path(f"/proc/{pid}/cmdline")
    until(lambda: gone(pid) or path.read_bytes())
    return path.read_bytes() if path.exists() else b""


def until(is_so: Callable[[], object]) -> None:
    end = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def opened() -> Sniffed:
    content = samples.pdf()
    return sniff(io.BytesIO(content), len(content))


def test_none_waits_before_the_first_file_and_each_file_has_its_own():
    assert waiting() == []
    assert opened() == ONE_PAGE
    [first] = waiting()
    assert opened() == ONE_PAGE
    [second] = waiting()
    assert first != second
    assert not Path(f"/proc/{first}").exists(), "it is buried"


def test_one_that_died_while_it_waited_is_missed_by_nobody():
    opened()
    [dead] = waiting()
    os.kill(dead, signal.SIGKILL)
    until(lambda: gone(dead))
    assert opened() == ONE_PAGE
    [other] = waiting()
    assert other != dead


def test_a_file_that_stopped_its_child_leaves_the_next_one_well(monkeypatch):
    opened()
    monkeypatch.setattr("portfolio.storage.sniff._SECONDS", 2)
    bomb = samples.swollen_pdf(1_500_000_000)
    with pytest.raises(Refused) as refused:
        sniff(io.BytesIO(bomb), len(bomb))
    assert refused.value.code is RefusalCode.TOO_DEMANDING
    assert opened() == ONE_PAGE


def test_files_that_come_together_are_all_opened_and_one_child_waits_in_the_end():
    with ThreadPoolExecutor(4) as people:
        assert list(people.map(lambda _: opened(), range(8))) == [ONE_PAGE] * 8
    assert len(waiting()) == 1


def test_a_child_holds_nothing_but_the_file_and_the_pipes_it_answers_in(tmp_path):
    """What it was handed the file through is closed before the file is opened."""
    script = "import os; from portfolio.storage.handing import handed\n"
    script += "said = handed(); names = sorted(os.listdir('/proc/self/fd'))\n"
    script += "print(said, [os.readlink(f'/proc/self/fd/{one}').partition(':')[0] for one in names if one != '3'], flush=True)"
    (tmp_path / "sent").write_bytes(b"x")
    ours, theirs = socket.socketpair()
    with theirs, ours, (tmp_path / "sent").open("rb") as file:
        child = subprocess.Popen(
            [sys.executable, "-c", script], stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=TOP
        )
        hand(ours, file.fileno(), 12, "pdf")
        said, errors = child.communicate(timeout=30)
    assert (said.decode().strip(), errors) == (f"[12, 'pdf'] ['{tmp_path}/sent', 'pipe', 'pipe']", b"")


PROCESS = """
import io, json, os, sys
from portfolio.storage.sniff import sniff
from tests import samples
from tests.storage.test_spare import waiting
def opened():
    return sniff(io.BytesIO(samples.pdf()), len(samples.pdf())).pages
opened()
"""


def run(more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", "-c", PROCESS + more]
    return subprocess.run(command, cwd=TOP, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(("how", "status"), [("sys.exit(0)", 0), ("os.kill(os.getpid(), 9)", -9), ("os._exit(3)", 3)])
def test_it_ends_with_the_process_that_started_it_however_that_ends(how, status):
    ran = run(f"print(*waiting(), flush=True); {how}")
    assert (ran.returncode, ran.stderr) == (status, "")
    [left] = map(int, ran.stdout.split())
    until(lambda: gone(left))


def test_a_process_forked_from_ours_starts_its_own_and_leaves_ours_alone():
    ran = run("""
[before] = waiting()
read, write = os.pipe()
born = os.fork()
if not born:
    none = waiting()
    pages = opened()
    os.write(write, json.dumps([none, pages, waiting()]).encode())
    sys.exit(0)
os.waitpid(born, 0)
none, pages, its = json.loads(os.read(read, 1000))
print(json.dumps([none, pages, before not in its, [before] == waiting(), opened()]))
""")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert json.loads(ran.stdout) == [[], 1, True, True, 1]
