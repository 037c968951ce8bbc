"""The signature of a collected piece, to be checked elsewhere: for the candidate, the advisor and the
jury.
"""

from __future__ import annotations

from uuid import UUID

from flask import Response, abort

from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page, hearing_page, submission_page
from portfolio.access.jury import HearingAccess, SubmissionAccess
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session
from portfolio.domain.attestation.use_cases import signing
from portfolio.domain.attestation.use_cases.signing import SignatureProof
from portfolio.domain.submission.use_cases.verification import find_sealed_file
from portfolio.files.filenames import attachment_headers
from portfolio.screens.candidate.attestations.proofs import installation_keys
from portfolio.screens.candidate.evidence.queries import find_evidence_page
from portfolio.screens.respondent.blueprint import bp
from portfolio.web.clock import today


@bp.get("/dossiers/<uuid:candidacy_id>/preuves/<uuid:evidence_id>/signature")
@candidacy_page(Permission.READ_DRAFT)
def download_evidence_signature(case: CandidacyAccess, evidence_id: UUID) -> Response:
    """Send the signature of a collected piece of the draft."""
    page = find_evidence_page(read_session(), case.id, evidence_id, today()) or abort(404)
    return _sent(signing.find_proof(read_session(), installation_keys(), case.id, page.view.sha256))


@bp.get("/depots/<uuid:submission_id>/pieces/<label>/signature")
@submission_page(Permission.READ_SUBMISSION)
def download_sealed_signature(case: SubmissionAccess, label: str) -> Response:
    """Send the signature of a collected piece of a sealed dossier."""
    return _of_exhibit(case.id, case.candidacy_id, label)


@bp.get("/jurys/<uuid:hearing_id>/pieces/<label>/signature")
@hearing_page(Permission.READ_HEARING)
def download_exhibit_signature(case: HearingAccess, label: str) -> Response:
    """Send the signature of a collected piece to a juror."""
    return _of_exhibit(case.submission_id, case.candidacy_id, label)


def _of_exhibit(submission_id: UUID, candidacy_id: UUID, label: str) -> Response:
    sealed = find_sealed_file(read_session(), submission_id, label) or abort(404)
    return _sent(signing.find_proof(read_session(), installation_keys(), candidacy_id, sealed.sha256))


def _sent(proof: SignatureProof | None) -> Response:
    if proof is None:
        abort(404)
    response = Response(proof.signature)
    response.headers.update(attachment_headers(f"attestation-{proof.digest[:12]}.jws", "application/jose"))
    return response
