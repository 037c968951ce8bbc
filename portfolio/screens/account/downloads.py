"""Documents as PDF: made again from what never changes, byte for byte the same, sent as attachments only."""

import json
from uuid import UUID

from flask import Blueprint, Response, abort, current_app, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.certificate import CertificateAccess
from portfolio.access.decorators import candidacy_page, certificate_page, hearing_page, submission_page
from portfolio.access.jury import HearingAccess, SubmissionAccess
from portfolio.access.policy import Permission
from portfolio.db.engine import close_read_session, read_session, transaction
from portfolio.documents.minutes import minutes_pdf
from portfolio.documents.receipt import receipt_pdf
from portfolio.domain.holdings.use_cases.credentials import load_credential
from portfolio.domain.notification.use_cases import document_data, notifying
from portfolio.domain.notification.use_cases.letter_data import find_absence_letter, find_appeal_letter
from portfolio.files.filenames import attachment_headers
from portfolio.verifiable_credentials import load_issuer
from portfolio.web.clock import now, today
from portfolio.web.urls import base_url
from portfolio.wording import documents
from portfolio.wording.documents import letter as letter_document

bp = Blueprint("downloads", __name__)


@bp.get("/depots/<uuid:submission_id>/recepisse.pdf")
@submission_page(Permission.READ_SUBMISSION)
def receipt(case: SubmissionAccess) -> ResponseReturnValue:
    """Send the receipt of a submission, with its manifest attached."""
    data = document_data.load_receipt_data(read_session(), case.id)
    close_read_session()
    name = "releve-evaluation" if data.dossier.is_record else "recepisse-depot"
    return _sent(receipt_pdf(documents.receipt_value(data), data.look), f"{name}-{data.dossier.header.number}.pdf")


@bp.get("/jurys/<uuid:hearing_id>/proces-verbal.pdf")
@hearing_page(Permission.READ_MINUTES)
def minutes(case: HearingAccess) -> ResponseReturnValue:
    """Send the closed minutes to those who sat, and to the certifier."""
    return _minutes(case.id)


@bp.get("/certificats/<certificate_number>/preuve-de-nom.json")
@certificate_page(Permission.READ_CERTIFICATE)
def holder_proof(case: CertificateAccess) -> ResponseReturnValue:
    """Send to the holder, and to nobody else, what proves that a digital certificate is in their name."""
    kept = load_credential(read_session(), case.number)
    if case.candidate_id != current_user.id or kept is None:
        abort(404)
    if not document_data.holder_may_read(read_session(), case.number):
        abort(404)
    proof = documents.holder_proof(case.number, kept.certificate.printed_text["holder"], kept.holder_salt)
    response = Response(json.dumps(proof, ensure_ascii=False, indent=2), mimetype="application/json")
    response.headers.update(attachment_headers(f"preuve-de-nom-{case.number}.json", "application/json"))
    return response


@bp.get("/certificats/<certificate_number>/dossier-de-preuve.zip")
@certificate_page(Permission.READ_CERTIFICATE)
def certificate_bundle(case: CertificateAccess) -> ResponseReturnValue:
    """Send what proves a certificate without this site; 404 before it is signed and notified."""
    session = read_session()
    kept, data = load_credential(session, case.number), document_data.find_certificate_data(session, case.number)
    is_given = data is not None and data.signature is not None and document_data.holder_may_read(session, case.number)
    if kept is None or data is None or not is_given:
        abort(404)
    config = current_app.config["SETTINGS"]
    address = base_url() + url_for("public.certificate.public", number=data.number)
    pdf = documents.given_certificate(session, current_app.extensions["files"], data, address)
    prover = documents.Prover(
        load_issuer(config.data, config.address), current_app.extensions["keys"], config.tsa_ca_file
    )
    content = documents.credential_bundle(session, prover, kept, pdf, now())
    response = Response(content, mimetype="application/zip")
    response.headers.update(attachment_headers(f"certificat-{case.number}.zip", "application/zip"))
    return response


@bp.get("/certificats/<certificate_number>/certificat.pdf")
@certificate_page(Permission.READ_CERTIFICATE)
def certificate(case: CertificateAccess) -> ResponseReturnValue:
    """Send the certificate of a block, or the parchment: a draft that says so until it is signed.

    Its holder reads it once the result is notified.
    """
    if not case.is_certifier and not document_data.holder_may_read(read_session(), case.number):
        abort(404)
    data = document_data.find_certificate_data(read_session(), case.number)
    assert data is not None
    address = base_url() + url_for("public.certificate.public", number=data.number)
    pdf = documents.given_certificate(read_session(), current_app.extensions["files"], data, address)
    kind = "parchemin" if data.labels["subject"] == "whole" else "certificat"
    draft = "" if data.signature else "-projet-non-signe"
    return _sent(pdf, f"{kind}-{data.number}{draft}.pdf")


def record_opening(case: CandidacyAccess, number: int) -> None:
    """Keep that the candidate opened the letter of a result on line, the first time."""
    if not case.is_candidate or request.method != "GET":
        return
    found = notifying.find_notification(read_session(), case.id, number) or abort(404)
    if all(receipt.registered_number for receipt in notifying.list_receipts(read_session(), found.id)):
        close_read_session()
        with transaction() as db:
            notifying.record_receipt(db, case.id, number, by=current_user.id, at=now())


@bp.get("/dossiers/<uuid:candidacy_id>/notification/<int:number>.pdf")
@candidacy_page(Permission.READ_RESULTS)
def letter(case: CandidacyAccess, number: int) -> ResponseReturnValue:
    """Send the letter that told the result of a submission, as it left."""
    record_opening(case, number)
    found = notifying.find_notification(read_session(), case.id, number)
    if found is None:
        abort(404)
    close_read_session()
    return _sent(documents.letter_pdf(found.letter, base_url(), found.look), f"notification-{found.letter.minutes}.pdf")


@bp.get("/dossiers/<uuid:candidacy_id>/recours/<uuid:appeal_id>/accuse-reception.pdf")
@candidacy_page(Permission.READ_OWN_APPEAL)
def appeal_receipt(case: CandidacyAccess, appeal_id: UUID) -> ResponseReturnValue:
    """Send the acknowledgement of an appeal."""
    found = find_appeal_letter(read_session(), case.id, appeal_id) or abort(404)
    close_read_session()
    return _sent(letter_document.receipt_pdf(found), f"recours-accuse-de-reception-{found.minutes}.pdf")


@bp.get("/dossiers/<uuid:candidacy_id>/recours/<uuid:appeal_id>/reponse.pdf")
@candidacy_page(Permission.READ_OWN_APPEAL)
def appeal_letter(case: CandidacyAccess, appeal_id: UUID) -> ResponseReturnValue:
    """Send the answer to an appeal, or the letter that says that silence refused it; 404 while one is awaited."""
    found = find_appeal_letter(read_session(), case.id, appeal_id) or abort(404)
    close_read_session()
    pdf = letter_document.answer_pdf(found, today()) or abort(404)
    return _sent(pdf, f"recours-reponse-{found.minutes}.pdf")


@bp.get("/dossiers/<uuid:candidacy_id>/absence/<uuid:hearing_id>.pdf")
@candidacy_page(Permission.READ_OWN_APPEAL)
def absence_letter(case: CandidacyAccess, hearing_id: UUID) -> ResponseReturnValue:
    """Send the letter that said an absence; 404 while none was written."""
    found = find_absence_letter(read_session(), case.id, hearing_id) or abort(404)
    close_read_session()
    return _sent(letter_document.absence_pdf(found), f"absence-{found.minutes}.pdf")


def _minutes(hearing_id: UUID) -> Response:
    data = document_data.find_minutes_data(read_session(), hearing_id)
    if data is None:
        abort(404)
    close_read_session()
    return _sent(minutes_pdf(documents.minutes_value(data), data.look), f"proces-verbal-{data.number}.pdf")


def _sent(pdf: bytes, name: str) -> Response:
    response = Response(pdf)
    response.headers.update(attachment_headers(name, "application/pdf"))
    return response
