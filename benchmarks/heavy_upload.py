"""A recording of 1 GB sent by Chromium, on both stores, on a line that is cut after 1, 50 and 99 % of the bytes.

The file that arrives is the one that was sent, what the cuts cost is told in bytes, and the peak of memory of the
server is the one that the kernel counts.
"""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from benchmarks.anonymous_load import forget_peak, status
from benchmarks.measure import Line
from benchmarks.scene import Size, scene
from benchmarks.servers import served
from benchmarks.slow_line import Shape, slow_line
from benchmarks.upload import MEGABYTE, send_by_chromium
from benchmarks.upload_s3 import SECRET, environment_of, s3_environment, write_wav
from tools.cluster.__main__ import free_ports
from tools.cluster.services import DOORS, s3_server

MEGABYTES, CUTS, MOST_MEMORY = 1000, (0.01, 0.5, 0.99), 64 * 1024 * 1024
# As quick as this machine carries: only the cuts hinder.
LINE = Shape(bits_per_second=10**11, loss=0.0, segment=64 * 1024)
LIMIT = {"UPLOAD_LIMIT_MIB": "1024"}


def measure() -> Iterator[Line]:
    """One upload on each store; raise RuntimeError when another file arrives than the one sent."""
    yield from _measured("dossier local", LIMIT)
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="acquis-s3-")))
        endpoint = opened.enter_context(s3_server(folder, SECRET, free_ports(len(DOORS))))
        yield from _measured("S3, par nous", s3_environment(endpoint) | LIMIT)


def _measured(name: str, settings: dict[str, str]) -> Iterator[Line]:
    size = Size(11, 40)
    with (
        environment_of(settings),
        scene([size]) as made,
        served(made, 1) as [(port, process)],
        slow_line(port, LINE) as line,
    ):
        source = made.config.data / "incoming" / "banc.wav"
        source.parent.mkdir(exist_ok=True)
        write_wav(source, MEGABYTES * MEGABYTE)
        weight = source.stat().st_size
        line.cut_at = [int(part * weight) for part in CUTS]
        before = _of_all(process.pid, "VmRSS")
        forget_peak(process.pid)
        taken = send_by_chromium(made, made.dossiers[size], line.port, source, line.forget)
        peak = _of_all(process.pid, "VmHWM")
    extra, grown = line.sent - weight, peak - before
    told = f"{MEGABYTES} Mo par Chromium, {name}, {line.cuts} coupures"
    yield Line(f"{told} : même empreinte", "", f"{taken:.0f} s".replace(".", ","), "", "", line.cuts == len(CUTS))
    yield Line(f"{told} : octets envoyés de nouveau", "", f"{extra / MEGABYTE:.0f} Mo", "", "", None)
    shown = [f"{one / 2**20:.0f} Mio" for one in (before, peak)]
    yield Line(f"{told} : mémoire du serveur", *shown, f"+{grown / 2**20:.0f} Mio", "≤ +64 Mio", grown <= MOST_MEMORY)


def _of_all(pid: int, name: str) -> int:
    """Return a line of /proc/PID/status in bytes, of a process and of its children together."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return status(pid, name) + sum(status(int(child), name) for child in children)
