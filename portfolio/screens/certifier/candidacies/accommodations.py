"""Accommodations of a candidacy: the candidate or the body asks, the body decides."""

from uuid import UUID

from flask import abort, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session
from wtforms import BooleanField
from wtforms.validators import ValidationError

from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session
from portfolio.domain.admissibility.use_cases import accommodations
from portfolio.domain.candidacy.rules.accommodation import MAX_EXTRA_MINUTES, AccommodationOutcome, Arrangement
from portfolio.domain.jury_session.use_cases.schedule import lengthen_interview
from portfolio.screens.account.navigation import delivery_notice
from portfolio.screens.certifier.candidacies.blueprint import bp
from portfolio.web.clock import now
from portfolio.web.forms import (
    IdempotentForm,
    MultiLineField,
    RadioChoiceField,
    SingleLineField,
    run_once,
    run_or_refuse,
)
from portfolio.wording import accommodations as words


class AskForm(IdempotentForm):
    """A request for an arrangement."""

    asked = MultiLineField(
        "Ce dont la personne a besoin",
        missing="Écrivez ce qui est demandé, par exemple un tiers de temps en plus.",
        limit=2000,
    )


class DecideForm(IdempotentForm):
    """A decision on a request."""

    outcome = RadioChoiceField(
        "Décision", AccommodationOutcome, missing="Choisissez la décision.", choices=words.OUTCOMES
    )
    extra_minutes = SingleLineField("Temps en plus, en minutes", limit=3)
    interpreter = BooleanField("Un interprète sera présent")
    arrangements = MultiLineField("Autre aménagement", limit=1000)
    reason = MultiLineField("Motif, si la demande est refusée ou accordée en partie", limit=2000)

    def validate_extra_minutes(self, field: SingleLineField) -> None:
        """Extra time is a number of minutes."""
        text = field.data or ""
        if text and not (text.isascii() and text.isdecimal() and int(text) <= MAX_EXTRA_MINUTES):
            raise ValidationError(f"Écrivez un nombre de minutes, {MAX_EXTRA_MINUTES} au plus.")

    def value(self) -> Arrangement:
        """Return the decision; a refusal arranges nothing."""
        outcome: AccommodationOutcome = self.outcome.data
        if outcome is AccommodationOutcome.REFUSED:
            return Arrangement(outcome, reason=self.reason.data or "")
        minutes = int(self.extra_minutes.data or 0)
        return Arrangement(
            outcome, self.arrangements.data or "", minutes, bool(self.interpreter.data), self.reason.data or ""
        )


@bp.get("/candidatures/<uuid:candidacy_id>/amenagements")
@candidacy_page(Permission.WRITE_BIRTH)
def accommodation_list(case: CandidacyAccess) -> ResponseReturnValue:
    """Show what was asked and decided, and the form that asks."""
    return _page(case)


def _page(
    case: CandidacyAccess, form: AskForm | None = None, deciding: DecideForm | None = None, stopped: str = ""
) -> str:
    return render_template(
        "certifier/candidacies/accommodations.html",
        case=case,
        lines=accommodations.list_accommodations(read_session(), case.id),
        form=form or AskForm(formdata=None),
        deciding=deciding or DecideForm(formdata=None),
        say=words,
        stopped=stopped,
    )


@bp.post("/candidatures/<uuid:candidacy_id>/amenagements")
@candidacy_page(Permission.WRITE_BIRTH)
def ask_accommodation(case: CandidacyAccess) -> ResponseReturnValue:
    """Record what is asked."""
    form = AskForm()
    if not form.validate():
        return _page(case, form), 422

    def act(db: Session) -> str:
        accommodations.ask(db, case.id, form.asked.data or "", by=current_user.id, at=now())
        return url_for(".accommodation_list", candidacy_id=case.id)

    return run_once(form.nonce.data, act)


@bp.post("/candidatures/<uuid:candidacy_id>/amenagements/<uuid:accommodation_id>")
@candidacy_page(Permission.MANAGE_CANDIDACY)
def decide_accommodation(case: CandidacyAccess, accommodation_id: UUID) -> ResponseReturnValue:
    """Record what is decided, or say what misses; what was typed stays."""
    if accommodation_id not in {line.id for line in accommodations.list_accommodations(read_session(), case.id)}:
        abort(404)
    form = DecideForm()
    if not form.validate():
        return _page(case, deciding=form), 422

    notes = [f"La décision est enregistrée. {delivery_notice()}"]

    def act(db: Session) -> str:
        accommodations.decide(db, case.id, accommodation_id, form.value(), by=current_user.id, at=now())
        if form.value().extra_minutes and not lengthen_interview(db, case.id, at=now()):
            notes.append("La journée du jury est trop courte pour ce temps en plus : changez ses heures.")
        return url_for(".accommodation_list", candidacy_id=case.id)

    def stopped(sentence: str) -> str:
        return _page(case, deciding=form, stopped=sentence)

    response = run_or_refuse(form.nonce.data, act, stopped, notes[0])
    if len(notes) > 1:
        session["notice"] = " ".join(notes)
    return response
