"""After the seal: the receipt, the sealed dossier to read, its exhibits and its manifest to take away."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, redirect, render_template, url_for

from portfolio.assessment import wording as assessing
from portfolio.attestation import wording as attesting
from portfolio.attestation.views.proofs import proofs_in
from portfolio.candidacy.wording import ROUTES
from portfolio.cases import SubmissionCase
from portfolio.db import reading
from portfolio.dossier.wording import PROMPTS
from portfolio.evidence import wording as pieces
from portfolio.evidence.views.originals import send_file
from portfolio.guards import submission_page
from portfolio.policy import Permission, Role
from portfolio.storage.names import attachment_headers
from portfolio.submission import services
from portfolio.submission.services import ReceiptPage
from portfolio.submission.views.blueprint import bp
from portfolio.submission.views.pages import kept_exhibit


@bp.get("/depots/<uuid:submission_id>")
@submission_page(Permission.READ_SUBMISSION)
def receipt(case: SubmissionCase) -> Any:
    """Show the receipt: what was sealed, when, and its root."""
    page = services.receipt_page(reading(), case.id)
    if page.dossier.is_record:
        return _read("submission/record.html", case, page, assessing=assessing, routes=ROUTES)
    return _read("submission/receipt.html", case, page)


@bp.get("/depots/<uuid:submission_id>/lecture")
@submission_page(Permission.READ_SUBMISSION)
def sealed(case: SubmissionCase) -> Any:
    """Show what the sealed dossier says as a whole: oath, career, experiences, conclusion, every exhibit."""
    page = services.receipt_page(reading(), case.id)
    if page.dossier.is_record:
        return redirect(url_for(".receipt", submission_id=case.id), 303)
    return _read("submission/sealed.html", case, page, block=None, exhibits=page.dossier.exhibits)


@bp.get("/depots/<uuid:submission_id>/lecture/bloc-<int:number>")
@submission_page(Permission.READ_SUBMISSION)
def sealed_block(case: SubmissionCase, number: int) -> Any:
    """Show one block of the sealed dossier, competency by competency, beside the exhibits it calls."""
    page = services.receipt_page(reading(), case.id)
    block = next((one for one in page.dossier.blocks if one.number == number), None)
    if block is None:
        abort(404)
    if page.dossier.is_record:
        return redirect(url_for(".receipt", submission_id=case.id), 303)
    called = {claim.exhibit for one in block.competencies for claim in one.claims}
    exhibits = [one for one in page.dossier.exhibits if one.label in called]
    after = next((one for one in page.dossier.blocks if one.number > number), None)
    return _read("submission/sealed_block.html", case, page, block=block, exhibits=exhibits, after=after)


def _read(template: str, case: SubmissionCase, page: ReceiptPage, **more: Any) -> str:
    own = Role.CANDIDATE in case.standing.roles
    proofs = proofs_in(case.candidacy_id, page.dossier)
    more |= {"pieces": pieces, "prompts": PROMPTS, "proofs": proofs, "attesting": attesting}
    return render_template(template, page=page, dossier=page.dossier, own=own, **more)


@bp.get("/depots/<uuid:submission_id>/pieces/<label>")
@submission_page(Permission.READ_SUBMISSION)
def exhibit(case: SubmissionCase, label: str) -> Any:
    """Send the sealed file of an exhibit, as an attachment only; to others than the candidate, without location."""
    kept = kept_exhibit(case.id, label)
    own = Role.CANDIDATE in case.standing.roles
    return send_file(kept.key, f"{label} {kept.name}", kept.mime, kept.size, own=own, sha256=kept.sha256)


@bp.get("/depots/<uuid:submission_id>/manifeste")
@submission_page(Permission.READ_SUBMISSION)
def manifest(case: SubmissionCase) -> Any:
    """Send the manifest, from which anyone recomputes the root."""
    found = services.manifest_of(reading(), case.id)
    response = Response(found.manifest)
    response.headers.update(attachment_headers(f"manifeste-{found.root[:12]}.json", "application/json"))
    return response
