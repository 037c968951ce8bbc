"""A funder reads the presence of a candidate by a link, without an account: days, hours, nothing else."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from portfolio.access.decorators import public_page
from portfolio.db.engine import read_session
from portfolio.domain.funding import use_cases
from portfolio.files.filenames import attachment_headers
from portfolio.wording import funding as say

bp = Blueprint("funder", __name__, url_prefix="/financeur")


@bp.get("/<token>")
@public_page
def presence(token: str) -> ResponseReturnValue:
    """Show the appointments with their presence, and the last certificate of attendance."""
    row = use_cases.find_by_token(read_session(), token)
    if row is None:
        return render_template("shared/link_ended.html"), 404
    support = use_cases.load_support(read_session(), row.candidacy_id)
    return render_template("respondent/funder/presence.html", row=row, support=support, token=token, say=say)


@bp.get("/<token>/certificat-de-realisation.pdf")
@public_page
def certificate(token: str) -> ResponseReturnValue:
    """Send the last certificate of attendance."""
    row = use_cases.find_by_token(read_session(), token)
    support = use_cases.load_support(read_session(), row.candidacy_id) if row else None
    if support is None or not support.certificates:
        return render_template("shared/link_ended.html"), 404
    last = support.certificates[0]
    headers = attachment_headers(f"certificat-de-realisation-{last.number}.pdf", "application/pdf")
    return last.pdf, 200, headers
