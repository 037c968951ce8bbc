"""The path of a candidate without a livret 2, as the candidate and who follows them read it."""

from typing import Any
from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session
from portfolio.domain.assessment.use_cases.pages import PathPage, path_page
from portfolio.domain.candidacy.rules.stage import PathStep
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
        step=_next_step(page, page.step(waits=waits), own=case.is_candidate),
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


def _next_step(page: PathPage, step: PathStep, *, own: bool) -> dict[str, Any]:
    """Return the next step of a path in words, and where it is done."""
    title, text = assessment.PATH_STEPS[step]
    over, href, sealed = None, None, page.sealed
    asks = assessment.defence_words(page.defence) if page.defence else ""
    if step is PathStep.HEAR and sealed and sealed.held_on:
        title = assessment.jury_day_title(sealed.held_on, today())
        over = "Aujourd’hui" if sealed.held_on == today() else None
        if sealed.held_on >= today():
            text = f"{sealed.place}. Prévoyez une {asks}." if asks else f"{sealed.place}."
    elif step is PathStep.SUSPENDED and sealed and sealed.suspension:
        text = f"{suspension_message(sealed.suspension)} {text}"
    elif step is PathStep.RECORD:
        title = title.format(whose="Vos" if own else "Les")
        text = text.format(defence=f" et une {asks}" if asks else "")
    elif step is PathStep.DECIDED:
        href = url_for("public.certificate.results", candidacy_id=page.candidacy_id)
    return {"title": title, "text": text, "href": href, "over": over, "label": "Voir les résultats", "step": step}


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
