"""A candidate complains to the body of a dossier, and reads what it answers."""

from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.decorators import own_page
from portfolio.db.engine import read_session
from portfolio.domain.complaint import use_cases
from portfolio.domain.complaint.rules import Channel, ComplaintInput, Subject
from portfolio.errors import Refusal
from portfolio.web.clock import now, today
from portfolio.web.forms import (
    IdempotentForm,
    MultiLineField,
    RadioChoiceField,
    SelectChoiceField,
    pairs,
    refusal_message,
    run_once,
)
from portfolio.wording import complaints as say

bp = Blueprint("complaints", __name__)


class ComplaintForm(IdempotentForm):
    """Form of a complaint of a candidate."""

    candidacy_id = RadioChoiceField("Votre dossier", UUID, missing="Choisissez le dossier.")
    subject = SelectChoiceField("Sujet", Subject, missing="Choisissez le sujet.")
    message = MultiLineField("Ce qui s’est passé", missing="Racontez ce qui s’est passé.", limit=8000)

    def __init__(self, own: Any, **more: Any) -> None:
        super().__init__(**more)
        self.candidacy_id.choices = pairs((each.id, f"{each.title} ({each.body})") for each in own)
        if len(own) == 1:
            self.candidacy_id.data = own[0].id
        self.subject.choices = pairs([("", "Choisissez"), *say.SUBJECTS.items()])


@bp.get("/reclamations")
@own_page
def complaints() -> ResponseReturnValue:
    """Show the complaints of a candidate with their answers, and the form of a new one."""
    return _page(ComplaintForm(_own(), formdata=None))


@bp.post("/reclamations")
@own_page
def complain() -> ResponseReturnValue:
    """Send a complaint to the body of a dossier."""
    own = _own()
    form = ComplaintForm(own)
    if not form.validate():
        return _page(form), 422
    about = next(each for each in own if each.id == form.candidacy_id.data)
    written = ComplaintInput(form.subject.data, form.message.data or "", today(), Channel.ACCOUNT)

    def act(db: Session) -> str:
        use_cases.record_complaint(db, about.body_id, about.id, written, by=current_user.id, at=now())
        return url_for(".complaints")

    try:
        response: ResponseReturnValue = run_once(form.nonce.data, act)
    except Refusal as refusal:
        return _page(form, refusal_message(refusal)), 409
    days = use_cases.load_complaint_days(read_session(), about.body_id)
    session["notice"] = f"Votre réclamation est envoyée. {say.due_message(today(), days)}."
    return response


def _own() -> Any:
    return use_cases.list_own_bodies(read_session(), current_user.id)


def _page(form: ComplaintForm, stopped: str = "") -> str:
    db, own = read_session(), _own()
    days = {each.body_id: use_cases.load_complaint_days(db, each.body_id) for each in own}
    return render_template(
        "account/complaints/complaints.html", form=form, own=own, days=days, say=say, stopped=stopped,
        sent=use_cases.list_own_complaints(db, current_user.id),
    )  # fmt: skip
