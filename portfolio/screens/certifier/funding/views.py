"""Appointments of a candidate, for their advisor, their body and themselves; what funders pay, for the body."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session
from wtforms.validators import ValidationError

from portfolio.access.body import BodyAccess
from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page, certifier_page
from portfolio.access.policy import Permission, may_write
from portfolio.calendar import PARIS, day_of
from portfolio.db.engine import read_session, transaction
from portfolio.documents.attendance import attendance_pdf
from portfolio.domain.certifying_body.look import load_look
from portfolio.domain.funding import use_cases
from portfolio.domain.funding.models import Appointment, AttendanceCertificate, Funding
from portfolio.domain.funding.rules import (
    MAX_MINUTES,
    MAX_PLACE,
    PRESENCE_HEADINGS,
    AppointmentInput,
    Commitment,
    FunderKind,
    FundingInput,
    Held,
    StepKind,
    read_presence,
)
from portfolio.errors import Refusal
from portfolio.files.conversion.tables import MAX_TABLE_BYTES
from portfolio.files.filenames import attachment_headers
from portfolio.files.zip_stream import ZipMember
from portfolio.screens.certifier.sessions.schedule import HourField, minute_of
from portfolio.web.clock import now
from portfolio.web.exports import csv_text, zip_response
from portfolio.web.forms import (
    Form,
    FrenchDateField,
    IdempotentForm,
    RadioChoiceField,
    SelectChoiceField,
    SingleLineField,
    pairs,
    refusal_message,
    run_once,
    run_or_refuse,
)
from portfolio.web.request_limits import accepts_file
from portfolio.web.sheets import SheetForm
from portfolio.wording import funding as say
from portfolio.wording.jury.labels import cents_of
from portfolio.wording.jury.schedule import minute_of_day

bp = Blueprint("funding", __name__)


def _minutes(field: SingleLineField) -> None:
    typed = (field.data or "").strip()
    if typed and not (typed.isascii() and typed.isdecimal() and 0 <= int(typed) <= MAX_MINUTES):
        raise ValidationError(f"Écrivez un nombre de minutes, {MAX_MINUTES} au plus.")


class AppointmentForm(IdempotentForm):
    """One appointment: planned, or held."""

    kind = SelectChoiceField("Rendez-vous", StepKind, missing="Choisissez le rendez-vous.")
    day = FrenchDateField("Jour", missing="Donnez le jour.")
    hour = HourField("Heure de début", missing="Donnez l’heure.")
    minutes = SingleLineField("Durée prévue, en minutes", missing="Donnez la durée.", limit=5)
    place = SingleLineField("Lieu, ou lien", limit=MAX_PLACE)
    held = RadioChoiceField("Où en est-il", Held, missing="Dites s’il est tenu.", default=Held.PLANNED)
    attended = SingleLineField("Présence, en minutes", limit=5)

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.kind.choices = pairs([("", "Choisissez"), *say.STEPS.items()])
        self.held.choices = pairs(say.HELD.items())

    def validate_minutes(self, field: SingleLineField) -> None:
        """A duration is a number of minutes, at least one."""
        _minutes(field)
        if int(field.data or 0) < 1:
            raise ValidationError("Donnez une durée d’une minute au moins.")

    def validate_attended(self, field: SingleLineField) -> None:
        """A presence is a number of minutes; empty, the whole appointment."""
        _minutes(field)

    def value(self) -> AppointmentInput:
        """Return what was written."""
        midnight = datetime.combine(self.day.data, datetime.min.time(), PARIS)
        starts_at = (midnight + timedelta(minutes=minute_of(self.hour.data or "") or 0)).replace(tzinfo=PARIS)
        attended = int(self.attended.data) if self.attended.data else None
        return AppointmentInput(
            self.kind.data, starts_at, int(self.minutes.data or 0), self.place.data or "", self.held.data, attended
        )


class PresenceSheetForm(SheetForm):
    """A list of appointments and of who attended them."""

    headings = PRESENCE_HEADINGS


def _appointment_data(row: Appointment) -> dict[str, Any]:
    starts = row.starts_at.astimezone(PARIS)
    minute = minute_of_day(starts)
    data = {"kind": row.kind, "day": day_of(row.starts_at), "hour": f"{minute // 60}:{minute % 60:02d}"}
    attended = "" if row.attended is None else str(row.attended)
    return data | {"minutes": str(row.minutes), "place": row.place, "held": row.held, "attended": attended}


class FundingForm(IdempotentForm):
    """Request to one funder, and its answer."""

    kind = SelectChoiceField("Financeur", FunderKind, missing="Choisissez le financeur.")
    name = SingleLineField("Nom", missing="Donnez le nom du financeur.", limit=300)
    commitment = RadioChoiceField("Sa réponse", Commitment, missing="Dites où en est la demande.")
    number = SingleLineField("Numéro de l’accord", limit=100)
    decided_on = FrenchDateField("Date de la réponse")
    valid_until = FrenchDateField("Valable jusqu’au")
    hours = SingleLineField("Durée accordée, en minutes", limit=6)
    euros = SingleLineField("Montant, en euros", limit=12)

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.kind.choices = pairs([("", "Choisissez"), *say.FUNDERS.items()])
        self.commitment.choices = pairs(say.COMMITMENTS.items())

    def validate_hours(self, field: SingleLineField) -> None:
        """A number of minutes, or nothing."""
        if field.data and not (field.data.isascii() and field.data.isdecimal()):
            raise ValidationError("Écrivez un nombre de minutes.")

    def validate_euros(self, field: SingleLineField) -> None:
        """An amount, or nothing."""
        if field.data and cents_of(field.data) is None:
            raise ValidationError("Écrivez un montant en euros, par exemple 1200 ou 90,50.")

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask an agreement its number and its date: without them, it is a promise."""
        valid: bool = super().validate(extra_validators)
        if self.commitment.data is Commitment.GRANTED and not (self.number.data and self.decided_on.data):
            self.number.errors = [
                "Un accord a un numéro et une date. Sans eux, choisissez «\u00a0Promis, sans accord écrit\u00a0»."
            ]
            return False
        return valid

    def value(self) -> FundingInput:
        """Return what was written."""
        return FundingInput(
            self.kind.data, self.name.data or "", self.commitment.data, self.number.data or "",
            self.decided_on.data, self.valid_until.data,
            int(self.hours.data) if self.hours.data else None, cents_of(self.euros.data) if self.euros.data else None,
        )  # fmt: skip


def _funding_data(row: Funding) -> dict[str, Any]:
    data = {name: getattr(row, name) for name in ("kind", "name", "commitment", "number", "decided_on", "valid_until")}
    euros = "" if row.cents is None else f"{row.cents / 100:.2f}".replace(".", ",")
    return data | {"hours": "" if row.minutes is None else str(row.minutes), "euros": euros}


@bp.get("/candidatures/<uuid:candidacy_id>/rendez-vous")
@candidacy_page(Permission.READ_APPOINTMENTS)
def appointments(case: CandidacyAccess) -> ResponseReturnValue:
    """Show the appointments of a candidate: to plan, to hold, to sign."""
    return _appointments_page(case, AppointmentForm(formdata=None))


@bp.post("/candidatures/<uuid:candidacy_id>/rendez-vous")
@candidacy_page(Permission.KEEP_APPOINTMENTS)
def add_appointment(case: CandidacyAccess) -> ResponseReturnValue:
    """Write a new appointment."""
    return _save_appointment(case, AppointmentForm(), None)


@bp.get("/candidatures/<uuid:candidacy_id>/rendez-vous/<uuid:appointment_id>")
@candidacy_page(Permission.KEEP_APPOINTMENTS)
def appointment(case: CandidacyAccess, appointment_id: UUID) -> ResponseReturnValue:
    """Show the form that changes an appointment."""
    row = _find_appointment(case, appointment_id)
    return _appointments_page(case, AppointmentForm(formdata=None, data=_appointment_data(row)), row)


@bp.post("/candidatures/<uuid:candidacy_id>/rendez-vous/<uuid:appointment_id>")
@candidacy_page(Permission.KEEP_APPOINTMENTS)
def change_appointment(case: CandidacyAccess, appointment_id: UUID) -> ResponseReturnValue:
    """Change an appointment, or say how it was held."""
    return _save_appointment(case, AppointmentForm(), _find_appointment(case, appointment_id))


def _save_appointment(case: CandidacyAccess, form: AppointmentForm, row: Appointment | None) -> ResponseReturnValue:
    if not form.validate():
        return _appointments_page(case, form, row), 422

    def act(db: Session) -> str:
        use_cases.save_appointment(db, case.id, row.id if row else None, form.value(), by=current_user.id, at=now())
        return url_for(".appointments", candidacy_id=case.id)

    try:
        response: ResponseReturnValue = run_once(form.nonce.data, act)
    except Refusal as refusal:
        return _appointments_page(case, form, row, refusal_message(refusal)), 409
    session["notice"] = "Le rendez-vous est enregistré."
    return response


@bp.post("/candidatures/<uuid:candidacy_id>/rendez-vous/<uuid:appointment_id>/retrait")
@candidacy_page(Permission.KEEP_APPOINTMENTS)
def remove_appointment(case: CandidacyAccess, appointment_id: UUID) -> ResponseReturnValue:
    """Take an appointment out."""
    _find_appointment(case, appointment_id)
    with transaction() as db:
        use_cases.remove_appointment(db, case.id, appointment_id, by=current_user.id, at=now())
    session["notice"] = "Le rendez-vous est retiré."
    return redirect(url_for(".appointments", candidacy_id=case.id), 303)


@bp.post("/candidatures/<uuid:candidacy_id>/rendez-vous/<uuid:appointment_id>/presence")
@candidacy_page(Permission.SIGN_PRESENCE)
def sign(case: CandidacyAccess, appointment_id: UUID) -> ResponseReturnValue:
    """Sign that the candidate attended."""
    _find_appointment(case, appointment_id)
    with transaction() as db:
        use_cases.sign_presence(db, case.id, appointment_id, by=current_user.id, at=now())
    session["notice"] = "Votre présence est signée."
    return redirect(url_for(".appointments", candidacy_id=case.id), 303)


@bp.get("/rendez-vous/liste")
@certifier_page(Permission.MANAGE_CANDIDACY)
def presence_form(body: BodyAccess) -> ResponseReturnValue:  # noqa: ARG001
    """Show the form that takes a list of presence."""
    return _presence_page(PresenceSheetForm(formdata=None))


@bp.post("/rendez-vous/liste")
@accepts_file(lambda _settings: MAX_TABLE_BYTES, has_long_text=True)
@certifier_page(Permission.MANAGE_CANDIDACY)
def add_presence(body: BodyAccess) -> ResponseReturnValue:
    """Show the appointment that each line of a list says; once that is accepted, write them all or none."""
    form = PresenceSheetForm()
    sheet = form.read() if form.validate() else None
    if sheet is None:
        if not form.errors:
            form.lines.errors = ["Ajoutez une ligne de titres\u00a0: nom ou courriel, date, début, fin, rendez-vous."]
        return _presence_page(form), 422
    people = use_cases.list_presence_people(read_session(), body.id)
    lines = read_presence(sheet.cells(), people, say.STEPS, now())
    wrong = [say.wrong_presence_message(line) for line in lines if line.fault]
    read = [line for line in lines if not line.fault]
    known = use_cases.known_appointments(read_session(), [line.person.candidacy_id for line in read if line.person])
    right = [line for line in read if line.place not in known]
    if not form.is_accepted or not right or (wrong and not form.set_aside.data):
        shown = {"sheet": sheet, "right": right, "wrong": wrong, "known": len(read) - len(right)}
        return _presence_page(form, **shown), 422 if form.is_accepted else 200

    def act(db: Session) -> str:
        done = use_cases.save_presence(db, right, by=current_user.id, at=now())
        session["notice"] = say.presence_saved_message(done)
        return url_for(".presence_form")

    return run_or_refuse(form.nonce.data, act, lambda sentence: _presence_page(form, stopped=sentence))


def _presence_page(form: PresenceSheetForm, **more: Any) -> str:
    names = {"sheet": None, "stopped": "", "say": say} | more
    return render_template("certifier/funding/presence.html", form=form, **names)


def _find_appointment(case: CandidacyAccess, appointment_id: UUID) -> Appointment:
    return use_cases.find_appointment(read_session(), case.id, appointment_id) or abort(404)


def _appointments_page(
    case: CandidacyAccess, form: AppointmentForm, row: Appointment | None = None, stopped: str = ""
) -> str:
    return render_template(
        "certifier/funding/appointments.html", case=case, form=form, row=row, stopped=stopped, say=say, now=now(),
        support=use_cases.load_support(read_session(), case.id),
        may_keep=may_write(case.standing, Permission.KEEP_APPOINTMENTS),
    )  # fmt: skip


@bp.get("/candidatures/<uuid:candidacy_id>/financement")
@candidacy_page(Permission.MANAGE_CANDIDACY)
def fundings(case: CandidacyAccess) -> ResponseReturnValue:
    """Show who pays, what was used, and the file of the funder."""
    return _funding_page(case, FundingForm(formdata=None))


@bp.post("/candidatures/<uuid:candidacy_id>/financement")
@candidacy_page(Permission.MANAGE_CANDIDACY)
def add_funding(case: CandidacyAccess) -> ResponseReturnValue:
    """Write a new funder."""
    return _save_funding(case, FundingForm(), None)


@bp.get("/candidatures/<uuid:candidacy_id>/financement/<uuid:funding_id>")
@candidacy_page(Permission.MANAGE_CANDIDACY)
def funding(case: CandidacyAccess, funding_id: UUID) -> ResponseReturnValue:
    """Show the form that changes what a funder answered."""
    row = _find_funding(case, funding_id)
    return _funding_page(case, FundingForm(formdata=None, data=_funding_data(row)), row)


@bp.post("/candidatures/<uuid:candidacy_id>/financement/<uuid:funding_id>")
@candidacy_page(Permission.MANAGE_CANDIDACY)
def change_funding(case: CandidacyAccess, funding_id: UUID) -> ResponseReturnValue:
    """Change what a funder answered."""
    return _save_funding(case, FundingForm(), _find_funding(case, funding_id))


def _save_funding(case: CandidacyAccess, form: FundingForm, row: Funding | None) -> ResponseReturnValue:
    if not form.validate():
        return _funding_page(case, form, row), 422

    def act(db: Session) -> str:
        use_cases.save_funding(db, case.id, row.id if row else None, form.value(), by=current_user.id, at=now())
        return url_for(".fundings", candidacy_id=case.id)

    response: ResponseReturnValue = run_once(form.nonce.data, act)
    session["notice"] = "Le financement est enregistré."
    return response


@bp.post("/candidatures/<uuid:candidacy_id>/financement/<uuid:funding_id>/lien")
@candidacy_page(Permission.MANAGE_CANDIDACY)
def open_link(case: CandidacyAccess, funding_id: UUID) -> ResponseReturnValue:
    """Make a link by which the funder reads presence, shown once."""
    _find_funding(case, funding_id)
    with transaction() as db:
        token = use_cases.open_link(db, case.id, funding_id, by=current_user.id, at=now())
    link = url_for("respondent.funder.presence", token=token, _external=True)
    return _funding_page(case, FundingForm(formdata=None), link=link)


@bp.post("/candidatures/<uuid:candidacy_id>/financement/<uuid:funding_id>/lien/retrait")
@candidacy_page(Permission.MANAGE_CANDIDACY)
def close_link(case: CandidacyAccess, funding_id: UUID) -> ResponseReturnValue:
    """Stop the link of a funder."""
    _find_funding(case, funding_id)
    with transaction() as db:
        use_cases.close_link(db, case.id, funding_id, by=current_user.id, at=now())
    session["notice"] = "Le lien n’ouvre plus rien."
    return redirect(url_for(".fundings", candidacy_id=case.id), 303)


@bp.post("/candidatures/<uuid:candidacy_id>/realisation")
@candidacy_page(Permission.SIGN)
def certify(case: CandidacyAccess) -> ResponseReturnValue:
    """Give the certificate of attendance, or its next version."""
    form = Form()
    if not form.validate():
        abort(400)
    look, made = load_look(read_session(), case.body_id), None
    while made is None:  # another certificate of the body took its number meanwhile
        facts = use_cases.next_attendance(read_session(), case.id, now())
        pdf = attendance_pdf(say.attendance_value(facts), look)
        with transaction() as db:
            made = use_cases.keep_attendance(db, case.body_id, case.id, facts, pdf, by=current_user.id)
    number = facts.number
    session["notice"] = f"Le certificat de réalisation n° {number} est établi."
    return redirect(url_for(".fundings", candidacy_id=case.id), 303)


@bp.get("/candidatures/<uuid:candidacy_id>/realisation/<int:version>.pdf")
@candidacy_page(Permission.READ_APPOINTMENTS)
def certificate(case: CandidacyAccess, version: int) -> ResponseReturnValue:
    """Send a version of the certificate, as it was given."""
    return pdf_response(use_cases.find_certificate(read_session(), case.id, version) or abort(404))


def pdf_response(found: AttendanceCertificate) -> Response:
    """Return the bytes of a certificate of attendance."""
    headers = attachment_headers(f"certificat-de-realisation-{found.number}.pdf", "application/pdf")
    return Response(found.pdf, headers=headers)


@bp.get("/candidatures/<uuid:candidacy_id>/dossier-du-financeur.zip")
@candidacy_page(Permission.MANAGE_CANDIDACY)
def pack(case: CandidacyAccess) -> ResponseReturnValue:
    """Send the file of the funder: each version of the certificate, and the presence sheet."""
    support = use_cases.load_support(read_session(), case.id)
    sheet = csv_text(say.SHEET_HEADER, (say.sheet_row(line) for line in support.sheet.lines)).encode()
    members = [ZipMember("feuille-de-presence.csv", lambda: [sheet])]
    members += [
        ZipMember(f"certificat-de-realisation-{each.number}.pdf", lambda pdf=each.pdf: [pdf])  # type: ignore[misc]
        for each in support.certificates
    ]
    return zip_response(members, "dossier-du-financeur.zip")


def _find_funding(case: CandidacyAccess, funding_id: UUID) -> Funding:
    return use_cases.find_funding(read_session(), case.id, funding_id) or abort(404)


def _funding_page(case: CandidacyAccess, form: FundingForm, row: Funding | None = None, link: str = "") -> str:
    support = use_cases.load_support(read_session(), case.id)
    return render_template(
        "certifier/funding/funding.html", case=case, form=form, row=row, support=support, link=link, say=say
    )
