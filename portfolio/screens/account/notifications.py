"""Choose when the conversation is told by letter, and unsubscribe from these letters by any of them."""

from flask import Blueprint, abort, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portfolio.access.decorators import own_page, public_page
from portfolio.db.engine import read_session, transaction
from portfolio.domain.personal_data.use_cases import list_own_candidacies
from portfolio.domain.review.rules.messages import Frequency
from portfolio.domain.review.use_cases import email_notifications
from portfolio.screens.advisor.dossier.forms import NotificationsForm
from portfolio.web.clock import now
from portfolio.wording.candidacy import ROUTES

bp = Blueprint("notifications", __name__)


@bp.get("/compte/notifications")
@own_page
def notifications() -> ResponseReturnValue:
    """Show when the person wants to be written to."""
    rhythm = email_notifications.load_frequency(read_session(), current_user.id)
    return _letters(NotificationsForm(formdata=None, rhythm=rhythm))


def _letters(form: NotificationsForm) -> str:
    own = list_own_candidacies(read_session(), current_user.id)[::-1] if current_user.roles.candidacies else []
    return render_template("account/notifications/notifications.html", form=form, candidacies=own, routes=ROUTES)


@bp.post("/compte/notifications")
@own_page
def save_notifications() -> ResponseReturnValue:
    """Keep when the person wants to be written to."""
    form = NotificationsForm()
    if not form.validate():
        return _letters(form), 422
    with transaction() as db:
        email_notifications.save_frequency(db, current_user.id, Frequency(str(form.rhythm.data)), at=now())
    session["notice"] = "Votre choix est enregistré."
    return redirect(url_for(".notifications"), 303)


@bp.get("/courriels/arret/<token>")
@public_page
def unsubscribe_form(token: str) -> ResponseReturnValue:
    """Ask before stopping: a mail program that opens links must stop nothing."""
    found = email_notifications.find_unsubscription(read_session(), token)
    if found is None:
        abort(404)
    return _unsubscription(token, found[1], done=False)


@bp.post("/courriels/arret/<token>")
@public_page
def unsubscribe(token: str) -> ResponseReturnValue:
    """Stop the letters of the person that the link was written to, connected or not: the link is the proof,
    from a mail program too.
    """
    with transaction() as db:
        stopped = email_notifications.unsubscribe(db, token, at=now())
    if stopped is None:
        abort(404)
    return _unsubscription(token, stopped, done=True)


def _unsubscription(token: str, purpose: bytes, *, done: bool) -> str:
    silence = purpose == email_notifications.SILENCE_PURPOSE
    return render_template("account/notifications/unsubscribe.html", token=token, done=done, silence=silence)
