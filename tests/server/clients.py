"""Raw clients of a real server: heads, held connections, answers."""

import socket

MEBIBYTE = 1024 * 1024
LOGIN = "/connexion"
FORM = "/dossiers/00000000-0000-4000-8000-000000000000/preuves/ajouter"


def head(length: int | None, path: str = LOGIN, cookie: str = "", more: str = "") -> bytes:
    """Return the headers of a post; without a length, the body is chunked."""
    size = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
    named = f"Cookie: {cookie}\r\n" if cookie else ""
    return f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{named}{more}{size}\r\n\r\n".encode()


def connect(port: int, address: str = "127.0.0.1", *pieces: bytes) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), 10, source_address=(address, 0))
    for piece in pieces:
        connection.sendall(piece)
    return connection


def answer(connection: socket.socket) -> tuple[int, str]:
    """Return the status and the text of an answer; 0 when the connection was closed without one."""
    came = b""
    try:
        while chunk := connection.recv(65_536):
            came += chunk
            before, stop, body = came.partition(b"\r\n\r\n")
            if came.startswith(b"HTTP/1.1 100 "):
                break
            if stop and b"Content-Length: %d\r\n" % len(body) in before + b"\r\n":
                break
    except ConnectionError:
        pass
    return (int(came.split()[1]), came.decode()) if came else (0, "")


def ask(port: int, *pieces: bytes, address: str = "127.0.0.1") -> tuple[int, str]:
    """Send these bytes and read the answer."""
    with connect(port, address, *pieces) as connection:
        return answer(connection)


def page(port: int, address: str = "127.0.0.1", more: str = "") -> int:
    """Load the login page and return its status."""
    return ask(port, f"GET {LOGIN} HTTP/1.1\r\nHost: localhost\r\n{more}\r\n".encode(), address=address)[0]
