"""Start a session of login, however the person proved who they are.

Origin of a request: network address, and the cookie of known browsers.

Between the password and the code: the signed cookie remembers for ten minutes who has given their password.

Or who has signed in by an OpenID provider whose own second factor the settings do not accept.
"""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from flask import Response, abort, after_this_request, current_app, g, request, session
from flask_login import current_user, login_user

from portfolio.access.login import load_user
from portfolio.db.engine import read_session, transaction
from portfolio.domain.account import identities, throttle, use_cases
from portfolio.domain.account.models import Person
from portfolio.domain.account.rules import KNOWN_BROWSER_LIFE
from portfolio.domain.account.throttle import Attempt, Origin, know_browser
from portfolio.web.clock import now
from portfolio.web.request_limits import network_address
from portfolio.wording.account import browser_name

# People who use one browser, and the length of a token: a longer cookie is none of ours.
_MAX_PEOPLE, _TOKEN_LENGTH = 4, 43


def request_origin() -> Origin:
    """Return the origin of the current request."""
    tokens = request.cookies.get(browser_cookie_name(), "")[: _MAX_PEOPLE * (_TOKEN_LENGTH + 1)].split(".")
    valid = tuple(token for token in tokens if len(token) == _TOKEN_LENGTH)[:_MAX_PEOPLE]
    return Origin(network_address(request.remote_addr), valid, str(current_app.config["SECRET_KEY"]))


def set_browser_cookie(tokens: Sequence[str]) -> None:
    """Have the answer to this request set the cookie of known browsers: out of reach of scripts and of other sites."""
    settings = current_app.config["SETTINGS"]

    @after_this_request
    def _set(response: Response) -> Response:
        response.set_cookie(
            browser_cookie_name(),
            ".".join(tokens[:_MAX_PEOPLE]),
            max_age=KNOWN_BROWSER_LIFE,
            secure=not settings.is_loopback_http,
            httponly=True,
            samesite="Lax",
        )
        return response


def browser_cookie_name() -> str:
    """Return the name of the cookie of known browsers."""
    return "acquis-navigateur" if current_app.config["SETTINGS"].is_loopback_http else "__Host-acquis-navigateur"


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
    """Tell whether the person connected proved who they are a few minutes ago."""
    at = session.get(_PROVED_AT)
    return isinstance(at, int) and now().timestamp() - at < FRESH.total_seconds()


LIFE = timedelta(minutes=10)
_NAME = "second_step"


def remember(person_id: UUID, password_hash: str | None, *, provider: str = "", state: str = "") -> None:
    """Remember that a person has given their password, or signed in by a provider; a later password ends it."""
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
