"""The candidate's home: the path, one next action, the matrix; and every claim at once."""

from __future__ import annotations

from typing import Any

from flask import render_template
from flask_login import current_user

from portfolio.cases import CandidacyCase
from portfolio.db import reading
from portfolio.dossier import services
from portfolio.dossier.rules import CoverageState
from portfolio.dossier.views.blueprint import bp
from portfolio.dossier.views.shown import STATES, cards_of, clocks_of, grid_of, next_of
from portfolio.dossier.wording import path_steps
from portfolio.guards import candidacy_page
from portfolio.policy import Permission
from portfolio.review.services import unread_of
from portfolio.web.clock import today


@bp.get("/dossiers/<uuid:candidacy_id>")
@candidacy_page(Permission.READ_DRAFT)
def home(case: CandidacyCase) -> Any:
    """Where the candidate is, what comes next, what the evidence shows."""
    matrix = services.matrix_of(reading(), case.id)
    unread = unread_of(reading(), [case.id], current_user.id).get(case.id, {}) if case.is_candidate else {}
    return render_template(
        "dossier/home.html",
        case=case,
        matrix=matrix,
        path=matrix.path,
        steps=path_steps(matrix.path),
        clocks=clocks_of(matrix.path, today()),
        action=next_of(matrix.action, matrix.path, today()),
        blocks=cards_of(matrix, unread),
        unread=sorted(unread.items(), key=lambda one: one[1].since),
        all_held=all(block.held for block in matrix.blocks),
        states=STATES,
        to_prove=sum(1 for _ in matrix.lines()),
        without=matrix.count(CoverageState.NONE),
        covered=matrix.count(CoverageState.COVERED),
    )


@bp.get("/dossiers/<uuid:candidacy_id>/grille")
@candidacy_page(Permission.READ_DRAFT)
def grid(case: CandidacyCase) -> Any:
    """Every claim at once: competencies × pieces."""
    matrix = services.matrix_of(reading(), case.id)
    rows, pieces = grid_of(matrix)
    return render_template("dossier/grid.html", case=case, path=matrix.path, rows=rows, pieces=pieces, states=STATES)
