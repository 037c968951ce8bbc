"""The candidate says how far they think they master a competency."""

from __future__ import annotations

from uuid import UUID

from flask import abort, redirect, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session, transaction
from portfolio.domain.review.rules.assessment import SelfAssessment
from portfolio.domain.review.use_cases.assessments import assess_oneself
from portfolio.screens.candidate.dossier.blueprint import bp
from portfolio.screens.candidate.dossier.competency_page import find_competency_page
from portfolio.web.clock import now
from portfolio.web.forms import Form, RadioChoiceField
from portfolio.wording.self_assessment import KEPT, LEVELS, QUESTION


class SelfAssessmentForm(Form):
    """One answer, or none."""

    value = RadioChoiceField(
        QUESTION, SelfAssessment, choices=[*LEVELS.items(), ("", "Je ne me prononce pas")]
    )


@bp.post("/dossiers/<uuid:candidacy_id>/competences/<uuid:competency_id>/auto-evaluation")
@candidacy_page(Permission.EDIT_DRAFT)
def assess_competency(case: CandidacyAccess, competency_id: UUID) -> ResponseReturnValue:
    """Keep what the candidate thinks of their mastery of a competency."""
    if find_competency_page(read_session(), case.id, competency_id) is None:
        abort(404)
    form = SelfAssessmentForm()
    if not form.validate():
        abort(400)  # radio buttons: another answer is not typed by a person
    with transaction() as db:
        assess_oneself(db, case.id, competency_id, form.value.data, by=current_user.id, at=now())
    session["notice"] = KEPT
    return redirect(
        url_for(".competency", candidacy_id=case.id, competency_id=competency_id, _anchor="maitrise"), 303
    )
