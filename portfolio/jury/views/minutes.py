"""The president reads the minutes through and signs; later, someone may rectify them by another entry (R12)."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, session, url_for
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.assessment import wording as assessing
from portfolio.cases import HearingCase
from portfolio.certificate import wording as grants
from portfolio.db import reading
from portfolio.guards import hearing_page
from portfolio.jury import services, wording
from portfolio.jury.forms import ClosingForm, RectificationForm
from portfolio.jury.rules import JuryRefusal
from portfolio.jury.views.blueprint import bp
from portfolio.jury.views.deciding import preview_of, sentence
from portfolio.jury.views.signing import signature_fault
from portfolio.policy import Permission, allows
from portfolio.refusal import Refusal
from portfolio.web.clock import now
from portfolio.web.once import once


@bp.get("/jurys/<uuid:hearing_id>/cloture")
@hearing_page(Permission.DECIDE)
def closing(case: HearingCase) -> Any:
    """Show the minutes that are about to become final, and ask for the president's signature."""
    if case.closed_at is not None:
        return redirect(url_for(".result", hearing_id=case.id), 303)
    return preview_of(case, "jury/closing.html", form=ClosingForm(formdata=None))


@bp.post("/jurys/<uuid:hearing_id>/cloture")
@hearing_page(Permission.DECIDE)
def close(case: HearingCase) -> Any:
    """Sign and close the minutes; a second click goes where the first one led."""
    form = ClosingForm()
    if not form.validate():
        return preview_of(case, "jury/closing.html", form=form), 422
    if fault := signature_fault(form.password.data or ""):
        form.password.errors = [fault]
        return preview_of(case, "jury/closing.html", form=form), 422

    def act(db: Session) -> str:
        services.close(db, case.id, by=current_user.id, at=now())
        return url_for(".result", hearing_id=case.id)

    try:
        return once(form.nonce.data, act)
    except Refusal as refusal:
        if refusal.code is JuryRefusal.ALREADY_CLOSED:
            return _minutes(case, stopped=sentence(refusal)), 409
        return preview_of(case, "jury/closing.html", form=form, stopped=sentence(refusal)), 409


@bp.get("/jurys/<uuid:hearing_id>/resultat")
@hearing_page(Permission.READ_MINUTES)
def result(case: HearingCase) -> Any:
    """Show the closed minutes: what was decided, and what it granted."""
    if case.closed_at is None:
        return redirect(url_for(".preview" if case.is_juror else ".presence", hearing_id=case.id), 303)
    return _minutes(case)


def _minutes(case: HearingCase, **more: Any) -> str:
    page = services.read_minutes(reading(), case.id)
    may_rectify = allows(case.standing, Permission.RECTIFY)
    names = {"say": wording, "grants": grants, "assessing": assessing}
    return render_template("jury/result.html", page=page, case=case, may_rectify=may_rectify, **names, **more)


@bp.get("/jurys/<uuid:hearing_id>/rectification")
@hearing_page(Permission.RECTIFY)
def rectification(case: HearingCase) -> Any:
    """Show the form that rectifies closed minutes."""
    if case.closed_at is None:
        raise Refusal(JuryRefusal.STILL_OPEN)
    return _rectification(case, RectificationForm(formdata=None))


@bp.post("/jurys/<uuid:hearing_id>/rectification")
@hearing_page(Permission.RECTIFY)
def rectify(case: HearingCase) -> Any:
    """Write a later entry beside the minutes, which do not change."""
    if case.closed_at is None:
        raise Refusal(JuryRefusal.STILL_OPEN)
    form = RectificationForm()
    if not form.validate():
        return _rectification(case, form), 422

    def act(db: Session) -> str:
        services.rectify(db, case.id, form.text.data or "", by=current_user.id, at=now())
        return url_for(".result", hearing_id=case.id, _anchor="rectifications")

    response = once(form.nonce.data, act)
    session["notice"] = "La rectification est inscrite à la suite du procès-verbal."
    return response


def _rectification(case: HearingCase, form: RectificationForm) -> str:
    page = services.read_minutes(reading(), case.id)
    return render_template("jury/rectification.html", page=page, form=form)
