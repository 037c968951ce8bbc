"""The third party reads the whole again, confirms their address by a code, signs, and fetches their own copy."""

from io import BytesIO

from flask import Response, abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portfolio.access.decorators import public_page
from portfolio.db.engine import close_read_session, read_session, transaction
from portfolio.documents.attestation import attestation_pdf
from portfolio.domain.dossier.rules.attestation import AttestationRefusal, Delivery, missing_answers
from portfolio.domain.dossier.use_cases import attestation_responses as responses
from portfolio.domain.dossier.use_cases import attestation_signing as signing
from portfolio.domain.dossier.use_cases.attestation_responses import RespondentSession
from portfolio.domain.dossier.use_cases.attestation_signing import EvidenceTitles, PreparedSignature
from portfolio.domain.dossier.use_cases.uploads import upload_batch
from portfolio.errors import Refusal
from portfolio.files.filenames import attachment_headers
from portfolio.files.storage.store import InvalidKey, KeyNotFound
from portfolio.screens.respondent.attestation.blueprint import bp
from portfolio.screens.respondent.attestation.forms import SigningForm
from portfolio.screens.respondent.attestation.link_guard import render_request_page, requires_link, unknown_link
from portfolio.web.clock import now
from portfolio.web.forms import refusal_message
from portfolio.wording import attestation
from portfolio.wording.attestation import CODES, OATH, REFUSALS, attestation_value, titles_for

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
