"""The path of a candidate without a livret 2, as the candidate and who follows them read it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import abort, redirect, render_template, url_for

from portfolio.assessment import wording
from portfolio.assessment.services.pages import path_page
from portfolio.assessment.views.blueprint import bp
from portfolio.assessment.views.records import send_document
from portfolio.candidacy.wording import ROUTES
from portfolio.cases import CandidacyCase
from portfolio.certificate.services.notified import awaited_letter
from portfolio.db import reading
from portfolio.guards import candidacy_page
from portfolio.policy import Permission


@bp.get("/dossiers/<uuid:candidacy_id>/parcours")
@candidacy_page(Permission.READ_PATH)
def path(case: CandidacyCase) -> Any:
    """Show a path without a livret 2: what is planned, what was assessed, before which jury."""
    if case.has_dossier:
        return redirect(url_for("dossier.home", candidacy_id=case.id), 303)
    page = path_page(reading(), case.id)
    waits = awaited_letter(reading(), case.id) is not None
    return render_template("assessment/path.html", case=case, page=page, waits=waits, say=wording, routes=ROUTES)


@bp.get("/dossiers/<uuid:candidacy_id>/parcours/<uuid:result_id>/document")
@candidacy_page(Permission.READ_PATH)
def path_file(case: CandidacyCase, result_id: UUID) -> Any:
    """Send the document of a result that stands."""
    page = path_page(reading(), case.id)
    if all(one.id != result_id for one in page.current):
        abort(404)
    return send_document(page, result_id)
