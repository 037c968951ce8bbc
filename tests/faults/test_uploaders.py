"""However the client of an upload ends it, the server goes on hearing the others: nobody here is even logged in."""

import socket
import struct
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.faults.running import Nursery, Server

pytestmark = pytest.mark.slow

LEAVING = struct.pack("ii", 1, 0)  # at once, without a word
FORM = "/dossiers/{}/preuves/ajouter"


@pytest.fixture
def server(nursery: Nursery, sqlite_url: str, tmp_path: Path) -> Iterator[Server]:
    with Server(nursery, tmp_path, SECRET_KEY="faults") as started:
        yield started


def said(server: Server, *pieces: bytes) -> socket.socket:
    line = socket.create_connection(("127.0.0.1", server.port), 30)
    for piece in pieces:
        line.sendall(piece)
    return line


def answered(server: Server, *pieces: bytes) -> bytes:
    """Return the first line of the answer."""
    with said(server, *pieces) as line:
        return line.makefile("rb").readline()


def head(length: int, path: str = "/connexion", more: str = "") -> bytes:
    return f"POST {path} HTTP/1.1\r\nHost: x\r\n{more}Content-Length: {length}\r\n\r\n".encode()


def part(content: bytes) -> bytes:
    return b'--b\r\nContent-Disposition: form-data; name="files"; filename="x"\r\n\r\n' + content + b"\r\n"


def test_a_sender_who_leaves_when_told_to_go_on_ends_nothing(server):
    """Another thread than the one that hears everybody answers them."""
    asked = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" + head(10, more="Expect: 100-continue\r\n")
    for _ in range(3000):
        line = said(server, asked)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LEAVING)
        line.close()
    assert server.is_alive
    assert b" 200 " in answered(server, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    for fault in ("Traceback", "closed file", "EBADF"):
        assert fault not in server.log.read_text()


def test_who_expects_to_be_told_to_go_on_is_told_and_answered(server):
    body = b"a=1"
    with said(
        server, head(len(body), more="Expect: 100-continue\r\nContent-Type: application/x-www-form-urlencoded\r\n")
    ) as line:
        answers = line.makefile("rb")
        assert answers.readline() == b"HTTP/1.1 100 Continue\r\n"
        line.sendall(body)
        assert answers.readline() == b"\r\n"
        assert answers.readline().startswith(b"HTTP/1.1 4")  # a form without its token


def test_a_form_of_too_many_parts_is_refused(server):
    body = part(b"light") * 301 + b"--b--\r\n"
    kind = "Content-Type: multipart/form-data; boundary=b\r\n"
    assert b" 413 " in answered(server, head(len(body), FORM.format(uuid4()), kind), body)


@pytest.mark.parametrize(
    "odd", [head(0).replace(b"Length: 0", b"Length: " + b"9" * 5000), b"GET http://[x/ HTTP/1.1\r\nHost: x\r\n\r\n"]
)
def test_what_no_server_can_read_is_answered_so(server, odd):
    assert b" 400 " in answered(server, odd)
    assert "Traceback" not in server.log.read_text()
