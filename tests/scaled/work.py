"""People at work on an installation whose stores are killed: every answer is counted, and what was acknowledged
is kept to be compared.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from uuid import uuid4

from config import MEBIBYTE
from tests import samples
from tests.faults.running import Answer, Visitor, encoded

OURS = '<html lang="fr"'


class Stores:
    """PostgreSQL and the S3 of an installation, killed as a power cut would; what watches them starts them again."""

    def __init__(self, data: Path) -> None:
        self._postgresql, self._s3 = data / "postgresql", data / "s3"

    def kill_postgresql(self) -> None:
        """Kill it."""
        os.kill(int((self._postgresql / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)

    def kill_s3(self) -> None:
        """Kill it."""
        for found in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):
                if f"-dir={self._s3}/".encode() in found.read_bytes():
                    os.kill(int(found.parent.name), signal.SIGKILL)


class Work:
    """What a candidate does at once in some windows, until the end of the `with`."""

    def __init__(self, visitor: Visitor, base: str) -> None:
        self.visitor, self.base = visitor, base
        self.seen, self.faults = Counter[tuple[str, int]](), list[str]()
        # What was acknowledged: where each file is, by its digest; and texts.
        self.files, self.texts = dict[str, str](), list[str]()
        self._stopping, self._threads = threading.Event(), list[threading.Thread]()

    def start(self, *acts: Callable[[], object]) -> None:
        """Repeat each of these in a window of its own."""
        for act in acts:
            self._threads.append(threading.Thread(target=self._repeat, args=(act,), daemon=True))
            self._threads[-1].start()

    def __enter__(self) -> Work:
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join(self.visitor.patience)

    def _repeat(self, act: Callable[[], object]) -> None:
        while not self._stopping.wait(0.1):
            try:
                act()
            except Exception as error:
                self.faults.append(f"{act}: {error!r}")

    def count(self, what: str, answer: Answer, wanted: int = 200) -> bool:
        """Count an answer; return whether it is what was asked. A 503 with our page is no fault."""
        self.seen[what, answer.status] += 1
        if answer.status == wanted and "/connexion" not in answer.location:
            return True
        if answer.status != 503 or OURS not in answer.text:
            self.faults.append(f"{what}: {answer.status} {answer.location} {answer.text[:2000]}")
        return False

    def _fields(self, path: str) -> dict[str, str] | None:
        answer = self.visitor.get(path)
        if not self.count("form", answer):
            return None
        hidden = (one for one in answer.page.all("input", type="hidden") if "name" in one)
        return {one["name"]: one.get("value", "") for one in hidden}

    def read(self) -> None:
        """Read two pages."""
        for path in ("", "/preuves"):
            self.count("page", self.visitor.get(self.base + path))

    def write(self) -> None:
        """Write a text of 24 kB, as browsers send it."""
        path, told = f"{self.base}/experiences/ajouter", f"{uuid4()} {'é' * 3950}"
        if (hidden := self._fields(path)) is not None:
            form = hidden | {"post": "Pilote", "structure": "Aéroclub", "context": told}
            if self.count("text", self.visitor.post(path, form), 303):
                self.texts.append(told)
        self._stopping.wait(0.5)

    def send(self) -> None:
        """Send a small file."""
        content = samples.pdf() + os.urandom(40_000)
        path = f"{self.base}/preuves/ajouter"
        if (hidden := self._fields(path)) is not None:
            answer = self.visitor.post(path, hidden, {"files": ("bulletin.pdf", content)})
            if self.count("file", answer, 303):
                self.files[hashlib.sha256(content).hexdigest()] = answer.location

    def send_heavy(self, size: int) -> str | None:
        """Send a file of so many bytes by the form; return its digest, None when it was not taken."""
        path = f"{self.base}/preuves/ajouter"
        if (hidden := self._fields(path)) is None:
            return None
        mark, digest, first = uuid4().hex.encode(), hashlib.sha256(), samples.pdf()
        body, kind = encoded(hidden, {"files": ("film.pdf", mark)})
        before, after = body.split(mark)

        def parts() -> Iterator[bytes]:
            yield before
            left = size
            while left:
                part = (first if left == size else os.urandom(MEBIBYTE))[:left]
                digest.update(part)
                yield part
                left -= len(part)
            yield after

        length = {"Content-Length": str(len(before) + size + len(after))}
        answer = self.visitor.ask("POST", path, parts(), kind, length).answer()
        if not self.count("heavy file", answer, 303):
            return None
        self.files[digest.hexdigest()] = answer.location
        return digest.hexdigest()

    def download(self, digest: str) -> bool:
        """Download a file that was acknowledged, and compare it; return whether the whole came."""
        piece = self.files[digest].split("/preuves/")[1].split("/")[0]
        digested, length, text = hashlib.sha256(), 0, ""
        with closing(
            http.client.HTTPConnection("127.0.0.1", self.visitor.port, timeout=self.visitor.patience)
        ) as connection:
            path = f"{self.base}/preuves/{piece}/fichier/1"
            connection.request("GET", path, headers={"Cookie": self.visitor.cookie})
            answer = connection.getresponse()
            if answer.status != 200:
                text = answer.read().decode()
            with suppress(ConnectionError):
                while part := answer.read(MEBIBYTE):
                    digested.update(part)
                    length += len(part)
        if answer.status == 200 and length < int(answer.headers["Content-Length"]):
            self.seen["download cut", 200] += 1  # it had begun: a browser tells that it is not whole
            return False
        whole = self.count("download", Answer(answer.status, text))
        if whole and digested.hexdigest() != digest:
            self.faults.append(f"another file came than {digest}")
        return whole
