"""Tokens by which the programs of a body read and write here: their form, their scopes, their life.

A token does what the member who made it may do, and nothing that its scopes do not name (design).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
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
    FIGURES_READ = "figures:read"
    WEBHOOKS_WRITE = "webhooks:write"


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
    TOO_MANY_WEBHOOKS = "api_too_many_webhooks"


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


class EventType(StrEnum):
    """Events of which a program may be told."""

    # A candidacy is opened here once it is admissible: this event says both.
    CANDIDACY_OPENED = "candidacy.opened"
    CANDIDACY_SUBMITTED = "candidacy.submitted"
    CANDIDACY_RETURNED = "candidacy.returned"
    CANDIDACY_CLOSED = "candidacy.closed"
    CANDIDACY_REOPENED = "candidacy.reopened"
    SESSION_PLANNED = "session.planned"
    SESSION_MOVED = "session.moved"
    SESSION_CANCELLED = "session.cancelled"
    RESULT_NOTIFIED = "result.notified"
    CERTIFICATE_ISSUED = "certificate.issued"
    CERTIFICATE_WITHDRAWN = "certificate.withdrawn"
    # Sent when somebody asks for it, whatever the address is told of.
    TEST = "webhook.test"


class DeliveryState(StrEnum):
    """States of one event on its way to an address."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


TOLD = tuple(each for each in EventType if each is not EventType.TEST)
MAX_WEBHOOKS = 10
# An event is tried eight times over three days: after each of these, counted from the try before.
RETRIES = tuple(timedelta(minutes=minutes) for minutes in (5, 25, 60, 150, 480, 1440, 2160))
# An address that took nothing for so long is told of nothing more until somebody puts it back.
STOPPED_AFTER = timedelta(days=5)
# While a receiver is given its new secret, both sign.
FORMER_SECRET = timedelta(days=1)
DELIVERIES_KEPT = timedelta(days=90)
SECRET_PREFIX = "whsec_"  # noqa: S105 - how a secret begins, as Standard Webhooks says


def draw_secret() -> str:
    """Return a new secret, as Standard Webhooks writes it."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(24)).decode()


def signature_of(secret: str, message_id: str, stamp: int, body: bytes) -> str:
    """Return the signature of a message under a secret, as Standard Webhooks defines it (HMAC-SHA256)."""
    signed = f"{message_id}.{stamp}.".encode() + body
    digest = hmac.digest(base64.b64decode(secret.removeprefix(SECRET_PREFIX)), signed, "sha256")
    return f"v1,{base64.b64encode(digest).decode()}"


# By these the receiver says that it is there, and takes not this event: another one may be taken.
_REFUSED = frozenset({400, 406, 409, 411, 412, 413, 414, 415, 416, 417, 422, 424, 428, 431})


def refuses_event(status: int | None) -> bool:
    """Tell whether an answer refuses one event, rather than that its address does not answer or opens to nobody."""
    return status in _REFUSED


def is_set_aside(tries: int, last_status: int | None, tried_at: datetime | None, at: datetime) -> bool:
    """Tell whether an event that was refused waits for its next try, while those of other objects go on."""
    if tried_at is None or not 0 < tries <= len(RETRIES) or not refuses_event(last_status):
        return False
    return at < tried_at + RETRIES[tries - 1]


def next_try(tries: int, failing_since: datetime, at: datetime) -> datetime | None:
    """Return when an event that failed so many times is tried again; None when it is given up.

    The moment at which its address is to be stopped is not skipped.
    """
    if tries > len(RETRIES):
        return None
    later, stop = at + RETRIES[tries - 1], failing_since + STOPPED_AFTER
    return min(later, stop) if stop > at else later
