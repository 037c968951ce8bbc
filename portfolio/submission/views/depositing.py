"""Before the seal, and after the decision: what is missing, what is sworn, the next draft."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, session, url_for
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.candidacy.rules import LapseState
from portfolio.candidacy.services import lapse_state
from portfolio.cases import CandidacyCase
from portfolio.db import reading
from portfolio.dossier.rules import DossierState
from portfolio.guards import candidacy_page
from portfolio.policy import Permission
from portfolio.submission import services
from portfolio.submission.forms import SubmissionForm
from portfolio.submission.rules import SubmissionRefusal
from portfolio.submission.services import ChecklistPage
from portfolio.submission.views.blueprint import bp
from portfolio.submission.views.places import grouped, place_of
from portfolio.submission.wording import REFUSALS, first_words, statement_of
from portfolio.web.clock import now, today
from portfolio.web.forms import CreationForm
from portfolio.web.once import once


@bp.get("/dossiers/<uuid:candidacy_id>/depot")
@candidacy_page(Permission.SUBMIT)
def checklist(case: CandidacyCase) -> Any:
    """Show what is missing, what will be sealed and what is sworn; once submitted, lead to the receipt."""
    if case.dossier_state is DossierState.SUBMITTED:
        return redirect(url_for(".receipt", submission_id=services.last_submission_id(reading(), case.id)), 303)
    return _checklist(case, SubmissionForm(formdata=None))


def _checklist(case: CandidacyCase, form: SubmissionForm) -> str:
    page = services.checklist_page(reading(), case.id)
    form.blocks.data = " ".join(str(number) for number in sorted(page.presented))
    first = [(*first_words(item), place_of(case.id, item)) for item in page.blocking[:1]]
    return render_template(
        "submission/checklist.html",
        case=case,
        page=page,
        first=first[0] if first else None,
        blocking=grouped(case.id, page.blocking[1:]),
        advice=grouped(case.id, page.advice),
        statement=_statement(page),
        lapsed=_lapsed(case),
        form=form,
    )


def _lapsed(case: CandidacyCase) -> str:
    """Say beforehand that the dossier cannot be submitted, when the certifier has ruled so."""
    lapsed = lapse_state(reading(), case.id, today()) is LapseState.LAPSED
    return REFUSALS[SubmissionRefusal.LAPSED]({}) if lapsed else ""


def _statement(page: ChecklistPage) -> str:
    return statement_of(page.candidate, page.title, page.code)


@bp.post("/dossiers/<uuid:candidacy_id>/depot")
@candidacy_page(Permission.SUBMIT)
def submit(case: CandidacyCase) -> Any:
    """Seal the dossier, or show the statement again when it is not signed."""
    form = SubmissionForm()
    if not form.validate():
        return _checklist(case, form), 422

    def act(db: Session) -> str:
        statement = _statement(services.checklist_page(db, case.id))
        submission = services.submit(db, case.id, statement, form.seen, by=current_user.id, at=now())
        return url_for(".receipt", submission_id=submission.id)

    return once(form.nonce.data, act)


@bp.post("/dossiers/<uuid:candidacy_id>/depot/suivant")
@candidacy_page(Permission.PREPARE_NEXT)
def prepare_next(case: CandidacyCase) -> Any:
    """Open the draft again for the blocks that are missing."""
    form = CreationForm()
    form.validate()

    def act(db: Session) -> str:
        services.reopen(db, case.id, by=current_user.id, at=now())
        return url_for("dossier.home", candidacy_id=case.id)

    response = once(form.nonce.data, act)
    session["notice"] = "Votre dossier est rouvert pour les blocs qui vous manquent. Ce qui était déposé reste scellé."
    return response
