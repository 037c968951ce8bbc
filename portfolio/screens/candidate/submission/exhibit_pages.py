"""Exhibits of a sealed dossier, read here page by page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Response, abort, render_template, url_for
from flask.typing import ResponseReturnValue

from portfolio.access.decorators import submission_page
from portfolio.access.jury import SubmissionAccess
from portfolio.access.policy import Permission, Role
from portfolio.db.engine import read_session
from portfolio.domain.evidence.rules.anchors import Anchor
from portfolio.domain.submission.rules.dossier import SealedDossier
from portfolio.domain.submission.use_cases import verification
from portfolio.screens.candidate.attestations.proofs import proofs_in
from portfolio.screens.candidate.submission import queries
from portfolio.screens.candidate.submission.blueprint import bp
from portfolio.screens.evidence_files.downloads import download_mode
from portfolio.screens.evidence_files.page_images import open_page, send_page_image, viewer_urls
from portfolio.screens.evidence_files.recordings import send_recording
from portfolio.screens.evidence_files.viewer import (
    PlacedClaim,
    PlaceLink,
    ViewerSource,
    claimed_pages,
    open_viewer,
    place_links,
)
from portfolio.wording import attestation as attesting
from portfolio.wording import evidence as pieces


@bp.get("/depots/<uuid:submission_id>/pieces/<label>/lire")
@submission_page(Permission.READ_SUBMISSION)
def exhibit_reader(case: SubmissionAccess, label: str) -> ResponseReturnValue:
    """Read a sealed exhibit, page by page, beside what it is claimed for."""
    page = queries.load_receipt_page(read_session(), case.id)
    found = page.dossier.exhibit(label) or abort(404)
    sealed, own = load_exhibit_file(case.id, label), Role.CANDIDATE in case.standing.roles
    offer = download_mode(sealed.key, sealed.mime, own=own, sha256=sealed.sha256)
    claims = _placed_claims(case, page.dossier, label)
    pages = claimed_pages(claims, found.measure, found.file_version)
    turn = open_page(sealed.key, sealed.mime, found.pages, pages, sha256=sealed.sha256)
    here: dict[str, Any] = {"submission_id": case.id, "label": label}
    place = viewer_urls(
        ".exhibit_reader", ".exhibit_page", ".exhibit", offer, recording=".exhibit_recording", **here
    )
    source = ViewerSource(sealed.key, found.file_version, found.measure, claims)
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
        v=open_viewer(source, turn, place, f"la pièce {label}, {found.title}"),
    )


def sealed_places(submission_id: UUID, label: str, anchors: Sequence[Anchor]) -> list[PlaceLink]:
    """Return the places that a sealed claim names, each opened on the sealed file."""

    def reader(number: int, **at: Any) -> str:  # noqa: ARG001 - one version is sealed
        return url_for("submission.exhibit_reader", submission_id=submission_id, label=label, **at)

    return place_links(anchors, reader)


def _placed_claims(case: SubmissionAccess, dossier: SealedDossier, label: str) -> list[PlacedClaim]:
    """Return the sealed claims that name an exhibit as the margin shows them."""
    return [
        PlacedClaim(
            *(competency.number, competency.text, claim.comment, claim.passage, competency.anchors_in(label)),
            href=url_for(
                ".sealed_block", submission_id=case.id, number=block.number, _anchor=f"c-{competency.number}"
            ),
        )
        for block in dossier.blocks
        for competency in block.competencies
        for claim in competency.claims
        if claim.exhibit == label
    ]


@bp.get("/depots/<uuid:submission_id>/pieces/<label>/pages/<int:page>")
@submission_page(Permission.READ_SUBMISSION)
def exhibit_page(case: SubmissionAccess, label: str, page: int) -> Response:
    """Send the image of one page of a sealed exhibit."""
    return send_sealed_page(case.id, label, page)


@bp.get("/depots/<uuid:submission_id>/pieces/<label>/enregistrement")
@submission_page(Permission.READ_SUBMISSION)
def exhibit_recording(case: SubmissionAccess, label: str) -> Response:
    """Play a sealed sound or film."""
    return send_sealed_recording(case.id, label)


def send_sealed_recording(submission_id: UUID, label: str) -> Response:
    """Play a sound or a film of a submission that the caller may read."""
    kept = load_exhibit_file(submission_id, label)
    return send_recording(kept.key, kept.mime, label, kept.sha256)


def send_sealed_page(submission_id: UUID, label: str, page: int) -> Response:
    """Send the image of one page of an exhibit of a submission that the caller may read."""
    sealed = load_exhibit_file(submission_id, label)
    exhibit = verification.load_sealed_dossier(read_session(), submission_id).exhibit(label) or abort(404)
    return send_page_image(sealed.key, sealed.mime, exhibit.pages, page, label, sealed.sha256)


def load_exhibit_file(submission_id: UUID, label: str) -> verification.StoredExhibit:
    """Answer where an exhibit of a submission that the caller may read is kept, and as what; 404 without
    one.
    """
    return verification.find_sealed_file(read_session(), submission_id, label) or abort(404)
