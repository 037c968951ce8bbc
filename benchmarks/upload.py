"""Sending a file to the product (SQLite, local folder), beside copying the same file to the disk and hashing it.

For scale, the same file sent to a bare Flask page that keeps it durably and hashes it, and neither opens nor names it.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import re
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Line
from benchmarks.scene import Size, scene
from benchmarks.servers import bare_served, served

MEGABYTE, WANTED, TRIES = 1_000_000, 0.35, 5
CHUNK = 1 << 20
BOUNDARY = "acquis-banc"


def measure() -> Iterator[Line]:
    """1, 10 and 100 MB; the median of a few sendings of different files."""
    size = Size(11, 40)
    with scene([size]) as made, served(made, 1) as [(port, _)], bare_served(made) as bare:
        dossier = made.dossiers[size]
        path = f"/dossiers/{dossier.candidacy_id}/preuves/ajouter"
        cookie = made.browser_cookie(dossier.token, path)
        for weight in (1, 10, 100):
            copied, received, sent = [], [], []
            for turn in range(TRIES):
                source = made.config.data / "incoming" / f"banc-{weight}-{turn}.pdf"
                _pdf(source, weight * MEGABYTE)
                copied.append(_copy(source, source.with_suffix(".copie")))
                received.append(_send(bare, "/", cookie, source, 200))
                sent.append(_send(port, path, cookie, source, 303))
                source.unlink()
            reference, page, subject = (statistics.median(one) for one in (copied, received, sent))
            name = f"envoi de {weight} Mo"
            ratio = reference / subject
            target = f"≥ {WANTED}".replace(".", ",")
            yield Line(name, _shown(reference), _shown(subject), _ratio(ratio), target, ratio >= WANTED)
            yield Line(f"{name} à une page nue", _shown(reference), _shown(page), _ratio(reference / page))


def _shown(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms".replace(".", ",")


def _ratio(found: float) -> str:
    return f"{found:.2f}".replace(".", ",")


def _pdf(path: Path, size: int) -> None:
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
    began, digest = time.perf_counter(), hashlib.sha256()
    with source.open("rb") as read, copy.open("wb") as write:
        while chunk := read.read(CHUNK):
            digest.update(chunk)
            write.write(chunk)
        write.flush()
        os.fsync(write.fileno())
    taken = time.perf_counter() - began
    copy.unlink()
    return taken


def _send(port: int, path: str, cookie: str, source: Path, wanted: int) -> float:
    """Fill in the form as a browser does, and answer how long its sending took, to the last byte of the answer."""
    # By the 8 KB of http.client, the sender itself would take a third of the time measured.
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=120, blocksize=64 * 1024)
    line.request("GET", path, headers={"Cookie": cookie})
    page = line.getresponse().read().decode()
    hidden = dict(re.findall(r'name="(csrf_token|nonce)"[^>]*value="([^"]*)"', page))
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in hidden.items()
    ]
    parts.append(f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="{source.name}"\r\n')
    head, tail = ("".join(parts) + "Content-Type: application/pdf\r\n\r\n").encode(), f"\r\n--{BOUNDARY}--\r\n".encode()
    began = time.perf_counter()
    line.putrequest("POST", path)
    line.putheader("Cookie", cookie)
    line.putheader("Content-Type", f"multipart/form-data; boundary={BOUNDARY}")
    line.putheader("Content-Length", str(len(head) + source.stat().st_size + len(tail)))
    line.endheaders()
    line.send(head)
    with source.open("rb") as read:
        line.send(read)
    line.send(tail)
    answer = line.getresponse()
    answer.read()
    taken = time.perf_counter() - began
    line.close()
    if answer.status != wanted:
        raise RuntimeError(f"the file was answered {answer.status}")
    return taken
