"""The reference of every page: a bare Flask page that looks up a session in the same store, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Flask, abort, render_template_string, session
from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.account.models import LoginSession, Person
from portfolio.account.services import digest
from portfolio.db import Database

PAGE = "<!doctype html><html lang=fr><title>Page</title><h1>Bonjour</h1><p>{{ name }}</p></html>"


def bare_app(database: Database, secret: str, cookie: str) -> Flask:
    """Build it on this store; its cookie is the product's own."""
    app = Flask("bare")
    app.config.update(SECRET_KEY=secret, SESSION_COOKIE_NAME=cookie)

    @app.get("/")
    def page() -> str:
        with Session(database.engine) as db:
            row = db.execute(
                select(Person.name, LoginSession.expires_at, LoginSession.ended_at)
                .join(Person, Person.id == LoginSession.person_id)
                .where(LoginSession.token_digest == digest(session["_user_id"]), Person.suspended_at.is_(None))
            ).first()
        if row is None or row.ended_at is not None or row.expires_at < datetime.now(UTC):
            abort(404)
        return render_template_string(PAGE, name=row.name)

    return app
