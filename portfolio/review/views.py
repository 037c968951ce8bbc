"""The advisor's board and reading pages, their marks, and the messages of both."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, abort, render_template, session, url_for
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.cases import CandidacyCase
from portfolio.db import reading
from portfolio.dossier.services.matrix import MatrixBlock, MatrixLine
from portfolio.dossier.wording import COVERAGE, PROMPTS
from portfolio.evidence import wording as evidence_words
from portfolio.guards import candidacy_page, own_page
from portfolio.policy import Permission
from portfolio.refusal import Refusal
from portfolio.review import services, wording
from portfolio.review.forms import MarkForm, RemarkForm
from portfolio.review.rules import MarkValue, ReviewRefusal
from portfolio.web.clock import now
from portfolio.web.filters import day
from portfolio.web.once import once

bp = Blueprint("review", __name__)


@bp.get("/accompagnement")
@own_page
def board() -> Any:
    """The dossiers given to the person connected, most in need first."""
    at = now()
    lines = services.list_dossiers(reading(), current_user.id, at)
    return render_template("review/board.html", lines=lines, at=at, words=wording, coverage=COVERAGE)


@bp.get("/accompagnement/<uuid:candidacy_id>")
@candidacy_page(Permission.ADVISE)
def dossier(case: CandidacyCase) -> Any:
    """One dossier: what it needs, its matrix, the rest of what was written."""
    at = now()
    page = services.dossier_page(reading(), case.id, at)
    return render_template("review/dossier.html", page=page, blocks=_blocks(page), at=at, words=wording, coverage=COVERAGE)


@bp.get("/accompagnement/<uuid:candidacy_id>/competences/<uuid:competency_id>")
@candidacy_page(Permission.ADVISE)
def competency(case: CandidacyCase, competency_id: UUID) -> Any:
    """One competency: what the candidate says of it beside each piece, the marking panel, the conversation."""
    return _competency(case, competency_id, MarkForm(formdata=None), RemarkForm(formdata=None))


@bp.post("/accompagnement/<uuid:candidacy_id>/competences/<uuid:competency_id>")
@candidacy_page(Permission.ADVISE)
def mark(case: CandidacyCase, competency_id: UUID) -> Any:
    """Give a mark, or show the page again with what was typed and what has changed meanwhile."""
    form, talk = MarkForm(), RemarkForm(formdata=None)
    if not form.validate():
        return _competency(case, competency_id, form, talk), 422

    def act(db: Session) -> str:
        value, comment, basis = MarkValue(str(form.value.data)), form.comment.data or "", form.basis.data or ""
        services.mark_competency(db, case.id, competency_id, value, comment, basis, by=current_user.id, at=now())
        return url_for(".competency", candidacy_id=case.id, competency_id=competency_id)

    try:
        response = once(form.nonce.data, act)
    except Refusal as refusal:
        return _refused(case, competency_id, form, talk, refusal)
    session["notice"] = "Votre avis est enregistré. La personne que vous accompagnez le voit dès maintenant."
    return response


def _refused(case: CandidacyCase, competency_id: UUID, form: MarkForm, talk: RemarkForm, refusal: Refusal) -> Any:
    if refusal.code is ReviewRefusal.OUT_OF_SCOPE:
        abort(404)
    # What is refused is a mark on what was read: the page now shows what there is, and carries it.
    form.basis.data = None
    if refusal.code is not ReviewRefusal.CHANGED_MEANWHILE:
        talk.text.data = form.comment.data
    return _competency(case, competency_id, form, talk, refusal), 409


@bp.post("/accompagnement/<uuid:candidacy_id>/competences/<uuid:competency_id>/messages")
@candidacy_page(Permission.ADVISE)
def say(case: CandidacyCase, competency_id: UUID) -> Any:
    """Write to the candidate about a competency."""
    form = RemarkForm()
    if not form.validate():
        return _competency(case, competency_id, MarkForm(formdata=None), form), 422
    return _say(case, competency_id, form, ".competency")


@bp.get("/dossiers/<uuid:candidacy_id>/competences/<uuid:competency_id>/reponses")
@candidacy_page(Permission.ANSWER_ADVISOR)
def answering(case: CandidacyCase, competency_id: UUID) -> Any:
    """The conversation alone, with the form of the candidate's answer."""
    return _answering(case, competency_id, RemarkForm(formdata=None))


@bp.post("/dossiers/<uuid:candidacy_id>/competences/<uuid:competency_id>/reponses")
@candidacy_page(Permission.ANSWER_ADVISOR)
def answer(case: CandidacyCase, competency_id: UUID) -> Any:
    """Answer the advisor about a competency, or show the form again."""
    form = RemarkForm()
    if not form.validate():
        return _answering(case, competency_id, form), 422
    return _say(case, competency_id, form, "dossier.competency")


def _say(case: CandidacyCase, competency_id: UUID, form: RemarkForm, page: str) -> Any:
    def act(db: Session) -> str:
        services.say(db, case.id, competency_id, form.text.data or "", by=current_user.id, at=now())
        return url_for(page, candidacy_id=case.id, competency_id=competency_id, _anchor="echanges")

    try:
        return once(form.nonce.data, act)
    except Refusal as refusal:
        if refusal.code is ReviewRefusal.OUT_OF_SCOPE:
            abort(404)
        raise


def _competency(
    case: CandidacyCase, competency_id: UUID, form: MarkForm, talk: RemarkForm, refusal: Refusal | None = None
) -> str:
    page = services.find_competency_page(reading(), case.id, competency_id)
    if page is None:
        abort(404)
    if form.basis.data is None:
        form.basis.data = page.basis
    told = wording.REFUSALS[refusal.code](refusal.facts) if refusal else None
    shown = form if form.errors else talk
    words = {"words": wording, "evidence_words": evidence_words, "coverage": COVERAGE, "prompts": PROMPTS}
    return render_template("review/competency.html", page=page, marking=form, talk=talk, form=shown, refusal=told, **words)


def _answering(case: CandidacyCase, competency_id: UUID, form: RemarkForm) -> str:
    page = services.find_conversation(reading(), case.id, competency_id)
    if page is None:
        abort(404)
    return render_template("review/answering.html", page=page, form=form, words=wording)


def _blocks(page: services.DossierPage) -> list[dict[str, Any]]:
    """The matrix as its component draws it; each competency leads to the advisor's page of it."""
    return [_block(page, block) for block in page.matrix.blocks if block.asked or block.held]


def _block(page: services.DossierPage, block: MatrixBlock) -> dict[str, Any]:
    held = {"on": day(block.held.granted_on), "href": None} if block.held else None
    lines = [_line(page, line) for line in block.lines]
    return {"number": block.number, "title": block.title, "held": held, "competencies": lines}


def _line(page: services.DossierPage, line: MatrixLine) -> dict[str, Any]:
    state = line.fact.coverage.state
    return {
        "number": line.fact.label,
        "text": line.fact.text,
        "href": url_for(".competency", candidacy_id=page.candidacy_id, competency_id=line.fact.id),
        "state": wording.GLYPHS[state],
        "state_label": COVERAGE[state],
        "pieces": len(line.fact.coverage.pieces),
        "hint": wording.WAITING if line.fact.id in page.waiting else None,
    }
