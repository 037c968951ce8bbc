"""« Données »: what will go and when, holds, requests for erasure, periods."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session
from wtforms import StringField
from wtforms.validators import ValidationError

from portfolio.access.body import BodyAccess
from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page, certifier_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session, transaction
from portfolio.domain.retention.rules import GRACE, MONTHS, NOTICE_DAYS, LegalGround, Periods
from portfolio.domain.retention.use_cases import due, requests
from portfolio.domain.retention.use_cases.facts import load_periods
from portfolio.errors import Conflict, Refusal
from portfolio.screens.account.navigation import delivery_notice
from portfolio.screens.certifier.retention import queries
from portfolio.web.clock import now, today
from portfolio.web.forms import (
    Form,
    IdempotentForm,
    MultiLineField,
    RadioChoiceField,
    VersionedForm,
    pairs,
    refusal_message,
    remember_result,
    run_once,
)
from portfolio.web.listing import Listing, read_state
from portfolio.wording import retention as say
from portfolio.wording.retention import ANSWERS

ACCEPT = "accept"


class HoldForm(IdempotentForm):
    """Reason why a dossier is kept from being erased."""

    reason = MultiLineField("Motif", missing="Écrivez le motif : il explique pourquoi le dossier reste.", limit=2000)


class EndHoldForm(Form):
    """Reason why a hold ends."""

    end_reason = MultiLineField(
        "Motif de la levée", missing="Écrivez pourquoi vous levez cette conservation.", limit=2000
    )


class AnswerForm(IdempotentForm):
    """Answer of the body to a request for erasure."""

    decision = RadioChoiceField("Votre réponse", str, missing="Choisissez une réponse.")
    answer = MultiLineField("Explication", limit=2000)

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.decision.choices = pairs(ANSWERS)

    @property
    def ground(self) -> LegalGround | None:
        """Return the ground of law by which the dossier is kept; None when its erasure is accepted."""
        return None if self.decision.data == ACCEPT else LegalGround(self.decision.data)

    def validate_decision(self, field: RadioChoiceField) -> None:
        """Refuse an answer that is not offered."""
        if field.data not in ANSWERS:
            raise ValidationError("Choisissez une réponse.")


class PeriodsForm(VersionedForm):
    """Period for which the body keeps each kind of data."""

    appeal_months = StringField("Délai de recours après la notification, en mois")
    drafts_months = StringField("Brouillons, preuves non déposées et échanges, en mois après la fin des recours")
    sealed_months = StringField("Dossier déposé, pièces et notes du jury, en mois après la fin des recours")
    inactive_months = StringField("Dossier abandonné, en mois après la dernière activité")
    notice_days = StringField("Délai de prévenance de la personne, en jours")

    def value(self) -> Periods:
        """Return the periods that were typed."""
        return Periods(**{name: int(self[name].data or "") for name in _BOUNDS})

    def validate(self, extra_validators: Any = None) -> bool:
        """Check that each period is a whole number within its bounds."""
        valid = super().validate(extra_validators)
        for name, bounds in _BOUNDS.items():
            text = (self[name].data or "").strip()
            if not (text.isdecimal() and len(text) < 5 and int(text) in bounds):
                self[name].errors = [f"Écrivez un nombre entier entre {bounds[0]} et {bounds[-1]}."]
                valid = False
            self[name].data = text
        return bool(valid)


_BOUNDS = {
    "appeal_months": range(1, 25),
    "drafts_months": MONTHS,
    "sealed_months": MONTHS,
    "inactive_months": MONTHS,
    "notice_days": NOTICE_DAYS,
}

bp = Blueprint("retention", __name__)


@bp.get("/organisme/donnees")
@certifier_page(Permission.SIGN)
def preview(body: BodyAccess) -> ResponseReturnValue:
    """Show what will be erased and when, a page at a time."""
    filters = queries.load_filters()
    state = read_state(filters, queries.SORTS, request.args)
    page, count = queries.load_clocks(read_session(), body.id, state, today())
    listing = Listing(
        "certifier.retention.preview", {}, state, filters, queries.SORTS, page, count, "Nom ou adresse du candidat"
    )
    return render_template(
        "certifier/retention/preview.html",
        listing=listing,
        requests=requests.list_open_requests(read_session(), body.id),
        periods=load_periods(read_session(), body.id),
        backup_days=current_app.config["SETTINGS"].backup_days,
        no_day=queries.NO_DAY,
        say=say,
    )


@bp.get("/organisme/donnees/effacements")
@certifier_page(Permission.SIGN)
def erasures(body: BodyAccess) -> ResponseReturnValue:
    """Show the erasures that were ordered, and those that ended."""
    return render_template(
        "certifier/retention/erasures.html", rows=queries.load_erasures(read_session(), body.id), say=say
    )


@bp.get("/organisme/donnees/durees")
@certifier_page(Permission.SIGN)
def periods_form(body: BodyAccess) -> ResponseReturnValue:
    """Show how long the body keeps each kind of data."""
    periods = load_periods(read_session(), body.id)
    form = PeriodsForm(formdata=None, data={name: str(value) for name, value in asdict(periods).items()})
    form.revision.data = str(due.load_revision(read_session(), body.id))
    return _periods_page(form)


@bp.post("/organisme/donnees/durees")
@certifier_page(Permission.SIGN)
def save_periods(body: BodyAccess) -> ResponseReturnValue:
    """Change the periods of the body."""
    form = PeriodsForm()
    if not form.validate():
        return _periods_page(form), 422
    try:
        with transaction() as db:
            due.save_periods(db, body.id, form.value(), revision=form.seen_revision, by=current_user.id, at=now())
            remember_result(db, url_for(".preview"))
    except Conflict as conflict:
        form.revision.data = str(conflict.revision)
        return _periods_page(form, conflict.theirs), 409
    session["notice"] = "Les durées sont enregistrées. Les échéances sont recalculées cette nuit."
    return redirect(url_for(".preview"), 303)


def _periods_page(form: PeriodsForm, theirs: Any = None) -> str:
    return render_template("certifier/retention/periods.html", form=form, theirs=theirs, names=say.PERIODS)


@bp.get("/candidatures/<uuid:candidacy_id>/conservation")
@candidacy_page(Permission.SIGN)
def dossier(case: CandidacyAccess) -> ResponseReturnValue:
    """Show until when a dossier is kept and why, and what holds it."""
    return _dossier_page(case.id, HoldForm(formdata=None), EndHoldForm(formdata=None))


@bp.post("/candidatures/<uuid:candidacy_id>/conservation")
@candidacy_page(Permission.SIGN)
def place_hold(case: CandidacyAccess) -> ResponseReturnValue:
    """Keep a dossier from being erased."""
    form = HoldForm()
    if not form.validate():
        return _dossier_page(case.id, form, EndHoldForm(formdata=None)), 422

    def act(db: Session) -> str:
        requests.place_hold(db, case.id, form.reason.data or "", by=current_user.id, at=now())
        return url_for(".dossier", candidacy_id=case.id)

    response: ResponseReturnValue = run_once(form.nonce.data, act)
    session["notice"] = "Le dossier est conservé : rien n’en sera effacé tant que vous ne levez pas cette décision."
    return response


@bp.post("/candidatures/<uuid:candidacy_id>/conservation/<uuid:hold_id>")
@candidacy_page(Permission.SIGN)
def end_hold(case: CandidacyAccess, hold_id: UUID) -> ResponseReturnValue:
    """Let the clocks of a dossier run again."""
    if not requests.has_hold(read_session(), case.id, hold_id):
        abort(404)
    form = EndHoldForm()
    if not form.validate():
        return _dossier_page(case.id, HoldForm(formdata=None), form, ending=hold_id), 422
    with transaction() as db:
        requests.end_hold(db, case.id, hold_id, form.end_reason.data or "", by=current_user.id, at=now())
    session["notice"] = "La conservation est levée. Les échéances courent de nouveau."
    return redirect(url_for(".dossier", candidacy_id=case.id), 303)


def _dossier_page(candidacy_id: UUID, form: HoldForm, ending_form: EndHoldForm, ending: UUID | None = None) -> str:
    page = queries.load_retention_page(read_session(), candidacy_id, today())
    return render_template(
        "certifier/retention/dossier.html", page=page, form=form, ending_form=ending_form, ending=ending, say=say
    )


@bp.get("/candidatures/<uuid:candidacy_id>/effacement")
@candidacy_page(Permission.SIGN)
def answer_form(case: CandidacyAccess) -> ResponseReturnValue:
    """Show a request for erasure, and what the law allows to answer."""
    return _answer_page(case.id, AnswerForm(formdata=None))


@bp.post("/candidatures/<uuid:candidacy_id>/effacement")
@candidacy_page(Permission.SIGN)
def answer(case: CandidacyAccess) -> ResponseReturnValue:
    """Accept a request for erasure, or keep the dossier by a ground of law."""
    form = AnswerForm()
    if not form.validate():
        return _answer_page(case.id, form), 422

    def act(db: Session) -> str:
        labels = dict(say.LEGAL_GROUNDS)
        requests.answer_request(db, case.id, form.ground, form.answer.data or "", labels, by=current_user.id, at=now())
        return url_for(".dossier", candidacy_id=case.id)

    try:
        response: ResponseReturnValue = run_once(form.nonce.data, act)
    except Refusal as refusal:
        return _answer_page(case.id, form, refusal_message(refusal)), 409
    session["notice"] = f"Votre réponse est enregistrée. {delivery_notice()}"
    return response


def _answer_page(candidacy_id: UUID, form: AnswerForm, stopped: str = "") -> str:
    page = queries.load_retention_page(read_session(), candidacy_id, today())
    return render_template(
        "certifier/retention/answer.html", page=page, form=form, stopped=stopped, say=say, grace=GRACE.days
    )
