"""Complaints of a body (réclamations): the list with its figures, one and its answer, one received otherwise."""

from typing import Any
from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import or_
from sqlalchemy.orm import Session
from wtforms.validators import ValidationError

from portfolio.access.body import BodyAccess
from portfolio.access.decorators import certifier_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session, transaction
from portfolio.db.paging import Order, count_rows, load_page
from portfolio.domain.account.models import Person
from portfolio.domain.complaint import use_cases
from portfolio.domain.complaint.models import Complaint
from portfolio.domain.complaint.rules import (
    AnswerInput,
    Channel,
    ComplaintInput,
    Outcome,
    Subject,
    answer_due_on,
    figures_by_year,
)
from portfolio.errors import Refusal
from portfolio.screens.account.navigation import delivery_notice
from portfolio.web.clock import now, today
from portfolio.web.exports import CSV, ODS, export_response
from portfolio.web.forms import (
    FrenchDateField,
    IdempotentForm,
    MultiLineField,
    RadioChoiceField,
    SelectChoiceField,
    SingleLineField,
    pairs,
    refusal_message,
    run_once,
)
from portfolio.web.listing import Filter, Listing, Option, Sort, read_state
from portfolio.wording import complaints as say

bp = Blueprint("complaints", __name__)
STATE, SUBJECT = "etat", "sujet"
_KEY = (Complaint.received_on, Complaint.id)
SORTS = (
    Sort("recente", "La plus récente d’abord", Order(_KEY, descending=True)),
    Sort("ancienne", "La plus ancienne d’abord", Order(_KEY)),
)
_STATES: dict[str, tuple[str, Any]] = {
    "a-repondre": ("À répondre", Complaint.answered_at.is_(None)),
    "mesure": ("Mesure à faire", Complaint.answered_at.is_not(None) & Complaint.closed_at.is_(None)),
    "closes": ("Closes", Complaint.closed_at.is_not(None)),
}
FILTERS = (
    Filter(STATE, "État", tuple(Option(value, label) for value, (label, _) in _STATES.items()), is_shortcut=True),
    Filter(SUBJECT, "Sujet", tuple(Option(value, label) for value, label in say.SUBJECTS.items()), every="Tous"),
)


class ReceivedForm(IdempotentForm):
    """A complaint that came by another way than this site."""

    author = SingleLineField("Qui réclame", missing="Donnez le nom de la personne.", limit=300)
    contact = SingleLineField("Où lui répondre : adresse, courriel ou téléphone", limit=300)
    received_on = FrenchDateField("Reçue le", missing="Donnez le jour de la réception.")
    channel = RadioChoiceField("Comment", Channel, missing="Dites comment elle est arrivée.")
    subject = SelectChoiceField("Sujet", Subject, missing="Choisissez le sujet.")
    message = MultiLineField("Ce que la personne dit", missing="Résumez la réclamation.", limit=8000)

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.channel.choices = pairs((way, label) for way, label in say.CHANNELS.items() if way is not Channel.ACCOUNT)
        self.subject.choices = pairs([("", "Choisissez"), *say.SUBJECTS.items()])

    def validate_received_on(self, field: FrenchDateField) -> None:
        """Refuse a day to come."""
        if field.data and field.data > today():
            raise ValidationError("Ce jour n’est pas encore passé.")

    def value(self) -> ComplaintInput:
        """Return what was written."""
        return ComplaintInput(
            self.subject.data,
            self.message.data or "",
            self.received_on.data,
            self.channel.data,
            self.author.data or "",
            self.contact.data or "",
        )


class AnswerForm(IdempotentForm):
    """The answer of the body."""

    outcome = RadioChoiceField("Votre constat", Outcome, missing="Dites si la réclamation est fondée.")
    answer = MultiLineField("Réponse à la personne", missing="Écrivez la réponse : elle est envoyée.", limit=8000)
    measure = MultiLineField("Ce que l’organisme change", limit=2000)

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.outcome.choices = pairs(say.OUTCOMES.items())


@bp.get("/organisme/reclamations")
@certifier_page(Permission.SIGN)
def complaints(body: BodyAccess) -> ResponseReturnValue:
    """Show one page of the complaints, and the figures of each year; or the whole list as a file."""
    db, state = read_session(), read_state(FILTERS, SORTS)
    days = use_cases.load_complaint_days(db, body.id)
    query = use_cases.select_complaints(body.id)
    if kept := state.choices.get(STATE):
        query = query.where(_STATES[kept][1])
    if subject := state.choices.get(SUBJECT):
        query = query.where(Complaint.subject == Subject(subject))
    if state.words:
        told = (Person.name, Complaint.author, Complaint.message)
        query = query.where(or_(*(column.icontains(state.words, autoescape=True) for column in told)))
    if (kind := request.args.get("format")) in (CSV, ODS):
        rows = (say.export_row(complaint, who, days) for complaint, who in db.execute(query.order_by(*_KEY)).all())
        return export_response(kind, "reclamations", say.HEADER, rows)
    page = load_page(db, query, state.sort.order, state.position)
    listing = Listing(
        "certifier.complaints.complaints",
        {},
        state,
        FILTERS,
        SORTS,
        page,
        count_rows(db, query.with_only_columns(Complaint.id)),
        "Nom, ou mots de la réclamation",
        exports=((CSV, "CSV"), (ODS, "Tableur (ODS)")),
    )
    return render_template(
        "certifier/complaints/list.html",
        listing=listing,
        years=figures_by_year(use_cases.load_facts(db, body.id), days, today()),
        days=days,
        due=answer_due_on,
        today=today(),
        say=say,
    )


@bp.get("/organisme/reclamations/nouvelle")
@certifier_page(Permission.SIGN)
def received_form(body: BodyAccess) -> ResponseReturnValue:  # noqa: ARG001
    """Show the form of a complaint received by post, by telephone or on the spot."""
    return render_template("certifier/complaints/received.html", form=ReceivedForm(formdata=None))


@bp.post("/organisme/reclamations/nouvelle")
@certifier_page(Permission.SIGN)
def record(body: BodyAccess) -> ResponseReturnValue:
    """Record a complaint received otherwise."""
    form = ReceivedForm()
    if not form.validate():
        return render_template("certifier/complaints/received.html", form=form), 422

    def act(db: Session) -> str:
        found = use_cases.record_complaint(db, body.id, None, form.value(), by=current_user.id, at=now())
        return url_for(".complaint", complaint_id=found.id)

    response: ResponseReturnValue = run_once(form.nonce.data, act)
    session["notice"] = "La réclamation est inscrite."
    return response


@bp.get("/organisme/reclamations/<uuid:complaint_id>")
@certifier_page(Permission.SIGN)
def complaint(body: BodyAccess, complaint_id: UUID) -> ResponseReturnValue:
    """Show a complaint, with its answer or the form to give it."""
    return _page(body, complaint_id, AnswerForm(formdata=None))


@bp.post("/organisme/reclamations/<uuid:complaint_id>")
@certifier_page(Permission.SIGN)
def answer(body: BodyAccess, complaint_id: UUID) -> ResponseReturnValue:
    """Answer a complaint."""
    form = AnswerForm()
    found = _find(body, complaint_id)
    if not form.validate():
        return _page(body, complaint_id, form), 422
    given = AnswerInput(form.outcome.data, form.answer.data or "", form.measure.data or "")

    def act(db: Session) -> str:
        use_cases.answer_complaint(db, complaint_id, given, by=current_user.id, at=now())
        return url_for(".complaint", complaint_id=complaint_id)

    try:
        response: ResponseReturnValue = run_once(form.nonce.data, act)
    except Refusal as refusal:
        return _page(body, complaint_id, form, refusal_message(refusal)), 409
    sent = delivery_notice() if found.candidacy_id else "Remettez-la vous-même à la personne."
    session["notice"] = f"La réponse est enregistrée. {sent}"
    return response


@bp.post("/organisme/reclamations/<uuid:complaint_id>/cloture")
@certifier_page(Permission.SIGN)
def close(body: BodyAccess, complaint_id: UUID) -> ResponseReturnValue:
    """Close a complaint whose measure is done."""
    _find(body, complaint_id)
    with transaction() as db:
        use_cases.close_complaint(db, complaint_id, by=current_user.id, at=now())
    session["notice"] = "La réclamation est close."
    return redirect(url_for(".complaint", complaint_id=complaint_id), 303)


def _find(body: BodyAccess, complaint_id: UUID) -> Complaint:
    return use_cases.find_complaint(read_session(), body.id, complaint_id) or abort(404)


def _page(body: BodyAccess, complaint_id: UUID, form: AnswerForm, stopped: str = "") -> str:
    db = read_session()
    query = use_cases.select_complaints(body.id).where(Complaint.id == complaint_id)
    row = db.execute(query).one_or_none() or abort(404)
    days = use_cases.load_complaint_days(db, body.id)
    return render_template(
        "certifier/complaints/complaint.html",
        complaint=row[0], who=row[1], form=form, stopped=stopped, days=days,
        is_late=row[0].answered_at is None and answer_due_on(row[0].received_on, days) < today(), say=say,
    )  # fmt: skip
