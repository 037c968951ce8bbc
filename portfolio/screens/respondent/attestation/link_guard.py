"""The guard of a third party's pages: the link, the request behind it, then the view; a link that has served
is gone (410).
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from portfolio.access.decorators import public_page
from portfolio.db.engine import close_read_session, read_session
from portfolio.domain.dossier.rules.attestation import ENDS, AttestationRefusal, RequestState
from portfolio.domain.dossier.use_cases import attestation_responses as responses
from portfolio.errors import Refusal
from portfolio.screens.account.navigation import browser_storage_key
from portfolio.web.clock import now
from portfolio.web.form_recovery import unsaved_text
from portfolio.web.request_limits import mark_link_opened
from portfolio.wording.attestation import ENDED

View = Callable[..., Any]
_STATE_OF = {refusal: state for state, refusal in ENDS.items()}


def requires_link(view: View) -> View:
    """Guard a page of a request (`token` in the URL); the view gets a `RespondentSession` that can still be
    answered, and the token.

    An unknown link is a 404 whatever it looks like; one whose request has ended, even a moment ago, is a 410
    that says how.
    """

    @public_page
    @wraps(view)
    def guarded(token: str, **values: Any) -> ResponseReturnValue:
        visit = responses.load_respondent(read_session(), token, at=now())
        if visit is None:
            return unknown_link()
        if visit.state in ENDED:
            return _ended(visit.state)
        mark_link_opened()
        try:
            return view(visit, token, **values)
        except Refusal as refusal:
            if refusal.code not in _STATE_OF:
                raise
            close_read_session()
            return _ended(_STATE_OF[AttestationRefusal(refusal.code)])

    return guarded


def unknown_link() -> tuple[str, int]:
    """Say that a link is none of ours."""
    return render_template("respondent/attestation/unknown.html"), 404


def render_request_page(template: str, visit: responses.RespondentSession, token: str, **more: Any) -> str:
    """Lay out a page of a request; what its author types is kept in their browser under a name of its own."""
    return render_template(template, visit=visit, token=token, owner=browser_storage_key(visit.request_id), **more)


def _ended(state: RequestState) -> tuple[str, int]:
    title, sentence = ENDED[state]
    return render_template(
        "respondent/attestation/ended.html", title=title, sentence=sentence, typed=unsaved_text()
    ), 410


bp = Blueprint("attestation", __name__)


@bp.after_request
def keep_out_of_indexes(response: Response) -> Response:
    """Ask search engines not to index these: their address is a key."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response
