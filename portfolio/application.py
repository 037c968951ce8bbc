"""The wiring of the application: settings, store, guards, pages."""

from __future__ import annotations

import tempfile
from collections.abc import MutableMapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask
from flask.templating import Environment
from flask_wtf.csrf import CSRFProtect
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from portfolio import cli, home, navigation, wording
from portfolio.account import login
from portfolio.account.views import bp as account
from portfolio.assessment.views import bp as assessment
from portfolio.attestation.views import answering as third_party
from portfolio.attestation.views import bp as attestation
from portfolio.candidacy.partner_views import bp as candidacy_partner
from portfolio.candidacy.views import bp as candidacy
from portfolio.certificate.act_views import bp as acts
from portfolio.certificate.equivalence_views import bp as equivalences
from portfolio.certificate.identity_views import bp as identity
from portfolio.certificate.proposal_views import bp as proposals
from portfolio.certificate.services.ledger import SIGNER
from portfolio.certificate.views import bp as certificate
from portfolio.certificate.well_known import bp as well_known
from portfolio.certification.jury_views import bp as jury_rules
from portfolio.certification.register_views import bp as register
from portfolio.certification.site_views import bp as sites
from portfolio.certification.views import bp as certification
from portfolio.db import Database, end_reading
from portfolio.dossier.views import bp as dossier
from portfolio.evidence.views import bp as evidence
from portfolio.jury.views import bp as jury
from portfolio.mail.views import bp as mail
from portfolio.paper.views import bp as paper
from portfolio.review.views import bp as review
from portfolio.review.views.letters import stop
from portfolio.signing import load_keys
from portfolio.storage.place import store_for, uploads_for
from portfolio.storage.verified import Verified
from portfolio.submission.views import bp as submission
from portfolio.web import bodies, errors, filters, headers, logs, multipart, redirects
from portfolio.web.bodies import FORM_ROOM
from portfolio.web.numbers import StorableInteger

if TYPE_CHECKING:
    from config import Config

TOP = Path(__file__).parents[1]
NOUNS = (
    *(account, certification, candidacy, evidence, attestation, dossier),
    *(review, assessment, submission, jury, certificate, paper),
)
FOLLOWED = (register, sites, proposals, candidacy_partner)
BLUEPRINTS = (home.bp, *NOUNS, third_party, acts, equivalences, jury_rules, identity, well_known, mail, *FOLLOWED)


class Templates(Environment):
    """Templates whose globals are one plain dictionary: every import compares names, and a chain of them is slow to list."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """What a template knows without being told."""
        return {**self.globals, **(d or {})}


class Acquis(Flask):
    """The application."""

    jinja_environment = Templates


def wire(config: Config) -> Flask:
    """Build the application; it holds no rule."""
    app = Acquis("portfolio", root_path=str(TOP), template_folder="templates", static_folder="static")
    app.config.update(
        SETTINGS=config,
        SECRET_KEY=config.secret_key,
        TESTING=config.testing,
        MAX_CONTENT_LENGTH=config.upload_limit + FORM_ROOM,
        MAX_FORM_MEMORY_SIZE=FORM_ROOM,
        SESSION_COOKIE_NAME="acquis" if config.is_loopback_http else "__Host-acquis",
        SESSION_COOKIE_SECURE=not config.is_loopback_http,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,  # our own check of Origin and Sec-Fetch-Site stands before it
    )
    app.url_map.converters["int"] = StorableInteger
    app.jinja_env.undefined = StrictUndefined
    app.extensions["keys"] = keys = load_keys(config.data, config.ledger_key)
    app.extensions["database"] = Database(config.database_url, {SIGNER: keys.signer})
    app.extensions["files"] = files = store_for(config)
    app.extensions["uploads"] = uploads_for(config)
    app.extensions["verified"] = Verified(files)
    if not config.testing:
        _receive_files_in(config.data / "incoming")
    if config.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=config.proxies, x_proto=config.proxies)  # type: ignore[method-assign]
    headers.install(app, config.address, config.s3_browser_endpoint if config.files_url else "")
    bodies.install(app)
    multipart.install(app)
    redirects.install(app)
    CSRFProtect(app).exempt(stop)  # a mail program sends it: its signed link is the proof
    login.install(app)
    logs.install(app)
    errors.install(app, wording.refusals())
    filters.install(app)
    navigation.install(app)
    app.teardown_appcontext(end_reading)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    cli.install(app)
    return app


def _receive_files_in(folder: Path) -> None:
    """Bodies of requests wait in the data folder: the system's own may be memory."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    tempfile.tempdir = str(folder)
