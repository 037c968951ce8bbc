"""An advisor gives an opinion, or writes a message, without leaving the page of a piece."""

from typing import Any
from uuid import UUID

from flask import abort, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session
from portfolio.domain.dossier.rules.anchors import AnchorErrorCode
from portfolio.domain.dossier.rules.assessment import Assessment, ReviewRefusal
from portfolio.domain.dossier.use_cases.claims import MarkedPlace, place_error
from portfolio.domain.review.use_cases import assessments, messages
from portfolio.errors import Refusal
from portfolio.screens.advisor.dossier.forms import AssessmentForm, PlacedMessageForm
from portfolio.screens.advisor.dossier.presenters import load_panel
from portfolio.screens.candidate.evidence import queries
from portfolio.screens.candidate.evidence.blueprint import bp
from portfolio.screens.candidate.evidence.viewer import viewer_page
from portfolio.web.clock import now
from portfolio.web.forms import run_once
from portfolio.wording.anchors import ERRORS

_VERSION = "/accompagnement/<uuid:candidacy_id>/preuves/<uuid:evidence_id>/versions/<int:number>"
_AT = f"{_VERSION}/competences/<uuid:competency_id>"


@bp.post(f"{_AT}/avis")
@candidacy_page(Permission.ADVISE)
def assess_in_viewer(case: CandidacyAccess, evidence_id: UUID, number: int, competency_id: UUID) -> ResponseReturnValue:
    """Give an opinion on a competency, or show the viewer again with what was typed."""
    queries.find_file(read_session(), case.id, evidence_id, number, own=False) or abort(404)
    form = AssessmentForm()
    if not form.validate():
        return viewer_page(case, evidence_id, number, panel=load_panel(case, competency_id, marking=form)), 422

    def act(db: Session) -> str:
        value, comment, basis = (Assessment(str(form.value.data)), form.comment.data or "", form.basis.data or "")
        assessments.assess_competency(db, case.id, competency_id, value, comment, basis, by=current_user.id, at=now())
        return _viewer_url(case, evidence_id, number, competency_id)

    try:
        response = run_once(form.nonce.data, act)
    except Refusal as refusal:
        if refusal.code is ReviewRefusal.OUT_OF_SCOPE:
            abort(404)
        form.basis.data = None
        panel = load_panel(case, competency_id, marking=form, refusal=refusal)
        return viewer_page(case, evidence_id, number, panel=panel), 409
    session["notice"] = "Votre avis est enregistré. La personne que vous accompagnez le voit dès maintenant."
    return response


@bp.post(f"{_AT}/messages")
@candidacy_page(Permission.ADVISE)
def comment_in_viewer(
    case: CandidacyAccess, evidence_id: UUID, number: int, competency_id: UUID
) -> ResponseReturnValue:
    """Write a message about a place of a piece, or show the viewer again with what was typed."""
    queries.find_file(read_session(), case.id, evidence_id, number, own=False) or abort(404)
    form = PlacedMessageForm()
    if not form.validate() or not _is_placed(case, evidence_id, number, form):
        return viewer_page(case, evidence_id, number, panel=load_panel(case, competency_id, talk=form)), 422

    def act(db: Session) -> str:
        about: dict[str, Any] = {"evidence_id": evidence_id, "anchor": form.anchor(number)}
        text, until = form.text.data or "", form.seen_until
        messages.post_message(db, case.id, competency_id, text, by=current_user.id, at=now(), read_until=until, **about)
        return _viewer_url(case, evidence_id, number, competency_id, page=form.page.data or "1")

    try:
        response = run_once(form.nonce.data, act)
    except Refusal as refusal:
        if refusal.code is ReviewRefusal.OUT_OF_SCOPE:
            abort(404)
        raise
    session["notice"] = (
        "Votre message est enregistré. La personne que vous accompagnez le lit à cet endroit de la pièce."
    )
    return response


def _is_placed(case: CandidacyAccess, evidence_id: UUID, number: int, form: PlacedMessageForm) -> bool:
    """Return whether the place of a message is in the file; when it is not, its field says why."""
    anchor = form.anchor(number)
    file = queries.find_version_row(read_session(), case.id, evidence_id, number)
    wrong = place_error(read_session(), file, MarkedPlace(number, anchor=anchor)) if anchor and file else None
    if isinstance(wrong, AnchorErrorCode):
        form.zone.errors = [ERRORS[wrong]]
    return wrong is None


def _viewer_url(case: CandidacyAccess, evidence_id: UUID, number: int, competency_id: UUID, **at: Any) -> str:
    here: dict[str, Any] = {"candidacy_id": case.id, "evidence_id": evidence_id, "number": number}
    return url_for("candidate.evidence.read", **here, **at, avis=competency_id, _anchor="avis")
