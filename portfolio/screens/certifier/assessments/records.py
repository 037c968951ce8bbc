"""The certifier records results one by one, corrects them, seals the record for a jury, and names the cohort."""

from functools import partial
from typing import Any
from uuid import UUID

from flask import abort, current_app, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session
from portfolio.domain.assessment.rules import record_step
from portfolio.domain.assessment.use_cases import cohorts, results
from portfolio.domain.assessment.use_cases.pages import PathPage, path_page
from portfolio.domain.assessment.use_cases.results import Examiner, NewResult, list_examiners
from portfolio.domain.submission.use_cases import assessment_record
from portfolio.errors import Refusal
from portfolio.screens.candidate.results.assessments import send_document
from portfolio.screens.certifier.assessments.blueprint import bp
from portfolio.screens.certifier.assessments.forms import BelongingForm, ResultForm, SealForm
from portfolio.screens.evidence_files.uploads import error_status, open_upload_batch, run_once_with_files, store_upload
from portfolio.web.clock import now, today
from portfolio.web.forms import refusal_message, run_or_refuse
from portfolio.web.request_limits import accepts_file
from portfolio.wording import assessment
from portfolio.wording.candidacy import ROUTES, heard_message
from portfolio.wording.jury import suspension_message


def _page_of(case: CandidacyAccess) -> PathPage:
    """Return the page of a candidacy without a livret 2; 404 for one that has a livret 2."""
    if case.has_dossier:
        abort(404)
    return path_page(read_session(), case.id)


@bp.get("/candidatures/<uuid:candidacy_id>/evaluations")
@candidacy_page(Permission.MANAGE_CANDIDACY)
def record(case: CandidacyAccess) -> ResponseReturnValue:
    """Show the results of a candidacy, what is missing, and the record sealed last."""
    return _record(case)


def _record(
    case: CandidacyAccess, seal: SealForm | None = None, belonging: BelongingForm | None = None, stopped: str = ""
) -> str:
    page = _page_of(case)
    step = record_step(
        page.step(waits=False), is_planned=bool(page.planned), is_amended=page.added_since, is_complete=not page.missing
    )
    return render_template(
        "certifier/assessments/record.html",
        step=step,
        heard_message=partial(heard_message, today=today()),
        suspension_message=suspension_message,
        case=case,
        page=page,
        seal=seal or SealForm(formdata=None),
        belonging=belonging or BelongingForm(page.cohorts, page.cohort.id if page.cohort else None, formdata=None),
        say=assessment,
        routes=ROUTES,
        stopped=stopped,
    )


@bp.get("/candidatures/<uuid:candidacy_id>/evaluations/nouvelle")
@candidacy_page(Permission.MANAGE_CANDIDACY)
def new_result(case: CandidacyAccess) -> ResponseReturnValue:
    """Show the form that records a result."""
    page = _page_of(case)
    form = ResultForm(_choices(page), _examiners(case), formdata=None)
    if page.missing:
        form.planned_id.data = page.missing[0].id
    form.assessed_on.data = today()
    return _result(case, page, form)


def _examiners(case: CandidacyAccess) -> list[Examiner]:
    return list_examiners(read_session(), case.id)


def _choices(page: PathPage) -> list[tuple[UUID, str]]:
    return [(planned_line.id, assessment.planned_label(planned_line.value)) for planned_line in page.planned]


def _result(case: CandidacyAccess, page: PathPage, form: ResultForm, corrected: Any = None, stopped: str = "") -> str:
    limit = current_app.config["SETTINGS"].upload_limit
    shown = {"corrected": corrected, "stopped": stopped, "limit": limit, "say": assessment}
    return render_template("certifier/assessments/result.html", case=case, page=page, form=form, **shown)


@bp.post("/candidatures/<uuid:candidacy_id>/evaluations/nouvelle")
@accepts_file()
@candidacy_page(Permission.MANAGE_CANDIDACY)
def record_result(case: CandidacyAccess) -> ResponseReturnValue:
    """Record a result with its document, or say why not; what was typed stays."""
    page = _page_of(case)
    return _recorded(case, page, ResultForm(_choices(page), _examiners(case)))


def _recorded(case: CandidacyAccess, page: PathPage, form: ResultForm, corrected: Any = None) -> ResponseReturnValue:
    if not form.validate():
        return _result(case, page, form, corrected), 422
    with open_upload_batch() as opened:
        file = store_upload(opened, form.document, form.document.data) if form.brings_document else None
        if form.brings_document and file is None:
            return _result(case, page, form, corrected), error_status(form.document)

        def act(db: Session) -> str:
            replaces = corrected.id if corrected else None
            results.record_result(db, case.id, _value(form), file, replaces=replaces, by=current_user.id, at=now())
            return url_for(".record", candidacy_id=case.id)

        try:
            response = run_once_with_files(opened, form.nonce.data, act)
        except Refusal as refusal:
            return _result(case, page, form, corrected, refusal_message(refusal)), 409
    session["notice"] = "La correction est inscrite." if corrected else "Le résultat est inscrit."
    return response


def _value(form: ResultForm) -> NewResult:
    typed: dict[str, Any] = form.data
    name, examiner_id = form.examined_by
    told = (typed["outcome"], typed["detail"] or "", examiner_id)
    return NewResult(typed["planned_id"], typed["assessed_on"], name, *told)


@bp.get("/candidatures/<uuid:candidacy_id>/evaluations/<uuid:result_id>/correction")
@candidacy_page(Permission.MANAGE_CANDIDACY)
def correction(case: CandidacyAccess, result_id: UUID) -> ResponseReturnValue:
    """Show the form that corrects a result by a later row."""
    page = _page_of(case)
    line = page.result(result_id) or abort(404)
    initial = {name: getattr(line, name) for name in ("planned_id", "assessed_on", "outcome", "detail", "examiner_id")}
    initial |= {"examiner": "" if line.examiner_id else line.examiner}
    form = ResultForm(_choices(page), _examiners(case), corrects=True, formdata=None, data=initial)
    return _result(case, page, form, line)


@bp.post("/candidatures/<uuid:candidacy_id>/evaluations/<uuid:result_id>/correction")
@accepts_file()
@candidacy_page(Permission.MANAGE_CANDIDACY)
def correct_result(case: CandidacyAccess, result_id: UUID) -> ResponseReturnValue:
    """Record the correction of a result, or say why not; what was typed stays."""
    page = _page_of(case)
    line = page.result(result_id) or abort(404)
    return _recorded(case, page, ResultForm(_choices(page), _examiners(case), corrects=True), line)


@bp.get("/candidatures/<uuid:candidacy_id>/evaluations/<uuid:result_id>/document")
@candidacy_page(Permission.MANAGE_CANDIDACY)
def result_file(case: CandidacyAccess, result_id: UUID) -> ResponseReturnValue:
    """Send the document of a result, as an attachment only, without the place that a photograph tells."""
    return send_document(_page_of(case), result_id)


@bp.post("/candidatures/<uuid:candidacy_id>/evaluations/releve")
@candidacy_page(Permission.MANAGE_CANDIDACY)
def seal_record(case: CandidacyAccess) -> ResponseReturnValue:
    """Seal the record for a jury, or say what forbids it."""
    form = SealForm()
    if not form.validate():
        return _record(case, seal=form), 422

    def act(db: Session) -> str:
        assessment_record.seal_record(db, case.id, by=current_user.id, at=now())
        return url_for(".record", candidacy_id=case.id)

    return run_or_refuse(
        form.nonce.data,
        act,
        lambda sentence: _record(case, stopped=sentence),
        "Le relevé est arrêté : inscrivez la personne à une session de jury.",
    )


@bp.post("/candidatures/<uuid:candidacy_id>/promotion")
@candidacy_page(Permission.MANAGE_CANDIDACY)
def assign_cohort(case: CandidacyAccess) -> ResponseReturnValue:
    """Put the candidacy in a cohort, or in none."""
    form = BelongingForm(_page_of(case).cohorts)
    if not form.validate():
        return _record(case, belonging=form), 422

    def act(db: Session) -> str:
        cohorts.assign_cohort(db, case.id, form.cohort_id.data, by=current_user.id, at=now())
        return url_for(".record", candidacy_id=case.id)

    return run_or_refuse(
        form.nonce.data, act, lambda sentence: _record(case, stopped=sentence), "La promotion est enregistrée."
    )
