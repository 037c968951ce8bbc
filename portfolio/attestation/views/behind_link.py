"""The guard of a third party's pages: the link, the request behind it, then the view; a link that has served is gone (410)."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import render_template

from portfolio.attestation import services
from portfolio.attestation.rules import AttestationRefusal, RequestState
from portfolio.attestation.rules.course import ENDS
from portfolio.attestation.wording import ENDED
from portfolio.db import end_reading, reading
from portfolio.guards import public_page
from portfolio.navigation import owner_of
from portfolio.refusal import Refusal
from portfolio.web.bodies import mark_link_opened
from portfolio.web.clock import now
from portfolio.web.resume import lost_sentences

View = Callable[..., Any]
_STATE_OF = {refusal: state for state, refusal in ENDS.items()}


def link_page(view: View) -> View:
    """Guard a page of a request (`token` in the URL); the view gets a `Visit` that can still be answered, and the token.

    An unknown link is a 404 whatever it looks like; one whose request has ended, even a moment ago, is a 410 that says how.
    """

    @public_page
    @wraps(view)
    def guarded(token: str, **values: Any) -> Any:
        visit = services.find_visit(reading(), token, at=now())
        if visit is None:
            return unknown()
        if visit.state in ENDED:
            return _ended(visit.state)
        mark_link_opened()
        try:
            return view(visit, token, **values)
        except Refusal as refusal:
            if refusal.code not in _STATE_OF:
                raise
            end_reading()
            return _ended(_STATE_OF[AttestationRefusal(refusal.code)])

    return guarded


def unknown() -> tuple[str, int]:
    """Say that a link is none of ours."""
    return render_template("attestation/unknown.html"), 404


def shown(template: str, visit: services.Visit, token: str, **more: Any) -> str:
    """Lay out a page of a request; what its author types is kept in their browser under a name of its own."""
    return render_template(template, visit=visit, token=token, owner=owner_of(visit.request_id), **more)


def _ended(state: RequestState) -> tuple[str, int]:
    title, sentence = ENDED[state]
    return render_template("attestation/ended.html", title=title, sentence=sentence, typed=lost_sentences()), 410
