"""The reference of every page: a bare Flask page that looks up a session in the same store, and nothing else.

`python -m benchmarks.bare PORT FOLDER` serves one that receives a file, keeps it durably and hashes it,
without a look at it.
"""

import hashlib
import os
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from flask import Flask, abort, render_template_string, request, session
from sqlalchemy import select
from sqlalchemy.orm import Session
from waitress import serve
from werkzeug.datastructures import FileStorage

from config import Config
from portfolio.db.engine import Database
from portfolio.domain.account.models import LoginSession, Person
from portfolio.domain.account.rules import token_hash
from portfolio.files.storage.local import fsync_directory
from portfolio.files.storage.store import CHUNK_BYTES

PAGE = "<!doctype html><html lang=fr><title>Page</title><h1>Bonjour</h1><p>{{ name }}</p></html>"


def bare_app(database: Database, secret: str, cookie: str) -> Flask:
    """Build it on this store; its cookie is the product's own."""
    app = Flask("bare")
    app.config.update(SECRET_KEY=secret, SESSION_COOKIE_NAME=cookie)

    def name() -> str:
        with Session(database.engine) as db:
            row = db.execute(
                select(Person.name, LoginSession.expires_at, LoginSession.ended_at)
                .join(Person, Person.id == LoginSession.person_id)
                .where(LoginSession.token_digest == token_hash(session["_user_id"]), Person.suspended_at.is_(None))
            ).first()
        if row is None or row.ended_at is not None or row.expires_at < datetime.now(UTC):
            abort(404)
        found: str = row.name
        return found

    @app.get("/")
    def page() -> str:
        return render_template_string(PAGE, name=name())

    @app.post("/")
    def keep() -> str:
        return render_template_string(PAGE, name=name() + _kept(request.files["files"]))

    return app


def _kept(file: FileStorage) -> str:
    folder, digest = Path(tempfile.gettempdir()), hashlib.sha256()
    with (folder / uuid4().hex).open("wb") as kept:
        while piece := file.stream.read(CHUNK_BYTES):
            digest.update(piece)
            kept.write(piece)
        kept.flush()
        os.fsync(kept.fileno())
    fsync_directory(folder)
    os.unlink(kept.name)
    return digest.hexdigest()


def main() -> None:
    """Serve it with the settings of our own server, its files on the same disk."""
    port, folder = sys.argv[1:]
    config = Config.from_env({"DATA": folder, "PORT": port})
    tempfile.tempdir = str(config.data / "incoming")
    app = bare_app(Database(config.database_url), config.secret_key, "acquis")
    serve(
        app,
        host="127.0.0.1",
        port=config.port,
        max_request_body_size=config.upload_limit,
        recv_bytes=CHUNK_BYTES,
        _quiet=True,
    )


if __name__ == "__main__":
    main()
