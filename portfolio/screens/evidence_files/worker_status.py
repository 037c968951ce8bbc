"""Whether what is ordered of a file comes in its turn, or waits for a worker that is not there."""

from __future__ import annotations

from datetime import datetime

from portfolio.db.engine import read_session
from portfolio.tasks.heartbeat import worker_status
from portfolio.web.clock import now


def is_stalled(since: datetime | None) -> bool:
    """Return whether what is ordered since this moment waits for a worker that is not there."""
    at = now()
    return worker_status(read_session()).is_stalled(since or at, at)
