"""The wiring of the application: settings, store, guards, pages."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask
from flask_wtf.csrf import CSRFProtect
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from portfolio.access import login
from portfolio.access.decorators import may_send
from portfolio.db.engine import CLOCK, close_read_session
from portfolio.domain.email.rules import MAIL_FROM
from portfolio.domain.ledger.checkpoints import has_signed
from portfolio.domain.ledger.recording import SIGNER
from portfolio.files import antivirus
from portfolio.files.integrity.references import Verified
from portfolio.files.sandbox import fork_server, walls
from portfolio.files.uploads.factory import create_store, uploads_for
from portfolio.on_commit import open_database
from portfolio.run.cli import commands
from portfolio.screens.account import navigation
from portfolio.screens.account.login import openid
from portfolio.screens.account.notifications import unsubscribe
from portfolio.screens.api.v1.operations import WRITES
from portfolio.screens.blueprints import all_blueprints
from portfolio.screens.public.wallet import views as wallet
from portfolio.signing_key import load_keys
from portfolio.web import clock, errors, filters, forms, headers, logs, request_limits
from portfolio.web.request_limits import FORM_MAX_BYTES
from portfolio.web.templates import Templates, compiled_templates
from portfolio.web.urls import BoundedIntConverter
from portfolio.wording import refusal_messages

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from config import Config

TOP = Path(__file__).parents[1]


class Acquis(Flask):
    """The application."""

    jinja_environment = Templates


def build_app(config: Config) -> Flask:
    """Build the application; it holds no rule."""
    return open_stores(wire_app(config), config)


def wire_app(config: Config) -> Flask:
    """Return the application with all its pages, which serves once `open_stores` has given it its stores: nothing is
    opened, so that forks share it.
    """
    app = Acquis("portfolio", root_path=str(TOP), template_folder="templates", static_folder="static")
    app.config.update(
        SECRET_KEY=config.secret_key,
        TESTING=config.testing,
        MAX_CONTENT_LENGTH=config.upload_limit + FORM_MAX_BYTES,
        SESSION_COOKIE_NAME="acquis" if config.is_loopback_http else "__Host-acquis",
        SESSION_COOKIE_SECURE=not config.is_loopback_http,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,  # our own check of Origin and Sec-Fetch-Site stands before it
    )
    # Every template stays: with a bound, Jinja searches a queue of names at each lookup, ten times a page.
    kept = {"cache_size": -1, "bytecode_cache": compiled_templates(TOP / "templates")}
    app.jinja_options = {**app.jinja_options, **kept}
    app.url_map.converters["int"] = BoundedIntConverter
    app.jinja_env.undefined = StrictUndefined
    if config.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=config.proxies, x_proto=config.proxies)  # type: ignore[method-assign]
    app.extensions["metrics"] = logs.init_app(app)  # first: what the others refuse is logged too
    headers.init_app(app, config.address, config.s3_browser_endpoint if config.files_url else "")
    request_limits.init_app(app)
    forms.say_what_is_lost(app)
    forms.answer_twice_alike(app)
    protection = CSRFProtect(app)
    protection.exempt(unsubscribe)  # a mail program sends it: its signed link is the proof
    login.init_app(app)
    logs.configure()
    errors.init_app(app, refusal_messages.refusals())
    filters.init_app(app)
    app.jinja_env.globals.update(may_send=may_send, fresh_nonce=forms.fresh_nonce)
    navigation.init_app(app)
    openid.init_app(app, config)
    app.teardown_appcontext(close_read_session)
    for blueprint in all_blueprints():
        app.register_blueprint(blueprint)
    for name in (*WRITES, *wallet.WRITES):
        protection.exempt(app.view_functions[name])  # no cookie is read there: a token is the proof
    if config.demo:
        import_module("demo.visit").init_app(app)
    commands.init_app(app)
    return app


def open_stores(app: Flask, config: Config, *, engine: Callable[[str], Engine] | None = None) -> Flask:
    """Open the keys, the database and the files of these settings, for one process, and return the application."""
    app.config["SETTINGS"] = config
    app.extensions["keys"] = keys = load_keys(
        config.data, config.ledger_key, has_signed=partial(has_signed, config.database_url)
    )
    riding = {CLOCK: clock.now, SIGNER: keys.signer, MAIL_FROM: config.mail_from}
    app.extensions["database"] = open_database(config.database_url, riding, engine=engine)
    app.extensions["files"] = files = create_store(config)
    antivirus.install(config.clamd)
    fork_server.leave_after(config.idle_seconds)
    walls.install(config.private_paths, accepts_risk=config.unconfined_conversion)
    app.extensions["uploads"] = uploads_for(config)
    app.extensions["verified"] = Verified(files)
    if not config.testing:
        _set_temporary_folder(config.data / "incoming")
    return app


def _set_temporary_folder(folder: Path) -> None:
    """Bodies of requests wait in the data folder: the system's own may be memory."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    tempfile.tempdir = str(folder)
