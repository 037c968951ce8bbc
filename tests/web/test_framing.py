"""A request that two servers may read as two different ones is refused by the real server, and nothing after
it is read.
"""

import socket

import pytest

from tests.web.test_answers import carries_the_headers, serving

AFTER = b"GET /kanari HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture
def served(app):
    with serving(app, 100_000) as port:
        yield port


def answered(port: int, sent: bytes) -> tuple[list[bytes], bytes]:
    """Send these bytes and answer the status lines, and all that came until the server closes."""
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        came = b""
        while chunk := connection.recv(65_536):
            came += chunk
    return [line for line in came.split(b"\r\n") if line.startswith(b"HTTP/1.")], came


AMBIGUOUS = {
    "length then encoding": b"Host: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n",
    "encoding then length": b"Host: localhost\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n",
    "odd case": b"Host: localhost\r\ncOnTeNt-LeNgTh: 0\r\ntransfer-ENCODING: chunked\r\n",
    "two equal lengths": b"Host: localhost\r\nContent-Length: 5\r\nContent-Length: 5\r\n",
    "two lengths": b"Host: localhost\r\nContent-Length: 5\r\nContent-Length: 0\r\n",
    "two encodings": b"Host: localhost\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
    "two hosts": b"Host: localhost\r\nHost: ailleurs.example\r\n",
    "two equal hosts": b"Host: localhost\r\nhost: localhost\r\n",
    "no host": b"X-Nothing: 1\r\n",
}


@pytest.mark.parametrize("headers", AMBIGUOUS.values(), ids=AMBIGUOUS)
def test_a_request_that_can_be_read_in_two_ways_is_refused_and_the_connection_closed(served, headers):
    statuses, came = answered(served, b"POST /connexion HTTP/1.1\r\n" + headers + b"\r\n0\r\n\r\n" + AFTER)
    assert [status.split()[1] for status in statuses] == [b"400"]
    assert b"ne comprend pas" in came
    assert b"kanari" not in came
    names = dict(line.split(b": ", 1) for line in came.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:])
    carries_the_headers({name.decode(): value.decode() for name, value in names.items()})


def test_an_encoding_of_a_version_that_has_none_is_refused(served):
    sent = b"POST /connexion HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + AFTER
    statuses, _ = answered(served, sent)
    assert [status.split()[1] for status in statuses] == [b"400"]


@pytest.mark.parametrize(
    "sent",
    [
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /healthz HTTP/1.0\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-Host: ailleurs.example\r\n\r\n",
    ],
)
def test_a_usual_request_is_answered(served, sent):
    statuses, _ = answered(served, sent)
    assert [status.split()[1] for status in statuses] == [b"200"]


def test_a_body_that_comes_in_pieces_is_read(served):
    head = b"POST /connexion HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
    kind = b"Content-Type: application/x-www-form-urlencoded\r\n\r\n"
    statuses, came = answered(served, head + kind + b"4\r\na=bc\r\n0\r\n\r\n")
    assert [status.split()[1] for status in statuses] == [b"400"], "it has no token"
    assert 'name="a" value="bc"' in came.decode()


@pytest.mark.parametrize(
    "path", ["/connexion?suite=%0d%0aSet-Cookie:%20kanari=1", "/mes-dossiers?suite=" + "kanari" * 10_000]
)
def test_no_address_writes_a_header(served, path):
    statuses, came = answered(served, f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    assert len(statuses) == 1
    assert b"Set-Cookie: kanari" not in came
    assert b"kanarikanari" not in came
