"""The candidate's home: the path, one next action, the matrix; and every claim at once."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session
from portfolio.domain.admissibility.use_cases.deadline_rulings import load_rulings
from portfolio.domain.dossier.rules.coverage import CoverageState
from portfolio.domain.dossier.rules.draft import CompetencyFact, DossierState
from portfolio.domain.dossier.rules.next_action import JuryPoint, NextAction, second_try_action
from portfolio.domain.dossier.use_cases import matrix as matrix_use_cases
from portfolio.domain.holdings.use_cases.status_changes import load_annulled_blocks
from portfolio.domain.review.use_cases.unread import load_unread
from portfolio.domain.submission.rules.returns import return_state
from portfolio.domain.submission.use_cases.submit import find_open_return
from portfolio.screens.candidate.dossier import competency_page
from portfolio.screens.candidate.dossier.blueprint import bp
from portfolio.screens.candidate.dossier.presenters import (
    STATES,
    block_cards,
    claims_grid_context,
    coverage_legend,
    deadline_rows,
    findings_of,
    gap_cards,
    is_begun,
    is_long,
    next_action_card,
    submitted_on,
)
from portfolio.screens.candidate.submission.queries import load_next_dossier
from portfolio.screens.respondent.summons import own_summons
from portfolio.web.clock import today
from portfolio.wording import candidacy as delays
from portfolio.wording import submission as return_wording
from portfolio.wording.dossier import progress_steps, summary_of
from portfolio.wording.dossier.names import found_summary
from portfolio.wording.holdings.grants import annulled_message
from portfolio.wording.review import all_unread_message


@bp.get("/dossiers/<uuid:candidacy_id>")
@candidacy_page(Permission.READ_PATH)
def home(case: CandidacyAccess) -> ResponseReturnValue:
    """Show where the candidate is, what comes next, what the evidence shows; without a livret 2, lead to the path."""
    if not case.has_dossier:
        return redirect(url_for("candidate.results.path", candidacy_id=case.id), 303)
    matrix = matrix_use_cases.load_matrix(read_session(), case.id)
    found = findings_of(matrix)
    all_held = all(block.held for block in matrix.blocks)
    waits = case.is_candidate and current_user.roles.unread_as_candidate
    unread = load_unread(read_session(), [case.id], current_user.id).get(case.id, {}) if waits else {}
    returned, annulled = None, {}
    if matrix.path.submission_id:  # no jury has read, and nobody returned, what was never deposited
        returned = find_open_return(read_session(), case.id)
        annulled = load_annulled_blocks(read_session(), case.candidate_id, today())
    return render_template(
        "candidate/dossier/home.html",
        returned=returned,
        summons=own_summons(case.id) if case.is_candidate and matrix.path.submission_id else None,
        return_state=return_state(returned.due_on, returned.ending, today()) if returned else None,
        return_wording=return_wording,
        case=case,
        matrix=matrix,
        path=matrix.path,
        steps=progress_steps(matrix.path, submitted_on(matrix.path), obtained=all_held),
        clocks=deadline_rows(matrix.path, today()),
        action=next_action_card(_action(matrix), matrix.path, today()),
        blocks=block_cards(matrix, unread, request.args.get("bloc", type=int)),
        gaps=gap_cards(matrix, unread) if is_long(matrix) and "sans-preuve" in request.args else None,
        long=is_long(matrix),
        summary=found_summary(found) if found else summary_of(matrix.draft, matrix.path.advisor),
        found=found,
        unread=sorted(unread.items(), key=lambda item: item[1].since),
        unread_words=all_unread_message(list(unread.values())) if unread else "",
        begun=is_begun(matrix),
        all_held=all_held,
        limited=any(block.held and block.held.until for block in matrix.blocks),
        suspended=[block.number for block in matrix.blocks if block.suspended],
        annulled=annulled.get(case.id),
        annulled_message=annulled_message,
        states=coverage_legend(matrix),
        to_prove=len(matrix.draft.competencies),
        without=matrix.count(CoverageState.NONE),
        rulings=load_rulings(read_session(), case.id) if matrix.path.ruled else (),
        delays=delays,
    )


def _action(matrix: matrix_use_cases.Matrix) -> NextAction:
    """Return the one next action; of a second try, what its jury wrote comes first."""
    path = matrix.path
    again = path.ever_decided and path.state is DossierState.DRAFT
    page = load_next_dossier(read_session(), path.candidacy_id, today()) if again else None
    facts: dict[UUID | None, CompetencyFact] = {line.fact.id: line.fact for line in matrix.lines()}
    unticked = page.unticked if page else ()
    points = [JuryPoint(task.text, facts.get(task.competency_id)) for task in unticked]
    return second_try_action(matrix.action, points)


@bp.get("/dossiers/<uuid:candidacy_id>/grille")
@candidacy_page(Permission.READ_DRAFT)
def claims_grid(case: CandidacyAccess) -> ResponseReturnValue:
    """Every claim at once: competencies × pieces; of a long dossier, block by block."""
    grid = competency_page.load_claims_grid(read_session(), case.id, request.args.get("bloc", type=int))
    shown = claims_grid_context(grid)
    return render_template("candidate/dossier/grid.html", case=case, path=grid.path, states=STATES, **shown)
