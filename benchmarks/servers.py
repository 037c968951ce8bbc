"""Real servers of the product on free ports, started and stopped by the bench."""

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path

from benchmarks.scene import Scene

TOP = Path(__file__).parents[1]
# What `make run` and `make run-scaled` start, and what each says once it answers.
ALONE, CLUSTER = "portfolio.run.bootstrap", "tools.cluster"
_READY = "(Ctrl-C pour"
_LAST_CHARACTERS, _STOP_SECONDS = 2000, 60

Process = subprocess.Popen[bytes]
Started = list[tuple[int, Process]]


@contextmanager
def running(arguments: Sequence[str], env: Mapping[str, str], log: Path) -> Iterator[Process]:
    """Run a program of Python with these settings beside ours, what it says in a file; it is ended afterwards."""
    with log.open("wb") as out:
        command = [sys.executable, *arguments]
        process = subprocess.Popen(command, cwd=TOP, env=os.environ | env, stdout=out, stderr=out)  # noqa: S603
    try:
        yield process
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(_STOP_SECONDS)
        process.kill()
        process.wait()


def wait_for(process: Process, log: Path, is_ready: Callable[[], bool]) -> None:
    """Wait until a server is ready, as long as it lives.

    Raises RuntimeError, with its last lines, when it has ended.
    """
    while not is_ready():
        if process.poll() is not None:
            said = log.read_text(errors="replace")[-_LAST_CHARACTERS:].strip()
            raise RuntimeError(f"Le serveur s’est arrêté ({process.returncode}) avant de répondre\u00a0:\n{said}")
        time.sleep(0.1)


def accepts(port: int) -> bool:
    """Return whether somebody listens on a port of loopback."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True


@contextmanager
def served(made: Scene, count: int) -> Iterator[Started]:
    """Start `count` server processes on the store of a scene, and answer their ports."""
    with _running([["-m", "flask", "--app", "wsgi", "serve"]] * count, made) as started:
        yield started


@contextmanager
def bare_served(made: Scene) -> Iterator[int]:
    """Serve the bare page on the same store, and answer its port."""
    with _running([["-m", "benchmarks.bare", "{port}", str(made.config.data)]], made) as [(port, _)]:
        yield port


@contextmanager
def worker_running(made: Scene) -> Iterator[int]:
    """Run a worker on the store of a scene, and return its process id; it shares the machine with the servers."""
    worker = ["-m", "flask", "--app", "wsgi", "work"]
    with (
        tempfile.TemporaryDirectory() as folder,
        running(worker, {"DATA": str(made.config.data)}, Path(folder) / "log") as process,
    ):
        yield process.pid


@contextmanager
def _running(commands: list[list[str]], made: Scene) -> Iterator[Started]:
    started: Started = []
    with tempfile.TemporaryDirectory() as folder, ExitStack() as opened:
        for command in commands:
            port = _free_port()
            env = {"DATA": str(made.config.data), "PORT": str(port), "HOST": "127.0.0.1"}
            asked = [word.format(port=port) for word in command]
            started.append((port, opened.enter_context(running(asked, env, Path(folder) / str(port)))))
        for port, process in started:
            wait_for(process, Path(folder) / str(port), partial(accepts, port))
        yield started


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def product(module: str, folder: Path, *, demo: bool = False) -> Iterator[tuple[list[int], Process]]:
    """Run ALONE or CLUSTER on a folder of its own, its log in `folder/log`: the ports of its web processes
    and its process; it is ended afterwards.

    Raises RuntimeError when it does not start.
    """
    port, log = _free_port(), folder / "log"
    env = {"DATA": str(folder / "data"), "PORT": str(port), "DEMO": "1" if demo else "0"}
    with running(["-m", module], env, log) as process:
        wait_for(process, log, lambda: _READY in log.read_text())
        summary = next(line for line in log.read_text().splitlines() if _READY in line)
        yield [int(one) for one in re.findall(r"127\.0\.0\.1:(\d+)[,)]", summary)] or [port], process
