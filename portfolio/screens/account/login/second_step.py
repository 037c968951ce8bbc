"""Between the password and the code: the signed cookie remembers for ten minutes who has given their
password.

Or who has signed in by an OpenID provider whose own second factor the settings do not accept.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta
from uuid import UUID

from flask import session

from portfolio.db.engine import read_session
from portfolio.domain.account.models import Person
from portfolio.web.clock import now

LIFE = timedelta(minutes=10)
_NAME = "second_step"


def remember(person_id: UUID, password_hash: str | None, *, provider: str = "", state: str = "") -> None:
    """Remember that a person has given their password, or signed in by a provider; a later password ends
    it.
    """
    until = int((now() + LIFE).timestamp())
    kept = {"person": person_id.hex, "until": until, "stamp": _stamp(password_hash)}
    session[_NAME] = kept | ({"provider": provider, "state": state} if state else {})


def provider_label() -> str:
    """Return the provider by which the person signed in; nothing after a password."""
    return _kept_text("provider")


def provider_state() -> str | None:
    """Return the state of the sign-in by a provider; None after a password."""
    return _kept_text("state") or None


def _kept_text(name: str) -> str:
    kept = session.get(_NAME)
    return str(kept.get(name, "")) if isinstance(kept, dict) else ""


def person_waiting() -> UUID | None:
    """Return the person whose code is awaited; None when nobody has given a password, or too long ago."""
    kept = session.get(_NAME)
    if not isinstance(kept, dict) or kept.get("until", 0) < now().timestamp():
        return None
    person = read_session().get(Person, UUID(kept["person"]))
    if person is None or person.suspended_at is not None:
        return None
    return person.id if hmac.compare_digest(kept.get("stamp", ""), _stamp(person.password_hash)) else None


def _stamp(password_hash: str | None) -> str:
    return hashlib.sha256(f"second step {password_hash}".encode()).hexdigest()[:32]
