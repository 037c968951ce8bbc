"""The pieces of a dossier: the list, one piece, what it says about itself."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from flask import abort, redirect, render_template, session, url_for
from flask_login import current_user

from portfolio.attestation import wording as attesting
from portfolio.attestation.views.proofs import proofs_for
from portfolio.cases import CandidacyCase
from portfolio.db import reading, transaction
from portfolio.dossier.forms import ConfirmForm
from portfolio.evidence import services, wording
from portfolio.evidence.forms import DescriptionForm
from portfolio.evidence.rendering.codes import pages_of
from portfolio.evidence.rules import EvidenceRefusal, Touch
from portfolio.evidence.services import PiecePage
from portfolio.evidence.services.leaves import pages_hiding_text
from portfolio.evidence.views.blueprint import bp
from portfolio.evidence.views.originals import told_to_owner
from portfolio.guards import candidacy_page
from portfolio.policy import Permission
from portfolio.refusal import Conflict, Refusal
from portfolio.storage.wording import FAMILIES
from portfolio.web.clock import now, today


@bp.get("/dossiers/<uuid:candidacy_id>/preuves")
@candidacy_page(Permission.READ_DRAFT)
def pieces(case: CandidacyCase) -> Any:
    """Every piece, with what it lacks and the competencies it serves."""
    found = services.list_pieces(reading(), case.id)
    proofs = proofs_for(case.id, [(line.view.piece.kind, line.view.sha256) for line in found])
    shown = {"words": wording, "families": FAMILIES, "proofs": proofs, "attesting": attesting}
    return render_template("evidence/pieces.html", case=case, pieces=found, **shown)


@bp.get("/dossiers/<uuid:candidacy_id>/preuves/<uuid:evidence_id>")
@candidacy_page(Permission.READ_DRAFT)
def piece(case: CandidacyCase, evidence_id: UUID) -> Any:
    """One piece: its cover note, its file, the competencies it shows, a few gentle remarks."""
    page = _found(case, evidence_id)
    proof = proofs_for(case.id, [(page.said.kind, page.view.sha256)]).get(page.view.sha256)
    file = page.files[0]
    shared = told_to_owner(file.key, file.mime, pages_of(file.mime, file.pages)) if case.is_candidate else ""
    hiding = pages_hiding_text(reading(), file.key) if case.is_candidate else []
    may = {touch.value: case.is_editable and page.stays_for(touch) is None for touch in Touch}
    shown = {"words": wording, "families": FAMILIES, "proof": proof, "attesting": attesting, "may": may, "shared": shared}
    shown["hiding"] = hiding
    return render_template("evidence/piece.html", case=case, page=page, **shown)


@bp.route("/dossiers/<uuid:candidacy_id>/preuves/<uuid:evidence_id>/description", methods=["GET", "POST"])
@candidacy_page(Permission.EDIT_DRAFT)
def describe(case: CandidacyCase, evidence_id: UUID) -> Any:
    """Say what a piece is: its cover note."""
    page = may_change(_found(case, evidence_id))
    choices = services.experience_choices(reading(), case.id)
    form = DescriptionForm(choices, today(), data=asdict(page.said) | {"revision": str(page.view.revision)})
    if not form.validate_on_submit():
        return _description(case, page, form), 422 if form.is_submitted() else 200
    try:
        with transaction() as db:
            services.describe_piece(db, case.id, evidence_id, form.value(), form.seen_revision, by=current_user.id, at=now())
    except Conflict as conflict:
        form.revision.data = str(conflict.revision)
        return _description(case, page, form, conflict), 409
    session["notice"] = "La description est enregistrée."
    return redirect(url_for(".piece", candidacy_id=case.id, evidence_id=evidence_id), 303)


@bp.get("/dossiers/<uuid:candidacy_id>/preuves/<uuid:evidence_id>/retirer")
@candidacy_page(Permission.EDIT_DRAFT)
def leave(case: CandidacyCase, evidence_id: UUID) -> Any:
    """Ask before a piece is taken away."""
    page = _may(Touch.REMOVE, _found(case, evidence_id))
    return render_template("evidence/remove.html", case=case, page=page, form=ConfirmForm(formdata=None))


@bp.post("/dossiers/<uuid:candidacy_id>/preuves/<uuid:evidence_id>/retirer")
@candidacy_page(Permission.EDIT_DRAFT)
def remove(case: CandidacyCase, evidence_id: UUID) -> Any:
    """Take a piece away, with what is said of it."""
    with transaction() as db:
        services.remove_piece(db, case.id, evidence_id, by=current_user.id, at=now())
    session["notice"] = "La pièce est retirée de votre dossier."
    return redirect(url_for(".pieces", candidacy_id=case.id), 303)


def may_change(page: PiecePage) -> PiecePage:
    """Let a piece of the candidate's own through; raises Refusal: a third party signed it, or its block is suspended."""
    if page.collected:
        raise Refusal(EvidenceRefusal.COLLECTED)
    return _may(Touch.CHANGE, page)


def _may(touch: Touch, page: PiecePage) -> PiecePage:
    block = page.stays_for(touch)
    if block is not None:
        raise Refusal(EvidenceRefusal.SUSPENDED, block=block)
    return page


def _found(case: CandidacyCase, evidence_id: UUID) -> PiecePage:
    return services.find_piece(reading(), case.id, evidence_id, today()) or abort(404)


def _description(case: CandidacyCase, page: PiecePage, form: DescriptionForm, conflict: Conflict | None = None) -> str:
    return render_template("evidence/describe.html", case=case, page=page, form=form, words=wording, conflict=conflict)
