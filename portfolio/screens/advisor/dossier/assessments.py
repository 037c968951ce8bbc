"""The advisor's board and reading pages, and their marks."""

from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from flask import abort, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page, own_page
from portfolio.access.policy import Permission
from portfolio.calendar import day_of
from portfolio.db.engine import read_session
from portfolio.domain.assessment.use_cases.pages import followed_paths
from portfolio.domain.dossier.rules.assessment import Assessment, ReviewRefusal
from portfolio.domain.review.rules.priority import Order, WaitingFor
from portfolio.domain.review.use_cases import assessments
from portfolio.errors import Refusal
from portfolio.screens.advisor.board import queries as board_queries
from portfolio.screens.advisor.dossier import queries
from portfolio.screens.advisor.dossier.forms import AssessmentForm, MessageForm
from portfolio.screens.advisor.dossier.presenters import blocks_of, competency_page
from portfolio.screens.blueprints import blueprint_of
from portfolio.web.clock import now
from portfolio.web.forms import clean_line, run_once
from portfolio.wording import review
from portfolio.wording.candidacy import ROUTES
from portfolio.wording.dossier import COVERAGE

bp = blueprint_of(__name__)

Code = TypeVar("Code", bound=StrEnum)


@bp.get("/accompagnement")
@own_page
def board() -> ResponseReturnValue:
    """Show the dossiers given to the person connected, most in need first."""
    at, awaited, order = now(), _one_of(WaitingFor, "attente"), _one_of(Order, "tri") or Order.NEED
    words, number = clean_line(request.args.get("cherche", ""))[:200], request.args.get("page", "1")
    page = int(number) if number.isdecimal() and len(number) < 6 else 1
    found = board_queries.load_board(read_session(), current_user.id, at, awaited, order, words=words, page=page)
    return render_template(
        "advisor/dossier/board.html", board=found, awaited=awaited, order=order, asked=words, at=at, today=day_of(at),
        words=review, paths=followed_paths(read_session(), current_user.id), routes=ROUTES,
    )  # fmt: skip


def _one_of(kind: type[Code], name: str) -> Code | None:
    """Return the code asked for in the address; one that does not exist is as if nothing had been asked."""
    try:
        return kind(request.args.get(name, ""))
    except ValueError:
        return None


@bp.get("/accompagnement/<uuid:candidacy_id>")
@candidacy_page(Permission.ADVISE)
def dossier(case: CandidacyAccess) -> ResponseReturnValue:
    """One dossier: what it needs, its matrix, the rest of what was written."""
    at = now()
    page = queries.load_dossier_page(read_session(), case.id, current_user.id, at)
    return render_template(
        "advisor/dossier/dossier.html", page=page, blocks=blocks_of(page), at=at, words=review, coverage=COVERAGE
    )


@bp.get("/accompagnement/<uuid:candidacy_id>/competences/<uuid:competency_id>")
@candidacy_page(Permission.ADVISE)
def competency(case: CandidacyAccess, competency_id: UUID) -> ResponseReturnValue:
    """One competency: what the candidate says of it beside each piece, the marking panel, the notes, the
    conversation.
    """
    return competency_page(case, competency_id)


@bp.post("/accompagnement/<uuid:candidacy_id>/competences/<uuid:competency_id>")
@candidacy_page(Permission.ADVISE)
def save_assessment(case: CandidacyAccess, competency_id: UUID) -> ResponseReturnValue:
    """Give a mark, or show the page again with what was typed and what has changed meanwhile."""
    form = AssessmentForm()
    if not form.validate():
        return competency_page(case, competency_id, form), 422

    def act(db: Session) -> str:
        value, comment, basis = (Assessment(str(form.value.data)), form.comment.data or "", form.basis.data or "")
        assessments.assess_competency(db, case.id, competency_id, value, comment, basis, by=current_user.id, at=now())
        return url_for(".competency", candidacy_id=case.id, competency_id=competency_id)

    try:
        response = run_once(form.nonce.data, act)
    except Refusal as refusal:
        return _refused(case, competency_id, form, refusal)
    session["notice"] = "Votre avis est enregistré. La personne que vous accompagnez le voit dès maintenant."
    return response


def _refused(case: CandidacyAccess, competency_id: UUID, form: AssessmentForm, refusal: Refusal) -> ResponseReturnValue:
    if refusal.code is ReviewRefusal.OUT_OF_SCOPE:
        abort(404)
    talk = MessageForm(formdata=None)
    # What is refused is a mark on what was read: the page now shows what there is, and carries it.
    form.basis.data = None
    if refusal.code is not ReviewRefusal.CHANGED_MEANWHILE:
        talk.text.data = form.comment.data
    return competency_page(case, competency_id, form, talk, refusal=refusal), 409
