"""After the seal: the receipt, the sealed dossier to read, its exhibits and its manifest to take away."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Response, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portfolio.access.decorators import submission_page
from portfolio.access.jury import SubmissionAccess
from portfolio.access.policy import Permission, Role
from portfolio.db.engine import read_session
from portfolio.domain.submission.use_cases import verification
from portfolio.files.filenames import attachment_headers
from portfolio.screens.candidate.attestations.proofs import proofs_in
from portfolio.screens.candidate.submission import queries
from portfolio.screens.candidate.submission.blueprint import bp
from portfolio.screens.candidate.submission.exhibit_pages import load_exhibit_file, sealed_places
from portfolio.screens.candidate.submission.queries import ReceiptPageData
from portfolio.screens.evidence_files.downloads import send_file
from portfolio.wording import assessment as assessing
from portfolio.wording import attestation as attesting
from portfolio.wording import evidence as pieces
from portfolio.wording.candidacy import ROUTES
from portfolio.wording.documents.livret import reading_parts
from portfolio.wording.dossier import PROMPTS
from portfolio.wording.jury import suspension_message


@bp.get("/depots/<uuid:submission_id>")
@submission_page(Permission.READ_SUBMISSION)
def receipt(case: SubmissionAccess) -> ResponseReturnValue:
    """Show the receipt: what was sealed, when, and its root."""
    page = queries.load_receipt_page(read_session(), case.id)
    if page.dossier.is_record:
        return _read("submission/record.html", case, page, assessing=assessing, routes=ROUTES)
    return _read("submission/receipt.html", case, page)


@bp.get("/depots/<uuid:submission_id>/lecture")
@submission_page(Permission.READ_SUBMISSION)
def sealed(case: SubmissionAccess) -> ResponseReturnValue:
    """Show what the sealed dossier says as a whole: oath, career, experiences, conclusion, every exhibit."""
    page = queries.load_receipt_page(read_session(), case.id)
    if page.dossier.is_record:
        return redirect(url_for(".receipt", submission_id=case.id), 303)
    parts = reading_parts(page.dossier)
    return _read(
        "submission/sealed.html", case, page, block=None, exhibits=page.dossier.exhibits, parts=parts
    )


@bp.get("/depots/<uuid:submission_id>/lecture/bloc-<int:number>")
@submission_page(Permission.READ_SUBMISSION)
def sealed_block(case: SubmissionAccess, number: int) -> ResponseReturnValue:
    """Show one block of the sealed dossier, competency by competency, beside the exhibits it calls."""
    page = queries.load_receipt_page(read_session(), case.id)
    block = next(
        (dossier_block for dossier_block in page.dossier.blocks if dossier_block.number == number), None
    )
    if block is None:
        abort(404)
    if page.dossier.is_record:
        return redirect(url_for(".receipt", submission_id=case.id), 303)
    called = {claim.exhibit for competency in block.competencies for claim in competency.claims}
    exhibits = [sealed_exhibit for sealed_exhibit in page.dossier.exhibits if sealed_exhibit.label in called]
    after = next(
        (dossier_block for dossier_block in page.dossier.blocks if dossier_block.number > number), None
    )
    more = {
        "block": block,
        "exhibits": exhibits,
        "after": after,
        "places_of": partial(sealed_places, case.id),
    }
    return _read("submission/sealed_block.html", case, page, **more)


def _read(template: str, case: SubmissionAccess, page: ReceiptPageData, **more: Any) -> str:
    own = Role.CANDIDATE in case.standing.roles
    proofs = proofs_in(case.candidacy_id, page.dossier)
    compares = bool(case.standing.roles & {Role.CANDIDATE, Role.ADVISOR})
    more |= {
        "compares": compares,
        "pieces": pieces,
        "prompts": PROMPTS,
        "proofs": proofs,
        "attesting": attesting,
        "suspension_message": suspension_message,
    }
    return render_template(template, page=page, dossier=page.dossier, own=own, **more)


@bp.get("/depots/<uuid:submission_id>/pieces/<label>")
@submission_page(Permission.READ_SUBMISSION)
def exhibit(case: SubmissionAccess, label: str) -> ResponseReturnValue:
    """Send the sealed file of an exhibit, as an attachment only; to others than the candidate, without
    location.
    """
    sealed = load_exhibit_file(case.id, label)
    own = Role.CANDIDATE in case.standing.roles
    return send_file(
        sealed.key, f"{label} {sealed.name}", sealed.mime, sealed.size, own=own, sha256=sealed.sha256
    )


@bp.get("/depots/<uuid:submission_id>/manifeste")
@submission_page(Permission.READ_SUBMISSION)
def manifest(case: SubmissionAccess) -> ResponseReturnValue:
    """Send the manifest, from which anyone recomputes the root."""
    found = verification.load_manifest(read_session(), case.id)
    response = Response(found.manifest)
    response.headers.update(attachment_headers(f"manifeste-{found.root[:12]}.json", "application/json"))
    return response
