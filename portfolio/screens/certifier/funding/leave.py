"""Leave for VAE (congé VAE), seen by the candidate, their advisor and their body; papers of a funding, by the body."""

from typing import Any
from uuid import UUID

from flask import abort, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.file import FileField
from sqlalchemy.orm import Session
from wtforms.validators import ValidationError

from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session
from portfolio.domain.funding import use_cases
from portfolio.domain.funding.models import LeaveRequest
from portfolio.domain.funding.rules import LeaveAnswer, LeaveInput, PaperKind
from portfolio.screens.certifier.certificates.forms import ACCEPTED
from portfolio.screens.certifier.funding.views import bp
from portfolio.screens.evidence_files.downloads import send_copy
from portfolio.screens.evidence_files.uploads import error_status, open_upload_batch, run_once_with_files, store_upload
from portfolio.web.clock import now, today
from portfolio.web.forms import FrenchDateField, IdempotentForm, RadioChoiceField, SingleLineField, run_once
from portfolio.web.request_limits import accepts_file
from portfolio.wording import funding as say

MAX_HOURS = 500


class LeaveForm(IdempotentForm):
    """A request of leave, and its answer."""

    employer = SingleLineField("Employeur", missing="Donnez l’employeur.", limit=300)
    sent_on = FrenchDateField("Demande envoyée le", missing="Donnez le jour de l’envoi : le délai en part.")
    first_day = FrenchDateField("Premier jour du congé", missing="Donnez le premier jour.")
    hours = SingleLineField("Durée, en heures de travail", missing="Donnez la durée.", limit=3)
    answer = RadioChoiceField("Réponse de l’employeur", LeaveAnswer, choices=say.LEAVE_ANSWERS, default="waiting")
    answered_on = FrenchDateField("Réponse du")
    deferred_to = FrenchDateField("S’il est reporté : au")

    def validate_hours(self, field: SingleLineField) -> None:
        """A whole number of hours."""
        text = field.data or ""
        if not (text.isascii() and text.isdecimal() and 0 < int(text) <= MAX_HOURS):
            raise ValidationError("Écrivez un nombre d’heures, par exemple 48.")

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask an answer its day, and a deferral the one that it gives."""
        valid: bool = super().validate(extra_validators)
        if self.answer.data not in (None, LeaveAnswer.WAITING) and not self.answered_on.data:
            self.answered_on.errors = ["Donnez le jour de la réponse."]
        if self.answer.data is LeaveAnswer.DEFERRED and not self.deferred_to.data:
            self.deferred_to.errors = ["Donnez le jour du report."]
        return valid and not self.errors

    def value(self) -> LeaveInput:
        """Return what was written; without an answer it has no day."""
        answer = self.answer.data or LeaveAnswer.WAITING
        days = (self.answered_on.data, self.deferred_to.data if answer is LeaveAnswer.DEFERRED else None)
        asked = (self.employer.data or "", self.sent_on.data, self.first_day.data, int(self.hours.data or 0) * 60)
        return LeaveInput(*asked, answer, *(days if answer is not LeaveAnswer.WAITING else (None, None)))


class PaperForm(IdempotentForm):
    """A paper of a funding."""

    kind = RadioChoiceField("Document", PaperKind, missing="Dites ce que c’est.", choices=say.PAPERS)
    file = FileField("Le fichier", render_kw={"accept": ACCEPTED})

    def validate_file(self, field: FileField) -> None:
        """A paper is a file."""
        if not field.data or not field.data.filename:
            raise ValidationError("Choisissez le document : un PDF, ou une image.")


@bp.get("/candidatures/<uuid:candidacy_id>/conge")
@candidacy_page(Permission.READ_APPOINTMENTS)
def leave_requests(case: CandidacyAccess) -> ResponseReturnValue:
    """Show the leave of a candidate with its clocks."""
    return _leave_page(case, LeaveForm(formdata=None))


@bp.post("/candidatures/<uuid:candidacy_id>/conge")
@candidacy_page(Permission.KEEP_LEAVE)
def add_leave(case: CandidacyAccess) -> ResponseReturnValue:
    """Write a request of leave."""
    return _save_leave(case, None)


@bp.get("/candidatures/<uuid:candidacy_id>/conge/<uuid:leave_id>")
@candidacy_page(Permission.READ_APPOINTMENTS)
def leave(case: CandidacyAccess, leave_id: UUID) -> ResponseReturnValue:
    """Show the form that changes a request of leave."""
    row = _find_leave(case, leave_id)
    data = {name: getattr(row, name) for name in LeaveInput.__slots__} | {"hours": str(row.minutes // 60)}
    return _leave_page(case, LeaveForm(formdata=None, data=data), row)


@bp.post("/candidatures/<uuid:candidacy_id>/conge/<uuid:leave_id>")
@candidacy_page(Permission.KEEP_LEAVE)
def change_leave(case: CandidacyAccess, leave_id: UUID) -> ResponseReturnValue:
    """Change a request of leave, or write its answer."""
    return _save_leave(case, _find_leave(case, leave_id))


def _save_leave(case: CandidacyAccess, row: LeaveRequest | None) -> ResponseReturnValue:
    form = LeaveForm()
    if not form.validate():
        return _leave_page(case, form, row), 422

    def act(db: Session) -> str:
        use_cases.save_leave(db, case.id, row.id if row else None, form.value(), by=current_user.id, at=now())
        return url_for(".leave_requests", candidacy_id=case.id)

    response: ResponseReturnValue = run_once(form.nonce.data, act)
    session["notice"] = "Le congé est enregistré."
    return response


def _find_leave(case: CandidacyAccess, leave_id: UUID) -> LeaveRequest:
    found = use_cases.list_leave_requests(read_session(), case.id)
    return next((row for row in found if row.id == leave_id), None) or abort(404)


def _leave_page(case: CandidacyAccess, form: LeaveForm, row: LeaveRequest | None = None) -> str:
    rows = use_cases.list_leave_requests(read_session(), case.id)
    values = [each.to_value() for each in rows]
    return render_template(
        "certifier/funding/leave_requests.html",
        case=case, form=form, row=row, lines=list(zip(rows, values, strict=True)),
        total=say.leave_total_message(values, today()) if values else "", say=say, today=today(),
    )  # fmt: skip


@bp.post("/candidatures/<uuid:candidacy_id>/financement/<uuid:funding_id>/documents")
@accepts_file()
@candidacy_page(Permission.MANAGE_CANDIDACY)
def add_paper(case: CandidacyAccess, funding_id: UUID) -> ResponseReturnValue:
    """Keep a paper beside a funding."""
    found = use_cases.find_funding(read_session(), case.id, funding_id) or abort(404)
    form = PaperForm()
    if not form.validate():
        return _papers_page(case, found, form), 422
    with open_upload_batch() as opened:
        file = store_upload(opened, form.file, form.file.data)
        if file is None:
            return _papers_page(case, found, form), error_status(form.file)

        def act(db: Session) -> str:
            use_cases.add_paper(db, found.id, form.kind.data, file, by=current_user.id, at=now())
            return url_for(".papers", candidacy_id=case.id, funding_id=found.id)

        response: ResponseReturnValue = run_once_with_files(opened, form.nonce.data, act)
    session["notice"] = "Le document est gardé."
    return response


@bp.get("/candidatures/<uuid:candidacy_id>/financement/<uuid:funding_id>/documents")
@candidacy_page(Permission.MANAGE_CANDIDACY)
def papers(case: CandidacyAccess, funding_id: UUID) -> ResponseReturnValue:
    """Show the papers of a funding, and the form that keeps one."""
    found = use_cases.find_funding(read_session(), case.id, funding_id) or abort(404)
    return _papers_page(case, found, PaperForm(formdata=None))


def _papers_page(case: CandidacyAccess, found: Any, form: PaperForm) -> str:
    kept = [row for row in use_cases.list_papers(read_session(), case.id) if row.funding_id == found.id]
    return render_template("certifier/funding/papers.html", case=case, funding=found, papers=kept, form=form, say=say)


@bp.get("/candidatures/<uuid:candidacy_id>/financement/documents/<uuid:paper_id>")
@candidacy_page(Permission.MANAGE_CANDIDACY)
def paper(case: CandidacyAccess, paper_id: UUID) -> ResponseReturnValue:
    """Send a paper of a funding."""
    rows = use_cases.list_papers(read_session(), case.id)
    row = next((each for each in rows if each.id == paper_id), None) or abort(404)
    return send_copy(row.file_key, row.file_name, row.file_mime, row.file_size)
