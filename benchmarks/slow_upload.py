"""An evidence file of 20 MB sent by Chromium, by the page that people use, on a slow line that is cut three times.

The ideal time is that of the bytes alone at the rate of the line: the losses, the cuts and the time that the line is
away are ours to bear. The line is a proxy (`benchmarks.slow_line`), not a network.
"""

from collections.abc import Iterator

from benchmarks.measure import Line, times
from benchmarks.scene import Size, scene
from benchmarks.servers import served
from benchmarks.slow_line import Shape, slow_line
from benchmarks.upload import MEGABYTE, send_by_chromium, write_pdf

MEGABYTES, CUTS, MAX_RATIO = 20, (0.2, 0.5, 0.9), 1.2


def measure() -> Iterator[Line]:
    """With and without the cuts; the file that arrives is the one that was sent."""
    size = Size(11, 40)
    with scene([size]) as made, served(made, 1) as [(port, _)]:
        for cuts in ((), CUTS):
            source = made.config.data / "incoming" / f"banc-{len(cuts)}.pdf"
            source.parent.mkdir(exist_ok=True)
            write_pdf(source, MEGABYTES * MEGABYTE)
            weight, shape = source.stat().st_size, Shape()
            with slow_line(port, shape) as line:
                line.cut_at = [int(part * weight) for part in cuts]
                taken = send_by_chromium(made, made.dossiers[size], line.port, source, line.forget)
            ideal = 8 * weight / shape.bits_per_second
            name = f"{MEGABYTES} Mo par Chromium, 2 Mbit/s, 2 % de pertes, {line.cuts} coupures (mandataire)"
            met = taken <= MAX_RATIO * ideal and line.cuts == len(cuts)
            extra = f"{100 * (line.sent - weight) / weight:.1f}".replace(".", ",")
            yield Line(f"{line.lost} segments perdus, octets envoyés en plus", "", f"{extra} %", "", "", None)
            yield Line(name, _s(ideal), _s(taken), times(taken, ideal, 2), f"≤ {MAX_RATIO} ×".replace(".", ","), met)


def _s(seconds: float) -> str:
    return f"{seconds:.1f} s".replace(".", ",")
