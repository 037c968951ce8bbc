"""The third party reads what is asked, writes, or declines. Opening a page changes nothing: machines open links too."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import current_app, redirect, request, session, url_for

from portfolio.attestation import services, wording
from portfolio.attestation.forms import DeclineForm, NothingForm, WordsForm
from portfolio.attestation.services import Visit
from portfolio.attestation.views.behind_link import link_page, shown
from portfolio.attestation.views.blueprint import answering as bp
from portfolio.db import transaction
from portfolio.evidence.services import forget_file
from portfolio.refusal import Conflict
from portfolio.web.autosave import autosaved, is_autosave
from portfolio.web.clock import now, today


@bp.get("/attester/<token>")
@link_page
def asked(visit: Visit, token: str) -> Any:
    """Show what is asked, by whom, and what becomes of an answer."""
    return shown("attestation/asked.html", visit, token, form=NothingForm(formdata=None), words=wording)


@bp.post("/attester/<token>")
@link_page
def begin(_visit: Visit, token: str) -> Any:
    """Begin: a person, not a machine, opened the request."""
    with transaction() as db:
        services.begin(db, token, at=now())
    return redirect(url_for(".text", token=token), 303)


@bp.get("/attester/<token>/texte")
@link_page
def text(visit: Visit, token: str) -> Any:
    """Show the text as it stands, to write in."""
    form = WordsForm(today(), formdata=None, data=asdict(visit.words) | {"revision": str(visit.revision)})
    return _text(visit, token, form)


@bp.post("/attester/<token>/texte")
@link_page
def write(visit: Visit, token: str) -> Any:
    """Keep the text, then show it whole to be signed; half-way, it is only kept."""
    form = WordsForm(today())
    if not form.validate():
        return _text(visit, token, form), 422
    try:
        with transaction() as db:
            revision = services.save_words(db, token, form.value(), form.seen_revision, at=now())
    except Conflict as conflict:
        form.revision.data = str(conflict.revision)
        return _text(visit, token, form, conflict), 409
    if is_autosave():
        return autosaved(revision)
    form.revision.data = str(revision)
    if request.form.get("then") == "later":
        session["notice"] = "Votre texte est gardé. Revenez par le même lien quand vous voulez."
        return redirect(url_for(".text", token=token), 303)
    if not form.is_whole():
        return _text(visit, token, form), 422
    return redirect(url_for(".annex" if request.form.get("then") == "annex" else ".review", token=token), 303)


@bp.route("/attester/<token>/refuser", methods=["GET", "POST"])
@link_page
def decline(visit: Visit, token: str) -> Any:
    """Say no, with or without a reason."""
    form = DeclineForm()
    if not form.validate_on_submit():
        return shown("attestation/decline.html", visit, token, form=form), 422 if form.is_submitted() else 200
    with transaction() as db:
        key = services.decline(db, token, form.reason.data or "", at=now())
    forget_file(current_app.extensions["files"], key)
    return redirect(url_for(".asked", token=token), 303)


def _text(visit: Visit, token: str, form: WordsForm, conflict: Conflict | None = None) -> str:
    return shown("attestation/write.html", visit, token, form=form, conflict=conflict)
