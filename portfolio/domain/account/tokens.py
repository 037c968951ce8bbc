"""Random tokens of sessions and links: what is kept of one, and until when it works."""

from __future__ import annotations

import hashlib
from datetime import datetime


def token_hash(secret: str) -> bytes:
    """Return what is kept of a token: enough to recognise it, not to use it."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def is_live(expires_at: datetime, ended_at: datetime | None, at: datetime) -> bool:
    """Say whether a session or a link still works at this moment."""
    return ended_at is None and at < expires_at
