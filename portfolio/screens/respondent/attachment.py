"""The third party joins a file to their text, or takes it away."""

from __future__ import annotations

from flask import current_app, redirect, session, url_for
from flask.typing import ResponseReturnValue

from portfolio.db.engine import close_read_session, transaction
from portfolio.domain.attestation.use_cases import responses
from portfolio.domain.attestation.use_cases.responses import RespondentSession
from portfolio.domain.evidence.use_cases.uploads import delete_file
from portfolio.screens.evidence_files.concurrency_limit import limit_concurrency
from portfolio.screens.evidence_files.upload_forms import (
    FILE_ERRORS,
    add_file_error,
    open_upload_batch,
)
from portfolio.screens.respondent.blueprint import answering as bp
from portfolio.screens.respondent.forms import AttachmentForm
from portfolio.screens.respondent.link_guard import render_request_page, requires_link
from portfolio.web.clock import now
from portfolio.web.request_limits import accepts_file
from portfolio.wording.files import ACCEPTED


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
        "attestation/attachment.html", visit, token, form=form, limit=_limit(), accepted=ACCEPTED
    )


def _limit() -> int:
    limit: int = current_app.config["SETTINGS"].annex_limit
    return limit
