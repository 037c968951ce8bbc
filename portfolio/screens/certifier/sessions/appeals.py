"""Appeals against what a jury decided: registered with their clock, answered, and their file in one
archive.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, abort, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.decorators import hearing_page
from portfolio.access.jury import HearingAccess
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session
from portfolio.domain.holdings.use_cases import appeals
from portfolio.domain.jury.use_cases.minutes import load_minutes_page
from portfolio.errors import Refusal
from portfolio.screens.certifier.certificates.contest_forms import AppealAnswerForm, AppealForm
from portfolio.screens.certifier.certificates.proof_upload import limit, proof_upload_batch, store_proof
from portfolio.screens.certifier.control.archive import DIGESTS, appeal_archive
from portfolio.screens.evidence_files.downloads import send_scanned
from portfolio.screens.evidence_files.upload_forms import error_status, run_once_with_files
from portfolio.screens.juror.hearing.blueprint import bp
from portfolio.web.archives import zip_response
from portfolio.web.clock import now, today
from portfolio.web.idempotency import run_once
from portfolio.wording import refusal_messages
from portfolio.wording.holdings import contests as words


@bp.get("/jurys/<uuid:hearing_id>/recours")
@hearing_page(Permission.RECORD_PAPER)
def appeal_list(case: HearingAccess) -> ResponseReturnValue:
    """Show the appeals against the minutes of a hearing, and the form that registers one."""
    return redirect(url_for(".presence", hearing_id=case.id), 303) if case.closed_at is None else _page(case)


@bp.post("/jurys/<uuid:hearing_id>/recours")
@hearing_page(Permission.RECORD_PAPER)
def register_appeal(case: HearingAccess) -> ResponseReturnValue:
    """Register an appeal, with the file that was received if there is one."""
    if case.closed_at is None:
        return redirect(url_for(".presence", hearing_id=case.id), 303)
    form = AppealForm()
    if not form.validate():
        return _page(case, registering=form), 422
    with proof_upload_batch() as opened:
        brings = bool(form.proof.data and form.proof.data.filename)
        proof = store_proof(opened, form) if brings else None
        if brings and proof is None:
            return _page(case, registering=form), error_status(form.proof)

        def act(db: Session) -> str:
            appeals.register(db, case.id, form.to_value(), proof, by=current_user.id, at=now())
            return url_for(".appeal_list", hearing_id=case.id)

        try:
            response = run_once_with_files(opened, form.nonce.data, act)
        except Refusal as refusal:
            return _page(
                case, registering=form, stopped=refusal_messages.refusals()[refusal.code](refusal.facts)
            ), 409
    session["notice"] = "Le recours est enregistré."
    return response


@bp.post("/jurys/<uuid:hearing_id>/recours/<uuid:appeal_id>")
@hearing_page(Permission.RECORD_PAPER)
def answer_appeal(case: HearingAccess, appeal_id: UUID) -> ResponseReturnValue:
    """Record how an appeal ended."""
    if all(details.appeal.id != appeal_id for details in appeals.list_appeals(read_session(), case.id)):
        abort(404)
    form = AppealAnswerForm()
    if not form.validate():
        return _page(case, answering=form), 422
    typed: dict[str, Any] = form.data

    def act(db: Session) -> str:
        said = (typed["outcome"], typed["answered_on"], typed["text"])
        appeals.answer(db, case.id, appeal_id, *said, by=current_user.id, at=now())
        return url_for(".appeal_list", hearing_id=case.id)

    try:
        response = run_once(form.nonce.data, act)
    except Refusal as refusal:
        return _page(
            case, answering=form, stopped=refusal_messages.refusals()[refusal.code](refusal.facts)
        ), 409
    session["notice"] = "La réponse au recours est enregistrée."
    return response


@bp.get("/jurys/<uuid:hearing_id>/recours/<uuid:appeal_id>/document")
@hearing_page(Permission.RECORD_PAPER)
def appeal_file(case: HearingAccess, appeal_id: UUID) -> ResponseReturnValue:
    """Send the appeal as it was received."""
    rows = (
        appeal.appeal
        for appeal in appeals.list_appeals(read_session(), case.id)
        if appeal.appeal.id == appeal_id
    )
    row = next((row for row in rows if row.file_key), None) or abort(404)
    return send_scanned(row.file_key or "", row.file_name or "", row.file_mime or "", row.file_size or 0)


@bp.get("/jurys/<uuid:hearing_id>/recours/dossier.zip")
@hearing_page(Permission.RECORD_PAPER)
def appeal_file_archive(case: HearingAccess) -> Response:
    """Send the file of the appeals: sealed dossier, composition, declarations, minutes, letters, dates; 404
    without an appeal.

    A body does not read a sealed dossier: an appeal that it must answer is what gives it a reason.
    """
    if not appeals.list_appeals(read_session(), case.id):
        abort(404)
    return zip_response(*appeal_archive(case.id), digests=DIGESTS)


def _page(case: HearingAccess, **more: Any) -> str:
    shown = {
        "registering": AppealForm(formdata=None),
        "answering": AppealAnswerForm(formdata=None),
        "page": load_minutes_page(read_session(), case.id),
        "appeals": appeals.list_appeals(read_session(), case.id),
    } | more
    return render_template("jury/appeals.html", words=words, today=today(), limit=limit(), **shown)
