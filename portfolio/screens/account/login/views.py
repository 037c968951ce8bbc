"""Log in, log out, choose a password."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, abort, current_app, g, make_response, redirect, render_template, session, url_for
from flask_login import current_user, login_user

from portfolio.access.decorators import public_page
from portfolio.access.login import load_user
from portfolio.db.engine import read_session, transaction
from portfolio.domain.account import throttle, use_cases
from portfolio.domain.account.known_browsers import know_browser
from portfolio.domain.account.passwords import hash_password, verify_password
from portfolio.domain.account.throttle import Attempt
from portfolio.screens.account.login.forms import ChoosePasswordForm, LoginForm, ResetForm
from portfolio.screens.account.login.origin import request_origin, set_browser_cookie
from portfolio.web.clock import now
from portfolio.web.form_recovery import deserialize_fields, resubmit_page, safe_path
from portfolio.wording.account import duration, seconds_of

bp = Blueprint("account", __name__)
# Seconds. Longer than writing a letter takes: how long the answer takes does not tell whether one was written.
RESET_ANSWERED_AFTER = 0.15


@bp.get("/connexion")
@public_page
def login() -> Any:
    """Show the login form."""
    if current_user.is_authenticated:
        return redirect("/", 303)
    return render_template("account/login.html", form=LoginForm(formdata=None), interrupted=False, kept=False)


@bp.post("/connexion")
@public_page
def log_in() -> Any:
    """Open a session, or say why not, in the same words and time for every account."""
    form = LoginForm()
    has_saved_fields = bool(form.kept.data)
    if not form.validate():
        return _login_page(form, has_saved_fields, 422)
    with transaction() as db:
        attempt = throttle.register_login_attempt(db, form.email.data, request_origin(), at=now())
    if attempt.wait:
        return _slowed_page(form, has_saved_fields, attempt.wait)
    account = use_cases.find_account(read_session(), form.email.data)
    if (
        not verify_password(form.password.data, account.password_hash if account else None)
        or account is None
        or account.suspended
    ):
        with transaction() as db:
            throttle.record_login(db, "login_failed", form.email.data, request_origin(), at=now())
        form.form_errors.append(
            "L’adresse ou le mot de passe ne correspond pas. Vérifiez-les, ou demandez un nouveau mot de passe."
        )
        return _login_page(form, has_saved_fields, 422)
    _begin(account.person_id, attempt)
    if has_saved_fields:
        return resubmit_page(form.kept_path.data, deserialize_fields(form.kept.data))
    return redirect(safe_path(form.suite.data), 303)


def _login_page(form: LoginForm, has_saved_fields: bool, status: int) -> tuple[str, int]:
    return render_template("account/login.html", form=form, interrupted=bool(form.suite.data), kept=has_saved_fields), status


def _slowed_page(form: LoginForm, has_saved_fields: bool, wait: timedelta) -> Response:
    """Answer at once that the next try has to wait: no thread waits with it."""
    words = {"wait": duration(wait), "seconds": seconds_of(wait)}
    page = render_template("account/login.html", form=form, interrupted=bool(form.suite.data), kept=has_saved_fields, **words)
    answer = make_response(page, 429)
    answer.headers["Retry-After"] = str(seconds_of(wait))
    return answer


def _begin(person_id: Any, attempt: Attempt) -> None:
    """Start a new session in the store and in the cookie; nothing of an earlier one remains, the one of this browser included."""
    life = timedelta(hours=current_app.config["SETTINGS"].session_hours)
    here = current_user if current_user.is_authenticated else None
    with transaction() as db:
        if here:
            use_cases.end_session(db, here.token, by=here.id, at=now())
        throttle.refund_attempt(db, attempt)
        token = use_cases.start_session(db, person_id, life, at=now())
        browser = know_browser(db, person_id, request_origin().tokens, at=now())
    session.clear()
    g.pop("csrf_token", None)  # made for the session that just ended
    person = load_user(token)
    if person is None:
        abort(403)
    login_user(person)
    set_browser_cookie(browser)


@bp.post("/deconnexion")
@public_page
def logout() -> Any:
    """End the session, here and in the store."""
    if current_user.is_authenticated:
        with transaction() as db:
            use_cases.end_session(db, current_user.token, by=current_user.id, at=now())
    session.clear()
    return redirect(url_for(".login"), 303)


@bp.get("/mot-de-passe")
@public_page
def reset_form() -> Any:
    """Show the form that asks for a link."""
    return render_template("account/reset.html", form=ResetForm(formdata=None), sent=False)


@bp.post("/mot-de-passe")
@public_page
def request_reset() -> Any:
    """Send a link if the account exists; answer the same either way, and no sooner."""
    began, form = time.monotonic(), ResetForm()
    if not form.validate():
        return render_template("account/reset.html", form=form, sent=False), 422
    with transaction() as db:
        if not throttle.register_reset_request(db, form.email.data, request_origin(), at=now()).wait:
            use_cases.send_reset_link(db, form.email.data, at=now())
    time.sleep(max(0.0, began + RESET_ANSWERED_AFTER - time.monotonic()))
    return render_template("account/reset.html", form=form, sent=True)


@bp.get("/invitation/<token>")
@public_page
def password_form(token: str) -> Any:
    """Show the form to choose a password; opening the link does not use it."""
    visitor = use_cases.find_token(read_session(), token, at=now())
    if visitor is None:
        return render_template("account/link_used.html"), 404
    return render_template("account/choose.html", form=ChoosePasswordForm(formdata=None), visitor=visitor)


@bp.post("/invitation/<token>")
@public_page
def choose_password(token: str) -> Any:
    """Set the password and open a session."""
    visitor = use_cases.find_token(read_session(), token, at=now())
    if visitor is None:
        return render_template("account/link_used.html"), 404
    form = ChoosePasswordForm(email=visitor.email, about=(visitor.name, *visitor.bodies))
    if not form.validate():
        return render_template("account/choose.html", form=form, visitor=visitor), 422
    password_hash = hash_password(form.password.data)
    with transaction() as db:
        person_id = use_cases.use_token(db, token, password_hash, at=now())
    if person_id is None:
        return render_template("account/link_used.html"), 404
    _begin(person_id, Attempt())
    return redirect("/", 303)
