"""Bodies of requests as waitress receives them: refused before they come when there is no room, and heard to be refused."""

from __future__ import annotations

import errno
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, ClassVar

import structlog
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError, get_header_lines
from waitress.utilities import BadRequest, Error, RequestEntityTooLarge

from portfolio.storage.incoming import NO_ROOM

log = structlog.get_logger("acquis")

# What the system says when a body cannot be kept now: no room, or too many files are open.
_NOT_NOW = NO_ROOM | {errno.EMFILE, errno.ENFILE}
# For how long what still comes of a refused body is dropped, as other servers do.
_SECONDS_TO_LINGER = 30


class NoRoomError(Error):  # type: ignore[misc]
    """There is no room for this body."""

    code = 507
    reason = "Insufficient Storage"


class Parser(HTTPRequestParser):  # type: ignore[misc]
    """A request; its body is refused at its headers when it is too long for its address.

    A body is refused in the middle when the disk is full, or as soon as it is too long when nobody said its length.
    """

    # How many bytes the body of a request may have, by its method and its path.
    bound: ClassVar[Callable[[str, str], int] | None] = None
    _most: int | None = None

    def received(self, data: bytes) -> int:
        """Take what came and answer how much of it is ours; of a refused request, everything is."""
        try:
            taken: int = super().received(data)
        except OSError as error:
            if error.errno not in _NOT_NOW:
                raise
            return self._refused(data)
        except ValueError as error:  # a length of thousands of digits, an address that is none
            return self._given_up(data, BadRequest(str(error)))
        if self.error is not None:
            self.expect_continue = False  # nobody is asked for a body that is refused
            return len(data)
        if max(self.content_length, self.body_bytes_received) > self._bound():
            return self._given_up(data, RequestEntityTooLarge("too long for this address"))
        return taken

    def parse_header(self, header_plus: bytes) -> None:
        """Read the headers; raise ParsingError for a request that two servers may read as two different ones (RFC 9112)."""
        _refuse_ambiguous(header_plus)
        super().parse_header(header_plus)

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


def _refuse_ambiguous(head: bytes) -> None:
    """Raise ParsingError for two hosts or none, two lengths, or a length beside an encoding: the end of the body is not sure."""
    first, _, rest = head.partition(b"\r\n")
    names = [line.partition(b":")[0].strip(b" \t").lower() for line in get_header_lines(rest)]
    hosts, lengths, encodings = (names.count(name) for name in (b"host", b"content-length", b"transfer-encoding"))
    is_older = first.rstrip().endswith(b"HTTP/1.0")
    if hosts > 1 or (hosts == 0 and first.rstrip().endswith(b"HTTP/1.1")):
        raise ParsingError("a request names one host")
    if lengths > 1 or encodings > 1 or (lengths and encodings) or (is_older and encodings):
        raise ParsingError("the length of the body is not sure")


class Channel(HTTPChannel):  # type: ignore[misc]
    """A connection; one whose body was refused is closed gently, else the answer would be lost with what still comes."""

    parser_class = Parser
    lingers = False
    _until = 0.0

    def send_continue(self) -> None:
        """Say that the body may come, as soon as the one thread that hears everybody can send it.

        Sent by another thread to someone who has left, it would close a socket that is waited for, and end the server.
        """
        said = b"HTTP/1.1 100 Continue\r\n\r\n"
        waiting: Any = self.request
        with self.outbuf_lock:
            self.outbufs[-1].append(said)
            self.current_outbuf_count += len(said)
            self.total_outbufs_len += len(said)
            self.sent_continue = True
        waiting.expect_continue = waiting.completed = False
        self.server.pull_trigger()

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
