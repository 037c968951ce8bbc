"""Members before one candidate: they declare or recuse, attest having read; who is there; signed forms."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import abort, redirect, render_template, session, url_for
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.assessment import wording as assessing
from portfolio.assessment.forms import DefenceForm
from portfolio.assessment.rules import AssessmentRefusal
from portfolio.cases import HearingCase
from portfolio.db import reading
from portfolio.evidence.views.desk import once_kept, received, status_of
from portfolio.guards import hearing_page
from portfolio.jury import services, wording
from portfolio.jury.forms import DeclarationForm, PaperForm, PresenceForm, ReadingForm
from portfolio.jury.rules import JurorStep, JuryRefusal, Said, StatementKind
from portfolio.jury.services import defence
from portfolio.jury.views.blueprint import bp
from portfolio.jury.views.reading import hearing_page_of
from portfolio.jury.views.receiving import desk, limit, sent
from portfolio.policy import Permission
from portfolio.refusal import Refusal
from portfolio.web.clock import now, today
from portfolio.web.once import once


@bp.get("/jurys/<uuid:hearing_id>/declaration")
@hearing_page(Permission.SIT)
def declaration(case: HearingCase) -> Any:
    """Show what a member declares before reading anything; once declared, what was declared."""
    return _declaration(case)


@bp.post("/jurys/<uuid:hearing_id>/declaration")
@hearing_page(Permission.SIT)
def declare(case: HearingCase) -> Any:
    """Keep the declaration; a recusal is asked to be confirmed first."""
    form = DeclarationForm(services.sitting_page(reading(), case.id).candidate)
    if not form.validate():
        return _declaration(case, form), 422
    if form.recuses:
        return redirect(url_for(".recusal", hearing_id=case.id), 303)

    def act(db: Session) -> str:
        services.state(db, case.id, form.said(current_user.id), by=current_user.id, at=now())
        return url_for(".hearing", hearing_id=case.id)

    return once(form.nonce.data, act)


def _declaration(case: HearingCase, form: DeclarationForm | None = None) -> str:
    page = services.sitting_page(reading(), case.id)
    own = page.member(current_user.id)
    assert own is not None
    shown = form or DeclarationForm(page.candidate, formdata=None)
    return render_template("jury/declaration.html", page=page, own=own, form=shown, say=wording, steps=JurorStep)


@bp.post("/jurys/<uuid:hearing_id>/lecture")
@hearing_page(Permission.READ_HEARING)
def attest(case: HearingCase) -> Any:
    """Keep the attestation of having read (J13), once its sentence is ticked."""
    page = services.sitting_page(reading(), case.id)
    form = ReadingForm(page.candidate, is_record=page.is_record)
    if not form.validate():
        return hearing_page_of(case, form), 422

    def act(db: Session) -> str:
        services.state(db, case.id, Said(current_user.id, StatementKind.READ), by=current_user.id, at=now())
        return url_for(".hearing", hearing_id=case.id)

    response = once(form.nonce.data, act)
    session["notice"] = "Votre lecture est attestée."
    return response


@bp.get("/jurys/<uuid:hearing_id>/presence")
@hearing_page(Permission.CHECK_PRESENCE)
def presence(case: HearingCase) -> Any:
    """Show how far each member is, and who is there."""
    return _presence(case)


@bp.post("/jurys/<uuid:hearing_id>/presence")
@hearing_page(Permission.CHECK_PRESENCE)
def check_presence(case: HearingCase) -> Any:
    """Keep who is there, and whether the candidate came."""
    form = PresenceForm(services.sitting_page(reading(), case.id).sitting)
    if not form.validate():
        return _presence(case, form), 422
    attendance: Any = form.attendance.data

    def act(db: Session) -> str:
        services.check_presence(db, case.id, form.present.data or [], attendance, by=current_user.id, at=now())
        return url_for(".presence", hearing_id=case.id)

    try:
        response = once(form.nonce.data, act)
    except Refusal as refusal:
        return _presence(case, form, stopped=wording.REFUSALS[JuryRefusal(refusal.code)](refusal.facts)), 409
    session["notice"] = "Les présences sont enregistrées."
    return response


def _presence(case: HearingCase, form: PresenceForm | None = None, **more: Any) -> str:
    page = services.sitting_page(reading(), case.id)
    there = [one.person for one in page.sitting if one.present]
    shown = form or PresenceForm(page.sitting, formdata=None, present=there, attendance=page.attendance)
    lasted = page.defence or page.defence_planned
    initial = {"presentation": str(lasted.presentation), "questions": str(lasted.questions)} if lasted else {}
    more = {"defending_form": DefenceForm(formdata=None, data=initial)} | more
    names = {"assessing": assessing, "say": wording, "today": today()}
    return render_template("jury/presence.html", page=page, case=case, form=shown, **names, **more)


@bp.post("/jurys/<uuid:hearing_id>/soutenance")
@hearing_page(Permission.CHECK_PRESENCE)
def record_defence(case: HearingCase) -> Any:
    """Keep how long the defence lasted, or say what forbids it."""
    form = DefenceForm()
    if not form.validate():
        return _presence(case, defending_form=form), 422

    def act(db: Session) -> str:
        defence.record_defence(db, case.id, form.value(), by=current_user.id, at=now())
        return url_for(".presence", hearing_id=case.id)

    try:
        response = once(form.nonce.data, act)
    except Refusal as refusal:
        sentence = assessing.REFUSALS[AssessmentRefusal(refusal.code)](refusal.facts)
        return _presence(case, defending_form=form, refused=sentence), 409
    session["notice"] = "La soutenance est enregistrée."
    return response


@bp.get("/jurys/<uuid:hearing_id>/formulaire")
@hearing_page(Permission.RECORD_PAPER)
def paper(case: HearingCase) -> Any:
    """Show the form that records what a member signed on paper."""
    page = services.sitting_page(reading(), case.id)
    return _paper(case, PaperForm(page.sitting, today(), formdata=None))


@bp.post("/jurys/<uuid:hearing_id>/formulaire")
@hearing_page(Permission.RECORD_PAPER)
def record_paper(case: HearingCase) -> Any:
    """Keep a signed form, with its scan: whose it is, and what it says."""
    form = PaperForm(services.sitting_page(reading(), case.id).sitting, today())
    if not form.validate():
        return _paper(case, form), 422
    with desk() as opened:
        scan = received(opened, form.scan, form.scan.data)
        if scan is None:
            return _paper(case, form), status_of(form.scan)

        def act(db: Session) -> str:
            for said in form.said():
                services.state(db, case.id, said, scan, by=current_user.id, at=now())
            return url_for(".presence", hearing_id=case.id)

        try:
            response = once_kept(opened, form.nonce.data, act)
        except Refusal as refusal:
            return _paper(case, form, stopped=wording.REFUSALS[JuryRefusal(refusal.code)](refusal.facts)), 409
    session["notice"] = "Le formulaire signé est enregistré."
    return response


def _paper(case: HearingCase, form: PaperForm, **more: Any) -> str:
    page = services.sitting_page(reading(), case.id)
    return render_template("jury/paper.html", page=page, form=form, limit=limit(), say=wording, **more)


@bp.get("/jurys/<uuid:hearing_id>/formulaires/<uuid:paper_id>")
@hearing_page(Permission.RECORD_PAPER)
def paper_file(case: HearingCase, paper_id: UUID) -> Any:
    """Send the scan of a signed form."""
    kept = services.find_signed_form(reading(), case.id, paper_id)
    if kept is None:
        abort(404)
    return sent(kept)
