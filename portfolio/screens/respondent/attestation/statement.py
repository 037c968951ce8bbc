"""The third party reads what is asked, writes, or declines.

Opening a page changes nothing: machines open links too.

The third party joins a file to their text, or takes it away.
"""

from dataclasses import asdict
from io import BytesIO

from flask import Response, abort, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from portfolio.access.decorators import public_page
from portfolio.db.engine import close_read_session, read_session, transaction
from portfolio.documents.attestation import attestation_pdf
from portfolio.domain.dossier.rules.attestation import AttestationRefusal, Delivery, missing_answers
from portfolio.domain.dossier.use_cases import attestation_responses as responses
from portfolio.domain.dossier.use_cases import attestation_signing as signing
from portfolio.domain.dossier.use_cases.attestation_responses import RespondentSession
from portfolio.domain.dossier.use_cases.attestation_signing import EvidenceTitles, PreparedSignature
from portfolio.domain.dossier.use_cases.uploads import delete_file, upload_batch
from portfolio.errors import Conflict, Refusal
from portfolio.files.filenames import attachment_headers
from portfolio.files.storage.store import InvalidKey, KeyNotFound
from portfolio.screens.evidence_files.uploads import FILE_ERRORS, add_file_error, limit_concurrency, open_upload_batch
from portfolio.screens.respondent.attestation.forms import (
    AttachmentForm,
    DeclineForm,
    EmptyForm,
    SigningForm,
    StatementForm,
)
from portfolio.screens.respondent.attestation.link_guard import bp, render_request_page, requires_link, unknown_link
from portfolio.web.clock import now, today
from portfolio.web.forms import autosaved, is_autosave, refusal_message, remember_result
from portfolio.web.request_limits import accepts_file
from portfolio.wording import attestation
from portfolio.wording.attestation import CODES, OATH, REFUSALS, attestation_value, titles_for
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


_AGAIN = {AttestationRefusal.CHANGED_SINCE, AttestationRefusal.CODE_NO_LONGER}
_SIGNS = "signature"
_NO_CODE = {AttestationRefusal.CODES_ENOUGH, AttestationRefusal.CODE_LATELY}


@bp.get("/attester/<token>/relire")
@requires_link
def review(visit: RespondentSession, token: str) -> ResponseReturnValue:
    """Show the whole as it will be signed; a text that lacks something goes back to its form."""
    if missing_answers(visit.words):
        return redirect(url_for(".statement_form", token=token), 303)
    return _review(visit, token, _blank(visit))


@bp.post("/attester/<token>/code")
@requires_link
def request_code(visit: RespondentSession, token: str) -> ResponseReturnValue:
    """Send a code to the address of the request; what was typed in the signature stays."""
    signs = _SIGNS in request.args  # asked from the signature itself, with what is typed there
    form = SigningForm() if signs else _blank(visit)
    try:
        with transaction() as db:
            responses.send_code(db, token, at=now())
    except Refusal as refusal:
        if refusal.code not in _NO_CODE:
            raise
        form.form_errors.append(refusal_message(refusal))
        return _review(_again(token), token, form), 409
    if signs:
        form.code.data = ""
        return _review(_again(token), token, form)
    return redirect(url_for(".review", token=token, _anchor="signer"), 303)


@bp.post("/attester/<token>/relire")
@requires_link
def sign(visit: RespondentSession, token: str) -> ResponseReturnValue:
    """Sign; or say what prevents it, beside what was typed."""
    form = SigningForm()
    if not form.validate():
        return _review(visit, token, form), 422
    if form.seen_revision != visit.revision:
        return _refused(token, form, AttestationRefusal.CHANGED_SINCE)
    with transaction() as db:
        fault = responses.try_code(db, token, form.digits, at=now())
    if fault is not None:
        form.code.errors = [CODES[fault]]
        return _review(_again(token), token, form), 422
    try:
        copy = _sign(token, form, signing.prepare(visit, form.name.data or "", OATH, _delivery(), at=now()))
    except Refusal as refusal:
        if refusal.code not in _AGAIN:
            raise
        return _refused(token, form, AttestationRefusal(refusal.code))
    return redirect(url_for(".attestation_copy", token=copy), 303)


def _sign(token: str, form: SigningForm, prepared: PreparedSignature) -> str:
    """Draw the document and keep it, then sign in one short transaction; answer the token of the author's copy."""
    close_read_session()
    record = prepared.record
    titles = EvidenceTitles(*titles_for(record.name, record.words.organisation))
    settings = current_app.config["SETTINGS"]
    with upload_batch(current_app.extensions["files"], settings.upload_limit) as batch:
        drawn = BytesIO(attestation_pdf(attestation_value(record)))
        file = batch.store_file("attestation.pdf", drawn, is_ours=True)
        with transaction() as db:
            copy = signing.sign(db, token, form.digits, prepared, file, titles)
        batch.keep()
    return copy


@bp.get("/attester/copie/<token>")
@public_page
def attestation_copy(token: str) -> ResponseReturnValue:
    """Thank the third party, and give them their own copy for some days."""
    found = responses.find_signed_copy(read_session(), token, at=now())
    if found is None:
        return unknown_link()
    return render_template("respondent/attestation/copy.html", copy=found, token=token)


@bp.get("/attester/copie/<token>/attestation.pdf")
@public_page
def download_copy(token: str) -> ResponseReturnValue:
    """Send their own copy, as an attachment only."""
    found = responses.find_signed_copy(read_session(), token, at=now())
    if found is None:
        return unknown_link()
    try:
        with current_app.extensions["files"].open(found.key) as content:
            response = Response(content.read())
    except (KeyNotFound, InvalidKey):
        abort(404)
    response.headers.update(attachment_headers("attestation.pdf", "application/pdf"))
    return response


def _blank(visit: RespondentSession) -> SigningForm:
    return SigningForm(formdata=None, name=visit.name, revision=str(visit.revision))


def _again(token: str) -> RespondentSession:
    """Return the request as it stands now that something was written about it."""
    close_read_session()
    return responses.load_respondent(read_session(), token, at=now()) or abort(404)


def _refused(token: str, form: SigningForm, code: AttestationRefusal) -> tuple[str, int]:
    visit = _again(token)
    form.revision.data = str(visit.revision)
    form.form_errors.append(REFUSALS[code]({}))
    return _review(visit, token, form), 409


def _delivery() -> Delivery:
    """Return how the link and the code reached the third party: an installation without a mail server has them
    handed over.
    """
    return Delivery.MAILED if current_app.config["SETTINGS"].smtp else Delivery.HANDED


def _review(visit: RespondentSession, token: str, form: SigningForm) -> str:
    signs = visit.code_until is not None or request.endpoint == "respondent.attestation.sign" or _SIGNS in request.args
    return render_request_page(
        "respondent/attestation/review.html", visit, token, form=form, words=attestation, signs=signs
    )
