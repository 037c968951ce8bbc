"""Bodies of requests as waitress receives them: refused before they come when there is no room, and heard to be refused."""

from __future__ import annotations

import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, ClassVar

import structlog
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.receiver import FixedStreamReceiver
from waitress.utilities import Error, RequestEntityTooLarge

from portfolio.storage.incoming import NO_ROOM
from portfolio.storage.landing import can_land
from portfolio.web.sorting import Sorter, boundary_of

log = structlog.get_logger("acquis")

# A file is in three places before its row is written: the body as it came, the file taken out of it, the file being kept.
# Of a form that is sorted as it comes, these are one.
_COPIES = 3
# Room that no file takes: the texts that people type must still be saved.
_RESERVE = 16 * 1024 * 1024
# For how long what still comes of a refused body is dropped, as other servers do.
_SECONDS_TO_LINGER = 30


class NoRoomError(Error):  # type: ignore[misc]
    """There is no room for this body."""

    code = 507
    reason = "Insufficient Storage"


def has_room(length: int, overflow: int, copies: int = _COPIES) -> bool:
    """Say whether a body of so many bytes can be received and kept; one under `overflow` waits in memory."""
    return length < overflow or shutil.disk_usage(tempfile.gettempdir()).free >= copies * length + _RESERVE


class Parser(HTTPRequestParser):  # type: ignore[misc]
    """A request; its body is refused at its headers when it is too long for its address or there is no room for it.

    A body whose length nobody said is refused in the middle, as soon as it is too long or room ends.
    """

    # How many bytes the body of a request may have, by its method and its path.
    bound: ClassVar[Callable[[str, str], int] | None] = None
    _most: int | None = None

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
        if not known and self.headers_finished:
            copies = 1 if self._is_sorted() else _COPIES
            if not has_room(self.content_length, self.adj.inbuf_overflow, copies):
                return self._refused(data)
        if max(self.content_length, self.body_bytes_received) > self._bound():
            return self._given_up(data, RequestEntityTooLarge("too long for this address"))
        return taken

    def _is_sorted(self) -> bool:
        """Have a form that weighs sorted as it comes, and say so; one whose length nobody said goes the usual way."""
        overflow, kind = self.adj.inbuf_overflow, self.headers.get("CONTENT_TYPE", "")
        comes: Any = self.body_rcv
        if not isinstance(comes, FixedStreamReceiver) or self.content_length < overflow or not can_land():
            return False
        boundary = boundary_of(kind)
        if boundary:
            comes.buf = Sorter(boundary, overflow)
        return bool(boundary)

    def _bound(self) -> int:
        """Answer how long the body may be; looked for once, and only for a body that does not wait in memory."""
        if max(self.content_length, self.body_bytes_received) <= self.adj.inbuf_overflow or Parser.bound is None:
            return sys.maxsize
        if self._most is None:
            self._most = Parser.bound(self.command, self.path)
        return self._most

    def _refused(self, data: bytes) -> int:
        log.error("no_room_for_body", length=self.content_length, received=self.body_bytes_received)
        return self._given_up(data, NoRoomError("no room"))

    def _given_up(self, data: bytes, error: Error) -> int:
        self.error: Any = error
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
        if self.request is not None:  # what came of a body whose sender went away
            with suppress(OSError):
                self.request.close()
