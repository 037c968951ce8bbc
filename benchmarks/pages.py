"""Pages of the matrix a second, from two server processes, asked for by a small generator on the same machine."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator

from benchmarks.measure import Line
from benchmarks.scene import Size, scene
from benchmarks.servers import served

PROCESSES, CONNECTIONS, SECONDS, WANTED = 2, 2, 8.0, 400


def measure() -> Iterator[Line]:
    """What the clock says, and what the two processes spend on a page, which a busy machine does not stretch."""
    size = Size(11, 40)
    with scene([size]) as made, served(made, PROCESSES) as servers:
        dossier = made.dossiers[size]
        path = f"/dossiers/{dossier.candidacy_id}"
        asked = _request(path, made.browser_cookie(dossier.token, path))
        _ask(servers[0][0], asked, 1.0), _ask(servers[1][0], asked, 1.0)  # warm
        before = sum(_spent(process.pid) for _, process in servers)
        counts: list[int] = []
        threads = [
            threading.Thread(target=lambda port=port: counts.append(_ask(port, asked, SECONDS)))
            for port, _ in servers
            for _ in range(CONNECTIONS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        spent = sum(_spent(process.pid) for _, process in servers) - before
    found = sum(counts) / SECONDS
    yield Line("pages par seconde, 2 processus", "", f"{found:.0f}", "", f"≥ {WANTED}", found >= WANTED)
    each = spent / sum(counts)
    yield Line("processeur du serveur par page", "", f"{each * 1000:.2f} ms".replace(".", ","), f"soit {PROCESSES / each:.0f}/s")


def _request(path: str, cookie: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n\r\n".encode()


def _ask(port: int, asked: bytes, seconds: float) -> int:
    """Ask again and again on one connection kept open; answer how many whole pages came."""
    count, until = 0, time.monotonic() + seconds
    with socket.create_connection(("127.0.0.1", port)) as line:
        while time.monotonic() < until:
            line.sendall(asked)
            got = line.recv(65536)
            head, _, body = got.partition(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(head[:80].decode(errors="replace"))
            left = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0]) - len(body)
            while left > 0:
                left -= len(line.recv(65536))
            count += 1
    return count


def _spent(pid: int) -> float:
    """Seconds of processor a process has used."""
    with open(f"/proc/{pid}/stat") as told:
        fields = told.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
