"""Every refusal and every fault gets a page in French that says what to do.

Accesses refused to people who are connected, in the audit log: who, which page, which object, when; never
what was sent.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any
from uuid import UUID

import structlog
from flask import Flask, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, OperationalError, PendingRollbackError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnection
from werkzeug.exceptions import HTTPException

from portfolio.db.engine import close_read_session, is_disk_full, mark_database_down, transaction
from portfolio.domain.audit_log.models import DENIED
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.errors import Refusal
from portfolio.files.storage.store import NO_ROOM, StoreFull, StoreUnavailable
from portfolio.french_text import size
from portfolio.web.clock import now
from portfolio.web.form_recovery import login_required_response, resubmit_page, submitted_fields, unsaved_text
from portfolio.web.forms import refusal_message
from portfolio.web.request_limits import file_limit
from portfolio.web.urls import safe_referrer
from portfolio.wording.files import STORE_DOWN, STORE_FULL

log = structlog.get_logger("acquis")
_KIND_MAX = 60


def record_denied() -> None:
    """Write that this request was refused (403).

    Refusals to strangers are in the log of requests only: nobody without a session has anything written to
    the store. A store that does not answer does not change the answer.
    """
    if not current_user.is_authenticated:
        return
    ids = [value for value in (request.view_args or {}).values() if isinstance(value, UUID)]
    subject = ((request.endpoint or "")[:_KIND_MAX], ids[0] if ids else None)
    try:
        with transaction() as session:
            record_event(session, DENIED, subject, by=current_user.id, at=now(), method=request.method)
    except SQLAlchemyError as error:
        log.error("denial_not_recorded", kind=type(error).__name__)


log = structlog.get_logger("acquis")
KNOWN = {400, 403, 404, 405, 410, 413, 416, 422, 429, 503}
Sentences = Mapping[StrEnum, Callable[[dict[str, Any]], str]]


def init_app(app: Flask, sentences: Sentences) -> None:
    """Register the pages of errors; `sentences` says each refusal of each noun in French."""
    app.extensions["refusals"] = sentences

    @app.errorhandler(Refusal)
    def _refused(refusal: Refusal) -> tuple[str, int]:
        close_read_session()
        return _page("409", sentence=refusal_message(refusal), typed=unsaved_text()), 409

    @app.errorhandler(CSRFError)
    def _stale(_error: CSRFError) -> ResponseReturnValue:
        if not current_user.is_authenticated and not _is_public(request.endpoint):
            return login_required_response()
        return resubmit_page(request.full_path.rstrip("?"), submitted_fields(), 400)

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> ResponseReturnValue:
        code = error.code or 500
        if code < 400 or error.response is not None:
            return error
        if code == 403:
            record_denied()
        page = str(code) if code in KNOWN else "400" if code < 500 else "500"
        limit = size(file_limit()) if file_limit() else ""
        headers = [(name, value) for name, value in error.get_headers() if name.lower() not in {"content-type"}]
        # A right may end between the opening of a form and its sending: what was typed is shown, to be
        # copied.
        typed = unsaved_text() if code in {403, 404} and current_user.is_authenticated else []
        return _page(page, limit=limit, typed=typed), code, headers

    @app.errorhandler(OperationalError)
    @app.errorhandler(NoConnection)
    @app.errorhandler(PendingRollbackError)  # what follows in a session whose connection the store has closed
    def _store(error: DBAPIError | NoConnection | PendingRollbackError) -> tuple[str, int]:
        mark_database_down()
        full = isinstance(error, DBAPIError) and is_disk_full(error)
        kind = type(error.orig if isinstance(error, DBAPIError) else error).__name__
        log.error("store_unavailable", route=str(request.url_rule), kind=kind, full=full)
        code = 507 if full else 503
        return _page(str(code), typed=unsaved_text()), code

    @app.errorhandler(DBAPIError)
    def _refused_by_store(error: DBAPIError) -> ResponseReturnValue:
        return _store(error) if error.connection_invalidated else _fault(error)

    @app.errorhandler(OSError)
    def _disk(error: OSError) -> ResponseReturnValue:
        # The body of a request waits in a file too: a full disk may be met before the store is.
        return _files(StoreFull(str(error.errno))) if error.errno in NO_ROOM else _fault(error)

    @app.errorhandler(StoreUnavailable)
    @app.errorhandler(StoreFull)
    def _files(error: StoreUnavailable | StoreFull) -> tuple[str, int]:
        close_read_session()
        log.error("files_unavailable", route=str(request.url_rule), what=str(error))
        sentence, code = (STORE_FULL, 507) if isinstance(error, StoreFull) else (STORE_DOWN, 503)
        return _page("store", sentence=sentence, number=code, typed=unsaved_text()), code

    @app.errorhandler(Exception)
    def _fault(error: Exception) -> tuple[str, int]:
        log.error("fault", route=str(request.url_rule), kind=type(error).__name__, exc_info=error)
        if current_app.config["SETTINGS"].testing:
            raise error
        # Nothing of the application takes part: what is broken may be what every page asks for.
        return current_app.jinja_env.get_template("errors/500.html").render(), 500


def _page(name: str, **words: Any) -> str:
    return render_template(f"errors/{name}.html", back=safe_referrer(), **words)


def _is_public(endpoint: str | None) -> bool:
    """Return whether a page is for everyone: there, an old token is no reason to ask anybody to log in."""
    view = current_app.view_functions.get(endpoint or "")
    return getattr(view, "permission", None) == "public"
