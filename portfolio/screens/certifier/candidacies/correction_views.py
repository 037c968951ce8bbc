"""Correct a candidacy, close it, open it again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session
from portfolio.domain.candidacy.rules.opening import CandidacyRefusal
from portfolio.domain.candidacy.rules.stage import is_closed
from portfolio.domain.candidacy.use_cases import corrections
from portfolio.errors import Refusal
from portfolio.screens.certifier.candidacies import queries
from portfolio.screens.certifier.candidacies.forms import ClosureForm, CorrectionForm
from portfolio.screens.certifier.candidacies.views import bp
from portfolio.screens.certifier.letters.notices import delivery_notice
from portfolio.web.clock import now
from portfolio.web.idempotency import run_once
from portfolio.wording.candidacy import CLOSURES, REFUSALS


def _blocks(page: queries.CandidacyPageData) -> list[tuple[UUID, str]]:
    return [(block.id, f"Bloc {block.number} : {block.title}") for block in page.candidacy.version.blocks]


@bp.get("/candidatures/<uuid:candidacy_id>/corriger")
@candidacy_page(Permission.MANAGE_CANDIDACY)
def correction_form(case: CandidacyAccess) -> ResponseReturnValue:
    """Show what can still be corrected of a candidacy."""
    page = queries.load_candidacy_page(read_session(), case.id)
    now_typed = {
        "candidate_name": page.row.candidate,
        "candidate_email": page.row.email,
        "scope": page.candidacy.scope,
        "block_ids": [block.id for block in page.blocks],
    }
    return _correction_page(page, CorrectionForm(_blocks(page), formdata=None, **now_typed))


def _correction_page(page: queries.CandidacyPageData, form: CorrectionForm, stopped: str = "") -> str:
    reader = read_session()
    return render_template(
        "candidacy/correction.html",
        page=page,
        form=form,
        stopped=stopped,
        email_is_open=corrections.may_correct_email(reader, page.candidacy),
        scope_is_open=corrections.may_correct_scope(reader, page.candidacy.id),
    )


@bp.post("/candidatures/<uuid:candidacy_id>/corriger")
@candidacy_page(Permission.MANAGE_CANDIDACY)
def correct(case: CandidacyAccess) -> ResponseReturnValue:
    """Correct a candidacy, or say what no longer changes; what was typed stays."""
    page = queries.load_candidacy_page(read_session(), case.id)
    form = CorrectionForm(_blocks(page))
    if not form.validate():
        return _correction_page(page, form), 422
    value = form.value()

    def act(db: Session) -> str:
        corrections.correct_candidacy(db, case.id, value, by=current_user.id, at=now())
        return url_for(".candidacy", candidacy_id=case.id)

    try:
        response: ResponseReturnValue = run_once(form.nonce.data, act)
    except Refusal as refusal:
        page = queries.load_candidacy_page(read_session(), case.id)
        return _correction_page(page, form, REFUSALS[CandidacyRefusal(refusal.code)](refusal.facts)), 409
    has_moved = value.candidate.email.strip().casefold() != page.row.email
    session["notice"] = "La candidature est corrigée." + (f" {delivery_notice()}" if has_moved else "")
    return response


@bp.get("/candidatures/<uuid:candidacy_id>/fermeture")
@candidacy_page(Permission.MANAGE_CANDIDACY)
def closure_form(case: CandidacyAccess) -> ResponseReturnValue:
    """Show the form that closes a candidacy, or opens it again."""
    return _closure_page(case, ClosureForm(_is_closed(case), formdata=None))


def _is_closed(case: CandidacyAccess) -> bool:
    last = corrections.find_last_closure(read_session(), case.id)
    return is_closed(last.kind if last else None)


def _closure_page(case: CandidacyAccess, form: ClosureForm, stopped: str = "") -> str:
    page = queries.load_candidacy_page(read_session(), case.id)
    last = corrections.find_last_closure(read_session(), case.id)
    words = {"closures": CLOSURES, "is_closed": is_closed(last.kind if last else None)}
    return render_template(
        "candidacy/closure.html", page=page, form=form, last=last, stopped=stopped, **words
    )


@bp.post("/candidatures/<uuid:candidacy_id>/fermeture")
@candidacy_page(Permission.MANAGE_CANDIDACY)
def close_candidacy(case: CandidacyAccess) -> ResponseReturnValue:
    """Record that a candidacy is closed, abandoned or opened again, with its reason."""
    form = ClosureForm(_is_closed(case))
    if not form.validate():
        return _closure_page(case, form), 422
    kind: Any = form.kind.data

    def act(db: Session) -> str:
        corrections.record_closure(db, case.id, kind, form.reason.data, by=current_user.id, at=now())
        return url_for(".candidacy", candidacy_id=case.id)

    try:
        response: ResponseReturnValue = run_once(form.nonce.data, act)
    except Refusal as refusal:
        return _closure_page(case, form, REFUSALS[CandidacyRefusal(refusal.code)](refusal.facts)), 409
    session["notice"] = f"C’est enregistré. La personne lira le motif. {delivery_notice()}"
    return response
