"""The reading edition of sixty exhibits, beside the merging of the same files with pikepdf alone; the ZIP
beside `zip -0`.
"""

import io
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import typst
from PIL import Image, ImageDraw

from benchmarks.livret_scene import build, mark_as_drawn, narrative_text
from benchmarks.measure import Line, times
from config import Config
from portfolio.app import build_app
from portfolio.backup.migration import upgrade
from portfolio.documents.livret.archive import entries_of, stream_archive
from portfolio.domain.submission.rules.returns import EditionKind
from portfolio.domain.submission.use_cases.editions import PrintableDossier, load_printable
from portfolio.files.conversion.fonts import font_files
from portfolio.run.worker import EditionWorker, edition_worker
from portfolio.wording.documents.receipt import index_values

PIECES, PAGES_A_PIECE = 60, 7
# Each side is the best of as many: the first book of a process also loads what the others find loaded.
_TIMES = 3
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
    for kind, write in (("de texte", _text_pdf), ("numérisées", scanned_pdf)):
        folder = Path(tempfile.mkdtemp(prefix="acquis-bench-"))
        try:
            yield from _measured(folder, kind, write)
        finally:
            tempfile.tempdir = None
            shutil.rmtree(folder, ignore_errors=True)


def _measured(folder: Path, kind: str, write: Callable[[int], bytes]) -> Iterator[Line]:
    files = _write_pieces(folder / "benign", write)
    config = Config.from_env({"DATA": str(folder / "data"), "PORT": "8114"})
    upgrade(config.database_url)
    app = build_app(config)
    with app.app_context():
        scene = build(app, folder, PIECES, draw=mark_as_drawn)
        database = app.extensions["database"]
        with database.reader() as session:
            printable = load_printable(session, scene.submission_id)
        merged = min((_merge(folder, files) for _ in range(_TIMES)), key=lambda cost: cost.processor)
        made, size = min(
            (_make(edition_worker(app), printable) for _ in range(_TIMES)), key=lambda taken: taken[0].processor
        )
        memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        about = f"édition de lecture, {PIECES} pièces {kind}, {PIECES * PAGES_A_PIECE} pages, {size / 1e6:.0f} Mo"
        yield _compared(f"{about}, temps de processeur", made.processor, merged.processor)
        yield _compared(f"{about}, durée", made.wall, merged.wall)
        yield Line("mémoire du plus grand processus", "", f"{memory:.0f} Mio", "", "< 400 Mio", memory < 400)
        yield _zip_line(folder, app.extensions["files"], printable, files)
        database.engine.dispose()


def _write_pieces(folder: Path, write: Callable[[int], bytes]) -> list[Path]:
    folder.mkdir()
    paths = []
    for number in range(1, PIECES + 1):
        path = folder / f"piece-{number:02}.pdf"
        path.write_bytes(write(number))
        paths.append(path)
    return paths


def _text_pdf(number: int) -> bytes:
    """Return a PDF of seven pages of text, a little different for each number."""
    texts = [f"= Page {page}\n\n{narrative_text(400, 10 * number + page)}\n\n" for page in range(1, PAGES_A_PIECE + 1)]
    made = typst.compile("#pagebreak()\n".join(texts).encode(), font_paths=font_files(), format="pdf")
    return bytes(made)


def scanned_pdf(number: int) -> bytes:
    """Return a PDF of seven pages scanned at 150 points an inch, half a megabyte each, different for each number."""
    pdf, content = pikepdf.new(), io.BytesIO()
    for page_number in range(1, PAGES_A_PIECE + 1):
        picture = Image.effect_noise((1240, 1754), 18).point(lambda value: min(255, value + 110))
        drawing, jpeg = ImageDraw.Draw(picture), io.BytesIO()
        for line, words in enumerate(narrative_text(300, 10 * number + page_number).split(". ")):
            drawing.text((100, 100 + 22 * line), words, fill=20)
        picture.convert("RGB").save(jpeg, "JPEG", quality=60)
        page = pdf.add_blank_page(page_size=(595, 842))
        size = {"Width": picture.width, "Height": picture.height, "BitsPerComponent": 8}
        kind = {"Type": pikepdf.Name.XObject, "Subtype": pikepdf.Name.Image}
        packed = {"ColorSpace": pikepdf.Name.DeviceRGB, "Filter": pikepdf.Name.DCTDecode}
        name = page.add_resource(pikepdf.Stream(pdf, jpeg.getvalue(), **kind, **size, **packed), pikepdf.Name.XObject)
        page.contents_add(f"q 595 0 0 842 0 0 cm {name} Do Q".encode())
    pdf.save(content)
    return content.getvalue()


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


def _make(worker: EditionWorker, printable: PrintableDossier) -> tuple[_Cost, int]:
    """Return what the reading edition takes, and its size in bytes."""
    with _costs() as cost, worker.made(printable, EditionKind.READING) as (path, _):
        cost.stop()
        return cost, path.stat().st_size


def _merge(folder: Path, files: list[Path]) -> _Cost:
    """Return what a process takes that merges the files with pikepdf and does nothing else."""
    with _costs() as cost:
        subprocess.run(  # noqa: S603
            [sys.executable, "-c", _MERGE, str(folder / "merged.pdf"), *map(str, files)], check=True
        )
        cost.stop()
    return cost


def _zip_line(folder: Path, store: object, printable: object, files: list[Path]) -> Line:
    entries = entries_of(index_values, printable, store, [])  # type: ignore[arg-type]
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
