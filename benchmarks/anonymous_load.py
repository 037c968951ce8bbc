"""`python -m benchmarks anonymes`: what clients without a session cost the server, and everyone else, on loopback.

Every count is bounded. The attack comes from 127.0.0.1; the probe, a person who opens the login page, from
127.0.0.9.
"""

import contextlib
import http.client
import math
import os
import select
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from benchmarks.measure import Line, ms
from benchmarks.servers import TOP, accepts, running, wait_for

MEBIBYTE = 1024 * 1024
ATTACKER, PROBE = "127.0.0.1", "127.0.0.9"
PROBE_TIMEOUT_S, PROBE_PAUSE_S = 5.0, 0.05
POSTS, POST_MIB = 10, 30
CLIENTS, CLIENTS_SECONDS = 500, 15
HELD, HELD_MIB = 6, 64
FORM = "/dossiers/00000000-0000-4000-8000-000000000000/preuves/ajouter"
MAX_413_MS, MAX_ADDED_MIB, MAX_P95_MS = 500, 32, 500


@dataclass
class Probe:
    """The response times, in seconds, of one person who loads a page again and again; a failure counts as the
    timeout.
    """

    port: int
    times: list[float] = field(default_factory=list)
    failures: int = 0

    def load(self) -> None:
        """Load the login page once, on a connection of its own."""
        began = time.monotonic()
        connection = http.client.HTTPConnection(ATTACKER, self.port, PROBE_TIMEOUT_S, source_address=(PROBE, 0))
        try:
            connection.request("GET", "/connexion")
            if connection.getresponse().read() == b"":
                raise OSError("empty page")
        except (OSError, http.client.HTTPException):
            self.failures += 1
            self.times.append(PROBE_TIMEOUT_S)
        else:
            self.times.append(time.monotonic() - began)
        finally:
            connection.close()

    def p95(self) -> float:
        """Return the 95th percentile of the response times."""
        return sorted(self.times)[math.ceil(0.95 * len(self.times)) - 1]

    @contextmanager
    def running(self) -> Iterator[None]:
        """Load the page until the block ends."""
        done = threading.Event()

        def repeat() -> None:
            while not done.wait(PROBE_PAUSE_S):
                self.load()

        thread = threading.Thread(target=repeat, daemon=True)
        thread.start()
        yield
        done.set()
        thread.join(2 * PROBE_TIMEOUT_S)


def measure() -> list[Line]:
    """Attack three times, each time a server of its own, and return the lines of the table."""
    lines: list[Line] = []
    with server() as (port, pid):
        lines += fields(port, pid)
    with server() as (port, _):
        lines += slow(port)
    with server() as (port, pid):
        lines += held(port, pid)
    return lines


@contextmanager
def server() -> Iterator[tuple[int, int]]:
    """Start the product with `flask serve` on an empty store, and yield its port and its pid."""
    with tempfile.TemporaryDirectory() as data, socket.socket() as found:
        found.bind((ATTACKER, 0))
        port = int(found.getsockname()[1])
        found.close()
        env, log = {"DATA": data, "PORT": str(port), "HOST": ATTACKER}, Path(data) / "bench.log"
        flask = ["-m", "flask", "--app", "wsgi"]
        migrate = [sys.executable, *flask, "migrate"]
        subprocess.run(migrate, cwd=TOP, env=os.environ | env, capture_output=True, check=True)  # noqa: S603
        with running([*flask, "serve"], env, log) as process:
            wait_for(process, log, partial(accepts, port))
            probe = Probe(port)
            for _ in range(20):
                probe.load()
            yield port, process.pid


def fields(port: int, pid: int) -> list[Line]:
    """Post `f0=0&f1=1…` several times at once, and watch the memory and the probe."""
    body = b"&".join(b"f%d=%d" % (number, number) for number in range(POST_MIB * 80_000))[: POST_MIB * MEBIBYTE]
    forget_peak(pid)
    before, probe, answers = status(pid, "VmRSS"), Probe(port), list[tuple[str, float]]()
    with probe.running():
        run_together(POSTS, lambda: answers.append(post(port, FORM, body)))
        time.sleep(1)
    added = (status(pid, "VmHWM") - before) / MEBIBYTE
    slowest = max(seconds for _, seconds in answers)
    codes = ", ".join(sorted({code for code, _ in answers}))
    name = f"{POSTS} envois de {POST_MIB} MiB de champs"
    is_refused = codes == "413" and slowest * 1000 <= MAX_413_MS
    memory = f"{before / MEBIBYTE:.0f} MiB"
    return [
        Line(name, "", f"{codes} en {ms(slowest)} au plus", "", f"413 en {MAX_413_MS} ms", is_refused),
        Line("  mémoire", memory, f"+{added:.0f} MiB", "", f"+{MAX_ADDED_MIB} MiB", added <= MAX_ADDED_MIB),
        probed(probe),
    ]


def slow(port: int) -> list[Line]:
    """Open connections that say nothing, and others that send a byte a second, all from one address."""
    probe = Probe(port)
    with ExitStack() as opened:
        connections = [opened.enter_context(connect(port)) for _ in range(CLIENTS)]
        head = request_head("/connexion", 60_000, "application/x-www-form-urlencoded")
        upload = connections[::2]
        with probe.running():
            for second in range(CLIENTS_SECONDS):
                for place, connection in enumerate(upload):
                    # One in two stays in its headers, the other has sent them and goes on with its body.
                    piece = head if second == 0 and place % 2 else b"x"
                    with contextlib.suppress(OSError):
                        connection.send(piece)
                time.sleep(1)
    return [Line(f"{CLIENTS} clients lents ou muets d’une adresse", "", f"{len(probe.times)} pages", ""), probed(probe)]


def held(port: int, pid: int) -> list[Line]:
    """Hold six uploads without a session in the middle, and count what they take of the disk and the memory."""
    head = request_head(FORM, 300 * MEBIBYTE, "multipart/form-data; boundary=b")
    part = b'--b\r\nContent-Disposition: form-data; name="files"; filename="x"\r\n\r\n'
    with ExitStack() as opened:
        for _ in range(HELD):
            connection = opened.enter_context(connect(port))
            with contextlib.suppress(OSError):
                connection.sendall(head + part)
                for _ in range(HELD_MIB):
                    connection.sendall(bytes(MEBIBYTE))
        time.sleep(1)
        disk = unnamed_bytes(pid) / MEBIBYTE
    return [
        Line(
            f"{HELD} connexions retenues, {HELD_MIB} MiB chacune",
            "",
            f"{disk:.0f} MiB de disque",
            "",
            "≤ 1 MiB",
            disk <= 1,
        )
    ]


def probed(probe: Probe) -> Line:
    """Return the line of the probe: the 95th percentile, the median and the failures."""
    text = f"{ms(probe.p95())} (médiane {ms(statistics.median(probe.times))}, {probe.failures} échecs)"
    return Line("  les autres, 95e centile", "", text, "", f"{MAX_P95_MS} ms", probe.p95() * 1000 < MAX_P95_MS)


def post(port: int, path: str, body: bytes) -> tuple[str, float]:
    """Send the body until an answer comes, and return its code and the seconds from the first byte to the answer."""
    with connect(port) as connection:
        connection.settimeout(120)
        began = time.monotonic()
        connection.sendall(request_head(path, len(body), "application/x-www-form-urlencoded"))
        for offset in range(0, len(body), 65_536):
            if select.select([connection], [], [], 0)[0]:
                break
            connection.sendall(body[offset : offset + 65_536])
        line = connection.makefile("rb").readline().decode()
        return line.split()[1] if line else "rien", time.monotonic() - began


def request_head(path: str, length: int, kind: str) -> bytes:
    """Return the headers of a post."""
    return (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n"
    ).encode()


def connect(port: int) -> socket.socket:
    """Open a connection from the address of the attack."""
    return socket.create_connection((ATTACKER, port), 5, source_address=(ATTACKER, 0))


def run_together(count: int, act: Callable[[], object]) -> None:
    """Run an act in several threads and wait for all of them."""
    threads = [threading.Thread(target=act) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def status(pid: int, name: str) -> int:
    """Return a line of /proc/PID/status, in bytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))


def forget_peak(pid: int) -> None:
    """Have the kernel count the peak of the resident memory anew."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def unnamed_bytes(pid: int) -> int:
    """Return how many bytes of disk the unnamed files that a process holds open take."""
    total = 0
    for path in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            total += path.stat().st_blocks * 512 if os.readlink(path).endswith("(deleted)") else 0
    return total
