"""The reading edition of sixty exhibits, beside the merging of the same files with pikepdf alone; the ZIP beside `zip -0`."""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import typst

from benchmarks.livret_scene import build, mark_as_drawn, narrative_text
from benchmarks.measure import Line, times
from config import Config
from portfolio.app import build_app
from portfolio.db.migration import upgrade
from portfolio.documents.fonts import font_files
from portfolio.documents.livret.archive import entries_of, stream_archive
from portfolio.domain.submission.rules.editions import EditionKind
from portfolio.domain.submission.use_cases.editions import load_printable
from portfolio.run.worker import edition_worker

PIECES, PAGES_A_PIECE = 60, 7
_MERGE = """
import sys, pikepdf, warnings
warnings.simplefilter("ignore")
merged, kept = pikepdf.new(), []
for path in sys.argv[2:]:
    source = pikepdf.open(path)
    kept.append(source)
    merged.pages.extend(source.pages)
merged.save(sys.argv[1], object_stream_mode=pikepdf.ObjectStreamMode.generate)
"""


def measure() -> Iterator[Line]:
    """Seconds, and the memory of the largest process."""
    folder = Path(tempfile.mkdtemp(prefix="acquis-bench-"))
    try:
        yield from _measured(folder)
    finally:
        tempfile.tempdir = None
        shutil.rmtree(folder, ignore_errors=True)


def _measured(folder: Path) -> Iterator[Line]:
    files = _write_pieces(folder / "benign")
    config = Config.from_env({"DATA": str(folder / "data"), "PORT": "8114"})
    upgrade(config.database_url)
    app = build_app(config)
    with app.app_context():
        scene = build(app, folder, PIECES, draw=mark_as_drawn)
        database = app.extensions["database"]
        with database.reader() as session:
            printable = load_printable(session, scene.submission_id)
        merged = min((_merge(folder, files) for _ in range(3)), key=lambda cost: cost.processor)
        with _costs() as made, edition_worker(app).made(printable, EditionKind.READING) as (path, _):
            made.stop()
            size = path.stat().st_size
        memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        about = f"édition de lecture, {PIECES} pièces, {PIECES * PAGES_A_PIECE} pages, {size / 1e6:.0f} Mo"
        yield _compared(f"{about}, temps de processeur", made.processor, merged.processor)
        yield _compared(f"{about}, durée", made.wall, merged.wall)
        yield Line("mémoire du plus grand processus", "", f"{memory:.0f} Mio", "", "< 400 Mio", memory < 400)
        yield _zip_line(folder, app.extensions["files"], printable, files)
        database.engine.dispose()


def _write_pieces(folder: Path) -> list[Path]:
    """Write PDFs of seven pages of text, and make each a little different."""
    folder.mkdir()
    paths = []
    for number in range(1, PIECES + 1):
        texts = [f"= Page {page}\n\n{narrative_text(400, 10 * number + page)}\n\n" for page in range(1, PAGES_A_PIECE + 1)]
        pages = "#pagebreak()\n".join(texts)
        path = folder / f"piece-{number:02}.pdf"
        path.write_bytes(typst.compile(pages.encode(), font_paths=font_files().fonts, format="pdf"))
        paths.append(path)
    return paths


@dataclass
class _Cost:
    """Seconds of the clock and of the processor, of this process and of those that it started."""

    wall: float = 0.0
    processor: float = 0.0

    def start(self) -> None:
        self.wall, self.processor = time.perf_counter(), _processor_seconds()

    def stop(self) -> None:
        self.wall, self.processor = time.perf_counter() - self.wall, _processor_seconds() - self.processor


@contextmanager
def _costs() -> Iterator[_Cost]:
    cost = _Cost()
    cost.start()
    yield cost


def _processor_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def _compared(about: str, taken: float, reference: float) -> Line:
    return Line(about, f"{reference:.2f} s", f"{taken:.2f} s", times(taken, reference), "≤ 3", taken <= 3 * reference)


def _merge(folder: Path, files: list[Path]) -> _Cost:
    """Return what a process takes that merges the files with pikepdf and does nothing else."""
    with _costs() as cost:
        subprocess.run([sys.executable, "-c", _MERGE, str(folder / "merged.pdf"), *map(str, files)], check=True)  # noqa: S603
        cost.stop()
    return cost


def _zip_line(folder: Path, store: object, printable: object, files: list[Path]) -> Line:
    entries = entries_of(printable, store, [])  # type: ignore[arg-type]
    began, sent = time.perf_counter(), 0
    for chunk in stream_archive(entries, datetime.now(UTC)):
        sent += len(chunk)
    streamed = time.perf_counter() - began
    began = time.perf_counter()
    names = [str(path) for path in files]
    subprocess.run(["zip", "-0", "-q", str(folder / "plain.zip"), *names], check=True)  # noqa: S603, S607
    plain = time.perf_counter() - began
    weight = sum(path.stat().st_size for path in files)
    rate = (sent / streamed) / (weight / plain)
    told, said = f"{weight / plain / 1e6:.0f} Mo/s", f"{sent / streamed / 1e6:.0f} Mo/s"
    return Line(f"ZIP en flux, {sent / 1e6:.0f} Mo", told, said, f"{rate:.2f}", "≥ 0,7", rate >= 0.7)
