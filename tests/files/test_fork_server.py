"""Each file is opened by a child of its own; the fork server that starts it opens none, is optional, and
stops with the process that started it.
"""

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from portfolio.files.file_types import detect as sniffing
from portfolio.files.file_types.detect import sniff
from portfolio.files.file_types.types import DetectedFile, FileRejected, FileType, RejectionReason
from portfolio.files.sandbox import fork_server as fork_servers
from portfolio.files.sandbox.fork_server import ForkServer
from portfolio.files.sandbox.walls import READY
from tests import samples

TOP = Path(__file__).parents[2]
ONE_PAGE = DetectedFile(FileType.PDF, 1)


@pytest.fixture(autouse=True)
def fork_server(monkeypatch) -> Iterator[ForkServer]:
    """One of this test alone, so that what it starts is known."""
    sniffing._opening.end()
    server = ForkServer("portfolio.files.file_types.inspect_main")
    monkeypatch.setattr(sniffing, "_opening", server)
    yield server
    sniffing._opening.end()
    assert waiting() == []


def waiting(pid: int | None = None) -> list[int]:
    """Return the children of a process that open files or wait for one."""
    return [one for one in children(pid or os.getpid()) if b"portfolio.files.file_types.inspect_main" in command(one)]


def children(pid: int) -> list[int]:
    try:
        return [int(one) for path in Path(f"/proc/{pid}/task").glob("*/children") for one in path.read_text().split()]
    except FileNotFoundError:
        return []


def command(pid: int) -> bytes:
    """Return what a process runs; one just born may not say yet."""
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


def opened() -> DetectedFile:
    content = samples.pdf()
    return sniff(io.BytesIO(content), len(content))


@pytest.mark.slow
def test_there_is_no_fork_server_before_the_first_file_and_it_starts_a_child_ahead_of_each():
    assert waiting() == []
    assert opened() == ONE_PAGE
    [first] = waiting()
    until(lambda: len(children(first)) == 1)
    [ahead] = children(first)
    assert opened() == ONE_PAGE
    assert waiting() == [first]
    until(lambda: gone(ahead))
    until(lambda: len(children(first)) == 1)  # none that took a file stays, not even its number


def test_it_leaves_when_no_file_comes_and_is_back_for_the_next_one(monkeypatch):
    monkeypatch.setattr(fork_servers, "_idle_s", 0.3)
    for _ in range(2):
        assert opened() == ONE_PAGE
        assert len(waiting()) == 1
        [server] = waiting()
        ahead = children(server)
        until(lambda: waiting() == [])
        until(lambda buried=server: not Path(f"/proc/{buried}").exists())
        until(lambda gone_too=ahead: all(map(gone, gone_too)))


def test_one_that_was_started_ahead_of_any_file_leaves_too(monkeypatch):
    monkeypatch.setattr(fork_servers, "_idle_s", 0.3)
    sniffing._opening.start()
    assert len(waiting()) == 1
    until(lambda: waiting() == [])
    assert opened() == ONE_PAGE


def test_a_file_that_comes_in_the_moment_of_leaving_is_opened(monkeypatch):
    monkeypatch.setattr(fork_servers, "_idle_s", 0.001)
    with ThreadPoolExecutor(3) as people:
        assert list(people.map(lambda _: opened(), range(24))) == [ONE_PAGE] * 24
    until(lambda: waiting() == [])


def test_it_stays_while_a_file_is_open(monkeypatch, tmp_path):
    monkeypatch.setattr(fork_servers, "_idle_s", 0.05)
    (tmp_path / "page.pdf").write_bytes(samples.pdf())
    with (tmp_path / "page.pdf").open("rb") as file, sniffing._opening.output(file.fileno(), 10) as output:
        time.sleep(0.5)
        assert len(waiting()) == 1
        assert json.loads(output.line(4096))["pages"] == 1
    until(lambda: waiting() == [])


def test_where_none_can_be_held_the_one_that_waits_opens_the_file_and_the_next_is_started(monkeypatch):
    monkeypatch.setattr(sniffing, "_opening", ForkServer("portfolio.files.file_types.inspect_main", forks=False))
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


def test_a_child_that_died_ahead_of_its_file_is_missed_by_nobody():
    opened()
    [server] = waiting()

    def ended() -> bool:
        for child in children(server):  # the one that has just opened a file may still be there
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        return gone(server)

    until(ended)  # what is handed now would wait in vain
    assert opened() == ONE_PAGE


def test_a_file_that_stopped_its_child_leaves_the_next_one_well_and_of_another_mother(monkeypatch):
    opened()
    monkeypatch.setattr("portfolio.files.file_types.detect._SECONDS", 2)
    monkeypatch.setattr(fork_servers, "PATIENCE", 60)  # however busy the machine of the test is
    before = waiting()
    bomb = samples.swollen_pdf(1_500_000_000)
    with pytest.raises(FileRejected) as refused:
        sniff(io.BytesIO(bomb), len(bomb))
    assert refused.value.code is RejectionReason.RESOURCE_LIMIT
    assert opened() == ONE_PAGE
    assert waiting() != before, "where things lie in memory is learnt anew"


def test_files_that_come_together_are_all_opened_and_have_one_mother():
    with ThreadPoolExecutor(4) as people:
        assert list(people.map(lambda _: opened(), range(8))) == [ONE_PAGE] * 8
    assert len(waiting()) == 1


TAKEN = """
import ctypes, json, os, signal, stat, time
from portfolio.files.sandbox.walls import READY, set_rlimits
from portfolio.files.sandbox.fork_server import receive_file
LEFT, SYSTEM, ATTACH = [], ctypes.CDLL(None), 16
asked = receive_file(forks=True)
set_rlimits(*asked)
os.write(1, READY)
deed = os.read(0, 100).decode()
if deed == "sleep":
    time.sleep(60)
open_ones = {}
for one in range(200):
    try:
        open_ones[one] = stat.filemode(os.fstat(one).st_mode)[0]
    except OSError:
        pass
found = dict(left=LEFT[:], asked=asked, open=open_ones, attached=SYSTEM.ptrace(ATTACH, os.getppid(), 0, 0) == 0)
LEFT.append(deed)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.write(1, json.dumps(found | {"pid": os.getpid()}).encode() + b"\\n")
os._exit(0)
"""


@pytest.fixture
def taken(monkeypatch, tmp_path) -> Iterator[Callable[[str], bytes]]:
    """Children that do what their file says, born and confined as all are; what they say is answered."""

    def started(_main: str, line: int, _forks: int) -> subprocess.Popen[bytes]:
        pipe = subprocess.PIPE
        return subprocess.Popen([sys.executable, "-c", TAKEN], stdin=line, stdout=pipe, stderr=pipe, cwd=TOP)

    def run(deed: str) -> bytes:
        (tmp_path / deed).write_text(deed)
        seconds = 2 if deed == "sleep" else 1  # long enough to be seen on a busy machine
        with (tmp_path / deed).open("rb") as file, server.output(file.fileno(), seconds) as output:
            return READY + (output.line(4096) or b"") if output.ready else b""

    monkeypatch.setattr(fork_servers, "spawn_sandboxed", started)
    monkeypatch.setattr(fork_servers, "PATIENCE", 4)
    server = ForkServer("taken")
    yield run
    server.end()


def test_a_child_taken_over_by_its_file_reaches_neither_the_fork_server_nor_the_next_child(taken):
    said = [json.loads(taken(deed).removeprefix(READY)) for deed in ("spoil", "look")]
    assert len({one.pop("pid") for one in said}) == 2
    # The file, the pipe it answers in, and what swallows its complaints: what it was handed the file through
    # is closed.
    assert said == [{"left": [], "asked": [1], "open": {"0": "-", "1": "p", "2": "c"}, "attached": False}] * 2


def test_a_child_that_never_answers_is_ended_in_time_and_holds_nobody_up(taken):
    def born() -> list[int]:
        return [child for one in children(os.getpid()) if b"ATTACH" in command(one) for child in children(one)]

    taken("look")
    until(lambda: len(born()) == 1)
    [asleep] = born()
    with ThreadPoolExecutor(1) as people:
        slow = people.submit(taken, "sleep")
        until(lambda: len(born()) == 2)
        assert b"pid" in taken("look")
        assert not slow.done()
        assert slow.result(timeout=30) == READY
    until(lambda: gone(asleep))


def test_a_machine_too_busy_to_check_a_file_blames_no_file(taken, monkeypatch, tmp_path):
    monkeypatch.setattr(sniffing, "_SECONDS", 1)
    monkeypatch.setattr(fork_servers, "PATIENCE", 2)
    monkeypatch.setattr(sniffing, "_opening", ForkServer("taken"))
    (tmp_path / "sent").write_text("sleep")
    with (tmp_path / "sent").open("rb") as file, pytest.raises(FileRejected) as refused:
        sniff(file, 5)
    assert refused.value.code is RejectionReason.NOT_CHECKED


PROCESS = """
import io, json, os, sys
from portfolio.files.file_types.detect import sniff
from tests import samples
from tests.files.test_fork_server import waiting
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
