"""nginx as `make run-scaled` sets it, before a small server: whole bodies both ways, pages of its own in French, and
room for others when one address is slow.
"""

import http.client
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from portfolio.web.headers import SECURITY_HEADERS
from tests.server.clients import MEBIBYTE
from tools.cluster.__main__ import free_ports
from tools.cluster.nginx import find_nginx, nginx
from tools.nginx_errors import FILE, error_settings

needs_nginx = pytest.mark.skipif(find_nginx() is None, reason="nginx is not installed")
ROOM = 8 * MEBIBYTE


class _Behind(BaseHTTPRequestHandler):
    """Answer a post with the number of bytes that came, and /N with N bytes."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer(b"a" * int(self.path[1:]))

    def do_POST(self) -> None:
        self._answer(str(len(self.rfile.read(int(self.headers["Content-Length"])))).encode())

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Write nothing."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of nginx, whose name any folder of a person may hold."""
    return tmp_path / "essai é" / "nginx"


@pytest.fixture
def port(folder: Path) -> Iterator[int]:
    """Give the port of nginx, before a server that answers."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Behind) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        with ExitStack() as running:
            yield running.enter_context(_Running(folder, server.server_address[1]))
        server.shutdown()


class _Running:
    """nginx on a port of its own, in front of that one."""

    def __init__(self, folder: Path, behind: int) -> None:
        [self.port] = free_ports(1)
        command = nginx(folder, self.port, [behind], ROOM, ROOM)
        assert command is not None
        self._command = command

    def __enter__(self) -> int:
        self._process = subprocess.Popen(self._command.command)
        for _attempt in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port), 2).close()
            except ConnectionRefusedError:
                assert self._process.poll() is None
                time.sleep(0.05)
            else:
                return self.port
        raise AssertionError("nginx never listened")

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(20)


def asked(
    port: int, path: str, body: bytes | None = None, address: str = "127.0.0.1", **headers: str
) -> tuple[http.client.HTTPResponse, bytes]:
    """Send a request from this address, and read the whole answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30, source_address=(address, 0))
    connection.request("GET" if body is None else "POST", path, body, headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer, content


@needs_nginx
def test_a_text_and_a_heavy_file_pass_whole_both_ways_whoever_started_it(port):
    for size in (20_000, 5 * MEBIBYTE):
        answer, content = asked(port, "/", b"a" * size)
        assert (answer.status, content) == (200, str(size).encode())
    connection = socket.create_connection(("127.0.0.1", port), 30)
    connection.sendall(b"GET /%d HTTP/1.1\r\nHost: localhost\r\n\r\n" % (5 * MEBIBYTE))
    time.sleep(1)  # what a slow reader does not take waits in a file of nginx
    came = 0
    with connection:
        while came < 5 * MEBIBYTE:
            chunk = connection.recv(65_536)
            assert chunk, came
            came += len(chunk)


SLOW_HEAD = b"GET /1 HTTP/1.1\r\nHost: localhost\r\nX-Slow: a"
SLOW_BODY = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\na"


@needs_nginx
@pytest.mark.parametrize("sent", [SLOW_HEAD, SLOW_BODY])
def test_seven_hundred_slow_connections_of_one_address_leave_forty_others_served(port, sent):
    with ExitStack() as held:
        for _number in range(700):
            connection = held.enter_context(socket.create_connection(("127.0.0.1", port), 30))
            connection.sendall(sent)
        assert [asked(port, "/1", address=f"127.0.0.{9 + one}")[0].status for one in range(40)] == [200] * 40


def _raw(port: int, sent: bytes) -> tuple[http.client.HTTPResponse, bytes]:
    with socket.create_connection(("127.0.0.1", port), 30) as connection:
        connection.sendall(sent)
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        return answer, answer.read()


def _is_ours(answer: http.client.HTTPResponse, content: bytes) -> None:
    text = content.decode()
    assert '<html lang="fr">' in text
    assert f"Code {answer.status}" in text
    assert "nginx" not in text
    for name, value in SECURITY_HEADERS.items():
        assert answer.headers.get_all(name) == [value]
    assert answer.headers.get_all("Cache-Control") == ["no-store"]
    assert (answer.headers["Retry-After"] == "10") == (answer.status in {429, 503})


@needs_nginx
@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"\x16\x03\x01 no request\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"a" * 9000 + b"\r\n\r\n", 431),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\n", 413),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: other\r\n\r\n", 400),
        (b"GET /acquis-erreur/500 HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
    ],
)
def test_what_nginx_refuses_is_said_in_french_with_the_headers_of_every_page(port, sent, status):
    answer, content = _raw(port, sent)
    assert answer.status == status
    _is_ours(answer, content)


@needs_nginx
def test_an_address_that_holds_too_many_requests_is_told_so(port):
    with ExitStack() as held:
        for _number in range(220):
            held.enter_context(socket.create_connection(("127.0.0.1", port), 30)).sendall(SLOW_BODY)
        answer, content = asked(port, "/1")
    assert answer.status == 429
    _is_ours(answer, content)


@needs_nginx
def test_what_nginx_cannot_keep_is_said_in_french(port, folder):
    shutil.rmtree(folder / "body")
    (folder / "body").touch()
    answer, content = asked(port, "/", b"a" * 100_000)
    assert answer.status == 500
    _is_ours(answer, content)


@needs_nginx
def test_when_nobody_answers_behind_it_nginx_says_when_to_come_back(folder):
    with _Running(folder, *free_ports(1)) as port:
        answer, content = asked(port, "/1")
    assert answer.status == 503
    _is_ours(answer, content)


def test_the_pages_of_nginx_are_made_from_those_of_the_server():
    assert FILE.read_text() == error_settings(), "run `python -m tools.nginx_errors`"
