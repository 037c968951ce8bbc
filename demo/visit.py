"""Enter the demonstration as any of its people, by one button each. Elsewhere these routes do not exist.

A button opens what the printed passphrase opens, and nothing more.
"""

from uuid import UUID

from flask import Blueprint, Flask, abort, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, logout_user
from sqlalchemy import select

from demo.passphrase import PASSPHRASE
from demo.seed import VISITORS, Visitor
from portfolio.access.decorators import public_page
from portfolio.db.engine import read_session, transaction
from portfolio.domain.account import second_factor, use_cases
from portfolio.domain.account.models import Person
from portfolio.domain.account.passwords import verify_password
from portfolio.domain.account.rules import TokenPurpose
from portfolio.domain.account.throttle import Attempt
from portfolio.screens.account.login import session_start
from portfolio.web.clock import now

bp = Blueprint("visit", __name__, url_prefix="/demonstration")


def init_app(app: Flask) -> None:
    """Serve these routes, and give templates the people of the demonstration."""
    app.register_blueprint(bp)
    app.context_processor(lambda: {"visitors": list_visitors})


def list_visitors() -> list[tuple[Visitor, bool]]:
    """Return the people of the demonstration who are in this base, in the order of the story, and whether
    each still has to choose a password.
    """
    addresses = [one.who.email for one in VISITORS]
    found = read_session().execute(select(Person.email, Person.password_hash).where(Person.email.in_(addresses)))
    known = {email: password is None for email, password in found}
    return [(one, known[one.who.email]) for one in VISITORS if one.who.email in known]


@bp.get("")
@public_page
def people() -> ResponseReturnValue:
    """Show the people, to become another one."""
    if not list_visitors():
        abort(404)
    return render_template("demonstration/people.html")


@bp.post("/<email>")
@public_page
def enter(email: str) -> ResponseReturnValue:
    """Begin a session as a login does; lead who has no password yet to their invitation."""
    account = use_cases.find_account(read_session(), email)
    if account is None or account.suspended or email not in {one.who.email for one in VISITORS}:
        abort(404)
    if account.password_hash is None:
        return _open_invitation(account.person_id)
    has_code = second_factor.has_second_factor(read_session(), account.person_id)
    if has_code or not verify_password(PASSPHRASE, account.password_hash):
        session["notice"] = (
            "Un visiteur a changé la façon d’entrer de cette personne. Connectez-vous comme il l’a choisi."
        )
        return redirect(url_for("account.login.login"), 303)
    session_start.begin(account.person_id, Attempt())
    return redirect("/", 303)


def _open_invitation(person_id: UUID) -> ResponseReturnValue:
    with transaction() as db:
        if current_user.is_authenticated:
            use_cases.end_session(db, current_user.token, by=current_user.id, at=now())
        token = use_cases.issue_token(db, person_id, TokenPurpose.INVITATION, at=now())
    logout_user()
    return redirect(url_for("account.login.password_form", token=token), 303)
