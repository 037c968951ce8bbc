"""The candidate's home: the path, one next action, the matrix; and every claim at once."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from flask_login import current_user

from portfolio.candidacy import wording as delays
from portfolio.candidacy.services import rulings_of
from portfolio.cases import CandidacyCase
from portfolio.db import reading
from portfolio.dossier import services
from portfolio.dossier.rules import CoverageState
from portfolio.dossier.views.blueprint import bp
from portfolio.dossier.views.shown import (
    STATES,
    cards_of,
    clocks_of,
    findings_of,
    gaps_of,
    grid_of,
    is_begun,
    is_long,
    next_of,
    states_of,
    submitted_on,
)
from portfolio.dossier.wording import path_steps, summary_of
from portfolio.dossier.wording.findings import found_summary
from portfolio.guards import candidacy_page
from portfolio.policy import Permission
from portfolio.review.services import unread_of
from portfolio.review.wording import all_unread_words
from portfolio.web.clock import today


@bp.get("/dossiers/<uuid:candidacy_id>")
@candidacy_page(Permission.READ_PATH)
def home(case: CandidacyCase) -> Any:
    """Where the candidate is, what comes next, what the evidence shows; without a livret 2, lead to the path."""
    if not case.has_dossier:
        return redirect(url_for("assessment.path", candidacy_id=case.id), 303)
    matrix = services.matrix_of(reading(), case.id)
    found = findings_of(matrix)
    all_held = all(block.held for block in matrix.blocks)
    waits = case.is_candidate and current_user.hats.unread_as_candidate
    unread = unread_of(reading(), [case.id], current_user.id).get(case.id, {}) if waits else {}
    return render_template(
        "dossier/home.html",
        case=case,
        matrix=matrix,
        path=matrix.path,
        steps=path_steps(matrix.path, submitted_on(matrix.path), obtained=all_held),
        clocks=clocks_of(matrix.path, today()),
        action=next_of(matrix.action, matrix.path, today()),
        blocks=cards_of(matrix, unread, request.args.get("bloc", type=int)),
        gaps=gaps_of(matrix, unread) if is_long(matrix) and "sans-preuve" in request.args else None,
        long=is_long(matrix),
        summary=found_summary(found) if found else summary_of(matrix.draft, matrix.path.advisor),
        found=found,
        unread=sorted(unread.items(), key=lambda one: one[1].since),
        unread_words=all_unread_words(list(unread.values())),
        begun=is_begun(matrix),
        all_held=all_held,
        suspended=[block.number for block in matrix.blocks if block.suspended],
        states=states_of(matrix),
        to_prove=len(matrix.draft.competencies),
        without=matrix.count(CoverageState.NONE),
        rulings=rulings_of(reading(), case.id) if matrix.path.ruled else (),
        delays=delays,
    )


@bp.get("/dossiers/<uuid:candidacy_id>/grille")
@candidacy_page(Permission.READ_DRAFT)
def grid(case: CandidacyCase) -> Any:
    """Every claim at once: competencies × pieces; of a long dossier, block by block."""
    grid = services.grid_of(reading(), case.id)
    shown = grid_of(grid, request.args.get("bloc", type=int))
    return render_template("dossier/grid.html", case=case, path=grid.path, states=STATES, **shown)
