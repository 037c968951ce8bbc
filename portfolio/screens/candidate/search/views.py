"""Search the texts of a draft: the candidate in their own, the advisor in those they were given.

Whose dossiers the matches of a search are in.
"""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page, own_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session
from portfolio.domain.account.models import Person
from portfolio.domain.candidacy.models import Candidacy, candidate_display_name
from portfolio.domain.search.models import SearchKind
from portfolio.domain.search.rules import MAX_QUERY_CHARACTERS
from portfolio.domain.search.use_cases.search import Hit, search_drafts
from portfolio.web.listing import page_number
from portfolio.wording import library as wording

bp = Blueprint("search", __name__)


def load_candidates(session: Session, candidacies: Collection[UUID]) -> dict[UUID, str]:
    """Return the name of the candidate of each candidacy, by its id."""
    query = select(Candidacy.id, candidate_display_name(Person)).join(Candidacy.candidate)
    return {key: name for key, name in session.execute(query.where(Candidacy.id.in_(candidacies)))}  # noqa: C416


@bp.get("/dossiers/<uuid:candidacy_id>/recherche")
@candidacy_page(Permission.READ_DRAFT)
def draft(case: CandidacyAccess) -> ResponseReturnValue:
    """Show what the texts of this draft say about the words asked for."""
    query, page = query_text(), page_number()
    found = search_drafts(read_session(), current_user.id, query, case.id, page)
    shown = {
        "query": query,
        "found": found,
        "page": page,
        "words": wording,
        "link": hit_url(is_candidate=case.is_candidate),
    }
    return render_template("candidate/search/draft.html", case=case, **shown)


@bp.get("/accompagnement/recherche")
@own_page
def advised() -> ResponseReturnValue:
    """Show what the drafts that the person writes or advises say about the words asked for."""
    query, page = query_text(), page_number()
    found = search_drafts(read_session(), current_user.id, query, page=page)
    names = load_candidates(read_session(), {hit.candidacy_id for hit in found.hits})
    shown = {"query": query, "found": found, "page": page, "words": wording, "link": hit_url(is_candidate=False)}
    return render_template("candidate/search/advised.html", names=names, **shown)


def query_text() -> str:
    """Return the words asked for, as the address carries them."""
    return request.args.get("q", "").replace("\0", "").strip()[:MAX_QUERY_CHARACTERS]


def hit_url(*, is_candidate: bool) -> Any:
    """Return the function that gives the address of a match: the page of the file, the piece, or the competency."""
    competency = "candidate.dossier.competency" if is_candidate else "advisor.dossier.competency"

    def url(hit: Hit) -> str:
        at: dict[str, Any] = {"candidacy_id": hit.candidacy_id}
        if hit.kind is SearchKind.PAGE:
            return url_for(
                "candidate.evidence.read", evidence_id=hit.evidence_id, number=hit.version, page=hit.page, **at
            )
        if hit.evidence_id is not None:
            return url_for("candidate.evidence.piece", evidence_id=hit.evidence_id, **at)
        return url_for(competency, competency_id=hit.competency_id, **at)

    return url
