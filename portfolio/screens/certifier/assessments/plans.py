"""The certifier plans the practical cases and deliverables of a published version, the defence and the retry rule.

The certifier creates cohorts, corrects them, and sees who belongs to each.
"""

from typing import Any
from uuid import UUID

from flask import abort, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.body import BodyAccess, VersionAccess
from portfolio.access.decorators import certifier_page, version_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session
from portfolio.domain.assessment.use_cases import cohorts, plans
from portfolio.domain.assessment.use_cases.cohorts import NewCohort
from portfolio.domain.assessment.use_cases.plans import PlanPage
from portfolio.errors import Conflict
from portfolio.screens.blueprints import blueprint_of
from portfolio.screens.certifier.assessments.forms import CohortForm, PlanForm, PlannedForm
from portfolio.screens.certifier.candidacies.queries import list_published_versions
from portfolio.web.clock import now
from portfolio.web.forms import IdempotentForm, run_once, run_or_refuse
from portfolio.wording import assessment
from portfolio.wording.candidacy import ROUTES

bp = blueprint_of(__name__)


@bp.get("/certifications/versions/<uuid:version_id>/evaluations")
@version_page(Permission.MANAGE_CERTIFICATION)
def plan(case: VersionAccess) -> ResponseReturnValue:
    """Show what a version plans."""
    return _plan(case)


def _plan(case: VersionAccess, form: PlanForm | None = None, added: PlannedForm | None = None, **more: Any) -> str:
    page = plans.plan_page(read_session(), case.id)
    return render_template(
        "certifier/assessments/plan.html",
        page=page,
        form=form or _as_planned(page),
        added=added or PlannedForm(page.blocks, formdata=None),
        again=IdempotentForm(formdata=None),
        say=assessment,
        **more,
    )


def _as_planned(page: PlanPage) -> PlanForm:
    defence = page.defence or (None if page.revision else page.defence_proposed)
    initial: dict[str, Any] = {"retry": page.retry, "revision": str(page.revision)}
    if defence:
        initial |= {"presentation": str(defence.presentation), "questions": str(defence.questions)}
    return PlanForm(formdata=None, data=initial)


@bp.post("/certifications/versions/<uuid:version_id>/evaluations/fiche")
@version_page(Permission.MANAGE_CERTIFICATION)
def plan_from_entry(case: VersionAccess) -> ResponseReturnValue:
    """Plan what the entry names."""
    form = IdempotentForm()
    form.validate()

    def act(db: Session) -> str:
        plans.plan_from_entry(db, case.id, by=current_user.id, at=now())
        return url_for(".plan", version_id=case.id)

    response = run_once(form.nonce.data, act)
    session["notice"] = "Les évaluations de la fiche sont reprises. Relisez-les : vous pouvez les corriger."
    return response


@bp.post("/certifications/versions/<uuid:version_id>/evaluations")
@version_page(Permission.MANAGE_CERTIFICATION)
def add_planned(case: VersionAccess) -> ResponseReturnValue:
    """Plan one more assessment, or show the form again with its errors."""
    form = PlannedForm(plans.plan_page(read_session(), case.id).blocks)
    if not form.validate():
        return _plan(case, added=form), 422

    def act(db: Session) -> str:
        plans.add_planned(db, case.id, form.value(), by=current_user.id, at=now())
        return url_for(".plan", version_id=case.id)

    response = run_once(form.nonce.data, act)
    session["notice"] = "L’évaluation est ajoutée."
    return response


@bp.post("/certifications/versions/<uuid:version_id>/evaluations/regles")
@version_page(Permission.MANAGE_CERTIFICATION)
def set_plan(case: VersionAccess) -> ResponseReturnValue:
    """Set the minutes of the defence and the retry rule."""
    form = PlanForm()
    if not form.validate():
        return _plan(case, form), 422
    retry: Any = form.retry.data

    def act(db: Session) -> str:
        plans.set_plan(db, case.id, form.defence(), retry, form.seen_revision, by=current_user.id, at=now())
        return url_for(".plan", version_id=case.id)

    try:
        response = run_once(form.nonce.data, act)
    except Conflict as conflict:
        form.revision.data = str(conflict.revision)
        return _plan(case, form, theirs=conflict.theirs), 409
    session["notice"] = "La soutenance et la règle après un échec sont enregistrées."
    return response


@bp.get("/certifications/versions/<uuid:version_id>/evaluations/<uuid:planned_id>")
@version_page(Permission.MANAGE_CERTIFICATION)
def planned(case: VersionAccess, planned_id: UUID) -> ResponseReturnValue:
    """Show one planned assessment, and the form that corrects it."""
    return _planned(case, planned_id)


def _planned(case: VersionAccess, planned_id: UUID, form: PlannedForm | None = None, stopped: str = "") -> str:
    page = plans.plan_page(read_session(), case.id)
    line = next((planned_line for planned_line in page.lines if planned_line.id == planned_id), None)
    if line is None:
        abort(404)
    shown = form or PlannedForm(page.blocks, line.value, formdata=None)
    again = IdempotentForm(formdata=None)
    return render_template(
        "certifier/assessments/planned.html",
        page=page,
        line=line,
        form=shown,
        again=again,
        say=assessment,
        stopped=stopped,
    )


@bp.post("/certifications/versions/<uuid:version_id>/evaluations/<uuid:planned_id>")
@version_page(Permission.MANAGE_CERTIFICATION)
def change_planned(case: VersionAccess, planned_id: UUID) -> ResponseReturnValue:
    """Reword a planned assessment, or show the form again with its errors."""
    form = PlannedForm(plans.plan_page(read_session(), case.id).blocks)
    if not form.validate():
        return _planned(case, planned_id, form), 422

    def act(db: Session) -> str:
        plans.change_planned(db, case.id, planned_id, form.value(), by=current_user.id, at=now())
        return url_for(".plan", version_id=case.id)

    return run_or_refuse(
        form.nonce.data, act, lambda sentence: _planned(case, planned_id, form, sentence), "L’évaluation est corrigée."
    )


@bp.post("/certifications/versions/<uuid:version_id>/evaluations/<uuid:planned_id>/retrait")
@version_page(Permission.MANAGE_CERTIFICATION)
def remove_planned(case: VersionAccess, planned_id: UUID) -> ResponseReturnValue:
    """Remove a planned assessment that no result names."""
    form = IdempotentForm()
    form.validate()

    def act(db: Session) -> str:
        plans.remove_planned(db, case.id, planned_id, by=current_user.id, at=now())
        return url_for(".plan", version_id=case.id)

    response = run_once(form.nonce.data, act)
    session["notice"] = "L’évaluation est retirée."
    return response


@bp.get("/promotions")
@certifier_page(Permission.MANAGE_CANDIDACY)
def cohort_list(body: BodyAccess) -> ResponseReturnValue:
    """List the cohorts of the body, and the form that creates one."""
    return _list(body, CohortForm(list_published_versions(read_session(), body.id), formdata=None))


def _list(body: BodyAccess, form: CohortForm, stopped: str = "") -> str:
    lines = cohorts.list_cohorts(read_session(), body.id)
    return render_template("certifier/assessments/cohorts.html", lines=lines, form=form, routes=ROUTES, stopped=stopped)


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

    return run_or_refuse(
        form.nonce.data,
        act,
        lambda sentence: _list(body, form, sentence),
        "La promotion est créée. Rattachez-y chaque personne depuis sa candidature.",
    )


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
        "certifier/assessments/cohort.html", page=page, form=shown, routes=ROUTES, say=assessment, stopped=stopped
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

    return run_or_refuse(
        form.nonce.data,
        act,
        lambda sentence: _cohort(body, cohort_id, form, sentence),
        "La promotion est corrigée. Les relevés déjà arrêtés gardent ses anciens mots.",
    )
