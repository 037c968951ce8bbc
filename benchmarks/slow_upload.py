"""An evidence file of 20 MB sent by Chromium, by the page that people use, on a slow line that is cut three
times.

The ideal time is that of the bytes alone at the rate of the line: the losses, the cuts and the time that the
line is away are ours to bear. The line is a proxy (`benchmarks.slow_line`), not a network.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import sync_playwright
from sqlalchemy import select

from benchmarks.measure import Line, times
from benchmarks.scene import FullDossier, Scene, Size, scene
from benchmarks.servers import served
from benchmarks.slow_line import Shape, SlowLine, slow_line
from benchmarks.upload import MEGABYTE, write_pdf
from portfolio.domain.evidence.models.evidence import EvidenceFile
from tests.browser import find
from tests.conftest import QUIET

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
                taken = send_by_chromium(made, made.dossiers[size], line, source)
            ideal = 8 * weight / shape.bits_per_second
            name = f"{MEGABYTES} Mo par Chromium, 2 Mbit/s, 2 % de pertes, {line.cuts} coupures (mandataire)"
            met = taken <= MAX_RATIO * ideal and line.cuts == len(cuts)
            extra = f"{100 * (line.sent - weight) / weight:.1f}".replace(".", ",")
            yield Line(f"{line.lost} segments perdus, octets envoyés en plus", "", f"{extra} %", "", "", None)
            yield Line(
                name, _s(ideal), _s(taken), times(taken, ideal, 2), f"≤ {MAX_RATIO} ×".replace(".", ","), met
            )


def send_by_chromium(made: Scene, dossier: FullDossier, line: SlowLine, source: Path) -> float:
    """Return the seconds from the button to the page that follows; raise RuntimeError when another file
    arrives.
    """
    path = f"/dossiers/{dossier.candidacy_id}/preuves/ajouter"
    address = f"http://127.0.0.1:{line.port}"
    name, _, value = made.browser_cookie(dossier.token, path).partition("=")
    line.sent = line.lost = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=QUIET)
        context = browser.new_context()
        context.add_cookies([{"name": name, "value": value, "url": address}])
        page = context.new_page()
        page.goto(f"{address}{path}")
        page.locator("input[type=file]:not([capture])").first.set_input_files(source)
        page.wait_for_timeout(1000)
        line.sent = line.lost = 0
        began = time.monotonic()
        page.get_by_role("button", name="Envoyer").click()
        page.wait_for_url(lambda url: not url.endswith("/ajouter"), timeout=600_000, wait_until="commit")
        taken = time.monotonic() - began
        browser.close()
    with source.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    with made.database.reader() as session:
        if session.scalar(select(EvidenceFile.sha256).where(EvidenceFile.name == source.name)) != digest:
            raise RuntimeError("the file that arrived is not the one that was sent")
    return taken


def _s(seconds: float) -> str:
    return f"{seconds:.1f} s".replace(".", ",")
