"""Sending a file to the product (SQLite, local folder) by the way that browsers go, beside copying it to the
disk and hashing it.

The same file is sent to a bare Flask page that keeps it durably and hashes it, and neither opens nor names
it: a light file is measured against that page, a heavy one against the copy.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import re
import statistics
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from benchmarks.measure import Line
from benchmarks.scene import Size, scene
from benchmarks.servers import bare_served, served

MEGABYTE, WANTED, TRIES = 1_000_000, 0.4, 5
# As static/js/upload.js and resumable-upload.js: bytes above which a file comes in parts, those of a first
# part, parts in flight.
LARGE, FIRST = 4 * 1024 * 1024, 256 * 1024
AT_ONCE = 3
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
                write_pdf(source, weight * MEGABYTE)
                copied.append(_copy(source, source.with_suffix(".copie")))
                received.append(_send(bare, "/", cookie, source, 200))
                sent.append(send_as_browsers_do(port, path, cookie, source))
                source.unlink()
            reference, page, subject = (statistics.median(one) for one in (copied, received, sent))
            name = f"envoi de {weight} Mo"
            if weight * MEGABYTE <= LARGE:
                yield Line(
                    f"{name}, à côté d’une page nue",
                    _shown(page),
                    _shown(subject),
                    _ratio(page / subject),
                    "≥ 1",
                    page >= subject,
                )
            else:
                target, ratio = f"≥ {WANTED}".replace(".", ","), reference / subject
                yield Line(name, _shown(reference), _shown(subject), _ratio(ratio), target, ratio >= WANTED)
            yield Line(f"{name} à une page nue", _shown(reference), _shown(page), _ratio(reference / page))


def _shown(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms".replace(".", ",")


def _ratio(found: float) -> str:
    return f"{found:.2f}".replace(".", ",")


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
        file.write(
            b"xref\n0 5\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
        )
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
    """Fill in the form as a browser does without our module, and return how long it took, to the last byte of
    the answer.
    """
    hidden = _hidden(port, path, cookie)
    head, tail = _form_around(hidden, source.name)
    began = time.perf_counter()
    # By the 8 KB of http.client, the sender itself would take a third of the time measured.
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=120, blocksize=64 * 1024)
    line.putrequest("POST", path)
    line.putheader("Cookie", cookie)
    line.putheader("Content-Type", f"multipart/form-data; boundary={BOUNDARY}")
    line.putheader("Content-Length", str(len(head) + source.stat().st_size + len(tail)))
    line.endheaders()
    line.send(head)
    with source.open("rb") as read:
        line.send(read)
    line.send(tail)
    _answer(line, wanted)
    return time.perf_counter() - began


def send_as_browsers_do(port: int, path: str, cookie: str, source: Path) -> float:
    """Send a file as static/js/resumable-upload.js does: announced, in parts of which several are in flight,
    then the form.
    """
    if source.stat().st_size <= LARGE:
        return _send(port, path, cookie, source, 303)
    hidden = _hidden(port, path, cookie)
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    began = time.perf_counter()
    size, token = source.stat().st_size, hidden["csrf_token"]
    form = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    said = {
        "csrf_token": token,
        "name": source.name,
        "size": size,
        "mark": hashlib.sha256(source.name.encode()).hexdigest(),
    }
    address = path.replace("preuves/ajouter", "envois")
    line.request("POST", address, urlencode(said), form)
    state = json.loads(_answer(line, 200))
    headers = {"Cookie": cookie, "X-CSRFToken": token}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        if state["direct"]:
            list(
                pool.map(lambda part: _put(part["url"], source, part["start"], part["end"]), state["direct"])
            )
        else:
            step = state["part"] if state["fixed"] else FIRST
            _send_parts(pool, port, f"{address}/{state['id']}", headers, source, step, state["part"])
    line.request("POST", path, urlencode(hidden | {"sent": state["id"]}), form)
    _answer(line, 303)
    return time.perf_counter() - began


def _send_parts(
    pool: ThreadPoolExecutor,
    port: int,
    address: str,
    headers: dict[str, str],
    source: Path,
    first: int,
    most: int,
) -> None:
    """Send every part on a connection of its worker; parts grow as they do on a quick line."""
    held = threading.local()

    def send(start: int, end: int) -> None:
        if not hasattr(held, "line"):
            held.line = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        with source.open("rb") as read:
            read.seek(start)
            content = read.read(end - start)
        digest = {"X-SHA256": hashlib.sha256(content).hexdigest(), "Content-Type": "application/octet-stream"}
        held.line.request("POST", f"{address}?place={start}", content, headers | digest)
        _answer(held.line, 200)

    size, starts, step = source.stat().st_size, [], first
    start = 0
    while start < size:
        starts.append((start, min(size, start + step)))
        start += step
        step = min(most, 2 * step) if len(starts) >= AT_ONCE else first
    list(pool.map(lambda part: send(*part), starts))


def _put(url: str, source: Path, start: int, end: int) -> None:
    """Send one part straight to the S3."""
    to = urlsplit(url)
    line = http.client.HTTPConnection(to.netloc, timeout=120)
    with source.open("rb") as read:
        read.seek(start)
        line.request("PUT", f"{to.path}?{to.query}", read.read(end - start))
    _answer(line, 200)
    line.close()


def _hidden(port: int, path: str, cookie: str) -> dict[str, str]:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    line.request("GET", path, headers={"Cookie": cookie})
    page = line.getresponse().read().decode()
    line.close()
    return dict(re.findall(r'name="(csrf_token|nonce)"[^>]*value="([^"]*)"', page))


def _form_around(hidden: dict[str, str], name: str) -> tuple[bytes, bytes]:
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'
        for field, value in hidden.items()
    ]
    parts.append(f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n')
    return (
        "".join(parts) + "Content-Type: application/pdf\r\n\r\n"
    ).encode(), f"\r\n--{BOUNDARY}--\r\n".encode()


def _answer(line: http.client.HTTPConnection, wanted: int) -> bytes:
    answer = line.getresponse()
    content = answer.read()
    if answer.status != wanted:
        raise RuntimeError(f"the file was answered {answer.status}")
    return content
