"""After a partial result: what the jury recommends, what is presented next, the advisor's meeting after the
jury.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from flask import abort, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session
from portfolio.domain.dossier.models.dossier import PostJuryMeeting
from portfolio.domain.dossier.rules.draft import DossierRefusal
from portfolio.domain.dossier.use_cases import next_dossier as use_cases
from portfolio.domain.jury.rules.enums import FindingValue
from portfolio.errors import Refusal
from portfolio.screens.candidate.results.queries import BlockResult, ResultsPageData, load_results_page
from portfolio.screens.candidate.submission.blueprint import bp
from portfolio.screens.candidate.submission.submit import MeetingForm, PostponeForm, TickForm
from portfolio.web.clock import now, today
from portfolio.web.forms import IdempotentForm, run_once
from portfolio.wording.dossier import REFUSALS
from portfolio.wording.jury import FINDINGS


@dataclass(frozen=True, slots=True)
class RecommendedTask:
    """One thing that a jury recommends: for a block (« 2 »), or for a competency that it did not find
    acquired (« 2.1 »).
    """

    label: str
    minutes: str
    title: str
    text: str
    done: bool


@dataclass(frozen=True, slots=True)
class BlockToPresent:
    """A block that may be presented next, and what its jury recommends."""

    id: UUID
    number: int
    title: str
    reason: str
    postponed: bool
    tasks: tuple[RecommendedTask, ...]


@dataclass(frozen=True, slots=True)
class NextDossierPage:
    """Everything the page shows; `decided_on` is the day of the last decision."""

    results: ResultsPageData
    decided_on: date
    held: tuple[BlockResult, ...]
    blocks: tuple[BlockToPresent, ...]
    meeting: PostJuryMeeting | None

    @property
    def tasks_left(self) -> int:
        """How many recommendations of the blocks that are presented next are not ticked."""
        return sum(not task.done for block in self.blocks if not block.postponed for task in block.tasks)


def load_next_dossier(reader: Session, candidacy_id: UUID, today: date) -> NextDossierPage | None:
    """Gather the page; None while no jury decided, its result is not notified, or nothing is left to
    present.
    """
    decision = use_cases.find_last_decision(reader, candidacy_id)
    if decision is None:
        return None
    results = load_results_page(reader, candidacy_id, on=today, notified=True)
    open_ids = {answer.block.id for answer in results.explanation.blocks_to_submit}
    if results.letter is not None or not open_ids:
        return None
    postponed, done = (
        use_cases.postponed_blocks(reader, candidacy_id),
        use_cases.list_done(reader, candidacy_id),
    )
    return NextDossierPage(
        results,
        decision[1],
        tuple(block for block in results.blocks if block.held),
        tuple(
            BlockToPresent(
                UUID(str(block.answer.block.id)),
                block.answer.block.number,
                block.answer.block.title,
                block.reason,
                block.answer.block.id in postponed,
                _tasks(block, done),
            )
            for block in results.blocks
            if block.answer.block.id in open_ids
        ),
        use_cases.find_meeting(reader, candidacy_id),
    )


def _tasks(block: BlockResult, done: frozenset[tuple[str, str]]) -> tuple[RecommendedTask, ...]:
    """List the recommendation of the block, then each competency that was not found acquired, with what was
    missing.
    """
    minutes = block.answer.reference
    told = (
        [(str(block.answer.block.number), "Préconisation du jury", block.recommendation)]
        if block.recommendation
        else []
    )
    told += [
        (found.number, f"{found.number} {found.text} : {FINDINGS[found.value].lower()}", found.reason)
        for found in block.findings
        if found.value is not FindingValue.ACQUIRED
    ]
    return tuple(
        RecommendedTask(label, minutes, title, text, (minutes, label) in done) for label, title, text in told
    )


@bp.get("/dossiers/<uuid:candidacy_id>/reprise")
@candidacy_page(Permission.READ_DRAFT)
def next_dossier(case: CandidacyAccess) -> ResponseReturnValue:
    """Show what is held, what the jury recommends, and what is presented next; before any result, lead
    home.
    """
    return _page(case, MeetingForm(formdata=None))


def _page(case: CandidacyAccess, form: MeetingForm, stopped: str = "") -> ResponseReturnValue:
    page = load_next_dossier(read_session(), case.id, today())
    if page is None:
        return redirect(url_for("dossier.home", candidacy_id=case.id), 303)
    again = IdempotentForm(formdata=None)
    return render_template(
        "submission/next_dossier.html", case=case, page=page, form=form, again=again, stopped=stopped
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
        return _refused(case, form, REFUSALS[DossierRefusal(refusal.code)](refusal.facts), 409)
    session["notice"] = "L’entretien est noté."
    return response


def _refused(case: CandidacyAccess, form: MeetingForm, stopped: str, status: int) -> ResponseReturnValue:
    page = _page(case, form, stopped)
    return (page, status) if isinstance(page, str) else page
