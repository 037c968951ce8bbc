"""An employer reads the presence of a group by a link, without an account: names, days, hours, nothing else."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from portfolio.access.decorators import public_page
from portfolio.db.engine import read_session
from portfolio.domain.candidate_group import use_cases
from portfolio.wording import funding as say

bp = Blueprint("group", __name__, url_prefix="/employeur")


@bp.get("/<token>")
@public_page
def presence(token: str) -> ResponseReturnValue:
    """Show who is in the group, with the days, the hours and the presence of their appointments."""
    db = read_session()
    group = use_cases.find_by_token(db, token)
    if group is None:
        return render_template("shared/link_ended.html"), 404
    members = use_cases.list_members(db, group.id)
    rows = use_cases.list_presence(db, group.id)
    return render_template("respondent/group/presence.html", group=group, members=members, rows=rows, say=say)
