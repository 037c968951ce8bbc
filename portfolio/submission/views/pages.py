"""Exhibits of a sealed dossier, read here page by page."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, abort, render_template

from portfolio.attestation import wording as attesting
from portfolio.attestation.views.proofs import proofs_in
from portfolio.cases import SubmissionCase
from portfolio.db import reading
from portfolio.evidence import wording as pieces
from portfolio.evidence.views.leaves import place_of, send_page, turn_of
from portfolio.evidence.views.originals import offer_of
from portfolio.evidence.views.recordings import send_recording
from portfolio.guards import submission_page
from portfolio.policy import Permission, Role
from portfolio.submission import services
from portfolio.submission.views.blueprint import bp


@bp.get("/depots/<uuid:submission_id>/pieces/<label>/lire")
@submission_page(Permission.READ_SUBMISSION)
def exhibit_reader(case: SubmissionCase, label: str) -> Any:
    """Read a sealed exhibit, page by page, beside what it is claimed for."""
    page = services.receipt_page(reading(), case.id)
    found = page.dossier.exhibit(label) or abort(404)
    kept, own = kept_exhibit(case.id, label), Role.CANDIDATE in case.standing.roles
    offer = offer_of(kept.key, kept.mime, own=own, sha256=kept.sha256)
    return render_template(
        "submission/exhibit.html",
        page=page,
        dossier=page.dossier,
        own=own,
        pieces=pieces,
        proofs=proofs_in(case.candidacy_id, page.dossier),
        attesting=attesting,
        block=None,
        exhibit=found,
        turn=turn_of(kept.key, kept.mime, found.pages, page.dossier.claimed_pages(label), sha256=kept.sha256),
        place=place_of(
            ".exhibit_reader",
            ".exhibit_page",
            ".exhibit",
            offer,
            recording=".exhibit_recording",
            submission_id=case.id,
            label=label,
        ),
    )


@bp.get("/depots/<uuid:submission_id>/pieces/<label>/pages/<int:page>")
@submission_page(Permission.READ_SUBMISSION)
def exhibit_page(case: SubmissionCase, label: str, page: int) -> Response:
    """Send the image of one page of a sealed exhibit."""
    return send_sealed_page(case.id, label, page)


@bp.get("/depots/<uuid:submission_id>/pieces/<label>/enregistrement")
@submission_page(Permission.READ_SUBMISSION)
def exhibit_recording(case: SubmissionCase, label: str) -> Response:
    """Play a sealed sound or film."""
    return send_sealed_recording(case.id, label)


def send_sealed_recording(submission_id: UUID, label: str) -> Response:
    """Play a sound or a film of a submission that the caller may read."""
    kept = kept_exhibit(submission_id, label)
    return send_recording(kept.key, kept.mime, label, kept.sha256)


def send_sealed_page(submission_id: UUID, label: str, page: int) -> Response:
    """Send the image of one page of an exhibit of a submission that the caller may read."""
    kept = kept_exhibit(submission_id, label)
    exhibit = services.sealed(reading(), submission_id).exhibit(label) or abort(404)
    return send_page(kept.key, kept.mime, exhibit.pages, page, label, kept.sha256)


def kept_exhibit(submission_id: UUID, label: str) -> services.SealedFile:
    """Answer where an exhibit of a submission that the caller may read is kept, and as what; 404 without one."""
    return services.sealed_file(reading(), submission_id, label) or abort(404)
