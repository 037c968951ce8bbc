"""The third party reads what is asked, writes, or declines.

Opening a page changes nothing: machines open links too.

The third party joins a file to their text, or takes it away.
"""

from dataclasses import asdict

from flask import current_app, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from portfolio.db.engine import close_read_session, transaction
from portfolio.domain.dossier.use_cases import attestation_responses as responses
from portfolio.domain.dossier.use_cases.attestation_responses import RespondentSession
from portfolio.domain.dossier.use_cases.uploads import delete_file
from portfolio.errors import Conflict
from portfolio.screens.evidence_files.uploads import FILE_ERRORS, add_file_error, limit_concurrency, open_upload_batch
from portfolio.screens.respondent.attestation.blueprint import bp
from portfolio.screens.respondent.attestation.forms import AttachmentForm, DeclineForm, EmptyForm, StatementForm
from portfolio.screens.respondent.attestation.link_guard import render_request_page, requires_link
from portfolio.web.clock import now, today
from portfolio.web.forms import autosaved, is_autosave, remember_result
from portfolio.web.request_limits import accepts_file
from portfolio.wording import attestation
from portfolio.wording.files import ACCEPTED


@bp.get("/attester/<token>")
@requires_link
def request_details(visit: RespondentSession, token: str) -> ResponseReturnValue:
    """Show what is asked, by whom, and what becomes of an answer."""
    return render_request_page(
        "respondent/attestation/request_details.html", visit, token, form=EmptyForm(formdata=None), words=attestation
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
    return redirect(url_for(".attachment_form" if request.form.get("then") == "annex" else ".review", token=token), 303)


@bp.route("/attester/<token>/refuser", methods=["GET", "POST"])
@requires_link
def decline(visit: RespondentSession, token: str) -> ResponseReturnValue:
    """Say no, with or without a reason."""
    form = DeclineForm()
    if not form.validate_on_submit():
        return render_request_page(
            "respondent/attestation/decline.html", visit, token, form=form
        ), 422 if form.is_submitted() else 200
    with transaction() as db:
        key = responses.decline(db, token, form.reason.data or "", at=now())
        remember_result(db, url_for(".request_details", token=token))
    delete_file(current_app.extensions["files"], key)
    return redirect(url_for(".request_details", token=token), 303)


def _text(visit: RespondentSession, token: str, form: StatementForm, conflict: Conflict | None = None) -> str:
    return render_request_page("respondent/attestation/write.html", visit, token, form=form, conflict=conflict)


@bp.get("/attester/<token>/document")
@requires_link
def attachment_form(visit: RespondentSession, token: str) -> ResponseReturnValue:
    """Show the form that receives one file."""
    return _annex(visit, token, AttachmentForm(formdata=None))


@bp.post("/attester/<token>/document")
@accepts_file(lambda settings: settings.annex_limit)
@requires_link
def attach(visit: RespondentSession, token: str) -> ResponseReturnValue:
    """Check and keep the file, in place of the one before."""
    form = AttachmentForm()
    if not form.validate():
        return _annex(visit, token, form), 422
    files, file = current_app.extensions["files"], form.file.data
    close_read_session()
    try:
        with limit_concurrency(token), open_upload_batch(_limit()) as batch:
            received = batch.store_file(file.filename, file.stream)
            with transaction() as db:
                former = responses.attach_file(db, token, received, at=now())
            batch.keep()
    except FILE_ERRORS as error:
        status = add_file_error(form.file, error)
        return _annex(visit, token, form), status
    delete_file(files, former)
    session["notice"] = "Le document est joint."
    return redirect(url_for(".review", token=token), 303)


@bp.post("/attester/<token>/document/retirer")
@requires_link
def detach(_visit: RespondentSession, token: str) -> ResponseReturnValue:
    """Take the joined file away."""
    with transaction() as db:
        key = responses.detach_file(db, token, at=now())
    delete_file(current_app.extensions["files"], key)
    session["notice"] = "Le document est retiré."
    return redirect(url_for(".review", token=token), 303)


def _annex(visit: RespondentSession, token: str, form: AttachmentForm) -> str:
    return render_request_page(
        "respondent/attestation/attachment.html", visit, token, form=form, limit=_limit(), accepted=ACCEPTED
    )


def _limit() -> int:
    limit: int = current_app.config["SETTINGS"].annex_limit
    return limit
