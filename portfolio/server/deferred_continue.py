"""Fix of waitress 3.0.2: a worker thread that sends « 100 Continue » may close a socket that the main loop
polls.

Upstream: Pylons/waitress#374, « Possible race condition leading to the main loop dying? » (CVE-2022-31015).
Release 2.1.2 closes sockets in the main loop alone (`do_close=False`), but `send_continue`, which `service`
also calls in a worker thread, still flushes with `do_close=True`.
"""

from __future__ import annotations

from typing import Any

from waitress.channel import HTTPChannel

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class DeferredContinue(HTTPChannel):
    """A connection whose « 100 Continue » is queued for the main loop."""

    def send_continue(self) -> None:
        """Queue the line and wake the main loop, which sends it."""
        request: Any = self.request
        with self.outbuf_lock:
            self.outbufs[-1].append(_CONTINUE)
            self.current_outbuf_count += len(_CONTINUE)
            self.total_outbufs_len += len(_CONTINUE)
            self.sent_continue = True
        request.expect_continue = request.completed = False
        self.server.pull_trigger()
