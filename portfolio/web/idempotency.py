"""One form, one effect: a second click, or a reload, leads where the first one led."""

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
_LEADS = update(IdempotencyKey).where(IdempotencyKey.nonce == bindparam("key")).values(location=bindparam("where"))


def run_once(nonce: str | None, act: Callable[[Session], str]) -> Response:
    """Run `act` in one transaction unless this nonce already had its effect; go where it leads (303).

    `act` gets the session and answers the URL to go to. The nonce is taken first: on PostgreSQL a second
    request waits there for the first one, on SQLite it waits for the write lock.
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
    """Go where this form led the first time; None when it had no effect yet. What it brought may be gone since."""
    location = _known(read_session(), _key(nonce)) if nonce else None
    return redirect(location, 303) if location else None


def _known(session: Session, key: str) -> str | None:
    found = fetch_rows(session, _KNOWN, {"key": key})
    return found[0].location if found else None


def _key(nonce: str | None) -> str:
    return f"{current_user.id}:{clean_line(nonce)}"[:100] if nonce else ""


def _take(session: Session, key: str) -> bool:
    """Take the nonce; False when it was taken before."""
    return insert_if_absent(session, IdempotencyKey, ("nonce",), nonce=key, location="", received_at=now())
