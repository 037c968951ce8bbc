"""The certifier sets the day of a session, the order of passage, writes the summons, cancels the session."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import abort, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.access.decorators import session_page
from portfolio.access.jury import SessionAccess
from portfolio.access.policy import Permission
from portfolio.db.engine import close_read_session, read_session, transaction
from portfolio.domain.certification.use_cases.partners import list_sites, site_choices
from portfolio.domain.jury.models.sessions import Hearing, JurySession
from portfolio.domain.jury.models.statements import Summons
from portfolio.domain.jury.rules.passage import SummonsAnswer, moved
from portfolio.domain.jury.use_cases import letters, summons
from portfolio.domain.jury.use_cases import schedule as schedule_use_cases
from portfolio.domain.jury.use_cases.passage import order_of
from portfolio.errors import Conflict, Refusal
from portfolio.screens.certifier.letters.notices import delivery_notice
from portfolio.screens.certifier.sessions.schedule_forms import CancelForm, ScheduleForm, schedule_form
from portfolio.screens.juror.hearing.blueprint import bp
from portfolio.web.clock import now
from portfolio.web.forms import IdempotentForm
from portfolio.web.idempotency import run_once
from portfolio.wording.refusal_messages import refusals


@bp.get("/sessions/<uuid:session_id>/journee")
@session_page(Permission.MANAGE_SESSION)
def schedule(case: SessionAccess) -> ResponseReturnValue:
    """Show the form of the day."""
    return _schedule_page(case)


@bp.post("/sessions/<uuid:session_id>/journee")
@session_page(Permission.MANAGE_SESSION)
def save_schedule(case: SessionAccess) -> ResponseReturnValue:
    """Set the day, or say what prevents it and keep what was typed."""
    form = ScheduleForm(_sites(case))
    if not form.validate():
        return _schedule_page(case, form), 422
    try:
        with transaction() as db:
            schedule_use_cases.set_schedule(
                db, case.id, form.value(), revision=form.seen_revision, by=current_user.id, at=now()
            )
    except Conflict as conflict:
        close_read_session()
        form.revision.data = str(conflict.revision)
        return _schedule_page(case, form, theirs=conflict.theirs), 409
    except Refusal as refusal:
        close_read_session()
        return _schedule_page(case, form, stopped=refusals()[refusal.code](refusal.facts)), 409
    session["notice"] = "La journée est enregistrée. Aucun courrier n’est parti."
    return redirect(url_for(".session", session_id=case.id, _anchor="convocations"), 303)


@bp.post("/sessions/<uuid:session_id>/passage")
@session_page(Permission.MANAGE_SESSION)
def order_passage(case: SessionAccess) -> ResponseReturnValue:
    """Move a candidate one rank up or down in the order of passage."""
    jury = read_session().get_one(JurySession, case.id)
    order = [row.id for row in order_of(jury.hearings)]
    wanted = next((row for row in order if str(row) == request.form.get("hearing_id")), None)
    if wanted is None:
        abort(404)
    rank = order.index(wanted) + (1 if request.form.get("direction") == "down" else -1)
    text = request.form.get("revision", "")
    revision = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
    try:
        with transaction() as db:
            new_order = moved(order, wanted, rank)
            schedule_use_cases.order_hearings(
                db, case.id, new_order, revision=revision, by=current_user.id, at=now()
            )
    except Conflict:
        session["notice"] = (
            "Entre-temps, la journée a été changée par quelqu’un d’autre. Voici l’ordre d’aujourd’hui."
        )
    return redirect(url_for(".session", session_id=case.id, _anchor="candidats"), 303)


@bp.get("/sessions/<uuid:session_id>/annulation")
@session_page(Permission.MANAGE_SESSION)
def cancel_form(case: SessionAccess) -> ResponseReturnValue:
    """Show what cancelling does, and ask why."""
    return _cancel_page(case, CancelForm(formdata=None))


@bp.post("/sessions/<uuid:session_id>/annulation")
@session_page(Permission.MANAGE_SESSION)
def cancel_session(case: SessionAccess) -> ResponseReturnValue:
    """Cancel the session and write to everybody concerned."""
    form = CancelForm()
    if not form.validate():
        return _cancel_page(case, form), 422

    def act(db: Session) -> str:
        schedule_use_cases.cancel_session(db, case.id, form.reason.data or "", by=current_user.id, at=now())
        session["notice"] = f"La session est annulée. {delivery_notice(several=True)}"
        return url_for(".session", session_id=case.id)

    try:
        return run_once(form.nonce.data, act)
    except Refusal as refusal:
        close_read_session()
        return _cancel_page(case, form, refusals()[refusal.code](refusal.facts)), 409


@bp.post("/sessions/<uuid:session_id>/convocations")
@session_page(Permission.MANAGE_SESSION)
def write_summons(case: SessionAccess) -> ResponseReturnValue:
    """Write to each person who has not been written the day as it is now."""

    despite = request.form.get("despite") == "irregular"

    def act(db: Session) -> str:
        jury = db.get_one(JurySession, case.id, with_for_update=True)
        written = (
            schedule_use_cases.write_due_summons(
                db, jury, by=current_user.id, at=now(), despite_irregularity=despite
            )
            if jury.cancelled_at is None
            else 0
        )
        session["notice"] = (
            delivery_notice(several=written > 1) if written else "Personne n’attendait de courrier."
        )
        return url_for(".session", session_id=case.id, _anchor="convocations")

    return _run_once(act)


@bp.post("/sessions/<uuid:session_id>/auditions/<uuid:hearing_id>/reprise")
@session_page(Permission.MANAGE_SESSION)
def write_resumption(case: SessionAccess, hearing_id: UUID) -> ResponseReturnValue:
    """Write to a candidate and to their jury when a suspended sitting resumes."""

    def act(db: Session) -> str:
        _hearing_or_404(db, case, hearing_id)
        written = letters.write_resumption(db, hearing_id, by=current_user.id, at=now())
        session["notice"] = delivery_notice(several=True) if written else "Ce jour est déjà écrit à chacun."
        return url_for(".session", session_id=case.id, _anchor="candidats")

    return _run_once(act)


@bp.post("/sessions/<uuid:session_id>/auditions/<uuid:hearing_id>/absence")
@session_page(Permission.MANAGE_SESSION)
def write_absence(case: SessionAccess, hearing_id: UUID) -> ResponseReturnValue:
    """Write to a candidate that the jury met without them."""

    def act(db: Session) -> str:
        _hearing_or_404(db, case, hearing_id)
        letters.write_absence(db, hearing_id, by=current_user.id, at=now())
        session["notice"] = delivery_notice(several=False)
        return url_for(".session", session_id=case.id, _anchor="candidats")

    return _run_once(act)


def _hearing_or_404(db: Session, case: SessionAccess, hearing_id: UUID) -> None:
    hearing = db.get(Hearing, hearing_id)
    if hearing is None or hearing.session_id != case.id:
        abort(404)


@bp.post("/sessions/<uuid:session_id>/convocations/<uuid:summons_id>")
@session_page(Permission.MANAGE_SESSION)
def record_answer(case: SessionAccess, summons_id: UUID) -> ResponseReturnValue:
    """Record an answer that a person gave to the body, or write them a reminder."""
    asked = request.form.get("do", "")

    def act(db: Session) -> str:
        query = (
            select(Summons).where(Summons.id == summons_id, Summons.session_id == case.id).with_for_update()
        )
        row = db.scalar(query)
        if row is None:
            abort(404)
        if asked in set(SummonsAnswer):
            summons.answer_summons(db, row, SummonsAnswer(asked), by=current_user.id, at=now())
        elif letters.remind(db, row, at=now()):
            session["notice"] = delivery_notice()
        return url_for(".session", session_id=case.id, _anchor="convocations")

    return _run_once(act)


def _run_once(act: Any) -> ResponseReturnValue:
    form = IdempotentForm()
    form.validate()
    return run_once(form.nonce.data, act)


def _sites(case: SessionAccess) -> list[tuple[str, str]]:
    return list(site_choices(list_sites(read_session(), case.body_id)))


def _schedule_page(case: SessionAccess, form: ScheduleForm | None = None, **more: Any) -> str:
    jury = read_session().get_one(JurySession, case.id)
    shown = form or schedule_form(_sites(case), jury)
    return render_template("jury/schedule.html", jury=jury, form=shown, **more)


def _cancel_page(case: SessionAccess, form: CancelForm, stopped: str = "") -> str:
    jury = read_session().get_one(JurySession, case.id)
    return render_template("jury/cancel.html", jury=jury, form=form, stopped=stopped)
