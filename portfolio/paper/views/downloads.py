"""Documents as PDF: made again from what never changes, byte for byte the same, sent as attachments only."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, abort, url_for

from portfolio.cases import CandidacyCase, CertificateCase, HearingCase, SubmissionCase
from portfolio.db import end_reading, reading
from portfolio.documents import minutes_pdf, receipt_pdf
from portfolio.guards import candidacy_page, certificate_page, hearing_page, submission_page
from portfolio.paper import services, wording
from portfolio.paper.views.blueprint import bp
from portfolio.policy import Permission
from portfolio.storage.names import attachment_headers
from portfolio.web.addresses import own_address


@bp.get("/depots/<uuid:submission_id>/recepisse.pdf")
@submission_page(Permission.READ_SUBMISSION)
def receipt(case: SubmissionCase) -> Any:
    """Send the receipt of a submission, with its manifest attached."""
    paper = services.receipt_paper(reading(), case.id)
    end_reading()
    name = "releve-evaluation" if paper.dossier.is_record else "recepisse-depot"
    return _sent(receipt_pdf(wording.receipt_value(paper)), f"{name}-{paper.dossier.header.number}.pdf")


@bp.get("/jurys/<uuid:hearing_id>/proces-verbal.pdf")
@hearing_page(Permission.READ_MINUTES)
def minutes(case: HearingCase) -> Any:
    """Send the closed minutes to those who sat, and to the certifier."""
    return _minutes(case.id)


@bp.get("/certificats/<certificate_number>/certificat.pdf")
@certificate_page(Permission.READ_CERTIFICATE)
def certificate(case: CertificateCase) -> Any:
    """Send the certificate of a block, or the parchment: a draft that says so until it is signed.

    Its holder reads it once the result is notified.
    """
    if not case.body_acts and not services.holder_may_read(reading(), case.number):
        abort(404)
    paper = services.certificate_paper(reading(), case.number)
    assert paper is not None
    end_reading()
    address = own_address() + url_for("certificate.public", number=paper.number)
    kind = "parchemin" if paper.labels["subject"] == "whole" else "certificat"
    draft = "" if paper.signature else "-projet-non-signe"
    return _sent(wording.certificate_pdf(paper, address), f"{kind}-{paper.number}{draft}.pdf")


@bp.get("/dossiers/<uuid:candidacy_id>/notification/<int:number>.pdf")
@candidacy_page(Permission.READ_RESULTS)
def letter(case: CandidacyCase, number: int) -> Any:
    """Send the letter that told the result of a submission, as it left."""
    found = services.find_notification(reading(), case.id, number)
    if found is None:
        abort(404)
    end_reading()
    return _sent(wording.letter_pdf(found.letter, own_address()), f"notification-{found.letter.minutes}.pdf")


def _minutes(hearing_id: UUID) -> Response:
    paper = services.minutes_paper(reading(), hearing_id)
    if paper is None:
        abort(404)
    end_reading()
    return _sent(minutes_pdf(wording.minutes_value(paper)), f"proces-verbal-{paper.number}.pdf")


def _sent(pdf: bytes, name: str) -> Response:
    response = Response(pdf)
    response.headers.update(attachment_headers(name, "application/pdf"))
    return response
