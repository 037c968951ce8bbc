"""Flask-Login over server-side sessions: the cookie carries a random token, the row decides."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import Flask
from flask_login import LoginManager, UserMixin

from portfolio.access.context import RolesOverview, load_user_by_token
from portfolio.db.engine import is_database_down, read_session
from portfolio.web.clock import now


@dataclass(frozen=True)
class CurrentUser(UserMixin):
    """The person of this request, their homes, and the token of their session."""

    id: UUID
    name: str
    email: str
    roles: RolesOverview
    token: str

    def get_id(self) -> str:
        """Return the token that Flask-Login keeps in the cookie, never the id of the person."""
        return self.token


def load_user(token: str) -> CurrentUser | None:
    """Load the person who holds this session token; at every request, so that a right withdrawn stops at once.

    Nobody, on the page that says that the store does not answer.
    """
    if is_database_down():
        return None
    visit = load_user_by_token(read_session(), token, at=now())
    return CurrentUser(visit.person_id, visit.name, visit.email, visit.roles, token) if visit else None


def init_app(app: Flask) -> None:
    """Tell Flask-Login how to know people."""
    manager = LoginManager()
    manager.session_protection = None  # the token is random and ends on the server; nothing else identifies
    manager.user_loader(load_user)
    manager.init_app(app)
