"""The candidate describes the posts they held."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from flask import abort, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session, transaction
from portfolio.domain.certification.rules.book_frame import BookPart
from portfolio.domain.dossier.use_cases import experiences as experiences_use_cases
from portfolio.domain.dossier.use_cases import matrix as matrix_use_cases
from portfolio.domain.dossier.use_cases.experiences import ExperienceDetails
from portfolio.domain.dossier.use_cases.next_dossier import load_frame
from portfolio.errors import Conflict
from portfolio.screens.candidate.dossier.blueprint import bp
from portfolio.screens.candidate.dossier.forms import ConfirmForm, ExperienceForm
from portfolio.screens.candidate.dossier.frame_requests import request_of
from portfolio.screens.candidate.dossier.presenters import next_action_card
from portfolio.web.clock import now, today
from portfolio.web.idempotency import run_once


@bp.get("/dossiers/<uuid:candidacy_id>/experiences")
@candidacy_page(Permission.READ_DRAFT)
def experiences(case: CandidacyAccess) -> ResponseReturnValue:
    """The experiences described so far."""
    found = experiences_use_cases.list_experiences(read_session(), case.id)
    return render_template(
        "dossier/experiences.html", case=case, experiences=found, action=_after(case) if found else None
    )


@bp.get("/dossiers/<uuid:candidacy_id>/experiences/ajouter")
@candidacy_page(Permission.EDIT_DRAFT)
def add_experience(case: CandidacyAccess) -> ResponseReturnValue:
    """Show the form of a new experience."""
    return _form(case, ExperienceForm(today(), formdata=None))


@bp.post("/dossiers/<uuid:candidacy_id>/experiences/ajouter")
@candidacy_page(Permission.EDIT_DRAFT)
def save_new_experience(case: CandidacyAccess) -> ResponseReturnValue:
    """Keep a new experience, or show the form again."""
    form = ExperienceForm(today())
    if not form.validate():
        return _form(case, form), 422

    def act(db: Session) -> str:
        experiences_use_cases.add_experience(db, case.id, form.value(), by=current_user.id, at=now())
        return url_for(".experiences", candidacy_id=case.id)

    response = run_once(form.nonce.data, act)
    session["notice"] = "L’expérience est enregistrée."
    return response


@bp.get("/dossiers/<uuid:candidacy_id>/experiences/<uuid:experience_id>")
@candidacy_page(Permission.EDIT_DRAFT)
def experience(case: CandidacyAccess, experience_id: UUID) -> ResponseReturnValue:
    """Show the form of an experience with what was said of it."""
    found = _found(case, experience_id)
    form = ExperienceForm(today(), formdata=None, data=asdict(found.text) | {"revision": str(found.revision)})
    return _form(case, form, found)


@bp.post("/dossiers/<uuid:candidacy_id>/experiences/<uuid:experience_id>")
@candidacy_page(Permission.EDIT_DRAFT)
def change_experience(case: CandidacyAccess, experience_id: UUID) -> ResponseReturnValue:
    """Keep what is now said of an experience, or show the form again."""
    found, form = _found(case, experience_id), ExperienceForm(today())
    if not form.validate():
        return _form(case, form, found), 422
    try:
        with transaction() as db:
            experiences_use_cases.change_experience(
                db, case.id, experience_id, form.value(), form.seen_revision, by=current_user.id, at=now()
            )
    except Conflict as conflict:
        form.revision.data = str(conflict.revision)
        return _form(case, form, found, conflict), 409
    session["notice"] = "L’expérience est enregistrée."
    return redirect(url_for(".experiences", candidacy_id=case.id), 303)


@bp.get("/dossiers/<uuid:candidacy_id>/experiences/<uuid:experience_id>/retirer")
@candidacy_page(Permission.EDIT_DRAFT)
def confirm_remove_experience(case: CandidacyAccess, experience_id: UUID) -> ResponseReturnValue:
    """Ask before an experience is taken away."""
    found = _found(case, experience_id)
    return render_template(
        "dossier/remove_experience.html", case=case, experience=found, form=ConfirmForm(formdata=None)
    )


@bp.post("/dossiers/<uuid:candidacy_id>/experiences/<uuid:experience_id>/retirer")
@candidacy_page(Permission.EDIT_DRAFT)
def remove_experience(case: CandidacyAccess, experience_id: UUID) -> ResponseReturnValue:
    """Take an experience away; its pieces stay."""
    with transaction() as db:
        experiences_use_cases.remove_experience(db, case.id, experience_id, by=current_user.id, at=now())
    session["notice"] = "L’expérience est retirée. Les pièces qui s’y rattachaient restent."
    return redirect(url_for(".experiences", candidacy_id=case.id), 303)


def _after(case: CandidacyAccess) -> dict[str, Any] | None:
    """Return the one next action of a candidate who writes, as the home of the dossier says it."""
    if not (case.is_candidate and case.is_editable):
        return None
    matrix = matrix_use_cases.load_matrix(read_session(), case.id)
    return next_action_card(matrix.action, matrix.path, today())


def _found(case: CandidacyAccess, experience_id: UUID) -> ExperienceDetails:
    found = experiences_use_cases.find_experience(read_session(), case.id, experience_id)
    return found or abort(404)


def _form(
    case: CandidacyAccess,
    form: ExperienceForm,
    found: ExperienceDetails | None = None,
    conflict: Conflict | None = None,
) -> str:
    texts = (form.context.data or "", form.perimeter.data or "", form.responsibilities.data or "")
    asked = request_of(load_frame(read_session(), case.id), BookPart.EXPERIENCES, *texts)
    return render_template(
        "dossier/experience.html", case=case, form=form, found=found, conflict=conflict, asked=asked
    )
