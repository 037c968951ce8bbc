"""Log in, log out, choose a password."""

import time
from datetime import timedelta
from uuid import UUID

from flask import Response, current_app, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portfolio.access.decorators import public_page
from portfolio.db.engine import read_session, transaction
from portfolio.domain.account import identities, passkeys, second_factor, throttle, use_cases
from portfolio.domain.account.passwords import hash_password, verify_password
from portfolio.domain.account.rules import PasskeyPurpose
from portfolio.domain.account.throttle import Attempt
from portfolio.screens.account.login import session_start
from portfolio.screens.account.login.forms import ChoosePasswordForm, CodeForm, LoginForm, ResetForm
from portfolio.screens.account.login.openid import LEAVING, NEXT, provider_logout_url, waiting_identity
from portfolio.screens.account.login.session_start import request_origin
from portfolio.screens.account.reauthentication import passkey_site
from portfolio.screens.blueprints import blueprint_of
from portfolio.web.clock import now
from portfolio.web.form_recovery import deserialize_fields, own_page, resubmit_page, safe_path
from portfolio.web.forms import remember_result
from portfolio.wording.account import TOO_MANY_CODES, WRONG_PASSKEY, duration, seconds_of, wrong_code_message
from portfolio.wording.credentials import ALL_END

bp = blueprint_of(__name__)

# Seconds. Longer than writing a letter takes: how long the answer takes does not tell whether one was
# written.
RESET_ANSWERED_AFTER = 0.15


@bp.get("/connexion")
@public_page
def login() -> ResponseReturnValue:
    """Show the login form; `suite` is the page that was asked for before."""
    after = own_page(request.args.get("suite"))
    if current_user.is_authenticated:
        return redirect(safe_path(after), 303)
    form = LoginForm(formdata=None, suite=after)
    return render_template("account/login/login.html", form=form, interrupted=bool(after), kept=False)


@bp.post("/connexion")
@public_page
def log_in() -> ResponseReturnValue:
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
    if second_factor.has_second_factor(read_session(), account.person_id):
        with transaction() as db:
            throttle.refund_attempt(db, attempt)
        session_start.remember(account.person_id, account.password_hash)
        carried = {name: form[name].data for name in ("suite", "kept", "kept_path")}
        return _code_page(CodeForm(formdata=None, **carried))
    session_start.begin(account.person_id, attempt)
    return _go_on(form)


def _go_on(form: LoginForm | CodeForm) -> ResponseReturnValue:
    """Lead to where the person was going, with what they had typed."""
    if form.kept.data:
        return resubmit_page(form.kept_path.data, deserialize_fields(form.kept.data))
    if waiting_identity():
        return redirect(url_for("account.login.link_form"), 303)
    return redirect(safe_path(form.suite.data), 303)


@bp.get("/connexion/code")
@public_page
def code_form() -> ResponseReturnValue:
    """Ask for the code of the second factor of who has just given their password."""
    if session_start.person_waiting() is None:
        return redirect(url_for(".login"), 303)
    return _code_page(CodeForm(formdata=None, suite=str(session.get(NEXT, ""))))


@bp.post("/connexion/code")
@public_page
def enter_code() -> ResponseReturnValue:
    """Open a session when the code is right. Each code is counted before it is looked at."""
    person_id, form = session_start.person_waiting(), CodeForm()
    if person_id is None:
        session["notice"] = "Trop de temps a passé depuis votre mot de passe. Recommencez."
        return redirect(url_for(".login"), 303)
    if answer := request.form.get("passkey", ""):
        return _enter_by_passkey(person_id, answer, form)
    if not form.validate():
        return _code_page(form), 422
    with transaction() as db:
        attempt = second_factor.register_attempt(db, person_id, at=now())
    if attempt.wait:
        form.code.errors = [TOO_MANY_CODES.format(wait=duration(attempt.wait))]
        slowed = make_response(_code_page(form), 429)
        slowed.headers["Retry-After"] = str(seconds_of(attempt.wait))
        return slowed
    key = str(current_app.config["SECRET_KEY"])
    with transaction() as db:
        is_right = second_factor.verify(db, person_id, form.code.data, key, attempt, at=now())
    if not is_right:
        owns = second_factor.has_application(read_session(), person_id)
        form.code.errors = [wrong_code_message(has_application=owns)]
        return _code_page(form), 422
    session_start.begin(person_id, Attempt(), provider_state=session_start.provider_state())
    return _go_on(form)


def _enter_by_passkey(person_id: UUID, answer: str, form: CodeForm) -> ResponseReturnValue:
    """Open a session when a passkey of the person answers.

    Nothing here can be guessed, so nothing is counted.
    """
    site = passkey_site()
    with transaction() as db:
        is_right = site is not None and passkeys.verify(db, person_id, PasskeyPurpose.LOG_IN, answer, site, at=now())
    if not is_right:
        form.code.errors = [WRONG_PASSKEY]
        return _code_page(form), 422
    session_start.begin(person_id, Attempt(), provider_state=session_start.provider_state())
    return _go_on(form)


def _code_page(form: CodeForm) -> str:
    reader, person_id = read_session(), session_start.person_waiting()
    has_application = person_id is not None and second_factor.has_application(reader, person_id)
    has_passkeys = (
        person_id is not None and passkey_site() is not None and second_factor.has_passkeys(reader, person_id)
    )
    if not has_application:
        form.code.label.text, form.code.description = "Code de secours", ""
    if has_passkeys:  # the key comes first
        form.code.render_kw = {**form.code.render_kw, "autofocus": False}
    facts = {
        "provider": session_start.provider_label(),
        "has_application": has_application,
        "has_passkeys": has_passkeys,
    }
    return render_template("account/login/code.html", form=form, **facts)


def _login_page(form: LoginForm, has_saved_fields: bool, status: int) -> tuple[str, int]:
    return render_template(
        "account/login/login.html", form=form, interrupted=bool(form.suite.data), kept=has_saved_fields
    ), status


def _slowed_page(form: LoginForm, has_saved_fields: bool, wait: timedelta) -> Response:
    """Answer at once that the next try has to wait: no thread waits with it."""
    words = {"wait": duration(wait), "seconds": seconds_of(wait)}
    page = render_template(
        "account/login/login.html", form=form, interrupted=bool(form.suite.data), kept=has_saved_fields, **words
    )
    answer = make_response(page, 429)
    answer.headers["Retry-After"] = str(seconds_of(wait))
    return answer


@bp.post("/deconnexion")
@public_page
def logout() -> ResponseReturnValue:
    """End the session, here and in the store."""
    ended = None
    if current_user.is_authenticated:
        with transaction() as db:
            ended = identities.end_provider_session(db, current_user.token)
            use_cases.end_session(db, current_user.token, by=current_user.id, at=now())
    session.clear()
    if ended and (url := provider_logout_url(*ended)):
        session[LEAVING] = url
    response = redirect(url_for("account.login.finish_logout" if LEAVING in session else ".login"), 303)
    response.headers["Clear-Site-Data"] = '"cache"'  # the images of pages that the browser kept
    return response


@bp.get("/mot-de-passe")
@public_page
def reset_form() -> ResponseReturnValue:
    """Show the form that asks for a link."""
    return render_template("account/login/reset.html", form=ResetForm(formdata=None), sent=False)


@bp.post("/mot-de-passe")
@public_page
def request_reset() -> ResponseReturnValue:
    """Send a link if the account exists; answer the same either way, and no sooner."""
    began, form = time.monotonic(), ResetForm()
    if not form.validate():
        return render_template("account/login/reset.html", form=form, sent=False), 422
    with transaction() as db:
        if not throttle.register_reset_request(db, form.email.data, request_origin(), at=now()).wait:
            use_cases.send_reset_link(db, form.email.data, at=now())
    time.sleep(max(0.0, began + RESET_ANSWERED_AFTER - time.monotonic()))
    return render_template("account/login/reset.html", form=form, sent=True)


@bp.get("/invitation/<token>")
@public_page
def password_form(token: str) -> ResponseReturnValue:
    """Show the form to choose a password; opening the link does not use it."""
    visitor = use_cases.find_token(read_session(), token, at=now())
    if visitor is None:
        return render_template("shared/link_used.html"), 404
    return render_template(
        "account/login/choose.html",
        form=ChoosePasswordForm(formdata=None),
        visitor=visitor,
        token=_invited(token, visitor),
        all_end=ALL_END,
    )


def _invited(token: str, visitor: use_cases.TokenHolder) -> str:
    """Return the link of an invitation, which a provider may answer too; nothing for that of a new password."""
    return token if visitor.is_invited else ""


@bp.post("/invitation/<token>")
@public_page
def choose_password(token: str) -> ResponseReturnValue:
    """Set the password and open a session."""
    visitor = use_cases.find_token(read_session(), token, at=now())
    if visitor is None:
        return render_template("shared/link_used.html"), 404
    form = ChoosePasswordForm(email=visitor.email, about=(visitor.name, *visitor.bodies))
    if not form.validate():
        return render_template(
            "account/login/choose.html", form=form, visitor=visitor, token=_invited(token, visitor), all_end=ALL_END
        ), 422
    password_hash = hash_password(form.password.data)
    with transaction() as db:
        person_id = use_cases.use_token(db, token, password_hash, at=now())
        if person_id is not None:
            remember_result(db, "/")
    if person_id is None:
        return render_template("shared/link_used.html"), 404
    if second_factor.has_second_factor(read_session(), person_id):
        session_start.remember(person_id, password_hash)
        return redirect(url_for(".code_form"), 303)
    session_start.begin(person_id, Attempt())
    if identities.list_identities(read_session(), person_id):
        session["notice"] = (
            "Votre mot de passe est changé. D’autres identités ouvrent aussi votre compte : vérifiez-les "
            "dans « Mon compte »."
        )
    return redirect("/", 303)
