"""Whether what is ordered of a file comes in its turn, or waits for a worker that is not there."""

from __future__ import annotations

from datetime import datetime

from flask import current_app

from portfolio.tasks.heartbeat import worker_status
from portfolio.web.clock import now


def is_stalled(since: datetime | None) -> bool:
    """Say whether what is ordered since this moment waits for a worker that is not there."""
    at = now()
    return worker_status(current_app.extensions["queue"]).keeps_waiting(since or at, at)
