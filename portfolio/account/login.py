"""Flask-Login over server-side sessions: the cookie carries a random token, the row decides."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import Flask
from flask_login import LoginManager, UserMixin

from portfolio.cases import Hats, find_visit
from portfolio.db import is_given_up, reading
from portfolio.web.clock import now


@dataclass(frozen=True)
class Connected(UserMixin):
    """The person of this request, their homes, and the token of their session."""

    id: UUID
    name: str
    email: str
    hats: Hats
    token: str

    def get_id(self) -> str:
        """What Flask-Login keeps in the cookie: the token, never the person."""
        return self.token


def connected(token: str) -> Connected | None:
    """Whoever holds this token now; asked at every request, so that a right withdrawn stops at once.

    Nobody, on the page that says that the store does not answer.
    """
    if is_given_up():
        return None
    visit = find_visit(reading(), token, at=now())
    return Connected(visit.person_id, visit.name, visit.email, visit.hats, token) if visit else None


def install(app: Flask) -> None:
    """Tell Flask-Login how to know people."""
    manager = LoginManager()
    manager.session_protection = None  # the token is random and ends on the server; nothing else identifies
    manager.user_loader(connected)
    manager.init_app(app)
