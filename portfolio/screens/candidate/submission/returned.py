"""What the certifier asks before the jury: the candidate's list, ticked one by one."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session
from portfolio.domain.submission.rules.returns import return_state
from portfolio.domain.submission.use_cases import returns
from portfolio.domain.submission.use_cases.submit import find_open_return
from portfolio.screens.candidate.submission.blueprint import bp
from portfolio.screens.candidate.submission.forms import TickForm
from portfolio.web.clock import now, today
from portfolio.web.forms import IdempotentForm
from portfolio.web.idempotency import run_once
from portfolio.wording import returns as wording


@bp.get("/dossiers/<uuid:candidacy_id>/complements")
@candidacy_page(Permission.READ_DRAFT)
def returned(case: CandidacyAccess) -> ResponseReturnValue:
    """Show what is asked, why and by when; without anything asked, lead to the dossier."""
    reader = read_session()
    row = find_open_return(reader, case.id)
    if row is None:
        return redirect(url_for("dossier.home", candidacy_id=case.id), 303)
    state = return_state(row.due_on, row.ending, today())
    presented = returns.list_presented_competencies(reader, row.submission_id)
    labels = {
        competency.id: (f"{block.number}.{competency.number}", competency) for block, competency in presented
    }
    form = IdempotentForm(formdata=None)
    return render_template(
        "submission/returned.html", case=case, row=row, state=state, labels=labels, say=wording, form=form
    )


@bp.post("/dossiers/<uuid:candidacy_id>/complements/<uuid:request_id>")
@candidacy_page(Permission.EDIT_DRAFT)
def tick_request(case: CandidacyAccess, request_id: UUID) -> ResponseReturnValue:
    """Keep that one thing is done, or is to do again."""
    form = TickForm()
    form.validate()
    done = form.done.data != ""

    def act(db: Session) -> str:
        returns.tick_request(db, case.id, request_id, done=done, by=current_user.id, at=now())
        return url_for(".returned", candidacy_id=case.id)

    response = run_once(form.nonce.data, act)
    session["notice"] = "Ce point est coché." if done else "Ce point est de nouveau à faire."
    return response
