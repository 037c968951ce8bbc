"""Real servers of the product on free ports, started and stopped by the bench."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.scene import Scene

TOP = Path(__file__).parents[1]
# What `make run` and `make run-scaled` start, and what each says once it answers.
ALONE, CLUSTER = "portfolio.run.bootstrap", "tools.cluster"
_READY, _START_SECONDS = "(Ctrl-C pour", 600


Started = list[tuple[int, subprocess.Popen[bytes]]]


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
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "work"]
    env, quiet = os.environ | {"DATA": str(made.config.data)}, subprocess.DEVNULL
    process = subprocess.Popen(command, cwd=TOP, env=env, stdout=quiet, stderr=quiet)  # noqa: S603
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(timeout=30)


@contextmanager
def _running(commands: list[list[str]], made: Scene) -> Iterator[Started]:
    started: Started = []
    try:
        for command in commands:
            port = _free_port()
            env = os.environ | {"DATA": str(made.config.data), "PORT": str(port), "HOST": "127.0.0.1"}
            asked, quiet = [sys.executable, *(word.format(port=port) for word in command)], subprocess.DEVNULL
            started.append((port, subprocess.Popen(asked, cwd=TOP, env=env, stdout=quiet, stderr=quiet)))  # noqa: S603
        for port, _ in started:
            _wait_for(port)
        yield started
    finally:
        for _, process in started:
            process.terminate()
        for _, process in started:
            process.wait(timeout=20)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait_for(port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the server did not start")


@contextmanager
def product(module: str, folder: Path, *, demo: bool = False) -> Iterator[tuple[list[int], subprocess.Popen[bytes]]]:
    """Run ALONE or CLUSTER on a folder of its own, its log in `folder/log`: the ports of its web processes
    and its process; it is ended afterwards.

    Raises RuntimeError when it does not start.
    """
    port = _free_port()
    env = os.environ | {"DATA": str(folder / "data"), "PORT": str(port), "DEMO": "1" if demo else "0"}
    log = folder / "log"
    with log.open("wb") as out:
        process = subprocess.Popen([sys.executable, "-m", module], cwd=TOP, env=env, stdout=out, stderr=out)  # noqa: S603
    try:
        until = time.monotonic() + _START_SECONDS
        while _READY not in log.read_text():
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(log.read_text()[-2000:])
            time.sleep(0.3)
        summary = next(line for line in log.read_text().splitlines() if _READY in line)
        yield [int(one) for one in re.findall(r"127\.0\.0\.1:(\d+)[,)]", summary)] or [port], process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
