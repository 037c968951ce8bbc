"""The certifier creates cohorts, corrects them, and sees who belongs to each."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import abort, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.body import BodyAccess
from portfolio.access.decorators import certifier_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session
from portfolio.domain.assessment.rules import AssessmentRefusal
from portfolio.domain.assessment.use_cases import cohorts
from portfolio.domain.assessment.use_cases.cohorts import NewCohort
from portfolio.errors import Refusal
from portfolio.screens.certifier.assessments.blueprint import bp
from portfolio.screens.certifier.assessments.forms import CohortForm
from portfolio.screens.certifier.candidacies.queries import list_published_versions
from portfolio.web.clock import now
from portfolio.web.idempotency import run_once
from portfolio.wording import assessment
from portfolio.wording.candidacy import ROUTES


@bp.get("/promotions")
@certifier_page(Permission.MANAGE_CANDIDACY)
def cohort_list(body: BodyAccess) -> ResponseReturnValue:
    """List the cohorts of the body, and the form that creates one."""
    return _list(body, CohortForm(list_published_versions(read_session(), body.id), formdata=None))


def _list(body: BodyAccess, form: CohortForm, stopped: str = "") -> str:
    lines = cohorts.list_cohorts(read_session(), body.id)
    return render_template("assessment/cohorts.html", lines=lines, form=form, routes=ROUTES, stopped=stopped)


@bp.post("/promotions")
@certifier_page(Permission.MANAGE_CANDIDACY)
def create_cohort(body: BodyAccess) -> ResponseReturnValue:
    """Create a cohort, or say why not; what was typed stays."""
    form = CohortForm(list_published_versions(read_session(), body.id))
    if not form.validate():
        return _list(body, form), 422

    def act(db: Session) -> str:
        row = cohorts.create_cohort(db, body.id, value_of(form), by=current_user.id, at=now())
        return url_for(".cohort", cohort_id=row.id)

    try:
        response = run_once(form.nonce.data, act)
    except Refusal as refusal:
        return _list(body, form, assessment.REFUSALS[AssessmentRefusal(refusal.code)](refusal.facts)), 409
    session["notice"] = "La promotion est créée. Rattachez-y chaque personne depuis sa candidature."
    return response


def value_of(form: CohortForm) -> NewCohort:
    """Return what was typed of a cohort."""
    typed: dict[str, Any] = form.data
    return NewCohort(typed["version_id"], typed["route"], typed["name"], typed["starts_on"], typed["ends_on"])


@bp.get("/promotions/<uuid:cohort_id>")
@certifier_page(Permission.MANAGE_CANDIDACY)
def cohort(body: BodyAccess, cohort_id: UUID) -> ResponseReturnValue:
    """Show a cohort, who belongs to it, and the form that corrects it."""
    return _cohort(body, cohort_id)


def _cohort(body: BodyAccess, cohort_id: UUID, form: CohortForm | None = None, stopped: str = "") -> str:
    page = cohorts.cohort_page(read_session(), body.id, cohort_id) or abort(404)
    line = page.line
    initial = {name: getattr(line, name) for name in ("name", "version_id", "route", "starts_on", "ends_on")}
    shown = form or CohortForm(list_published_versions(read_session(), body.id), formdata=None, data=initial)
    return render_template(
        "assessment/cohort.html", page=page, form=shown, routes=ROUTES, say=assessment, stopped=stopped
    )


@bp.post("/promotions/<uuid:cohort_id>")
@certifier_page(Permission.MANAGE_CANDIDACY)
def change_cohort(body: BodyAccess, cohort_id: UUID) -> ResponseReturnValue:
    """Correct a cohort, or say why not; what was typed stays."""
    cohorts.cohort_page(read_session(), body.id, cohort_id) or abort(404)
    form = CohortForm(list_published_versions(read_session(), body.id))
    if not form.validate():
        return _cohort(body, cohort_id, form), 422

    def act(db: Session) -> str:
        cohorts.change_cohort(db, body.id, cohort_id, value_of(form), by=current_user.id, at=now())
        return url_for(".cohort", cohort_id=cohort_id)

    try:
        response = run_once(form.nonce.data, act)
    except Refusal as refusal:
        return _cohort(
            body, cohort_id, form, assessment.REFUSALS[AssessmentRefusal(refusal.code)](refusal.facts)
        ), 409
    session["notice"] = "La promotion est corrigée. Les relevés déjà arrêtés gardent ses anciens mots."
    return response
