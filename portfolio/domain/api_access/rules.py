"""Tokens by which the programs of a body read and write here: their form, their scopes, their life.

A token does what the member who made it may do, and nothing that its scopes do not name (design).
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

# A token lives a year at most; its maker is warned by letter these days before its end.
MAX_DAYS, WARNED_DAYS = 365, (30, 7)
# While a program is given its new token, the former one still serves.
TWIN_LIFE = timedelta(days=30)
# Calls that one token may make in a window.
CALLS, WINDOW = 600, timedelta(minutes=1)
# How long calls are kept, and the answers that a repeated call gets again.
CALLS_KEPT, ANSWERS_KEPT = timedelta(days=365), timedelta(days=1)
VISIBLE_CHARS = 8
_FORM = re.compile(r"acq_([0-9a-z]{8})_[A-Za-z0-9_-]{43}")
_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"


class ApiScope(StrEnum):
    """Rights that a token may be given."""

    CANDIDACIES_READ = "candidacies:read"
    CANDIDACIES_WRITE = "candidacies:write"
    SESSIONS_READ = "sessions:read"
    RESULTS_READ = "results:read"
    CERTIFICATES_READ = "certificates:read"


class TokenState(StrEnum):
    """States of a token."""

    LIVE = "live"
    EXPIRED = "expired"
    REVOKED = "revoked"
    # Its maker left the body, or manages its team no more.
    ORPHAN = "orphan"


class ApiRefusal(StrEnum):
    """Reasons why a token is not made or renewed."""

    NO_SECOND_FACTOR = "api_no_second_factor"
    ACCESS_ENDED = "api_access_ended"
    RENEWED_ALREADY = "api_renewed_already"


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token just drawn: its text is shown once; what is kept is what names it and its digest."""

    text: str
    visible: str
    digest: bytes


def draw_token() -> NewToken:
    """Return a new token, of 256 random bits beside the part that names it."""
    visible = "".join(secrets.choice(_ALPHABET) for _ in range(VISIBLE_CHARS))
    text = f"acq_{visible}_{secrets.token_urlsafe(32)}"
    return NewToken(text, visible, token_digest(text))


def token_digest(text: str) -> bytes:
    """Return the digest that a token is kept and found by."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def looks_like_token(text: str) -> bool:
    """Tell whether a text has the form of a token; nothing else is looked up."""
    return _FORM.fullmatch(text) is not None


def state_of(expires_at: datetime, revoked_at: datetime | None, *, is_orphan: bool, at: datetime) -> TokenState:
    """Return what a token is at one moment."""
    if revoked_at is not None and revoked_at <= at:
        return TokenState.REVOKED
    if expires_at <= at:
        return TokenState.EXPIRED
    return TokenState.ORPHAN if is_orphan else TokenState.LIVE


def warning_due(expires_at: datetime, warned_days: int | None, at: datetime) -> int | None:
    """Return the bound, in days before the end, of a letter that has not been written; None when none is due."""
    left = expires_at - at
    passed = [days for days in WARNED_DAYS if timedelta(0) < left <= timedelta(days=days)]
    due = min(passed, default=None)
    return due if due is not None and (warned_days is None or warned_days > due) else None
