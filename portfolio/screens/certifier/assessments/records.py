"""The certifier records results one by one, corrects them, seals the record for a jury, and names the cohort."""

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

from flask import abort, current_app, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.body import BodyAccess
from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page, certifier_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session
from portfolio.domain.assessment.rules import record_step
from portfolio.domain.assessment.use_cases import cohorts, results
from portfolio.domain.assessment.use_cases.grids import CohortGrid, load_cohort_grid
from portfolio.domain.assessment.use_cases.pages import PathPage, path_page
from portfolio.domain.assessment.use_cases.results import Examiner, NewResult, list_examiners
from portfolio.domain.jury_session.use_cases import cohort_sessions
from portfolio.domain.jury_session.use_cases.cohort_sessions import CohortJury
from portfolio.domain.jury_session.use_cases.planning import ListStoppedError
from portfolio.domain.submission.use_cases import assessment_record
from portfolio.errors import Refusal
from portfolio.screens.blueprints import blueprint_of
from portfolio.screens.candidate.results.queries import send_document
from portfolio.screens.certifier.assessments.forms import BelongingForm, ResultForm, SealForm
from portfolio.screens.evidence_files.uploads import error_status, open_upload_batch, run_once_with_files, store_upload
from portfolio.web.clock import now, today
from portfolio.web.forms import (
    ConfirmField,
    IdempotentForm,
    MultiChoiceField,
    SelectChoiceField,
    pairs,
    refusal_message,
    run_once,
    run_or_refuse,
)
from portfolio.web.request_limits import accepts_file
from portfolio.wording import assessment
from portfolio.wording import assessment as words
from portfolio.wording.candidacy import ROUTES, heard_message
from portfolio.wording.jury import listed_message, suspension_message

bp = blueprint_of(__name__)


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


class CohortJuryForm(IdempotentForm):
    """People of a cohort, and the session that hears them."""

    people = MultiChoiceField("Qui passe devant ce jury", UUID, missing="Cochez au moins une personne.")
    session_id = SelectChoiceField("Session", UUID, missing="Choisissez la session.")
    sure = ConfirmField(
        "J’ai relu ces résultats. Le jury les lira tels quels, et ces relevés ne s’effacent pas.",
        missing="Relisez les résultats, puis cochez cette case.",
    )

    def __init__(self, jury: CohortJury, **more: Any) -> None:
        super().__init__(**more)
        able = [member for member in jury.members if member.may_go]
        self.people.choices = pairs((member.candidacy_id, words.cohort_member_label(member)) for member in able)
        self.session_id.choices = pairs(
            [("", "Choisissez"), *((each.id, words.session_label(each)) for each in jury.sessions)]
        )
        if not self.is_submitted():
            self.people.data = [member.candidacy_id for member in able if member.is_ready]
            proposed = jury.next_session if any(member.has_failed for member in able) else None
            first = proposed or (jury.sessions[0] if jury.sessions else None)
            self.session_id.data = first.id if first else None


def _found(body: BodyAccess, cohort_id: UUID) -> tuple[CohortGrid, CohortJury]:
    grid = load_cohort_grid(read_session(), body.id, cohort_id) or abort(404)
    return grid, cohort_sessions.load_cohort_jury(read_session(), grid, today())


def _page(
    grid: CohortGrid,
    jury: CohortJury,
    form: CohortJuryForm,
    sentence: str = "",
    *,
    stopped: Sequence[tuple[str, Refusal]] = (),
) -> str:
    again = IdempotentForm(formdata=None)
    names: dict[str, Any] = {"jury": jury, "form": form, "again": again, "say": words, "sentence": sentence}
    names["stopped"] = [(name, refusal_message(refusal)) for name, refusal in stopped]
    return render_template("certifier/assessments/jury.html", line=grid.line, **names)


@bp.get("/promotions/<uuid:cohort_id>/jury")
@certifier_page(Permission.MANAGE_SESSION)
def cohort_jury(body: BodyAccess, cohort_id: UUID) -> ResponseReturnValue:
    """Show who of a cohort may go before which jury."""
    grid, jury = _found(body, cohort_id)
    return _page(grid, jury, CohortJuryForm(jury, formdata=None))


@bp.post("/promotions/<uuid:cohort_id>/jury")
@certifier_page(Permission.MANAGE_SESSION)
def bring_cohort(body: BodyAccess, cohort_id: UUID) -> ResponseReturnValue:
    """Seal the records of these people and put them on the list of a session: all of them, or none."""
    grid, jury = _found(body, cohort_id)
    form = CohortJuryForm(jury)
    if not form.validate():
        return _page(grid, jury, form), 422
    chosen = [member for member in jury.members if member.candidacy_id in set(form.people.data)]
    session_id: UUID = form.session_id.data

    def act(db: Session) -> str:
        done = cohort_sessions.bring_to_session(db, chosen, session_id, by=current_user.id, at=now())
        session["notice"] = listed_message(done)
        return url_for("certifier.sessions.session", session_id=session_id, _anchor="candidats")

    try:
        return run_once(form.nonce.data, act)
    except ListStoppedError as stopped:
        return _page(grid, jury, form, stopped=stopped.refusals), 409


@bp.post("/promotions/<uuid:cohort_id>/suite")
@certifier_page(Permission.MANAGE_SESSION)
def move_failed(body: BodyAccess, cohort_id: UUID) -> ResponseReturnValue:
    """Put those who failed in the next cohort, as the rule of the entry asks."""
    grid, jury = _found(body, cohort_id)
    form = IdempotentForm()
    form.validate()
    following = jury.next_cohort
    if following is None or not jury.failed:
        return _page(grid, jury, CohortJuryForm(jury, formdata=None), words.NOBODY_TO_MOVE), 409

    def act(db: Session) -> str:
        failed = [member.candidacy_id for member in jury.failed]
        done = cohort_sessions.move_to_cohort(db, failed, following.id, by=current_user.id, at=now())
        session["notice"] = words.moved_message(done, following.name)
        return url_for(".cohort_jury", cohort_id=following.id)

    return run_or_refuse(
        form.nonce.data, act, lambda sentence: _page(grid, jury, CohortJuryForm(jury, formdata=None), sentence)
    )
