"""The candidate describes the posts they held."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from flask import abort, redirect, render_template, session, url_for
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.cases import CandidacyCase
from portfolio.db import reading, transaction
from portfolio.dossier import services
from portfolio.dossier.forms import ConfirmForm, ExperienceForm
from portfolio.dossier.services import ExperienceView
from portfolio.dossier.views.blueprint import bp
from portfolio.dossier.views.shown import next_of
from portfolio.guards import candidacy_page
from portfolio.policy import Permission
from portfolio.refusal import Conflict
from portfolio.web.clock import now, today
from portfolio.web.once import once


@bp.get("/dossiers/<uuid:candidacy_id>/experiences")
@candidacy_page(Permission.READ_DRAFT)
def experiences(case: CandidacyCase) -> Any:
    """The experiences described so far."""
    found = services.list_experiences(reading(), case.id)
    return render_template("dossier/experiences.html", case=case, experiences=found, action=_after(case) if found else None)


@bp.get("/dossiers/<uuid:candidacy_id>/experiences/ajouter")
@candidacy_page(Permission.EDIT_DRAFT)
def add_experience(case: CandidacyCase) -> Any:
    """Show the form of a new experience."""
    return _form(case, ExperienceForm(today(), formdata=None))


@bp.post("/dossiers/<uuid:candidacy_id>/experiences/ajouter")
@candidacy_page(Permission.EDIT_DRAFT)
def keep_experience(case: CandidacyCase) -> Any:
    """Keep a new experience, or show the form again."""
    form = ExperienceForm(today())
    if not form.validate():
        return _form(case, form), 422

    def act(db: Session) -> str:
        services.add_experience(db, case.id, form.value(), by=current_user.id, at=now())
        return url_for(".experiences", candidacy_id=case.id)

    response = once(form.nonce.data, act)
    session["notice"] = "L’expérience est enregistrée."
    return response


@bp.get("/dossiers/<uuid:candidacy_id>/experiences/<uuid:experience_id>")
@candidacy_page(Permission.EDIT_DRAFT)
def experience(case: CandidacyCase, experience_id: UUID) -> Any:
    """Show the form of an experience with what was said of it."""
    found = _found(case, experience_id)
    form = ExperienceForm(today(), formdata=None, data=asdict(found.text) | {"revision": str(found.revision)})
    return _form(case, form, found)


@bp.post("/dossiers/<uuid:candidacy_id>/experiences/<uuid:experience_id>")
@candidacy_page(Permission.EDIT_DRAFT)
def change_experience(case: CandidacyCase, experience_id: UUID) -> Any:
    """Keep what is now said of an experience, or show the form again."""
    found, form = _found(case, experience_id), ExperienceForm(today())
    if not form.validate():
        return _form(case, form, found), 422
    try:
        with transaction() as db:
            services.change_experience(db, case.id, experience_id, form.value(), form.seen_revision, by=current_user.id, at=now())
    except Conflict as conflict:
        form.revision.data = str(conflict.revision)
        return _form(case, form, found, conflict), 409
    session["notice"] = "L’expérience est enregistrée."
    return redirect(url_for(".experiences", candidacy_id=case.id), 303)


@bp.get("/dossiers/<uuid:candidacy_id>/experiences/<uuid:experience_id>/retirer")
@candidacy_page(Permission.EDIT_DRAFT)
def leave_experience(case: CandidacyCase, experience_id: UUID) -> Any:
    """Ask before an experience is taken away."""
    found = _found(case, experience_id)
    return render_template("dossier/remove_experience.html", case=case, experience=found, form=ConfirmForm(formdata=None))


@bp.post("/dossiers/<uuid:candidacy_id>/experiences/<uuid:experience_id>/retirer")
@candidacy_page(Permission.EDIT_DRAFT)
def remove_experience(case: CandidacyCase, experience_id: UUID) -> Any:
    """Take an experience away; its pieces stay."""
    with transaction() as db:
        services.remove_experience(db, case.id, experience_id, by=current_user.id, at=now())
    session["notice"] = "L’expérience est retirée. Les pièces qui s’y rattachaient restent."
    return redirect(url_for(".experiences", candidacy_id=case.id), 303)


def _after(case: CandidacyCase) -> dict[str, Any] | None:
    """Return the one next action of a candidate who writes, as the home of the dossier says it."""
    if not (case.is_candidate and case.is_editable):
        return None
    matrix = services.matrix_of(reading(), case.id)
    return next_of(matrix.action, matrix.path, today())


def _found(case: CandidacyCase, experience_id: UUID) -> ExperienceView:
    found = services.find_experience(reading(), case.id, experience_id)
    return found or abort(404)


def _form(
    case: CandidacyCase, form: ExperienceForm, found: ExperienceView | None = None, conflict: Conflict | None = None
) -> str:
    return render_template("dossier/experience.html", case=case, form=form, found=found, conflict=conflict)
