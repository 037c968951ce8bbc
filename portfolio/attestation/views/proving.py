"""The signature of a collected piece, to be checked elsewhere: for the candidate, the advisor and the jury."""

from __future__ import annotations

from uuid import UUID

from flask import Response, abort

from portfolio.attestation import services
from portfolio.attestation.services import Proof
from portfolio.attestation.views.blueprint import bp
from portfolio.attestation.views.proofs import installation_keys
from portfolio.cases import CandidacyCase, HearingCase, SubmissionCase
from portfolio.db import reading
from portfolio.evidence.services import find_piece
from portfolio.guards import candidacy_page, hearing_page, submission_page
from portfolio.policy import Permission
from portfolio.storage.names import attachment_headers
from portfolio.submission.services import sealed_file
from portfolio.web.clock import today


@bp.get("/dossiers/<uuid:candidacy_id>/preuves/<uuid:evidence_id>/signature")
@candidacy_page(Permission.READ_DRAFT)
def of_piece(case: CandidacyCase, evidence_id: UUID) -> Response:
    """Send the signature of a collected piece of the draft."""
    page = find_piece(reading(), case.id, evidence_id, today()) or abort(404)
    return _sent(services.find_proof(reading(), installation_keys(), case.id, page.view.sha256))


@bp.get("/depots/<uuid:submission_id>/pieces/<label>/signature")
@submission_page(Permission.READ_SUBMISSION)
def of_sealed(case: SubmissionCase, label: str) -> Response:
    """Send the signature of a collected piece of a sealed dossier."""
    return _of_exhibit(case.id, case.candidacy_id, label)


@bp.get("/jurys/<uuid:hearing_id>/pieces/<label>/signature")
@hearing_page(Permission.READ_HEARING)
def of_exhibit(case: HearingCase, label: str) -> Response:
    """Send the signature of a collected piece to a juror."""
    return _of_exhibit(case.submission_id, case.candidacy_id, label)


def _of_exhibit(submission_id: UUID, candidacy_id: UUID, label: str) -> Response:
    kept = sealed_file(reading(), submission_id, label) or abort(404)
    return _sent(services.find_proof(reading(), installation_keys(), candidacy_id, kept.sha256))


def _sent(proof: Proof | None) -> Response:
    if proof is None:
        abort(404)
    response = Response(proof.signature)
    response.headers.update(attachment_headers(f"attestation-{proof.digest[:12]}.jws", "application/jose"))
    return response
