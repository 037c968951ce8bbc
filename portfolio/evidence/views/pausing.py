"""Whether what is ordered of a file comes in its turn, or waits for a worker that is not there."""

from __future__ import annotations

from datetime import datetime

from flask import current_app

from portfolio.queue import pulse_of
from portfolio.web.clock import now


def is_paused(since: datetime | None) -> bool:
    """Say whether what is ordered since this moment waits for a worker that is not there."""
    at = now()
    return pulse_of(current_app.extensions["queue"]).keeps_waiting(since or at, at)
