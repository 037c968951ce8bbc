"""Members before one candidate: they declare or recuse, attest having read; who is there; signed forms.

A member recuses for one candidate, with a confirmation, and may withdraw the recusal until the minutes are closed.
"""

from typing import Any
from uuid import UUID

from flask import abort, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.decorators import hearing_page
from portfolio.access.jury import HearingAccess
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session
from portfolio.domain.jury.models.sessions import Hearing
from portfolio.domain.jury.rules.enums import Attendance, StatementKind
from portfolio.domain.jury.rules.member_status import JurorStep, MemberDeclarations, stand_ins
from portfolio.domain.jury.rules.opinions import ReadingExtent
from portfolio.domain.jury.rules.paper import ABOUT_THE_DAY
from portfolio.domain.jury.rules.session_step import day_step
from portfolio.domain.jury_session.use_cases import declarations, interview
from portfolio.domain.jury_session.use_cases.exclusions import find_conflict
from portfolio.domain.jury_session.use_cases.reading import load_extents
from portfolio.domain.presence.use_cases import load_signatures, note_presence
from portfolio.errors import Refusal
from portfolio.screens.blueprints import blueprint_of
from portfolio.screens.evidence_files.downloads import send_copy
from portfolio.screens.evidence_files.uploads import (
    error_status,
    max_file_bytes,
    open_upload_batch,
    run_once_with_files,
    store_scan,
)
from portfolio.screens.juror.forms.declarations import (
    DeclarationForm,
    DefenceForm,
    PresenceForm,
    ReadingForm,
    RecusalForm,
    SignedDocumentForm,
    WithdrawalForm,
)
from portfolio.screens.juror.hearing import minutes
from portfolio.screens.juror.hearing.minutes import load_attendance_page
from portfolio.screens.juror.hearing.reading import hearing_page_of
from portfolio.web.clock import now, today
from portfolio.web.forms import refusal_message, run_once, run_or_refuse
from portfolio.web.request_limits import accepts_file
from portfolio.wording import assessment as assessing
from portfolio.wording import jury
from portfolio.wording.jury import pool as signing
from portfolio.wording.jury.pool import conflict_message

bp = blueprint_of(__name__)


@bp.get("/jurys/<uuid:hearing_id>/declaration")
@hearing_page(Permission.SIT)
def declaration_form(case: HearingAccess) -> ResponseReturnValue:
    """Show what a member declares before reading anything; once declared, what was declared."""
    return _declaration(case)


@bp.post("/jurys/<uuid:hearing_id>/declaration")
@hearing_page(Permission.SIT)
def save_declaration(case: HearingAccess) -> ResponseReturnValue:
    """Keep the declaration; a recusal is asked to be confirmed first."""
    page = load_attendance_page(read_session(), case.id)
    form = DeclarationForm(page.candidate, page.relation)
    if not form.validate():
        return _declaration(case, form), 422
    if form.recuses:
        return redirect(url_for(".recusal_form", hearing_id=case.id), 303)

    def act(db: Session) -> str:
        declarations.record_statement(db, case.id, form.said(current_user.id), by=current_user.id, at=now())
        return url_for(".hearing", hearing_id=case.id)

    return run_once(form.nonce.data, act)


def _declaration(case: HearingAccess, form: DeclarationForm | None = None) -> str:
    page = load_attendance_page(read_session(), case.id)
    own = page.member(current_user.id)
    assert own is not None
    shown = form or DeclarationForm(page.candidate, page.relation, formdata=None)
    denied = own.said(StatementKind.NO_RELATION)
    bar = bar_of(case, page.candidate)
    names = {"case": case, "bar": bar, "say": jury, "steps": JurorStep, "denied": denied}
    return render_template("juror/hearing/declaration.html", page=page, own=own, form=shown, **names)


def bar_of(case: HearingAccess, candidate: str) -> str:
    """Say to the person looking why they do not judge this candidate; empty when nothing forbids it."""
    if not case.is_barred:
        return ""
    return conflict_message(find_conflict(read_session(), case.id, current_user.id), candidate)


@bp.post("/jurys/<uuid:hearing_id>/lecture")
@hearing_page(Permission.READ_HEARING)
def attest(case: HearingAccess) -> ResponseReturnValue:
    """Keep the attestation of having read (J13), once its sentence is ticked."""
    page = load_attendance_page(read_session(), case.id)
    form = ReadingForm(
        page.candidate, is_record=page.is_record, extent=_own_extent(case) if case.closed_at is None else None
    )
    if not form.validate():
        return hearing_page_of(case, form), 422

    def act(db: Session) -> str:
        declarations.record_statement(
            db, case.id, MemberDeclarations(current_user.id, StatementKind.READ), by=current_user.id, at=now()
        )
        return url_for(".hearing", hearing_id=case.id)

    response = run_once(form.nonce.data, act)
    session["notice"] = "Votre lecture est attestée."
    return response


def _own_extent(case: HearingAccess) -> ReadingExtent:
    hearing = read_session().get_one(Hearing, case.id)
    return load_extents(read_session(), [hearing], current_user.id)[case.id]


@bp.get("/jurys/<uuid:hearing_id>/presence")
@hearing_page(Permission.CHECK_PRESENCE)
def presence(case: HearingAccess) -> ResponseReturnValue:
    """Show how far each member is, and who is there."""
    return _presence(case)


@bp.post("/jurys/<uuid:hearing_id>/presence")
@hearing_page(Permission.CHECK_PRESENCE)
def check_presence(case: HearingAccess) -> ResponseReturnValue:
    """Keep who is there, and whether the candidate came."""
    form = PresenceForm(load_attendance_page(read_session(), case.id).sitting)
    if not form.validate():
        return _presence(case, form), 422
    minutes: Any = form.attendance.data

    def act(db: Session) -> str:
        present, reason = form.present.data or [], form.reason.data or ""
        note_presence(db, case.id, present, minutes, reason, by=current_user.id, at=now())
        return url_for(".presence", hearing_id=case.id)

    return run_or_refuse(
        form.nonce.data,
        act,
        lambda sentence: _presence(case, form, stopped=sentence),
        "Les présences sont enregistrées.",
    )


def _presence(case: HearingAccess, form: PresenceForm | None = None, **more: Any) -> str:
    page = load_attendance_page(read_session(), case.id)
    signed = load_signatures(read_session(), page.session_id, page.held_on) if page.closed_at is None else {}
    there = [
        state.person for state in page.sitting if state.present or (state.present is None and state.person in signed)
    ]
    shown = form or PresenceForm(page.sitting, formdata=None, present=there, attendance=page.attendance)
    lasted = page.defence or page.defence_planned
    initial = {"presentation": str(lasted.presentation), "questions": str(lasted.questions)} if lasted else {}
    more = {"defending_form": DefenceForm(formdata=None, data=initial)} | more
    step = day_step(
        (page.held_on - today()).days,
        is_closed=page.closed_at is not None,
        is_vacant=bool(page.vacant),
        is_suspended=page.suspension is not None,
        is_checked=page.checked,
        is_absent=page.attendance != Attendance.HEARD,
        is_regular=not any(answer.prevents for answer in page.answers),
    )
    names = {"assessing": assessing, "say": jury, "step": step, "today": today(), "signing": signing}
    names |= {
        "signed": signed,
        "replaced": stand_ins(page.sitting) if page.closed_at is None else {},
        "came": next((row for row in signed.values() if row.hearing_id == page.hearing_id), None),
    }
    return render_template("juror/hearing/presence.html", page=page, case=case, form=shown, **names, **more)


@bp.post("/jurys/<uuid:hearing_id>/soutenance")
@hearing_page(Permission.CHECK_PRESENCE)
def record_defence(case: HearingAccess) -> ResponseReturnValue:
    """Keep how long the defence lasted, or say what forbids it."""
    form = DefenceForm()
    if not form.validate():
        return _presence(case, defending_form=form), 422

    def act(db: Session) -> str:
        interview.record_defence(db, case.id, form.value(), by=current_user.id, at=now())
        return url_for(".presence", hearing_id=case.id)

    return run_or_refuse(
        form.nonce.data,
        act,
        lambda sentence: _presence(case, defending_form=form, refused=sentence),
        "La soutenance est enregistrée.",
    )


@bp.get("/jurys/<uuid:hearing_id>/formulaire")
@hearing_page(Permission.RECORD_PAPER)
def signed_document_form(case: HearingAccess) -> ResponseReturnValue:
    """Show the form that records what a member signed on paper."""
    page = load_attendance_page(read_session(), case.id)
    return _signed_document_page(case, SignedDocumentForm(page.sitting, today(), formdata=None))


@bp.post("/jurys/<uuid:hearing_id>/formulaire")
@accepts_file()
@hearing_page(Permission.RECORD_PAPER)
def record_signed_document(case: HearingAccess) -> ResponseReturnValue:
    """Keep a signed form, with its scan: whose it is, and what it says."""
    form = SignedDocumentForm(load_attendance_page(read_session(), case.id).sitting, today())
    if not form.validate():
        return _signed_document_page(case, form), 422
    with open_upload_batch() as opened:
        scan = store_scan(opened, form.scan, form.scan.data)
        if scan is None:
            return _signed_document_page(case, form), error_status(form.scan)

        def act(db: Session) -> str:
            for declared in form.said():
                declarations.record_statement(db, case.id, declared, scan, by=current_user.id, at=now())
            return url_for(".presence", hearing_id=case.id)

        try:
            response = run_once_with_files(opened, form.nonce.data, act)
        except Refusal as refusal:
            if refusal.code in ABOUT_THE_DAY:
                form.signed_on.errors = [refusal_message(refusal)]
                return _signed_document_page(case, form), 422
            return _signed_document_page(case, form, stopped=refusal_message(refusal)), 409
    session["notice"] = "Le formulaire signé est enregistré."
    return response


def _signed_document_page(case: HearingAccess, form: SignedDocumentForm, **more: Any) -> str:
    page = load_attendance_page(read_session(), case.id)
    return render_template(
        "juror/hearing/signed_document.html", page=page, form=form, limit=max_file_bytes(), say=jury, **more
    )


@bp.get("/jurys/<uuid:hearing_id>/formulaires/<uuid:document_id>")
@hearing_page(Permission.RECORD_PAPER)
def download_signed_document(case: HearingAccess, document_id: UUID) -> ResponseReturnValue:
    """Send the scan of a signed form."""
    document = declarations.find_signed_form(read_session(), case.id, document_id)
    if document is None:
        abort(404)
    return send_copy(document.key, document.name, document.mime, document.size)


@bp.get("/jurys/<uuid:hearing_id>/recusation")
@hearing_page(Permission.SIT)
def recusal_form(case: HearingAccess) -> ResponseReturnValue:
    """Show what a recusal does and ask to confirm it; once recused, show who takes the seat and how to withdraw."""
    return _page(case)


@bp.post("/jurys/<uuid:hearing_id>/recusation")
@hearing_page(Permission.SIT)
def recuse(case: HearingAccess) -> ResponseReturnValue:
    """Keep the recusal, once its sentence is ticked."""
    form = RecusalForm(minutes.load_attendance_page(read_session(), case.id).candidate)
    if not form.validate():
        return _page(case, form=form), 422
    return _state(case, form, StatementKind.RECUSAL, form.reason.data or "", "Votre récusation est enregistrée.")


@bp.post("/jurys/<uuid:hearing_id>/recusation/retrait")
@hearing_page(Permission.SIT)
def withdraw_recusal(case: HearingAccess) -> ResponseReturnValue:
    """Withdraw the recusal, once its sentence is ticked; both stay recorded."""
    page = minutes.load_attendance_page(read_session(), case.id)
    form = WithdrawalForm(page.candidate, page.relation)
    if not form.validate():
        return _page(case, withdrawal=form), 422
    notice = "Votre récusation est retirée. Le retrait et la récusation restent inscrits."
    return _state(case, form, StatementKind.RECUSAL_WITHDRAWN, "", notice)


def _state(
    case: HearingAccess, form: RecusalForm | WithdrawalForm, kind: StatementKind, reason: str, notice: str
) -> Any:
    def act(db: Session) -> str:
        declarations.record_statement(
            db, case.id, MemberDeclarations(current_user.id, kind, reason), by=current_user.id, at=now()
        )
        return url_for(".recusal_form" if kind is StatementKind.RECUSAL else ".declaration_form", hearing_id=case.id)

    response = run_once(form.nonce.data, act)
    session["notice"] = notice
    return response


def _page(case: HearingAccess, form: RecusalForm | None = None, withdrawal: WithdrawalForm | None = None) -> str:
    page = minutes.load_attendance_page(read_session(), case.id)
    own = page.member(current_user.id)
    assert own is not None
    return render_template(
        "juror/hearing/recusal.html",
        page=page,
        own=own,
        form=form or RecusalForm(page.candidate, formdata=None),
        withdrawal=withdrawal or WithdrawalForm(page.candidate, page.relation, formdata=None),
        case=case,
        bar=bar_of(case, page.candidate),
        say=jury,
        steps=JurorStep,
    )
