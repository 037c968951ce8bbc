"""Sending a file from Chromium to the product (SQLite, local folder), from the button to the next page,
beside the file sent whole to a bare page that keeps and hashes it; and the processor that the server takes,
beside copying and hashing it.
"""

import hashlib
import http.client
import json
import os
import re
import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import Page, sync_playwright
from sqlalchemy import select

from benchmarks.measure import Line, ms, times
from benchmarks.scene import FullDossier, Scene, Size, scene
from benchmarks.servers import bare_served, served
from portfolio.domain.dossier.models.evidence import EvidenceFile
from tests.browser import find
from tests.conftest import QUIET

MEGABYTE, TRIES, MAX_RATIO = 1_000_000, 3, 1.5
# MB, and how many times the processor of copy and hash the server may take.
WEIGHTS = ((1, None), (10, 3.0), (100, 2.0))
CHUNK = 1 << 20
AT_ONCE = 3  # parts in flight, as in static/js/resumable-upload.js
SEND_WHOLE = """async (input) => {
  const form = new FormData();
  form.append("files", input.files[0]);
  await (await fetch("/", { method: "POST", body: form })).text();
}"""


def measure() -> Iterator[Line]:
    """1, 10 and 100 MB; the median of a few uploads of different files."""
    size = Size(11, 40)
    with scene([size]) as made, served(made, 1) as [(port, process)], bare_served(made) as bare:
        dossier = made.dossiers[size]
        for weight, most in WEIGHTS:
            whole, sent, copied, served_for = [], [], [], []
            for turn in range(TRIES):
                source = made.config.data / "incoming" / f"banc-{weight}-{turn}.pdf"
                write_pdf(source, weight * MEGABYTE)
                copied.append(_copy(source, source.with_suffix(".copie")))
                whole.append(_send_whole(made, dossier, bare, source))
                before = _processor(process.pid)
                sent.append(send_by_chromium(made, dossier, port, source))
                served_for.append(_processor(process.pid) - before)
                source.unlink()
            reference, subject = statistics.median(whole), statistics.median(sent)
            yield Line(
                f"envoi de {weight} Mo par Chromium, à côté du fichier entier vers une page nue",
                ms(reference), ms(subject), times(subject, reference), "≤ 1,5 ×",
                subject <= MAX_RATIO * reference,
            )  # fmt: skip
            reference, subject = statistics.median(copied), statistics.median(served_for)
            yield Line(
                f"envoi de {weight} Mo, processeur du serveur, à côté de copier et hacher",
                ms(reference), ms(subject), times(subject, reference),
                f"≤ {most:.0f} ×" if most else "", subject <= most * reference if most else None,
            )  # fmt: skip


def send_by_chromium(
    made: Scene, dossier: FullDossier, port: int, source: Path, begin: Callable[[], None] = lambda: None
) -> float:
    """Return the seconds from the button to the page that follows; raise RuntimeError when another file
    arrives. `begin` is called just before the button is pressed.
    """
    path = f"/dossiers/{dossier.candidacy_id}/preuves/ajouter"
    with _opened(made, dossier, port, path) as page:
        page.locator("input[type=file]:not([capture])").first.set_input_files(source)
        page.wait_for_timeout(1000)
        begin()
        began = time.monotonic()
        page.get_by_role("button", name="Envoyer").click()
        page.wait_for_url(lambda url: not url.endswith("/ajouter"), timeout=600_000, wait_until="commit")
        taken = time.monotonic() - began
    with source.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    with made.database.reader() as session:
        if session.scalar(select(EvidenceFile.sha256).where(EvidenceFile.name == source.name)) != digest:
            raise RuntimeError("the file that arrived is not the one that was sent")
    return taken


def _send_whole(made: Scene, dossier: FullDossier, port: int, source: Path) -> float:
    with _opened(made, dossier, port, "/") as page:
        page.evaluate("document.body.append(Object.assign(document.createElement('input'), {type: 'file'}))")
        page.locator("input").set_input_files(source)
        began = time.monotonic()
        page.locator("input").evaluate(SEND_WHOLE)
        return time.monotonic() - began


@contextmanager
def _opened(made: Scene, dossier: FullDossier, port: int, path: str) -> Iterator[Page]:
    """Open a page as the candidate in a Chromium of its own."""
    name, _, value = made.browser_cookie(dossier.token, f"/dossiers/{dossier.candidacy_id}/preuves/ajouter").partition(
        "="
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=QUIET)
        context = browser.new_context()
        context.add_cookies([{"name": name, "value": value, "url": f"http://127.0.0.1:{port}"}])
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{port}{path}")
        yield page
        browser.close()


def _processor(pid: int) -> float:
    """Return the seconds of processor that the threads of a process have taken so far."""
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9


def write_pdf(path: Path, size: int) -> None:
    """A PDF of one page that weighs a little more than `size` bytes, as a scan does."""
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (size, os.urandom(size)),
    ]
    with path.open("wb") as file:
        file.write(b"%PDF-1.4\n")
        places = []
        for number, part in enumerate(parts, 1):
            places.append(file.tell())
            file.write(b"%d 0 obj\n%b\nendobj\n" % (number, part))
        start = file.tell()
        file.write(b"xref\n0 5\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places))
        file.write(b"trailer << /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % start)


def _copy(source: Path, copy: Path) -> float:
    began, digest = time.process_time(), hashlib.sha256()
    with source.open("rb") as read, copy.open("wb") as write:
        while chunk := read.read(CHUNK):
            digest.update(chunk)
            write.write(chunk)
        write.flush()
        os.fsync(write.fileno())
    taken = time.process_time() - began
    copy.unlink()
    return taken


def send_in_parts(port: int, path: str, cookie: str, source: Path) -> float:
    """Send a file without a browser, to load the server: announced, in parts, then the form."""
    hidden = _hidden(port, path, cookie)
    began = time.perf_counter()
    form = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    said = {
        "csrf_token": hidden["csrf_token"],
        "name": source.name,
        "size": source.stat().st_size,
        "mark": hashlib.sha256(source.name.encode()).hexdigest(),
    }
    address = path.replace("preuves/ajouter", "envois")
    state = json.loads(_post(port, address, urlencode(said), form, 200))

    def send(start: int) -> None:
        with source.open("rb") as read:
            read.seek(start)
            content = read.read(state["part"])
        digest = {"X-SHA256": hashlib.sha256(content).hexdigest(), "Content-Type": "application/octet-stream"}
        headers = {"Cookie": cookie, "X-CSRFToken": hidden["csrf_token"]}
        _post(port, f"{address}/{state['id']}?place={start}", content, headers | digest, 200)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(send, range(0, source.stat().st_size, state["part"])))
    _post(port, path, urlencode(hidden | {"sent": state["id"]}), form, 303)
    return time.perf_counter() - began


def _hidden(port: int, path: str, cookie: str) -> dict[str, str]:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    line.request("GET", path, headers={"Cookie": cookie})
    page = line.getresponse().read().decode()
    line.close()
    return dict(re.findall(r'name="(csrf_token|nonce)"[^>]*value="([^"]*)"', page))


def _post(port: int, path: str, body: str | bytes, headers: dict[str, str], wanted: int) -> bytes:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    line.request("POST", path, body, headers)
    answer = line.getresponse()
    content = answer.read()
    line.close()
    if answer.status != wanted:
        raise RuntimeError(f"the file was answered {answer.status}")
    return content
