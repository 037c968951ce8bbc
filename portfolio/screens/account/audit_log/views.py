"""The audit log of one candidacy, read by its candidate and its certifier; that of a session, by its
certifier.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page, session_page
from portfolio.access.jury import SessionAccess
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session
from portfolio.screens.account.audit_log import queries
from portfolio.wording.audit_log import BY_NOBODY, event_sentence

bp = Blueprint("audit_log", __name__)
# The two lists of a candidacy, by the word in the address.
OPENINGS, ACTS = "ouvertures", "actes"


@bp.get("/candidatures/<uuid:candidacy_id>/journal")
@candidacy_page(Permission.READ_AUDIT_LOG)
def of_candidacy(case: CandidacyAccess) -> ResponseReturnValue:
    """Show who opened this dossier, or who did what on it."""
    view = ACTS if request.args.get("liste") == ACTS else OPENINGS
    number, db = _page_number(), read_session()
    is_own = case.candidate_id == current_user.id
    if view == OPENINGS:
        page = queries.load_openings(db, case.id, case.body_id, number)
    else:
        page = queries.load_candidacy_acts(db, case.id, for_candidate=is_own, number=number)
    return render_template(
        "account/audit_log.html", case=case, page=page, view=view, is_own=is_own, **_words()
    )


@bp.get("/sessions/<uuid:session_id>/journal")
@session_page(Permission.MANAGE_SESSION)
def of_session(case: SessionAccess) -> ResponseReturnValue:
    """Show who did what on a jury session."""
    page = queries.load_session_acts(read_session(), case.id, _page_number())
    return render_template("account/session_audit_log.html", case=case, page=page, **_words())


def _page_number() -> int:
    return request.args.get("page", 1, type=int)


def _words() -> dict[str, Any]:
    return {"sentence": event_sentence, "nobody": BY_NOBODY, "reader": current_user.id}
