"""A member recuses for one candidate, with a confirmation, and may withdraw the recusal until the minutes are
closed.
"""

from __future__ import annotations

from typing import Any

from flask import render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.decorators import hearing_page
from portfolio.access.jury import HearingAccess
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session
from portfolio.domain.jury.rules.enums import StatementKind
from portfolio.domain.jury.rules.member_status import JurorStep, MemberDeclarations
from portfolio.domain.jury.use_cases import declarations
from portfolio.screens.juror.forms.declarations import RecusalForm, WithdrawalForm
from portfolio.screens.juror.hearing import attendance
from portfolio.screens.juror.hearing import declarations as declarations_page
from portfolio.screens.juror.hearing.blueprint import bp
from portfolio.web.clock import now
from portfolio.web.idempotency import run_once
from portfolio.wording import jury


@bp.get("/jurys/<uuid:hearing_id>/recusation")
@hearing_page(Permission.SIT)
def recusal_form(case: HearingAccess) -> ResponseReturnValue:
    """Show what a recusal does and ask to confirm it; once recused, show who takes the seat and how to
    withdraw.
    """
    return _page(case)


@bp.post("/jurys/<uuid:hearing_id>/recusation")
@hearing_page(Permission.SIT)
def recuse(case: HearingAccess) -> ResponseReturnValue:
    """Keep the recusal, once its sentence is ticked."""
    form = RecusalForm(attendance.load_attendance_page(read_session(), case.id).candidate)
    if not form.validate():
        return _page(case, form=form), 422
    return _state(
        case, form, StatementKind.RECUSAL, form.reason.data or "", "Votre récusation est enregistrée."
    )


@bp.post("/jurys/<uuid:hearing_id>/recusation/retrait")
@hearing_page(Permission.SIT)
def withdraw_recusal(case: HearingAccess) -> ResponseReturnValue:
    """Withdraw the recusal, once its sentence is ticked; both stay recorded."""
    page = attendance.load_attendance_page(read_session(), case.id)
    form = WithdrawalForm(page.candidate, page.relation)
    if not form.validate():
        return _page(case, withdrawal=form), 422
    notice = "Votre récusation est retirée. Le retrait et la récusation restent inscrits."
    return _state(case, form, StatementKind.RECUSAL_WITHDRAWN, "", notice)


def _state(
    case: HearingAccess, form: RecusalForm | WithdrawalForm, kind: StatementKind, reason: str, notice: str
) -> Any:
    def act(db: Session) -> str:
        declarations.record_statement(
            db, case.id, MemberDeclarations(current_user.id, kind, reason), by=current_user.id, at=now()
        )
        return url_for(
            ".recusal_form" if kind is StatementKind.RECUSAL else ".declaration_form", hearing_id=case.id
        )

    response = run_once(form.nonce.data, act)
    session["notice"] = notice
    return response


def _page(
    case: HearingAccess, form: RecusalForm | None = None, withdrawal: WithdrawalForm | None = None
) -> str:
    page = attendance.load_attendance_page(read_session(), case.id)
    own = page.member(current_user.id)
    assert own is not None
    return render_template(
        "jury/recusal.html",
        page=page,
        own=own,
        form=form or RecusalForm(page.candidate, formdata=None),
        withdrawal=withdrawal or WithdrawalForm(page.candidate, page.relation, formdata=None),
        case=case,
        bar=declarations_page.bar_of(case, page.candidate),
        say=jury,
        steps=JurorStep,
    )
