"""The advisor's panel of one competency, beside a page of a piece: the opinion, the messages, and the form of
each.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import abort
from flask_login import current_user

from portfolio.access.candidacy import CandidacyAccess
from portfolio.db.engine import read_session
from portfolio.errors import Refusal
from portfolio.screens.advisor.dossier import queries
from portfolio.screens.advisor.forms import AssessmentForm, PlacedMessageForm
from portfolio.screens.advisor.presenters import until_of
from portfolio.wording import review


def load_panel(
    case: CandidacyAccess,
    competency_id: UUID,
    page: int = 1,
    marking: AssessmentForm | None = None,
    talk: PlacedMessageForm | None = None,
    refusal: Refusal | None = None,
) -> dict[str, Any]:
    """Return what the panel shows, with the forms as they stand or as they were left; 404 out of scope."""
    found = queries.find_competency_page(read_session(), case.id, competency_id, current_user.id) or abort(
        404
    )
    marking = marking or AssessmentForm(formdata=None)
    if marking.basis.data is None:
        marking.basis.data = found.basis
    talk = talk or PlacedMessageForm(formdata=None, page=str(page))
    talk.until.data = until_of(found.thread)
    told = review.REFUSALS[refusal.code](refusal.facts) if refusal else None
    return {"page": found, "marking": marking, "talk": talk, "refusal": told, "words": review}
