"""Correct a candidacy, close it, open it again.

Return a sealed dossier for completion, give another day, or let the jury read the version that it has.
"""

from collections.abc import Sequence
from typing import Any
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
from portfolio.domain.admissibility.use_cases import accommodations, corrections
from portfolio.domain.candidacy.rules.opening import MAX_EXTRA_MINUTES, AccommodationOutcome, Arrangement
from portfolio.domain.candidacy.rules.stage import is_closed
from portfolio.domain.jury_session.use_cases.schedule import lengthen_interview
from portfolio.domain.submission.models import DossierReturn
from portfolio.domain.submission.rules.returns import return_refusal, return_state
from portfolio.domain.submission.use_cases import returns, verification
from portfolio.domain.submission.use_cases.submit import find_open_return
from portfolio.errors import Refusal
from portfolio.screens.account.navigation import delivery_notice
from portfolio.screens.blueprints import blueprint_of
from portfolio.screens.certifier.candidacies import queries
from portfolio.screens.certifier.candidacies.forms import ClosureForm, CorrectionForm, ReturnDayForm, ReturnForm
from portfolio.web.clock import now, today
from portfolio.web.forms import (
    IdempotentForm,
    MultiLineField,
    RadioChoiceField,
    SingleLineField,
    refusal_message,
    run_once,
    run_or_refuse,
)
from portfolio.wording import admissibility as words
from portfolio.wording import editions as change_words
from portfolio.wording import submission as wording
from portfolio.wording.candidacy import CLOSURES
from portfolio.wording.submission import REFUSALS as RETURN_REFUSALS

bp = blueprint_of(__name__)


def _blocks(page: queries.CandidacyPageData) -> list[tuple[UUID, str]]:
    return [(block.id, f"Bloc {block.number} : {block.title}") for block in page.candidacy.version.blocks]


@bp.get("/candidatures/<uuid:candidacy_id>/corriger")
@candidacy_page(Permission.MANAGE_CANDIDACY)
def correction_form(case: CandidacyAccess) -> ResponseReturnValue:
    """Show what can still be corrected of a candidacy."""
    page = queries.load_candidacy_page(read_session(), case.id)
    now_typed = {
        "candidate_name": page.row.candidate,
        "candidate_email": page.row.email,
        "postal_address": page.candidacy.postal_address or "",
        "scope": page.candidacy.scope,
        "block_ids": [block.id for block in page.blocks],
    }
    return _correction_page(page, CorrectionForm(_blocks(page), formdata=None, **now_typed))


def _correction_page(page: queries.CandidacyPageData, form: CorrectionForm, stopped: str = "") -> str:
    reader = read_session()
    return render_template(
        "certifier/candidacies/correction.html",
        page=page,
        form=form,
        stopped=stopped,
        email_is_open=corrections.may_correct_email(reader, page.candidacy),
        scope_is_open=corrections.may_correct_scope(reader, page.candidacy.id),
    )


@bp.post("/candidatures/<uuid:candidacy_id>/corriger")
@candidacy_page(Permission.MANAGE_CANDIDACY)
def correct(case: CandidacyAccess) -> ResponseReturnValue:
    """Correct a candidacy, or say what no longer changes; what was typed stays."""
    page = queries.load_candidacy_page(read_session(), case.id)
    form = CorrectionForm(_blocks(page))
    if not form.validate():
        return _correction_page(page, form), 422
    value = form.value()

    def act(db: Session) -> str:
        corrections.correct_candidacy(db, case.id, value, by=current_user.id, at=now())
        return url_for(".candidacy", candidacy_id=case.id)

    try:
        response: ResponseReturnValue = run_once(form.nonce.data, act)
    except Refusal as refusal:
        page = queries.load_candidacy_page(read_session(), case.id)
        return _correction_page(page, form, refusal_message(refusal)), 409
    has_moved = value.candidate.email.strip().casefold() != page.row.email
    session["notice"] = "La candidature est corrigée." + (f" {delivery_notice()}" if has_moved else "")
    return response


@bp.get("/candidatures/<uuid:candidacy_id>/fermeture")
@candidacy_page(Permission.MANAGE_CANDIDACY)
def closure_form(case: CandidacyAccess) -> ResponseReturnValue:
    """Show the form that closes a candidacy, or opens it again."""
    return _closure_page(case, ClosureForm(_is_closed(case), formdata=None))


def _is_closed(case: CandidacyAccess) -> bool:
    last = corrections.find_last_closure(read_session(), case.id)
    return is_closed(last.kind if last else None)


def _closure_page(case: CandidacyAccess, form: ClosureForm, stopped: str = "") -> str:
    page = queries.load_candidacy_page(read_session(), case.id)
    last = corrections.find_last_closure(read_session(), case.id)
    words = {"closures": CLOSURES, "is_closed": is_closed(last.kind if last else None)}
    return render_template(
        "certifier/candidacies/closure.html", page=page, form=form, last=last, stopped=stopped, **words
    )


@bp.post("/candidatures/<uuid:candidacy_id>/fermeture")
@candidacy_page(Permission.MANAGE_CANDIDACY)
def close_candidacy(case: CandidacyAccess) -> ResponseReturnValue:
    """Record that a candidacy is closed, abandoned or opened again, with its reason."""
    form = ClosureForm(_is_closed(case))
    if not form.validate():
        return _closure_page(case, form), 422
    kind: Any = form.kind.data

    def act(db: Session) -> str:
        corrections.record_closure(db, case.id, kind, form.reason.data, by=current_user.id, at=now())
        return url_for(".candidacy", candidacy_id=case.id)

    try:
        response: ResponseReturnValue = run_once(form.nonce.data, act)
    except Refusal as refusal:
        return _closure_page(case, form, refusal_message(refusal)), 409
    session["notice"] = f"C’est enregistré. La personne lira le motif. {delivery_notice()}"
    return response


@bp.get("/candidatures/<uuid:candidacy_id>/complements")
@candidacy_page(Permission.MANAGE_CANDIDACY)
def return_form(case: CandidacyAccess) -> ResponseReturnValue:
    """Show what is asked of the candidate and where it is, or the form that asks it."""
    return _return_page(case)


def _return_page(
    case: CandidacyAccess, form: ReturnForm | None = None, day_form: ReturnDayForm | None = None, stopped: str = ""
) -> str:
    reader = read_session()
    submission, returnable = returns.load_returnable(reader, case.id)
    presented = returns.list_presented_competencies(reader, submission.id) if submission else []
    labels = {f"{block.number}.{competency.number}": competency for block, competency in presented}
    row = find_open_return(reader, case.id)
    former = [each for each in returns.list_returns(reader, case.id) if not each.is_open]
    refusal = return_refusal(returnable, today())
    return render_template(
        "certifier/candidacies/return.html",
        page=queries.load_candidacy_page(reader, case.id),
        submission=submission,
        row=row,
        state=return_state(row.due_on, row.ending, today()) if row else None,
        former=former,
        labels=labels,
        answers=_answers(reader, former),
        label_of={competency.id: label for label, competency in labels.items()},
        prevented=RETURN_REFUSALS[refusal](_facts(returnable.held_on)) if refusal and not row else "",
        held_on=returnable.held_on,
        form=form or ReturnForm({}, formdata=None),
        day_form=day_form or ReturnDayForm(formdata=None),
        again=IdempotentForm(formdata=None),
        say=wording,
        stopped=stopped,
    )


def _answers(reader: Session, former: Sequence[DossierReturn]) -> dict[UUID, str]:
    """Say how much changed in the version that answers each return: never what, which a certifier does not read."""
    found = {}
    for row in former:
        if row.answer_id is not None:
            before, after = (verification.load_manifest(reader, key) for key in (row.submission_id, row.answer_id))
            found[row.id] = change_words.summary(verification.compare_versions(reader, before, after).comparison)
    return found


def _facts(held_on: Any) -> dict[str, Any]:
    return {"held_on": held_on.isoformat()} if held_on else {}


@bp.post("/candidatures/<uuid:candidacy_id>/complements")
@candidacy_page(Permission.MANAGE_CANDIDACY)
def return_dossier(case: CandidacyAccess) -> ResponseReturnValue:
    """Ask the candidate to complete the dossier; what was typed stays when it is refused."""
    submission, _returnable = returns.load_returnable(read_session(), case.id)
    presented = returns.list_presented_competencies(read_session(), submission.id) if submission else []
    form = ReturnForm({f"{block.number}.{competency.number}": competency.id for block, competency in presented})
    if not form.validate():
        return _return_page(case, form), 422
    value = form.value()

    def act(db: Session) -> str:
        returns.return_dossier(db, case.id, value, by=current_user.id, at=now())
        return url_for(".return_form", candidacy_id=case.id)

    try:
        response: ResponseReturnValue = run_once(form.nonce.data, act)
    except Refusal as refusal:
        return _return_page(case, form, stopped=_sentence(refusal)), 409
    session["notice"] = f"Le dossier est renvoyé pour complément. {delivery_notice()}"
    return response


@bp.post("/candidatures/<uuid:candidacy_id>/complements/date")
@candidacy_page(Permission.MANAGE_CANDIDACY)
def extend_return(case: CandidacyAccess) -> ResponseReturnValue:
    """Give another day."""
    form = ReturnDayForm()
    if not form.validate() or form.due_on.data is None:
        return _return_page(case, day_form=form), 422
    due_on = form.due_on.data

    def act(db: Session) -> str:
        returns.extend_return(db, case.id, due_on, by=current_user.id, at=now())
        return url_for(".return_form", candidacy_id=case.id)

    try:
        response: ResponseReturnValue = run_once(form.nonce.data, act)
    except Refusal as refusal:
        return _return_page(case, day_form=form, stopped=_sentence(refusal)), 409
    session["notice"] = f"La nouvelle date est enregistrée. {delivery_notice()}"
    return response


@bp.post("/candidatures/<uuid:candidacy_id>/complements/fin")
@candidacy_page(Permission.MANAGE_CANDIDACY)
def lift_return(case: CandidacyAccess) -> ResponseReturnValue:
    """Ask for nothing more: the jury reads the last sealed version."""
    form = IdempotentForm()
    form.validate()

    def act(db: Session) -> str:
        returns.lift_return(db, case.id, by=current_user.id, at=now())
        return url_for(".candidacy", candidacy_id=case.id)

    response: ResponseReturnValue = run_once(form.nonce.data, act)
    session["notice"] = f"Rien n’est plus demandé : le jury lira la dernière version déposée. {delivery_notice()}"
    return response


def _sentence(refusal: Refusal) -> str:
    return refusal_message(refusal)


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
