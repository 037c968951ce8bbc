"""Appeals against what a jury decided: registered with their clock, answered, and their file in one archive."""

from collections.abc import Callable
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
from portfolio.domain.holdings.models.events import AppealGrantProposal
from portfolio.domain.holdings.rules.status_changes import AppealOutcome
from portfolio.domain.holdings.use_cases import appeals
from portfolio.domain.jury_session.use_cases.minutes import load_minutes_page
from portfolio.errors import Refusal
from portfolio.screens.account.reauthentication import PasswordConfirmForm, signature_error
from portfolio.screens.blueprints import blueprint_of
from portfolio.screens.certifier.certificates.contests import AppealAnswerForm, AppealForm
from portfolio.screens.certifier.certificates.equivalences import store_proof
from portfolio.screens.certifier.certificates.forms import SecondMemberForm
from portfolio.screens.certifier.control.archive import DIGESTS, appeal_archive
from portfolio.screens.evidence_files.downloads import send_copy
from portfolio.screens.evidence_files.uploads import (
    error_status,
    max_file_bytes,
    open_upload_batch,
    run_once_with_files,
)
from portfolio.web.clock import now, today
from portfolio.web.exports import zip_response
from portfolio.web.forms import IdempotentForm, refusal_message, run_or_refuse
from portfolio.web.request_limits import accepts_file
from portfolio.wording.holdings import contests as words

bp = blueprint_of(__name__)

_PROPOSED = (
    "Accueillir ce recours est proposé. La décision est annulée quand une autre personne de l’organisme le confirme."
)


@bp.get("/jurys/<uuid:hearing_id>/recours")
@hearing_page(Permission.RECORD_PAPER)
def appeal_list(case: HearingAccess) -> ResponseReturnValue:
    """Show the appeals against the minutes of a hearing, and the form that registers one."""
    return (
        redirect(url_for("juror.hearing.presence", hearing_id=case.id), 303) if case.closed_at is None else _page(case)
    )


@bp.post("/jurys/<uuid:hearing_id>/recours")
@accepts_file()
@hearing_page(Permission.RECORD_PAPER)
def register_appeal(case: HearingAccess) -> ResponseReturnValue:
    """Register an appeal, with the file that was received if there is one."""
    if case.closed_at is None:
        return redirect(url_for("juror.hearing.presence", hearing_id=case.id), 303)
    form = AppealForm(appeals.contestable_blocks(read_session(), case.id))
    if not form.validate():
        return _page(case, registering=form), 422
    with open_upload_batch() as opened:
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
            return _page(case, registering=form, stopped=refusal_message(refusal)), 409
    session["notice"] = "Le recours est enregistré."
    return response


@bp.post("/jurys/<uuid:hearing_id>/recours/<uuid:appeal_id>")
@hearing_page(Permission.SIGN)
def answer_appeal(case: HearingAccess, appeal_id: UUID) -> ResponseReturnValue:
    """Record that an appeal was refused or given up, or propose to grant it; the password signs."""
    details = _appeal_or_404(case, appeal_id)
    form = AppealAnswerForm(_contested(case, details))
    if not _is_signed(form):
        return _page(case, answering=form, answered=appeal_id), 422
    typed: dict[str, Any] = form.data
    grants = typed["outcome"] is AppealOutcome.GRANTED

    def act(db: Session) -> str:
        by = current_user.id
        if grants:
            appeals.propose_grant(db, case.id, appeal_id, form.to_grant(), by=by, at=now())
        else:
            said = (typed["outcome"], typed["answered_on"], typed["text"])
            appeals.answer(db, case.id, appeal_id, *said, by=by, at=now())
        return url_for(".appeal_list", hearing_id=case.id)

    done = _PROPOSED if grants else "La réponse au recours est enregistrée."
    return _done(case, form, act, done, answering=form, answered=appeal_id)


@bp.post("/jurys/<uuid:hearing_id>/recours/<uuid:appeal_id>/propositions/<uuid:proposal_id>/confirmer")
@hearing_page(Permission.SIGN)
def confirm_appeal(case: HearingAccess, appeal_id: UUID, proposal_id: UUID) -> ResponseReturnValue:
    """Grant an appeal that another member proposed to grant; the decisions are annulled."""
    _appeal_or_404(case, appeal_id, proposal_id)
    form = SecondMemberForm()
    if not _is_signed(form):
        return _page(case, confirming=form), 422

    def act(db: Session) -> str:
        appeals.confirm_grant(db, case.id, appeal_id, proposal_id, by=current_user.id, at=now())
        return url_for(".appeal_list", hearing_id=case.id)

    done = "Le recours est accueilli : la décision est annulée, et la personne en est avertie."
    return _done(case, form, act, done, confirming=form)


@bp.post("/jurys/<uuid:hearing_id>/recours/<uuid:appeal_id>/propositions/<uuid:proposal_id>/abandonner")
@hearing_page(Permission.SIGN)
def drop_appeal_grant(case: HearingAccess, appeal_id: UUID, proposal_id: UUID) -> ResponseReturnValue:
    """Drop a proposal to grant an appeal: nothing changes."""
    _appeal_or_404(case, appeal_id, proposal_id)
    form = IdempotentForm()

    def act(db: Session) -> str:
        appeals.drop_grant(db, case.id, appeal_id, proposal_id, by=current_user.id, at=now())
        return url_for(".appeal_list", hearing_id=case.id)

    return _done(case, form, act, "La proposition est abandonnée : le recours attend sa réponse.")


def _is_signed(form: PasswordConfirmForm) -> bool:
    """Return whether the form is complete and its password signs; the errors are on the form."""
    if not form.validate():
        return False
    fault = signature_error(form.password.data or "")
    form.password.errors = [fault] if fault else []
    return not fault


def _done(
    case: HearingAccess, form: IdempotentForm, act: Callable[[Session], str], notice: str, **forms: Any
) -> ResponseReturnValue:
    return run_or_refuse(form.nonce.data, act, lambda sentence: _page(case, stopped=sentence, **forms), notice)


def _appeal_or_404(case: HearingAccess, appeal_id: UUID, proposal_id: UUID | None = None) -> appeals.AppealDetails:
    rows = appeals.list_appeals(read_session(), case.id)
    details = next((row for row in rows if row.appeal.id == appeal_id), None) or abort(404)
    if proposal_id is not None:
        row = read_session().get(AppealGrantProposal, proposal_id)
        if row is None or row.appeal_id != appeal_id:
            abort(404)
    return details


def _contested(case: HearingAccess, details: appeals.AppealDetails) -> list[tuple[UUID, int, str]]:
    decided = appeals.contestable_blocks(read_session(), case.id)
    return [block for block in decided if not details.blocks or block[1] in details.blocks]


@bp.get("/jurys/<uuid:hearing_id>/recours/<uuid:appeal_id>/document")
@hearing_page(Permission.RECORD_PAPER)
def appeal_file(case: HearingAccess, appeal_id: UUID) -> ResponseReturnValue:
    """Send the appeal as it was received."""
    row = _appeal_or_404(case, appeal_id).appeal
    if not row.file_key:
        abort(404)
    return send_copy(row.file_key or "", row.file_name or "", row.file_mime or "", row.file_size or 0)


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
    rows = appeals.list_appeals(read_session(), case.id)
    decided = appeals.contestable_blocks(read_session(), case.id)
    answered = more.get("answered")
    waiting = [row for row in rows if row.answer is None and row.pending is None]
    open_appeal = next((row for row in waiting if answered in (None, row.appeal.id)), None)
    contested = _contested(case, open_appeal) if open_appeal is not None else []
    shown = {
        "registering": AppealForm(decided, formdata=None),
        "answering": AppealAnswerForm(contested, formdata=None),
        "confirming": SecondMemberForm(formdata=None),
        "page": load_minutes_page(read_session(), case.id),
        "appeals": rows,
        "open_appeal": open_appeal,
        "member_id": current_user.id,
        "candidacy_id": case.candidacy_id,
    } | more
    return render_template(
        "certifier/sessions/appeals.html", words=words, today=today(), limit=max_file_bytes(), **shown
    )
