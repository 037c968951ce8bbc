"""Fix of waitress 3.0.2: a refusal sent while the body still arrives is lost.

waitress closes the socket at once; the kernel then answers the bytes that still arrive with RST, and the
client drops the page of the refusal before it is read. RFC 9112 §9.6 asks for a close in stages. No report of
it was found at Pylons/waitress (#421 is about the limit only); the same bug is libevent/libevent#321 and
gwsystems/sledge-serverless-framework#389, fixed there in the same way.
"""

from __future__ import annotations

import socket
import time
from contextlib import suppress

from waitress.channel import HTTPChannel

LINGER_SECONDS = 30


class LingeringClose(HTTPChannel):
    """A connection that, when `lingers` is set, is closed in stages: end of the answer, then what still
    arrives is dropped.
    """

    lingers = False
    _linger_until = 0.0

    def readable(self) -> bool:
        """Return whether to read more; close a connection that lingers for too long."""
        if self._linger_until and time.monotonic() > self._linger_until:
            self.will_close = True
        return bool(self._linger_until) or super().readable()

    def handle_read(self) -> None:
        """Read a request, or drop what arrives after a refusal."""
        if not self._linger_until:
            super().handle_read()
        elif self.recv(self.adj.recv_bytes):  # at the end of the stream, recv closes
            self.last_activity = int(time.time())

    def handle_close(self) -> None:
        """Close; after a refusal, first send the end of the answer and let the rest of the body arrive."""
        if self.lingers and not self._linger_until:
            self._linger_until = time.monotonic() + LINGER_SECONDS
            self.will_close = self.close_when_flushed = False
            with suppress(OSError):
                self.socket.shutdown(socket.SHUT_WR)  # type: ignore[union-attr]  # a channel has one until it is closed
                return
        super().handle_close()
