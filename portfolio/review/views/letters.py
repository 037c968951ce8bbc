"""Each person chooses when the conversation is told to them by letter, and stops these letters from any of them."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, render_template, session, url_for
from flask_login import current_user

from portfolio.candidacy.services import own_candidacies
from portfolio.candidacy.wording import ROUTES
from portfolio.db import reading, transaction
from portfolio.guards import own_page, public_page
from portfolio.review import services
from portfolio.review.forms import LettersForm
from portfolio.review.rules import Rhythm
from portfolio.review.views.blueprint import bp
from portfolio.web.clock import now


@bp.get("/compte/notifications")
@own_page
def letters() -> Any:
    """When the person wants to be written to."""
    rhythm = services.rhythm_of(reading(), current_user.id)
    return _letters(LettersForm(formdata=None, rhythm=rhythm))


def _letters(form: LettersForm) -> str:
    own = own_candidacies(reading(), current_user.id) if current_user.hats.candidacies else []
    return render_template("review/letters.html", form=form, candidacies=own, routes=ROUTES)


@bp.post("/compte/notifications")
@own_page
def choose_letters() -> Any:
    """Keep when the person wants to be written to."""
    form = LettersForm()
    if not form.validate():
        return _letters(form), 422
    with transaction() as db:
        services.choose_rhythm(db, current_user.id, Rhythm(str(form.rhythm.data)), at=now())
    session["notice"] = "Votre choix est enregistré."
    return redirect(url_for(".letters"), 303)


@bp.get("/courriels/arret/<token>")
@public_page
def stopping(token: str) -> Any:
    """Ask before stopping: a mail program that opens links must stop nothing."""
    if services.find_leaver(reading(), token) is None:
        abort(404)
    return render_template("review/stopping.html", token=token, done=False)


@bp.post("/courriels/arret/<token>")
@public_page
def stop(token: str) -> Any:
    """Stop the letters of whoever the link was written to, connected or not: the link is the proof, from a mail program too."""
    with transaction() as db:
        stopped = services.stop_letters(db, token, at=now())
    if not stopped:
        abort(404)
    return render_template("review/stopping.html", token=token, done=True)
