"""Idempotency keys: a form sent twice (double click, reload, retry) has one effect and redirects to the first
result.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import redirect
from flask_login import current_user
from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from portfolio.db.engine import fetch_rows, insert_if_absent, read_session, transaction
from portfolio.domain.account.models import IdempotencyKey
from portfolio.web.clock import now
from portfolio.web.forms import clean_line

# Every form asks them: built once, and past the unit of work.
_KNOWN = select(IdempotencyKey.redirect_to).where(IdempotencyKey.nonce == bindparam("key"))
_LEADS = (
    update(IdempotencyKey)
    .where(IdempotencyKey.nonce == bindparam("key"))
    .values(redirect_to=bindparam("where"))
)


def run_once(nonce: str | None, act: Callable[[Session], str]) -> Response:
    """Run `act` in one transaction unless this idempotency key was used; redirect (303) to the result.

    `act` receives the session and returns the URL of the redirect. The key is inserted first: a second
    request waits there for the first one on PostgreSQL, and for the write lock on SQLite.
    """
    key = _key(nonce)
    with transaction() as session:
        if key and not _take(session, key):
            return redirect(_known(session, key) or "/", 303)
        location = act(session)
        if key:
            session.flush()
            session.connection().execute(_LEADS, {"key": key, "where": location})
    return redirect(location, 303)


def previous_result(nonce: str | None) -> Response | None:
    """Redirect to the result of the first use of this key; None when the key is unused.

    The result may be deleted since.
    """
    location = _known(read_session(), _key(nonce)) if nonce else None
    return redirect(location, 303) if location else None


def _known(session: Session, key: str) -> str | None:
    found = fetch_rows(session, _KNOWN, {"key": key})
    return found[0].redirect_to if found else None


def _key(nonce: str | None) -> str:
    return f"{current_user.id}:{clean_line(nonce)}"[:100] if nonce else ""


def _take(session: Session, key: str) -> bool:
    """Insert the key; return False when it exists already."""
    return insert_if_absent(session, IdempotencyKey, ("nonce",), nonce=key, redirect_to="", created_at=now())
