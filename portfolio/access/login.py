"""Flask-Login over server-side sessions: the cookie carries a random token, the row decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from flask import Flask, Response, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user
from sqlalchemy.exc import DBAPIError

from portfolio.access.logged_in_user import RolesOverview, load_user_by_token
from portfolio.db.engine import is_database_down, read_session, transaction
from portfolio.domain.account.use_cases import touch_session
from portfolio.web.clock import now

# When a person was last seen is kept to the nearest few minutes: a page does not write.
SEEN_EVERY = timedelta(minutes=5)
# Where a person who must add a second factor may still go.
_ALWAYS_OPEN = ("security.", "account.", "passkeys.", "openid.")


@dataclass(frozen=True)
class CurrentUser(UserMixin):
    """The person of this request, their homes, and the token of their session."""

    id: UUID
    name: str
    email: str
    roles: RolesOverview
    token: str
    has_application: bool = False
    has_passkeys: bool = False
    presides: bool = False
    last_seen_at: datetime | None = None

    def get_id(self) -> str:
        """Return the token that Flask-Login keeps in the cookie, never the id of the person."""
        return self.token

    @property
    def has_second_factor(self) -> bool:
        """Whether the person has an authenticator application or a passkey."""
        return self.has_application or self.has_passkeys

    @property
    def must_add_second_factor(self) -> bool:
        """Whether the installation asks people who do what they do for a second factor that they do not
        have.
        """
        asked = current_app.config["SETTINGS"].second_factor_for
        kinds = {"certifier": self.roles.certifies, "advisor": self.roles.advises, "president": self.presides}
        return not self.has_second_factor and any(kinds.get(kind) for kind in asked)


def load_user(token: str) -> CurrentUser | None:
    """Load the person who holds this session token; at every request, so that a right withdrawn stops at
    once.

    Nobody, on the page that says that the store does not answer.
    """
    if is_database_down():
        return None
    minutes = current_app.config["SETTINGS"].session_idle_minutes
    idle = timedelta(minutes=minutes) if minutes else None
    visit = load_user_by_token(read_session(), token, at=now(), idle=idle)
    if visit is None:
        return None
    g.has_application, g.has_passkeys = visit.has_application, visit.has_passkeys
    facts = (visit.has_application, visit.has_passkeys, visit.presides, visit.last_seen_at)
    return CurrentUser(visit.person_id, visit.name, visit.email, visit.roles, token, *facts)


def require_second_factor() -> ResponseReturnValue | None:
    """Lead a person who must add a second factor to the page that adds one, from any page but those of their
    account.
    """
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None or getattr(view, "permission", "public") == "public":
        return None
    if str(request.endpoint).startswith(_ALWAYS_OPEN) or not current_user.is_authenticated:
        return None
    return redirect(url_for("security.second_factor"), 303) if current_user.must_add_second_factor else None


def note_presence(response: Response) -> Response:
    """Keep when the person of this request was last seen, once in a few minutes; a store that is busy loses
    nothing by it.
    """
    user = g.get("_login_user")
    seen = getattr(user, "last_seen_at", None)
    if user is not None and seen is not None and now() - seen > SEEN_EVERY and not is_database_down():
        try:
            with transaction() as db:
                touch_session(db, user.token, at=now())
        except DBAPIError:
            current_app.logger.info("the moment of a visit was not kept")
    return response


def init_app(app: Flask) -> None:
    """Tell Flask-Login how to know people."""
    manager = LoginManager()
    manager.session_protection = None  # the token is random and ends on the server; nothing else identifies
    manager.user_loader(load_user)
    manager.init_app(app)
    app.before_request(require_second_factor)
    app.after_request(note_presence)
