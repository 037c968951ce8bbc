"""The third party reads what is asked, writes, or declines.

Opening a page changes nothing: machines open links too.
"""

from __future__ import annotations

from dataclasses import asdict

from flask import current_app, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from portfolio.db.engine import transaction
from portfolio.domain.attestation.use_cases import responses
from portfolio.domain.attestation.use_cases.responses import RespondentSession
from portfolio.domain.evidence.use_cases.uploads import delete_file
from portfolio.errors import Conflict
from portfolio.screens.respondent.blueprint import answering as bp
from portfolio.screens.respondent.forms import DeclineForm, EmptyForm, StatementForm
from portfolio.screens.respondent.link_guard import render_request_page, requires_link
from portfolio.web.autosave import autosaved, is_autosave
from portfolio.web.clock import now, today
from portfolio.wording import attestation


@bp.get("/attester/<token>")
@requires_link
def request_details(visit: RespondentSession, token: str) -> ResponseReturnValue:
    """Show what is asked, by whom, and what becomes of an answer."""
    return render_request_page(
        "attestation/request_details.html", visit, token, form=EmptyForm(formdata=None), words=attestation
    )


@bp.post("/attester/<token>")
@requires_link
def start_answer(_visit: RespondentSession, token: str) -> ResponseReturnValue:
    """Begin: a person, not a machine, opened the request."""
    with transaction() as db:
        responses.start(db, token, at=now())
    return redirect(url_for(".statement_form", token=token), 303)


@bp.get("/attester/<token>/texte")
@requires_link
def statement_form(visit: RespondentSession, token: str) -> ResponseReturnValue:
    """Show the text as it stands, to write in."""
    form = StatementForm(today(), formdata=None, data=asdict(visit.words) | {"revision": str(visit.revision)})
    return _text(visit, token, form)


@bp.post("/attester/<token>/texte")
@requires_link
def save_statement(visit: RespondentSession, token: str) -> ResponseReturnValue:
    """Keep the text, then show it whole to be signed; half-way, it is only kept."""
    form = StatementForm(today())
    if not form.validate():
        return _text(visit, token, form), 422
    try:
        with transaction() as db:
            revision = responses.save_statement(db, token, form.value(), form.seen_revision, at=now())
    except Conflict as conflict:
        form.revision.data = str(conflict.revision)
        return _text(visit, token, form, conflict), 409
    if is_autosave():
        return autosaved(revision)
    form.revision.data = str(revision)
    if request.form.get("then") == "later":
        session["notice"] = "Votre texte est gardé. Revenez par le même lien quand vous voulez."
        return redirect(url_for(".statement_form", token=token), 303)
    if not form.is_whole():
        return _text(visit, token, form), 422
    return redirect(
        url_for(".attachment_form" if request.form.get("then") == "annex" else ".review", token=token), 303
    )


@bp.route("/attester/<token>/refuser", methods=["GET", "POST"])
@requires_link
def decline(visit: RespondentSession, token: str) -> ResponseReturnValue:
    """Say no, with or without a reason."""
    form = DeclineForm()
    if not form.validate_on_submit():
        return render_request_page(
            "attestation/decline.html", visit, token, form=form
        ), 422 if form.is_submitted() else 200
    with transaction() as db:
        key = responses.decline(db, token, form.reason.data or "", at=now())
    delete_file(current_app.extensions["files"], key)
    return redirect(url_for(".request_details", token=token), 303)


def _text(visit: RespondentSession, token: str, form: StatementForm, conflict: Conflict | None = None) -> str:
    return render_request_page("attestation/write.html", visit, token, form=form, conflict=conflict)
