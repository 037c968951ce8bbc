"""The third party reads the whole again, confirms their address by a code, signs, and fetches their own copy."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from flask import Response, abort, current_app, redirect, render_template, request, url_for

from portfolio.attestation import services, wording
from portfolio.attestation.forms import SigningForm
from portfolio.attestation.rules import AttestationRefusal, Delivery, unsaid
from portfolio.attestation.services import Prepared, Titles, Visit
from portfolio.attestation.views.behind_link import link_page, shown, unknown
from portfolio.attestation.views.blueprint import answering as bp
from portfolio.attestation.wording import CODES, OATH, REFUSALS, attestation_value, titles_for
from portfolio.db import end_reading, reading, transaction
from portfolio.documents import attestation_pdf
from portfolio.evidence.services import reception
from portfolio.guards import public_page
from portfolio.refusal import Refusal
from portfolio.storage.names import attachment_headers
from portfolio.storage.store import InvalidKey, NotStored
from portfolio.web.clock import now

_AGAIN = {AttestationRefusal.CHANGED_SINCE, AttestationRefusal.CODE_NO_LONGER}
_SIGNS = "signature"
_NO_CODE = {AttestationRefusal.CODES_ENOUGH, AttestationRefusal.CODE_LATELY}


@bp.get("/attester/<token>/relire")
@link_page
def review(visit: Visit, token: str) -> Any:
    """Show the whole as it will be signed; a text that lacks something goes back to its form."""
    if unsaid(visit.words):
        return redirect(url_for(".text", token=token), 303)
    return _review(visit, token, _blank(visit))


@bp.post("/attester/<token>/code")
@link_page
def code(visit: Visit, token: str) -> Any:
    """Send a code to the address of the request; what was typed in the signature stays."""
    signs = _SIGNS in request.args  # asked from the signature itself, with what is typed there
    form = SigningForm() if signs else _blank(visit)
    try:
        with transaction() as db:
            services.send_code(db, token, at=now())
    except Refusal as refusal:
        if refusal.code not in _NO_CODE:
            raise
        form.form_errors.append(REFUSALS[AttestationRefusal(refusal.code)](refusal.facts))
        return _review(_again(token), token, form), 409
    if signs:
        form.code.data = ""
        return _review(_again(token), token, form)
    return redirect(url_for(".review", token=token, _anchor="signer"), 303)


@bp.post("/attester/<token>/relire")
@link_page
def sign(visit: Visit, token: str) -> Any:
    """Sign; or say what prevents it, beside what was typed."""
    form = SigningForm()
    if not form.validate():
        return _review(visit, token, form), 422
    if form.seen_revision != visit.revision:
        return _refused(token, form, AttestationRefusal.CHANGED_SINCE)
    with transaction() as db:
        fault = services.try_code(db, token, form.digits, at=now())
    if fault is not None:
        form.code.errors = [CODES[fault]]
        return _review(_again(token), token, form), 422
    try:
        copy = _sign(token, form, services.prepare(visit, form.name.data or "", OATH, _delivery(), at=now()))
    except Refusal as refusal:
        if refusal.code not in _AGAIN:
            raise
        return _refused(token, form, AttestationRefusal(refusal.code))
    return redirect(url_for(".copy", token=copy), 303)


def _sign(token: str, form: SigningForm, prepared: Prepared) -> str:
    """Draw the document and keep it, then sign in one short transaction; answer the token of the author's copy."""
    end_reading()
    record = prepared.record
    titles = Titles(*titles_for(record.name, record.words.organisation))
    settings = current_app.config["SETTINGS"]
    with reception(current_app.extensions["files"], settings.upload_limit) as desk:
        file = desk.receive("attestation.pdf", BytesIO(attestation_pdf(attestation_value(record))))
        with transaction() as db:
            copy = services.sign(db, token, form.digits, prepared, file, titles)
        desk.keep()
    return copy


@bp.get("/attester/copie/<token>")
@public_page
def copy(token: str) -> Any:
    """Thank the third party, and give them their own copy for some days."""
    found = services.find_copy(reading(), token, at=now())
    if found is None:
        return unknown()
    return render_template("attestation/copy.html", copy=found, token=token)


@bp.get("/attester/copie/<token>/attestation.pdf")
@public_page
def copy_file(token: str) -> Any:
    """Send their own copy, as an attachment only."""
    found = services.find_copy(reading(), token, at=now())
    if found is None:
        return unknown()
    try:
        with current_app.extensions["files"].open(found.key) as content:
            response = Response(content.read())
    except (NotStored, InvalidKey):
        abort(404)
    response.headers.update(attachment_headers("attestation.pdf", "application/pdf"))
    return response


def _blank(visit: Visit) -> SigningForm:
    return SigningForm(formdata=None, name=visit.name, revision=str(visit.revision))


def _again(token: str) -> Visit:
    """The request as it stands now that something was written about it."""
    end_reading()
    return services.find_visit(reading(), token, at=now()) or abort(404)


def _refused(token: str, form: SigningForm, code: AttestationRefusal) -> tuple[str, int]:
    visit = _again(token)
    form.revision.data = str(visit.revision)
    form.form_errors.append(REFUSALS[code]({}))
    return _review(visit, token, form), 409


def _delivery() -> Delivery:
    """How the link and the code reached the third party: an installation without a mail server has them handed over."""
    return Delivery.MAILED if current_app.config["SETTINGS"].smtp else Delivery.HANDED


def _review(visit: Visit, token: str, form: SigningForm) -> str:
    signs = visit.code_until is not None or request.endpoint == "answering.sign" or _SIGNS in request.args
    return shown("attestation/review.html", visit, token, form=form, words=wording, signs=signs)
