"""The insertion of holders: rates by promotion and route, the table of a renewal, answers of telephone calls."""

from uuid import UUID

from flask import Blueprint, Response, abort, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session
from wtforms.validators import ValidationError

from portfolio.access.body import BodyAccess
from portfolio.access.decorators import certifier_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session, transaction
from portfolio.domain.follow_up import use_cases
from portfolio.domain.follow_up.models import FollowUp, FollowUpSettings
from portfolio.domain.follow_up.rules import Answer, Change, Contract, Situation, Wave
from portfolio.web.clock import now, today
from portfolio.web.exports import csv_response
from portfolio.web.forms import IdempotentForm, RadioChoiceField, SelectChoiceField, SingleLineField, run_once
from portfolio.wording import figures as words
from portfolio.wording.candidacy import ROUTES

bp = Blueprint("follow_up", __name__)
_CALLS = 50
_MOST_EUROS = 1_000_000


class SurveyForm(IdempotentForm):
    """The eight questions; only the first one is asked of everyone."""

    situation = RadioChoiceField(
        "Quelle est votre situation aujourd’hui ?",
        Situation,
        missing="Choisissez une réponse.",
        choices=words.SITUATIONS,
    )
    in_target_job = RadioChoiceField("Exercez-vous le métier que vise la certification ?", str, choices=words.YES_NO)
    contract = SelectChoiceField("Quel est votre contrat ?", Contract, choices={"": "—", **words.CONTRACTS})
    gross_pay = SingleLineField("Quelle est votre rémunération brute annuelle, en euros ?", limit=12)
    is_executive = RadioChoiceField("Êtes-vous cadre ?", str, choices=words.YES_NO)
    job_title = SingleLineField("Quel est l’intitulé de votre poste ?")
    employer = SingleLineField("Qui est votre employeur ?")
    change = SelectChoiceField("Que vous a apporté la certification ?", Change, choices={"": "—", **words.CHANGES})

    def validate_gross_pay(self, field: SingleLineField) -> None:
        """Refuse what is no number of euros."""
        if field.data and self._pay() is None:
            raise ValidationError("Écrivez un nombre d’euros, par exemple 32 000.")

    def _pay(self) -> int | None:
        digits = "".join((self.gross_pay.data or "").split())
        is_number = digits.isascii() and digits.isdecimal() and len(digits) < 8
        return int(digits) if is_number and int(digits) <= _MOST_EUROS else None

    def value(self) -> Answer:
        """Return the answers."""
        job = {"oui": True, "non": False}
        return Answer(
            self.situation.data,
            job.get(self.in_target_job.data),
            self.contract.data,
            self._pay(),
            job.get(self.is_executive.data),
            self.job_title.data or "",
            self.employer.data or "",
            self.change.data,
        )


def _wave() -> Wave:
    asked = request.args.get("enquete", "")
    return next((wave for wave in Wave if str(wave.months) == asked), Wave.M6)


@bp.get("/organisme/insertion")
@certifier_page(Permission.SIGN)
def rates(body: BodyAccess) -> ResponseReturnValue:
    """Show the rates of each promotion, and who may be called."""
    db, wave = read_session(), _wave()
    settings = db.get(FollowUpSettings, body.id)
    return render_template(
        "certifier/follow_up/rates.html",
        is_on=settings is not None and settings.is_on,
        wave=wave,
        waves=words.WAVES,
        found=use_cases.load_rates(db, body.id, wave, today()),
        unanswered=list(use_cases.list_unanswered(db, body.id, _CALLS)),
        say=words,
        routes=ROUTES,
    )


@bp.post("/organisme/insertion")
@certifier_page(Permission.SIGN)
def turn(body: BodyAccess) -> ResponseReturnValue:
    """Begin to ask the holders, or stop."""
    is_on = request.form.get("etat") == "oui"
    with transaction() as db:
        use_cases.turn(db, body.id, is_on=is_on, by=current_user.id, at=now())
    session["notice"] = (
        "Les titulaires seront interrogés à 6, 12 et 24 mois. Les premiers courriers partent la nuit prochaine."
        if is_on
        else "Plus aucun titulaire n’est interrogé. Les réponses reçues restent."
    )
    return redirect(url_for(".rates"), 303)


@bp.get("/organisme/insertion/renouvellement.csv")
@certifier_page(Permission.SIGN)
def table(body: BodyAccess) -> Response:
    """Send the table of a renewal: every promotion at every wave, with numerators and denominators."""
    db, day = read_session(), today()
    rows: list[list[str | int]] = [
        [
            *(code, year, "toutes" if route is None else ROUTES[route], wave.months, each.holders, each.respondents),
            words.rate_cell(each.respondents, each.holders),
            *(each.employed, each.active, words.rate_cell(each.employed, each.active)),
            *(each.in_target, each.considered, words.rate_cell(each.in_target, each.considered), each.neutral),
        ]
        for wave in Wave
        for (code, year, route), each in use_cases.load_rates(db, body.id, wave, day).items()
    ]
    return csv_response("insertion-renouvellement", words.COLUMNS, rows)


def _survey(db: Session, body: BodyAccess, follow_up_id: UUID) -> FollowUp:
    row = db.get(FollowUp, follow_up_id)
    return row if row is not None and row.body_id == body.id and row.refused_at is None else abort(404)


@bp.get("/organisme/insertion/<uuid:follow_up_id>")
@certifier_page(Permission.SIGN)
def call(body: BodyAccess, follow_up_id: UUID) -> ResponseReturnValue:
    """Show the questions to ask by telephone."""
    _survey(read_session(), body, follow_up_id)
    return render_template("certifier/follow_up/call.html", form=SurveyForm(formdata=None))


@bp.post("/organisme/insertion/<uuid:follow_up_id>")
@certifier_page(Permission.SIGN)
def record(body: BodyAccess, follow_up_id: UUID) -> ResponseReturnValue:
    """Keep the answers of a telephone call, and who typed them."""
    _survey(read_session(), body, follow_up_id)
    form = SurveyForm()
    if not form.validate():
        return render_template("certifier/follow_up/call.html", form=form), 422

    def act(db: Session) -> str:
        row = _survey(db, body, follow_up_id)
        use_cases.record_answer(db, row, form.value(), by=current_user.id, at=now())
        return url_for(".rates")

    response = run_once(form.nonce.data, act)
    session["notice"] = "Les réponses sont enregistrées."
    return response
