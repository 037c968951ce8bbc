"""Ask a ClamAV daemon whether a file is infected, by its INSTREAM command; without a daemon configured,
nothing is scanned.

The scanner fails closed: only « OK » passes a file. A daemon that is silent costs a few seconds: whoever
sends a file waits no longer, and the file waits apart (`evidence.use_cases.quarantine`).
"""

import logging
import os
import socket
import struct
from dataclasses import dataclass
from typing import BinaryIO

from portfolio.files.file_types.types import FileRejected, RejectionReason

_log = logging.getLogger(__name__)
_CHUNK_BYTES = 256 * 1024
_MAX_ANSWER_BYTES = 4096
# How long a daemon may take no byte and give no answer while somebody waits, and while only a worker does.
PATIENCE, LONG_PATIENCE = 4.0, 30.0
# A daemon looks at a file once it has all of it: a long one gives it more time to answer.
_BYTES_A_SECOND = 20_000_000


@dataclass(frozen=True)
class Antivirus:
    """A ClamAV daemon, at the path of a Unix socket or at `host:port`."""

    address: str

    def scan(self, content: BinaryIO, patience: float = PATIENCE) -> None:
        """Raise FileRejected (INFECTED, TOO_LARGE_TO_SCAN, NOT_SCANNED); leave the content at its start."""
        size = content.seek(0, os.SEEK_END)
        content.seek(0)
        try:
            answer = self._answer(content, size, patience)
        except OSError as error:
            _log.warning("the antivirus does not answer: %s", type(error).__name__)
            raise FileRejected(RejectionReason.NOT_SCANNED) from error
        finally:
            content.seek(0)
        if answer == "stream: OK":
            return
        if answer.endswith(" FOUND"):
            raise FileRejected(RejectionReason.INFECTED)
        _log.warning("the antivirus did not scan a file: %s", answer[:100])
        if answer.startswith("INSTREAM size limit exceeded"):
            raise FileRejected(RejectionReason.TOO_LARGE_TO_SCAN)
        raise FileRejected(RejectionReason.NOT_SCANNED)

    def answers(self) -> bool:
        """Return whether the daemon answers at all."""
        try:
            with self._connected(PATIENCE) as connection:
                connection.sendall(b"zPING\0")
                return connection.recv(16).startswith(b"PONG")
        except OSError:
            return False

    def _answer(self, content: BinaryIO, size: int, patience: float) -> str:
        with self._connected(patience) as connection:
            try:
                connection.sendall(b"zINSTREAM\0")
                while chunk := content.read(_CHUNK_BYTES):
                    connection.sendall(struct.pack("!L", len(chunk)) + chunk)
                connection.sendall(struct.pack("!L", 0))
            except ConnectionError:  # a daemon that wants no more of a long file says so, and closes
                pass
            connection.settimeout(patience + size / _BYTES_A_SECOND)
            answer = b""
            while not answer.endswith(b"\0") and len(answer) < _MAX_ANSWER_BYTES and (part := connection.recv(1024)):
                answer += part
        return answer.rstrip(b"\0\n").decode("utf-8", "replace")

    def _connected(self, patience: float) -> socket.socket:
        host, _, port = self.address.rpartition(":")
        if host and port.isdigit():
            return socket.create_connection((host, int(port)), patience)
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(patience)
        try:
            connection.connect(self.address)
        except OSError:
            connection.close()
            raise
        return connection


_installed: list[Antivirus] = []


def install(address: str) -> None:
    """Scan with the daemon at this address from now on; with none when it is empty."""
    _installed[:] = [Antivirus(address)] if address else []


def is_installed() -> bool:
    """Return whether files are scanned."""
    return bool(_installed)


def answers() -> bool:
    """Return whether a daemon is configured and answers."""
    return any(antivirus.answers() for antivirus in _installed)


def scan(content: BinaryIO, patience: float = PATIENCE) -> None:
    """Raise FileRejected (INFECTED, TOO_LARGE_TO_SCAN, NOT_SCANNED) when a daemon is configured and does not
    find the file clean.
    """
    for antivirus in _installed:
        antivirus.scan(content, patience)
