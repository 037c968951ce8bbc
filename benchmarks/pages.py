"""Pages of the matrix a second, from two server processes, asked for by a small generator on the same machine."""

import os
import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Any

from benchmarks.measure import Line
from benchmarks.scene import Size, scene
from benchmarks.servers import served

PROCESSES, CONNECTIONS, SECONDS, WANTED = 2, 2, 8.0, 400


def measure() -> Iterator[Line]:
    """The clock, and the processor that the two processes spend on a page, which a busy machine does not stretch."""
    size = Size(11, 40)
    with scene([size]) as made, served(made, PROCESSES) as servers:
        dossier = made.dossiers[size]
        path = f"/dossiers/{dossier.candidacy_id}"
        asked = _request(path, made.browser_cookie(dossier.token, path))
        ports = [port for port, _ in servers for _ in range(CONNECTIONS)]
        _ask(ports, asked, 1.0)  # warm
        before = sum(_spent(process.pid) for _, process in servers)
        count = _ask(ports, asked, SECONDS)
        spent = sum(_spent(process.pid) for _, process in servers) - before
    found = count / SECONDS
    yield Line("pages par seconde, 2 processus", "", f"{found:.0f}", "", f"≥ {WANTED}", found >= WANTED)
    each = spent / count
    yield Line(
        "processeur du serveur par page",
        "",
        f"{each * 1000:.2f} ms".replace(".", ","),
        f"soit {PROCESSES / each:.0f}/s",
    )


def _request(path: str, cookie: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n\r\n".encode()


def _ask(ports: Sequence[int], asked: bytes, seconds: float) -> int:
    """Ask again and again on connections kept open, one a port; answer how many whole pages came.

    One thread for all: what the generator spends, the servers of the same machine lack.
    """
    count, until = 0, time.monotonic() + seconds
    with ExitStack() as held, selectors.DefaultSelector() as waiting:
        for port in ports:
            line = held.enter_context(socket.create_connection(("127.0.0.1", port)))
            waiting.register(line, selectors.EVENT_READ, _Answer())
            line.sendall(asked)
        while time.monotonic() < until:
            for key, _ in waiting.select(1.0):
                line: Any = key.fileobj
                if key.data.is_whole(line.recv(1 << 17)):
                    count += 1
                    line.sendall(asked)
    return count


class _Answer:
    """What is still to come of an answer."""

    left = 0

    def is_whole(self, came: bytes) -> bool:
        if not self.left:
            head, _, came = came.partition(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(head[:80].decode(errors="replace"))
            self.left = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        self.left -= len(came)
        return not self.left


def _spent(pid: int) -> float:
    """Seconds of processor a process has used."""
    with open(f"/proc/{pid}/stat") as told:
        fields = told.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
