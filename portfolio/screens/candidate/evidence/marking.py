"""A candidate claims a place of a piece in the viewer, and takes a place back."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from flask import abort, redirect, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session, transaction
from portfolio.domain.dossier.models import Claim
from portfolio.domain.dossier.use_cases import claims
from portfolio.domain.evidence.rules.anchors import AnchorErrorCode
from portfolio.errors import Refusal
from portfolio.screens.candidate.evidence import queries
from portfolio.screens.candidate.evidence.blueprint import bp
from portfolio.screens.candidate.evidence.place_forms import place_form
from portfolio.screens.candidate.evidence.viewer import viewer_page
from portfolio.web.clock import now
from portfolio.web.forms import Form
from portfolio.web.idempotency import run_once
from portfolio.wording.anchors import ERRORS

_FIELDS = {
    AnchorErrorCode.QUOTE_NOT_FOUND: "quote",
    AnchorErrorCode.QUOTE_TOO_LONG: "quote",
    AnchorErrorCode.COMMENT_TOO_LONG: "comment",
    AnchorErrorCode.TOO_MANY: "zone",
}


@bp.post("/dossiers/<uuid:candidacy_id>/preuves/<uuid:evidence_id>/versions/<int:number>/reperes")
@candidacy_page(Permission.EDIT_DRAFT)
def claim_place(case: CandidacyAccess, evidence_id: UUID, number: int) -> ResponseReturnValue:
    """Claim that a place of a piece shows a competency, or show the viewer again with what was typed."""
    queries.find_file(read_session(), case.id, evidence_id, number, own=case.is_candidate) or abort(404)
    form = place_form(case, evidence_id, number)
    if form is None:
        raise Refusal(AnchorErrorCode.REPLACED_VERSION)
    if not form.validate():
        return viewer_page(case, evidence_id, number, form=form), 422

    def act(db: Session) -> str:
        place, competency = form.place(), cast(UUID, form.competency.data)
        comment = form.comment.data or ""
        claims.claim_place(db, case.id, evidence_id, competency, place, comment, by=current_user.id, at=now())
        return _viewer_url(case, evidence_id, number, form.page.data)

    try:
        response = run_once(form.nonce.data, act)
    except Refusal as refusal:
        field = _FIELDS.get(refusal.code) if isinstance(refusal.code, AnchorErrorCode) else None
        if field is None:
            raise
        form[field].errors = [ERRORS[AnchorErrorCode(refusal.code)]]
        return viewer_page(case, evidence_id, number, form=form), 422
    session["notice"] = "C’est noté : l’endroit est relié à la compétence."
    return response


@bp.post(
    "/dossiers/<uuid:candidacy_id>/preuves/<uuid:evidence_id>/versions/<int:number>"
    "/liens/<uuid:claim_id>/reperes/<anchor_id>/retirer"
)
@candidacy_page(Permission.EDIT_DRAFT)
def remove_place(
    case: CandidacyAccess, evidence_id: UUID, number: int, claim_id: UUID, anchor_id: str
) -> ResponseReturnValue:
    """Take one place back from a claim."""
    if not Form().validate():
        abort(400)
    claim = read_session().get(Claim, claim_id)
    if claim is None or (claim.candidacy_id, claim.evidence_id) != (case.id, evidence_id):
        abort(404)
    with transaction() as db:
        claims.remove_anchor(db, case.id, claim_id, anchor_id, by=current_user.id, at=now())
    session["notice"] = "L’endroit est retiré. Le commentaire et les pages restent."
    return redirect(_viewer_url(case, evidence_id, number, None), 303)


def _viewer_url(case: CandidacyAccess, evidence_id: UUID, number: int, page: str | None) -> str:
    at: dict[str, Any] = {"page": page} if page and page.isascii() and page.isdigit() else {}
    return url_for(".read", candidacy_id=case.id, evidence_id=evidence_id, number=number, _anchor="dit", **at)
