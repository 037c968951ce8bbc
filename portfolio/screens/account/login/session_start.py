"""Start a session of login, however the person proved who they are."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from flask import abort, current_app, g, request, session
from flask_login import current_user, login_user

from portfolio.access.login import load_user
from portfolio.db.engine import transaction
from portfolio.domain.account import identities, throttle, use_cases
from portfolio.domain.account.throttle import Attempt, know_browser
from portfolio.screens.account.login.origin import request_origin, set_browser_cookie
from portfolio.web.clock import now
from portfolio.wording.browsers import browser_name

# The identity of a provider that waits for its account: it outlives the session that ends here.
IDENTITY_TO_LINK = "identity_to_link"
# When the person of this session proved who they are; what protects the account asks again after some
# minutes.
_PROVED_AT, FRESH = "proved_at", timedelta(minutes=10)


def begin(person_id: UUID, attempt: Attempt, *, provider_state: str | None = None) -> None:
    """Start a new session in the store and in the cookie; nothing of an earlier one remains, the one of this
    browser included.
    """
    life = timedelta(hours=current_app.config["SETTINGS"].session_hours)
    here = current_user if current_user.is_authenticated else None
    with transaction() as db:
        if here:
            use_cases.end_session(db, here.token, by=here.id, at=now())
        throttle.refund_attempt(db, attempt)
        name = browser_name(request.user_agent.string)
        use_cases.tell_of_new_device(db, person_id, request_origin().tokens, browser=name, at=now())
        token = use_cases.start_session(db, person_id, life, at=now(), browser=name)
        if provider_state:
            identities.open_provider_session(db, provider_state, token)
        browser = know_browser(db, person_id, request_origin().tokens, at=now())
    kept = session.get(IDENTITY_TO_LINK)
    session.clear()
    mark_proved()
    if kept:
        session[IDENTITY_TO_LINK] = kept
    g.pop("csrf_token", None)  # made for the session that just ended
    person = load_user(token)
    if person is None:
        abort(403)
    login_user(person)
    set_browser_cookie(browser)


def mark_proved() -> None:
    """Remember that the person of this session has just proved who they are."""
    session[_PROVED_AT] = int(now().timestamp())


def has_just_proved() -> bool:
    """Whether the person connected proved who they are a few minutes ago."""
    at = session.get(_PROVED_AT)
    return isinstance(at, int) and now().timestamp() - at < FRESH.total_seconds()
