"""Bodies of requests as waitress receives them: refused before they come when there is no room, and heard to be refused."""

from __future__ import annotations

import shutil
import socket
import tempfile
import time
from contextlib import suppress
from typing import Any

import structlog
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.utilities import Error

from portfolio.storage.incoming import NO_ROOM

log = structlog.get_logger("acquis")

# A file is in three places before its row is written: the body as it came, the file taken out of it, the file being kept.
_COPIES = 3
# Room that no file takes: the texts that people type must still be saved.
_RESERVE = 16 * 1024 * 1024
# For how long what still comes of a refused body is dropped, as other servers do.
_SECONDS_TO_LINGER = 30


class NoRoomError(Error):  # type: ignore[misc]
    """There is no room for this body."""

    code = 507
    reason = "Insufficient Storage"


def has_room(length: int, overflow: int) -> bool:
    """Say whether a body of so many bytes can be received and kept; one under `overflow` waits in memory."""
    return length < overflow or shutil.disk_usage(tempfile.gettempdir()).free >= _COPIES * length + _RESERVE


class Parser(HTTPRequestParser):  # type: ignore[misc]
    """A request; its body is refused at its headers when there is no room for it, or in the middle when room ends."""

    def received(self, data: bytes) -> int:
        """Take what came and answer how much of it is ours; of a refused request, everything is."""
        known = self.headers_finished
        try:
            taken: int = super().received(data)
        except OSError as error:
            if error.errno not in NO_ROOM:
                raise
            return self._refused(data)
        if self.error is not None:
            self.expect_continue = False  # nobody is asked for a body that is refused
            return len(data)
        if not known and self.headers_finished and not has_room(self.content_length, self.adj.inbuf_overflow):
            return self._refused(data)
        return taken

    def _refused(self, data: bytes) -> int:
        log.error("no_room_for_body", length=self.content_length, received=self.body_bytes_received)
        self.error: Any = NoRoomError("no room")
        self.completed, self.expect_continue = True, False
        with suppress(OSError):  # its buffer may have something to write yet
            self.close()
        return len(data)


class Channel(HTTPChannel):  # type: ignore[misc]
    """A connection; one whose body was refused is closed gently, else the answer would be lost with what still comes."""

    parser_class = Parser
    lingers = False
    _until = 0.0

    def readable(self) -> bool:
        """Whether we want to hear more; one that lingers too long is closed."""
        if self._until and time.monotonic() > self._until:
            self.will_close = True
        return bool(self._until) or super().readable()

    def handle_read(self) -> None:
        """Take what came, or drop it after a refusal."""
        if not self._until:
            super().handle_read()
        elif self.recv(self.adj.recv_bytes):  # at its end, recv closes
            self.last_activity = int(time.time())

    def handle_close(self) -> None:
        """Close; after a refusal, first say that the answer is whole, and let what still comes come."""
        if self.lingers and not self._until:
            self._until = time.monotonic() + _SECONDS_TO_LINGER
            self.will_close = self.close_when_flushed = False
            with suppress(OSError):
                self.socket.shutdown(socket.SHUT_WR)  # type: ignore[union-attr]  # a channel has one until it is closed
                return
        super().handle_close()
