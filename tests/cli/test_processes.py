"""One command starts the server and its worker; one that dies is started again; neither outlives the command."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

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
    """The processes started by this one."""
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
def command(tmp_path) -> Iterator[subprocess.Popen[bytes]]:
    """`make run` without its demonstration, answering; in a group of its own, so that nothing of it stays."""
    [port] = free_ports(1)
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
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def working(tmp_path: Path) -> int:
    """How many times a worker has begun."""
    return (tmp_path / "log").read_text().count('"event": "working"')


def test_a_worker_that_dies_is_told_and_started_again_and_all_ends_at_once(command, tmp_path):
    until(lambda: working(tmp_path) == 1)
    [first] = children(command.pid)
    os.kill(first, signal.SIGKILL)
    until(lambda: working(tmp_path) == 2)
    assert '"event": "process_died"' in (tmp_path / "log").read_text()
    [second] = children(command.pid)
    command.terminate()
    assert command.wait(30) == 0
    assert not alive(second)
    assert '"event": "worker_stopped"' in (tmp_path / "log").read_text(), "it ended what it did, then itself"


def test_a_worker_does_not_outlive_a_server_that_is_killed(command, tmp_path):
    until(lambda: working(tmp_path) == 1)
    [worker] = children(command.pid)
    command.kill()
    until(lambda: not alive(worker), 30)
