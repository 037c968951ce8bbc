"""After a partial result: what the jury recommends, what is presented next, the advisor's meeting after the jury."""

from uuid import UUID

from flask import abort, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session
from portfolio.domain.dossier.use_cases import next_dossier as use_cases
from portfolio.errors import Refusal
from portfolio.screens.candidate.submission.blueprint import bp
from portfolio.screens.candidate.submission.queries import load_next_dossier
from portfolio.screens.candidate.submission.submit import MeetingForm, PostponeForm, TickForm
from portfolio.web.clock import now, today
from portfolio.web.forms import IdempotentForm, refusal_message, run_once


@bp.get("/dossiers/<uuid:candidacy_id>/reprise")
@candidacy_page(Permission.READ_DRAFT)
def next_dossier(case: CandidacyAccess) -> ResponseReturnValue:
    """Show what is held, what the jury recommends, and what is presented next; before any result, lead home."""
    return _page(case, MeetingForm(formdata=None))


def _page(case: CandidacyAccess, form: MeetingForm, stopped: str = "") -> ResponseReturnValue:
    page = load_next_dossier(read_session(), case.id, today())
    if page is None:
        return redirect(url_for("candidate.dossier.home", candidacy_id=case.id), 303)
    again = IdempotentForm(formdata=None)
    return render_template(
        "candidate/submission/next_dossier.html", case=case, page=page, form=form, again=again, stopped=stopped
    )


@bp.post("/dossiers/<uuid:candidacy_id>/reprise/blocs/<uuid:block_id>")
@candidacy_page(Permission.EDIT_DRAFT)
def postpone_block(case: CandidacyAccess, block_id: UUID) -> ResponseReturnValue:
    """Keep a block for a later deposit, or present it in this one."""
    if not use_cases.asks_for(read_session(), case.id, block_id):
        abort(404)
    form = PostponeForm()
    form.validate()
    postponed = form.postponed.data != ""

    def act(db: Session) -> str:
        use_cases.postpone_block(db, case.id, block_id, postponed=postponed, by=current_user.id, at=now())
        return url_for(".next_dossier", candidacy_id=case.id)

    response = run_once(form.nonce.data, act)
    session["notice"] = (
        "Ce bloc est gardé pour plus tard : il n’est pas dans le prochain dépôt."
        if postponed
        else "Ce bloc est dans le prochain dépôt."
    )
    return response


@bp.post("/dossiers/<uuid:candidacy_id>/reprise/preconisations/<minutes>/<label>")
@candidacy_page(Permission.EDIT_DRAFT)
def tick_recommendation(case: CandidacyAccess, minutes: str, label: str) -> ResponseReturnValue:
    """Keep that one thing that the jury recommends is done, or is to do again."""
    form = TickForm()
    form.validate()
    page = load_next_dossier(read_session(), case.id, today())
    known = {(task.minutes, task.label) for block in page.blocks for task in block.tasks} if page else set()
    if (minutes, label) not in known:
        abort(404)
    done = form.done.data != ""

    def act(db: Session) -> str:
        use_cases.tick_recommendation(db, case.id, minutes, label, done=done, by=current_user.id, at=now())
        return url_for(".next_dossier", candidacy_id=case.id)

    response = run_once(form.nonce.data, act)
    session["notice"] = "C’est coché." if done else "C’est de nouveau à faire."
    return response


@bp.post("/dossiers/<uuid:candidacy_id>/reprise/entretien")
@candidacy_page(Permission.CONVERSE)
def note_meeting(case: CandidacyAccess) -> ResponseReturnValue:
    """Note the day on which the advisor and the candidate met again after the jury."""
    form = MeetingForm()
    if not form.validate() or form.held_on.data is None:
        return _refused(case, form, "", 422)
    held_on = form.held_on.data

    def act(db: Session) -> str:
        use_cases.note_meeting(db, case.id, held_on, by=current_user.id, at=now())
        return url_for(".next_dossier", candidacy_id=case.id)

    try:
        response = run_once(form.nonce.data, act)
    except Refusal as refusal:
        return _refused(case, form, refusal_message(refusal), 409)
    session["notice"] = "L’entretien est noté."
    return response


def _refused(case: CandidacyAccess, form: MeetingForm, stopped: str, status: int) -> ResponseReturnValue:
    page = _page(case, form, stopped)
    return (page, status) if isinstance(page, str) else page
