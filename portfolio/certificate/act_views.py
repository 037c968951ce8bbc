"""The certifier's pages: a certificate and what is decided of it later; blocks acquired by other routes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, abort, render_template, session, url_for
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.cases import CandidacyCase
from portfolio.certificate import later_wording, services, wording
from portfolio.certificate.act_forms import AcquisitionForm, LaterForm
from portfolio.certificate.proof_views import is_confirmed, limit, proof_reception, received_document
from portfolio.certificate.rules import CertificateRefusal
from portfolio.db import reading, transaction
from portfolio.evidence.views.desk import once_kept, status_of
from portfolio.evidence.views.originals import send_checked
from portfolio.guards import candidacy_page
from portfolio.policy import Permission
from portfolio.refusal import Refusal
from portfolio.web.clock import now

bp = Blueprint("acts", __name__)


@bp.get("/candidatures/<uuid:candidacy_id>/certificats/<certificate_number>")
@candidacy_page(Permission.MANAGE_CANDIDACY)
def certificate(case: CandidacyCase, certificate_number: str) -> Any:
    """Show a certificate to its certifier, where it stands and what was decided of it."""
    return _certificate(case, certificate_number, LaterForm(formdata=None))


def _certificate(case: CandidacyCase, number: str, form: LaterForm, stopped: str = "") -> str:
    page = services.certificate_page(reading(), case.id, number) or abort(404)
    return render_template("certificate/later.html", case=case, page=page, form=form, say=wording, stopped=stopped)


@bp.post("/candidatures/<uuid:candidacy_id>/certificats/<certificate_number>")
@candidacy_page(Permission.MANAGE_CANDIDACY)
def decide(case: CandidacyCase, certificate_number: str) -> Any:
    """Show what a later act would change, then record it once confirmed; or say what forbids it. What was typed stays."""
    page = services.certificate_page(reading(), case.id, certificate_number) or abort(404)
    form = LaterForm()
    step, form.step.data = form.step.data, "look"
    if step == "edit":
        return _certificate(case, certificate_number, form)
    form.validate()
    asked = list(form.password.errors)
    if not form.ask_later():
        return _certificate(case, certificate_number, form), 422
    try:
        if step != "confirm":
            return _foreseen(case, page, form)
        form.password.errors = asked
        return _decided(case, page, form) if is_confirmed(form) else (_foreseen(case, page, form), 422)
    except Refusal as refusal:
        sentence = later_wording.REFUSALS[CertificateRefusal(refusal.code)](refusal.facts)
        return _certificate(case, certificate_number, form, sentence), 409


def _foreseen(case: CandidacyCase, page: services.CertificatePage, form: LaterForm) -> str:
    with transaction() as db:
        changes = services.foresee(db, page.grant_id, form.value(), by=current_user.id, at=now())
    shown = {"changes": changes, "say": wording, "limit": limit()}
    return render_template("certificate/confirming.html", case=case, page=page, form=form, **shown)


def _decided(case: CandidacyCase, page: services.CertificatePage, form: LaterForm) -> Any:
    with proof_reception() as opened:
        proof = received_document(opened, form)
        if proof is None:
            return _foreseen(case, page, form), status_of(form.proof)

        def act(db: Session) -> str:
            services.decide_later(db, page.grant_id, form.value(), proof, by=current_user.id, at=now())
            return url_for(".certificate", candidacy_id=case.id, certificate_number=page.number)

        response = once_kept(opened, form.nonce.data, act)
    session["notice"] = "La décision est enregistrée."
    return response


@bp.get("/candidatures/<uuid:candidacy_id>/acquis")
@candidacy_page(Permission.MANAGE_CANDIDACY)
def acquisitions(case: CandidacyCase) -> Any:
    """Show the blocks acquired by other routes, and the form that adds one."""
    return _acquisitions(case, AcquisitionForm(_blocks(case), formdata=None))


def _blocks(case: CandidacyCase) -> list[tuple[UUID, str]]:
    told = services.explain(reading(), case.id).answers
    return [(one.block.id, f"Bloc {one.block.number} : {one.block.title}") for one in told]


def _acquisitions(case: CandidacyCase, form: AcquisitionForm, stopped: str = "") -> str:
    lines = services.acquisitions(reading(), case.id)
    told = services.explain(reading(), case.id).answers
    form.lock({one.block.id for one in told if one.granted})
    shown = {
        "limit": limit(),
        "held": [wording.sentence(one) for one in told if one.granted],
        "stopped": stopped,
    }
    return render_template("certificate/acquisitions.html", case=case, lines=lines, form=form, **shown)


@bp.post("/candidatures/<uuid:candidacy_id>/acquis")
@candidacy_page(Permission.MANAGE_CANDIDACY)
def acquire(case: CandidacyCase) -> Any:
    """Record a block acquired by another route with its proof, or say why not; what was typed stays."""
    form = AcquisitionForm(_blocks(case))
    if not form.validate():
        form.check_proof()
        return _acquisitions(case, form), 422
    if not is_confirmed(form):
        return _acquisitions(case, form), 422
    said = form.value()
    with proof_reception() as opened:
        proof = received_document(opened, form)
        if proof is None:
            return _acquisitions(case, form), status_of(form.proof)

        def act(db: Session) -> str:
            services.record_acquisition(db, case.id, said, proof, by=current_user.id, at=now())
            return url_for(".acquisitions", candidacy_id=case.id)

        try:
            response = once_kept(opened, form.nonce.data, act)
        except Refusal as refusal:
            sentence = later_wording.REFUSALS[CertificateRefusal(refusal.code)](refusal.facts)
            return _acquisitions(case, form, sentence), 409
    session["notice"] = "Le bloc est acquis, avec son certificat."
    return response


@bp.get("/candidatures/<uuid:candidacy_id>/acquis/<uuid:acquisition_id>/preuve")
@candidacy_page(Permission.MANAGE_CANDIDACY)
def proof(case: CandidacyCase, acquisition_id: UUID) -> Any:
    """Send the proof of an acquisition, as an attachment only (trust.md §3), without the place that a photograph tells."""
    line = next((one for one in services.acquisitions(reading(), case.id) if one.id == acquisition_id), None) or abort(404)
    return send_checked(line.file_key, line.file_name, line.file_mime, line.file_size)


@bp.get("/candidatures/<uuid:candidacy_id>/certificats/<certificate_number>/preuves/<uuid:act_id>")
@candidacy_page(Permission.MANAGE_CANDIDACY)
def act_proof(case: CandidacyCase, certificate_number: str, act_id: UUID) -> Any:
    """Send the proof of a later act, as an attachment only, without the place that a photograph tells."""
    page = services.certificate_page(reading(), case.id, certificate_number) or abort(404)
    file = next((line.proof for line in page.acts if line.id == act_id and line.proof), None) or abort(404)
    return send_checked(file.key, file.name, file.mime, file.size)
