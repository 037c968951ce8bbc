"""A member recuses for one candidate, with a confirmation, and may withdraw the recusal until the minutes are closed."""

from __future__ import annotations

from typing import Any

from flask import render_template, session, url_for
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.cases import HearingCase
from portfolio.db import reading
from portfolio.guards import hearing_page
from portfolio.jury import services, wording
from portfolio.jury.forms import RecusalForm, WithdrawalForm
from portfolio.jury.rules import JurorStep, Said, StatementKind
from portfolio.jury.views.blueprint import bp
from portfolio.policy import Permission
from portfolio.web.clock import now
from portfolio.web.once import once


@bp.get("/jurys/<uuid:hearing_id>/recusation")
@hearing_page(Permission.SIT)
def recusal(case: HearingCase) -> Any:
    """Show what a recusal does and ask to confirm it; once recused, show who takes the seat and how to withdraw."""
    return _page(case)


@bp.post("/jurys/<uuid:hearing_id>/recusation")
@hearing_page(Permission.SIT)
def recuse(case: HearingCase) -> Any:
    """Keep the recusal, once its sentence is ticked."""
    form = RecusalForm(services.sitting_page(reading(), case.id).candidate)
    if not form.validate():
        return _page(case, form=form), 422
    return _state(case, form, StatementKind.RECUSAL, form.reason.data or "", "Votre récusation est enregistrée.")


@bp.post("/jurys/<uuid:hearing_id>/recusation/retrait")
@hearing_page(Permission.SIT)
def withdraw_recusal(case: HearingCase) -> Any:
    """Withdraw the recusal, once its sentence is ticked; both stay recorded."""
    form = WithdrawalForm(services.sitting_page(reading(), case.id).candidate)
    if not form.validate():
        return _page(case, withdrawal=form), 422
    notice = "Votre récusation est retirée. Le retrait et la récusation restent inscrits."
    return _state(case, form, StatementKind.RECUSAL_WITHDRAWN, "", notice)


def _state(case: HearingCase, form: RecusalForm | WithdrawalForm, kind: StatementKind, reason: str, notice: str) -> Any:
    def act(db: Session) -> str:
        services.state(db, case.id, Said(current_user.id, kind, reason), by=current_user.id, at=now())
        return url_for(".recusal" if kind is StatementKind.RECUSAL else ".declaration", hearing_id=case.id)

    response = once(form.nonce.data, act)
    session["notice"] = notice
    return response


def _page(case: HearingCase, form: RecusalForm | None = None, withdrawal: WithdrawalForm | None = None) -> str:
    page = services.sitting_page(reading(), case.id)
    own = page.member(current_user.id)
    assert own is not None
    return render_template(
        "jury/recusal.html",
        page=page,
        own=own,
        form=form or RecusalForm(page.candidate, formdata=None),
        withdrawal=withdrawal or WithdrawalForm(page.candidate, formdata=None),
        say=wording,
        steps=JurorStep,
    )
