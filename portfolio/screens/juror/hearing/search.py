"""A juror searches the sealed dossier that they may read."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portfolio.access.decorators import hearing_page, readable_since
from portfolio.access.jury import HearingAccess
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session
from portfolio.domain.jury.use_cases.hearing_page import HearingPageData
from portfolio.domain.search.models import SearchKind
from portfolio.domain.search.use_cases.search import Hit, search_hearing
from portfolio.screens.candidate.search.views import query_text
from portfolio.screens.juror.hearing.blueprint import bp
from portfolio.screens.juror.hearing.reading import assessed_page_of, render_reader
from portfolio.web.pagination import page_number
from portfolio.wording import search as wording


@bp.get("/jurys/<uuid:hearing_id>/recherche")
@hearing_page(Permission.READ_HEARING)
def search(case: HearingAccess) -> ResponseReturnValue:
    """Show what the sealed dossier says about the words asked for."""
    page, query, number = assessed_page_of(case), query_text(), page_number()
    found = search_hearing(
        read_session(), current_user.id, case.id, readable_since(), page.sealed, query, number
    )
    shown = {"query": query, "found": found, "number": number, "words": wording, "link": _hit_url(page)}
    return render_reader("jury/search.html", case, page, here="search", **shown)


def _hit_url(page: HearingPageData) -> Any:
    competencies = {line.label: line.id for block in page.blocks for line in block.competencies}

    def url(hit: Hit) -> str:
        if hit.kind is SearchKind.PAGE:
            return url_for("jury.exhibit", hearing_id=page.id, label=hit.exhibit, page=hit.page)
        competency_id = competencies.get(hit.competency.split(" ")[0])
        if competency_id is not None:
            return url_for("jury.competency", hearing_id=page.id, competency_id=competency_id)
        return url_for("jury.exhibit", hearing_id=page.id, label=hit.exhibit)

    return url
