"""Ask a ClamAV daemon whether a file is infected, by its INSTREAM command; without a daemon configured,
nothing is scanned.

The scanner fails closed: a daemon that does not answer, or that answers anything else than « OK », refuses
the file.
"""

from __future__ import annotations

import logging
import socket
import struct
from dataclasses import dataclass
from typing import BinaryIO

from portfolio.files.file_types.types import FileRejected, RejectionReason

_log = logging.getLogger(__name__)
_CHUNK_BYTES = 256 * 1024
_MAX_ANSWER_BYTES = 4096


@dataclass(frozen=True)
class Antivirus:
    """A ClamAV daemon, at the path of a Unix socket or at `host:port`."""

    address: str
    seconds: float = 60.0

    def scan(self, content: BinaryIO) -> None:
        """Raise FileRejected(INFECTED) or FileRejected(NOT_SCANNED); the content stays at its beginning."""
        content.seek(0)
        try:
            answer = self._answer(content)
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
        raise FileRejected(RejectionReason.NOT_SCANNED)

    def _answer(self, content: BinaryIO) -> str:
        with self._connected() as connection:
            connection.sendall(b"zINSTREAM\0")
            while chunk := content.read(_CHUNK_BYTES):
                connection.sendall(struct.pack("!L", len(chunk)) + chunk)
            connection.sendall(struct.pack("!L", 0))
            answer = b""
            while (
                not answer.endswith(b"\0")
                and len(answer) < _MAX_ANSWER_BYTES
                and (part := connection.recv(1024))
            ):
                answer += part
        return answer.rstrip(b"\0\n").decode("utf-8", "replace")

    def _connected(self) -> socket.socket:
        host, _, port = self.address.rpartition(":")
        if host and port.isdigit():
            return socket.create_connection((host, int(port)), self.seconds)
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(self.seconds)
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


def scan(content: BinaryIO) -> None:
    """Raise FileRejected(INFECTED, NOT_SCANNED) when a daemon is configured and does not find the file
    clean.
    """
    for antivirus in _installed:
        antivirus.scan(content)
