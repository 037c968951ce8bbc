"""The candidate asks third parties, and follows what becomes of it; the certifier sees where each request stands."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import abort, current_app, redirect, render_template, session, url_for
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.attestation import services, wording
from portfolio.attestation.forms import AskingForm, NothingForm
from portfolio.attestation.rules import AttestationRefusal
from portfolio.attestation.services import RequestPage
from portfolio.attestation.views.blueprint import bp
from portfolio.cases import CandidacyCase
from portfolio.db import end_reading, reading, transaction
from portfolio.dossier.services import matrix_of
from portfolio.evidence.services import experience_choices, forget_file
from portfolio.guards import candidacy_page
from portfolio.policy import Permission
from portfolio.refusal import Refusal
from portfolio.web.clock import now, today
from portfolio.web.once import once

_ABOUT_THE_ADDRESS = {AttestationRefusal.OWN_ADDRESS, AttestationRefusal.ALREADY_ASKED}


@bp.get("/dossiers/<uuid:candidacy_id>/attestations")
@candidacy_page(Permission.READ_DRAFT)
def requests(case: CandidacyCase) -> Any:
    """Every request, and where it stands."""
    found = services.list_requests(reading(), case.id, now())
    return render_template("attestation/requests.html", case=case, requests=found, words=wording)


@bp.get("/dossiers/<uuid:candidacy_id>/attestations/demander")
@candidacy_page(Permission.EDIT_DRAFT)
def asking(case: CandidacyCase) -> Any:
    """Show the form that asks a third party."""
    return _asking(case, _form(case, formdata=None))


@bp.post("/dossiers/<uuid:candidacy_id>/attestations/demander")
@candidacy_page(Permission.EDIT_DRAFT)
def ask(case: CandidacyCase) -> Any:
    """Ask a third party, and write to them."""
    form = _form(case)
    if not form.validate():
        return _asking(case, form), 422
    life = timedelta(days=current_app.config["SETTINGS"].attestation_days)

    def act(db: Session) -> str:
        made = services.ask(db, case.id, form.value(), life, by=current_user.id, at=now())
        return url_for(".request_page", candidacy_id=case.id, request_id=made)

    try:
        response = once(form.nonce.data, act)
    except Refusal as refusal:
        if refusal.code not in {*_ABOUT_THE_ADDRESS, AttestationRefusal.TOO_MANY_WAIT}:
            raise
        sentence = wording.REFUSALS[AttestationRefusal(refusal.code)](refusal.facts)
        if refusal.code in _ABOUT_THE_ADDRESS:
            form.email.errors = [sentence]
            return _asking(case, form), 422
        form.form_errors.append(sentence)
        return _asking(case, form), 409
    session["notice"] = wording.asked_words(has_server=current_app.config["SETTINGS"].smtp is not None)
    return response


@bp.get("/dossiers/<uuid:candidacy_id>/attestations/<uuid:request_id>")
@candidacy_page(Permission.READ_DRAFT)
def request_page(case: CandidacyCase, request_id: UUID) -> Any:
    """One request: what was asked, where it stands, what can be done."""
    form = NothingForm(formdata=None)
    return render_template("attestation/request.html", case=case, page=_found(case, request_id), form=form, words=wording)


@bp.post("/dossiers/<uuid:candidacy_id>/attestations/<uuid:request_id>/relancer")
@candidacy_page(Permission.FOLLOW_REQUESTS)
def remind(case: CandidacyCase, request_id: UUID) -> Any:
    """Write to the third party again."""
    with transaction() as db:
        services.remind(db, case.id, request_id, by=current_user.id, at=now())
    session["notice"] = "Un rappel est parti."
    return redirect(url_for(".request_page", candidacy_id=case.id, request_id=request_id), 303)


@bp.get("/dossiers/<uuid:candidacy_id>/attestations/<uuid:request_id>/retirer")
@candidacy_page(Permission.FOLLOW_REQUESTS)
def leave(case: CandidacyCase, request_id: UUID) -> Any:
    """Ask before a request is taken back."""
    form = NothingForm(formdata=None)
    return render_template("attestation/withdraw.html", case=case, page=_found(case, request_id), form=form)


@bp.post("/dossiers/<uuid:candidacy_id>/attestations/<uuid:request_id>/retirer")
@candidacy_page(Permission.FOLLOW_REQUESTS)
def withdraw(case: CandidacyCase, request_id: UUID) -> Any:
    """Take a request back: its link no longer works."""
    with transaction() as db:
        key = services.withdraw(db, case.id, request_id, by=current_user.id, at=now())
    forget_file(current_app.extensions["files"], key)
    session["notice"] = "La demande est retirée. Son lien ne fonctionne plus."
    return redirect(url_for(".requests", candidacy_id=case.id), 303)


@bp.get("/candidatures/<uuid:candidacy_id>/attestations")
@candidacy_page(Permission.MANAGE_CANDIDACY)
def followed(case: CandidacyCase) -> Any:
    """Where each request of a candidacy stands, for the certifier: no text, asked or written."""
    found = services.list_requests(reading(), case.id, now())
    return render_template("attestation/followed.html", case=case, requests=found, words=wording)


def _form(case: CandidacyCase, **more: Any) -> AskingForm:
    choices = experience_choices(reading(), case.id)
    lines = [line.fact for block in matrix_of(reading(), case.id).blocks for line in block.lines]
    competencies = [(one.id, f"{one.label} {one.text}") for one in lines]
    return AskingForm(choices, competencies, today(), **more)


def _asking(case: CandidacyCase, form: AskingForm) -> str:
    end_reading()
    return render_template("attestation/ask.html", case=case, form=form, days=current_app.config["SETTINGS"].attestation_days)


def _found(case: CandidacyCase, request_id: UUID) -> RequestPage:
    return services.find_request(reading(), case.id, request_id, now()) or abort(404)
