"""The path of a candidate without a livret 2, as the candidate and who follows them read it."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session
from portfolio.domain.assessment.use_cases.pages import PathPage, path_page
from portfolio.domain.holdings.use_cases.notified_results import find_awaited_notification
from portfolio.domain.holdings.use_cases.status_changes import load_annulled_blocks
from portfolio.screens.evidence_files.downloads import send_copy
from portfolio.screens.respondent.summons import own_summons
from portfolio.web.clock import today
from portfolio.wording import assessment
from portfolio.wording.candidacy import ROUTES
from portfolio.wording.holdings.grants import annulled_message
from portfolio.wording.jury import suspension_message

bp = Blueprint("results", __name__)


@bp.get("/dossiers/<uuid:candidacy_id>/parcours")
@candidacy_page(Permission.READ_PATH)
def path(case: CandidacyAccess) -> ResponseReturnValue:
    """Show a path without a livret 2: what is planned, what was assessed, before which jury."""
    if case.has_dossier:
        return redirect(url_for("candidate.dossier.home", candidacy_id=case.id), 303)
    page = path_page(read_session(), case.id)
    waits = find_awaited_notification(read_session(), case.id) is not None
    annulled = load_annulled_blocks(read_session(), case.candidate_id, today()).get(case.id)
    return render_template(
        "candidate/results/path.html",
        suspension_message=suspension_message,
        case=case,
        page=page,
        waits=waits,
        today=today(),
        summons=own_summons(case.id) if case.is_candidate and page.sealed else None,
        say=assessment,
        routes=ROUTES,
        annulled=annulled,
        annulled_message=annulled_message,
    )


@bp.get("/dossiers/<uuid:candidacy_id>/parcours/<uuid:result_id>/document")
@candidacy_page(Permission.READ_PATH)
def path_file(case: CandidacyAccess, result_id: UUID) -> ResponseReturnValue:
    """Send the document of a result that stands."""
    page = path_page(read_session(), case.id)
    if all(result_line.id != result_id for result_line in page.current):
        abort(404)
    return send_document(page, result_id)


def send_document(page: PathPage, result_id: UUID) -> ResponseReturnValue:
    """Send the document of a result of a candidacy that the caller may read; 404 without one."""
    line = page.result(result_id) or abort(404)
    if not line.file_key:
        abort(404)
    return send_copy(line.file_key, line.file_name, line.file_mime, line.file_size)
