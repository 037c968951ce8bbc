"""The information pages, with the words of the product and those of each body that the reader deals with."""

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portfolio.access.decorators import public_page
from portfolio.db.engine import read_session
from portfolio.domain.access_monitoring.rules import RETENTION as ACCESS_RETENTION
from portfolio.domain.certifying_body.rules import InformationKind
from portfolio.domain.certifying_body.settings import list_bodies_of, load_information
from portfolio.screens.account.login.session_start import browser_cookie_name
from portfolio.wording.certifying_body import TITLES

bp = Blueprint("information", __name__)


@bp.get("/aide")
@public_page
def help_page() -> ResponseReturnValue:
    """Show how to get help."""
    return _page(InformationKind.HELP)


@bp.get("/mentions-legales")
@public_page
def legal_notice() -> ResponseReturnValue:
    """Show who publishes this installation."""
    return _page(InformationKind.LEGAL_NOTICE)


@bp.get("/donnees-personnelles")
@public_page
def personal_data() -> ResponseReturnValue:
    """Show what is kept of people, why and for how long."""
    return _page(InformationKind.PERSONAL_DATA)


@bp.get("/accessibilite")
@public_page
def accessibility() -> ResponseReturnValue:
    """Show the accessibility statement."""
    return _page(InformationKind.ACCESSIBILITY)


@bp.get("/in-english")
@public_page
def in_english() -> ResponseReturnValue:
    """Show in English what VAE is, how a certificate is read, and what the demonstration shows."""
    return render_template("public/information/in_english.html")


def _page(kind: InformationKind) -> str:
    person = current_user.id if current_user.is_authenticated else None
    bodies = load_information(read_session(), list_bodies_of(read_session(), person), kind)
    settings = current_app.config["SETTINGS"]
    return render_template(
        f"public/information/{kind.value}.html",
        kind=kind,
        titles=TITLES,
        bodies=bodies,
        settings=settings,
        browser_cookie=browser_cookie_name(),
        access_days=ACCESS_RETENTION.days,
    )
