"""A running server that can be killed at any moment and born again, and someone who visits it over HTTP."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from tests import samples
from tests.page import Page
from tools.cluster.__main__ import free_ports

TOP = Path(__file__).parents[2]
FORM = "application/x-www-form-urlencoded"


class Nursery:
    """The process that servers are born from; `under` is a command that watches it and its children."""

    def __init__(self, *under: str) -> None:
        command = [*under, sys.executable, "-m", "tests.faults.process_tree"]
        env = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "VIRTUAL_ENV") if name in os.environ}
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=sys.stderr, text=True, cwd=TOP, env=env
        )

    def birth(self, env: Mapping[str, str]) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(dict(env)) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        self._process.communicate()


class Server:
    """The product on a port of its own, with settings that its deaths do not change."""

    def __init__(self, nursery: Nursery, folder: Path, **env: str) -> None:
        self.folder, self._nursery, self.pid = folder, nursery, 0
        (self.port,) = free_ports(1)
        self.events, self.log = folder / "events", folder / "log"
        self.env = {
            "DATA": str(folder),
            "PORT": str(self.port),
            "EVENTS": str(self.events),
            "LOG": str(self.log),
            **env,
        }

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self.pid = self._nursery.birth(self.env)
        until = time.monotonic() + 30
        while not self._listens():
            assert self.is_alive, self.log.read_text()[-3000:]
            assert time.monotonic() < until
            time.sleep(0.005)

    def kill(self) -> None:
        """End it as a power cut would, and wait until it is gone."""
        if self.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            while self.is_alive:
                time.sleep(0.001)
            self.pid = 0

    @property
    def is_alive(self) -> bool:
        return Path(f"/proc/{self.pid}").exists()

    def __enter__(self) -> Server:
        self.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.kill()
        if error is not None and self.log.exists():
            sys.stderr.write(self.log.read_text()[-3000:])

    def _listens(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 0.2):
            return True
        return False


@dataclass
class Answer:
    """What came back; 0 when the connection broke before."""

    status: int
    text: str = ""
    location: str = ""

    @property
    def page(self) -> Page:
        return Page(self.text)


@dataclass
class Visitor:
    """Someone with a browser without JavaScript: keeps cookies, fills forms, and may be left without an answer."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    patience: float = 60

    def get(self, path: str) -> Answer:
        return self.ask("GET", path).answer()

    def post(
        self, path: str, fields: Mapping[str, str], files: Mapping[str, tuple[str, bytes]] | None = None
    ) -> Answer:
        return self.ask("POST", path, *encoded(fields, files)).answer()

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | Iterable[bytes] | None = None,
        kind: str = FORM,
        more: Mapping[str, str] | None = None,
    ) -> Asked:
        """Send a whole request and do not wait for what comes back."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.patience)
        headers = {"Cookie": self.cookie, "Connection": "close", **(more or {})}
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # refused half-way: the answer says why
            connection.request(method, path, body, headers | ({"Content-Type": kind} if body is not None else {}))
        return Asked(self, connection)

    @contextlib.contextmanager
    def upload(self, path: str, fields: Mapping[str, str], size: int) -> Iterator[Sending]:
        """Begin to send a form with a PDF of about this size."""
        body, kind = encoded(fields, {"files": ("film.pdf", samples.pdf() + bytes(size))})
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.patience)
        connection.putrequest("POST", path)
        for name, value in (("Cookie", self.cookie), ("Content-Type", kind), ("Content-Length", str(len(body)))):
            connection.putheader(name, value)
        connection.endheaders()
        with contextlib.closing(connection):
            yield Sending(Asked(self, connection), body)

    @property
    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def fields(self, path: str) -> dict[str, str]:
        """Return the hidden fields of the form of a page."""
        found = self.get(path)
        assert found.status == 200, (path, found.status, found.location)
        return {one["name"]: one.get("value", "") for one in found.page.all("input", type="hidden") if "name" in one}

    def log_in(self, email: str, password: str) -> Visitor:
        hidden = self.fields("/connexion")
        answer = self.post("/connexion", hidden | {"email": email, "password": password})
        assert answer.status == 303, answer.page.text
        return self


@dataclass
class Asked:
    """A request that was sent."""

    visitor: Visitor
    connection: http.client.HTTPConnection

    def answer(self) -> Answer:
        """Wait for the answer, whole; one that breaks off is none."""
        with contextlib.closing(self.connection):
            try:
                response = self.connection.getresponse()
                text = response.read().decode(errors="replace")  # a file is no text
            except (ConnectionError, http.client.HTTPException):
                return Answer(0)
            for cookie in response.headers.get_all("Set-Cookie", []):
                name, _, value = cookie.split(";", 1)[0].partition("=")
                self.visitor.cookies[name] = value
            return Answer(response.status, text, response.headers.get("Location", ""))


@dataclass
class Sending:
    """A form half sent."""

    asked: Asked
    body: bytes

    def send_half(self) -> None:
        self.asked.connection.send(self.body[: len(self.body) // 2])
        time.sleep(0.3)  # what is on its way arrives

    def send_rest(self) -> Answer:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.asked.connection.send(self.body[len(self.body) // 2 :])
        return self.asked.answer()


def encoded(fields: Mapping[str, str], files: Mapping[str, tuple[str, bytes]] | None = None) -> tuple[bytes, str]:
    """Return the body of a form and its type."""
    if files is None:
        return urlencode(fields).encode(), FORM
    mark = uuid4().hex
    parts: list[Any] = [f'name="{name}"\r\n\r\n{value}'.encode() for name, value in fields.items()]
    parts += [
        f'name="{name}"; filename="{given}"\r\nContent-Type: application/octet-stream\r\n\r\n'.encode() + content
        for name, (given, content) in files.items()
    ]
    body = b"".join(f"--{mark}\r\nContent-Disposition: form-data; ".encode() + part + b"\r\n" for part in parts)
    return body + f"--{mark}--\r\n".encode(), f"multipart/form-data; boundary={mark}"
