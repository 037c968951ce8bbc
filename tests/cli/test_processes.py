"""One command keeps a web process and a worker running; one that dies is started again; none outlives the command."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path
from urllib.request import urlopen

import pytest

from portfolio.run import supervisor
from portfolio.run.supervisor import Command, Fork, supervise
from tools.cluster.__main__ import free_ports

TOP = Path(__file__).parents[2]


def until(is_so: Callable[[], object], seconds: float = 60) -> object:
    """Wait until something is so, and answer it."""
    end = time.monotonic() + seconds
    while not (found := is_so()):
        assert time.monotonic() < end, "it never came"
        time.sleep(0.1)
    return found


def children(pid: int) -> set[int]:
    """Return the processes started by this one."""
    try:
        return {int(one) for path in Path(f"/proc/{pid}/task").glob("*/children") for one in path.read_text().split()}
    except FileNotFoundError:
        return set()


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def command(sqlite_template, tmp_path) -> Iterator[subprocess.Popen[bytes]]:
    """`make run` without its demonstration, answering, on a database that is migrated already; in a group of
    its own, so that nothing of it stays.
    """
    [port] = free_ports(1)
    (tmp_path / "data").mkdir()
    shutil.copy(sqlite_template, tmp_path / "data" / "acquis.db")
    env = os.environ | {"DATA": str(tmp_path / "data"), "PORT": str(port), "DEMO": "0"}
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "portfolio.run.bootstrap"], cwd=TOP, env=env, stderr=log, start_new_session=True
        )

    def answers() -> bool:
        try:
            return urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2).status == 200
        except OSError:
            return False

    try:
        until(answers)
        process.port = port
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def working(tmp_path: Path) -> int:
    """Return how many times a worker has begun."""
    return (tmp_path / "log").read_text().count('"event": "working"')


def child_named(pid: int, name: str) -> int:
    """Return the process started by this one that ps shows under this name."""
    [found] = [child for child in children(pid) if Path(f"/proc/{child}/comm").read_text().strip() == name]
    return found


def web_answers(command: subprocess.Popen[bytes]) -> bool:
    with contextlib.suppress(OSError):
        return urlopen(f"http://127.0.0.1:{command.port}/healthz", timeout=2).status == 200
    return False


@pytest.mark.slow
def test_a_process_that_dies_is_logged_and_started_again_and_all_ends_at_once(command, tmp_path):
    until(lambda: working(tmp_path) == 1)
    first = child_named(command.pid, "acquis-worker"), child_named(command.pid, "acquis-web")
    for pid in first:
        os.kill(pid, signal.SIGKILL)
    until(lambda: working(tmp_path) == 2 and web_answers(command))
    log = (tmp_path / "log").read_text()
    assert [log.count(f'"name": "{name}", "status": -9') for name in ("worker", "web")] == [1, 1]
    second = children(command.pid)
    assert len(second) == 2
    assert not second & set(first)
    command.terminate()
    assert command.wait(30) == 0
    assert not any(alive(pid) for pid in second)
    log = (tmp_path / "log").read_text()
    assert '"event": "worker_stopped"' in log, "it ended what it did, then itself"
    assert '"event": "stopped"' in log
    assert "Traceback" not in log


@pytest.mark.slow
def test_no_process_outlives_a_supervisor_that_is_killed(command, tmp_path):
    until(lambda: working(tmp_path) == 1)
    started = children(command.pid)
    command.kill()
    until(lambda: not any(alive(pid) for pid in started), 30)


@pytest.mark.slow
def test_what_is_loaded_before_the_forks_makes_no_thread_no_socket_and_opens_no_file(tmp_path):
    program = """
import os
from portfolio.run.supervisor import load_application, settings_or_exit
config = settings_or_exit()
before, kept = set(os.listdir("/proc/self/fd")), set(os.listdir(config.data))
app = load_application(config)
assert not {"database", "files", "keys"} & set(app.extensions)
assert set(os.listdir(config.data)) == kept
assert len(list(app.url_map.iter_rules())) > 500
opened = [os.readlink(f"/proc/self/fd/{one}") for one in set(os.listdir("/proc/self/fd")) - before if os.path.exists(f"/proc/self/fd/{one}")]
print(len(os.listdir("/proc/self/task")), opened)
"""
    loaded = subprocess.run(
        [sys.executable, "-c", program], cwd=TOP, env=os.environ | {"DATA": str(tmp_path), "DEMO": "1"},
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    assert loaded.stdout.strip() == "1 []"


def test_a_fork_says_its_traceback_and_its_status_and_has_the_signals_of_a_process_that_starts(capfd):
    def fail() -> None:
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
        assert not signal.pthread_sigmask(signal.SIG_BLOCK, ()) & {signal.SIGTERM, signal.SIGINT}
        raise LookupError("it failed")

    before = signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        assert Fork("fails", fail).start().wait() == 1
        assert Fork("exits", lambda: sys.exit("it is said")).start().wait() == 1
        assert Fork("killed", lambda: os.kill(os.getpid(), signal.SIGTERM)).start().wait() == -signal.SIGTERM
    finally:
        signal.signal(signal.SIGTERM, before)
    said = capfd.readouterr().err
    assert "LookupError: it failed" in said
    assert "it is said" in said


def test_a_program_that_ends_is_started_later_and_later(tmp_path, monkeypatch):
    # Longer than what starting a program and looking at it take, so that the fourth wait tells one that doubles.
    monkeypatch.setattr(supervisor, "_Kept", partial(supervisor._Kept, wait=0.2))
    starts = tmp_path / "starts"
    command = [sys.executable, "-c", f"import time; print(time.monotonic(), file=open({str(starts)!r}, 'a'))"]
    with supervise(Command("fails", command)):
        until(lambda: starts.exists() and len(starts.read_text().split()) >= 5)
    moments = [float(one) for one in starts.read_text().split()]
    waits = [after - before for before, after in pairwise(moments)]
    assert all(wait >= 0.2 * 2**nth for nth, wait in enumerate(waits)), waits
