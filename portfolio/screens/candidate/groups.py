"""A candidate joins the group of their employer by a code, and goes out again."""

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page, own_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session, transaction
from portfolio.domain.candidate_group import use_cases
from portfolio.domain.candidate_group.rules import read_code
from portfolio.errors import Refusal
from portfolio.web.clock import now
from portfolio.web.forms import Form, SingleLineField, refusal_message
from portfolio.wording import groups as say

bp = Blueprint("groups", __name__)


class GroupCodeForm(Form):
    """The code of a group, as an employer or a body gives it."""

    code = SingleLineField("Code du groupe", missing="Tapez le code du groupe.", limit=40)


@bp.get("/groupe/<code>")
@own_page
def by_link(code: str) -> ResponseReturnValue:
    """Lead to the page where a candidacy of the person joins."""
    own = use_cases.list_open_candidacies(read_session(), current_user.id)
    return render_template("candidate/groups/choose.html", own=own, code=read_code(code))


@bp.get("/candidatures/<uuid:candidacy_id>/groupe")
@candidacy_page(Permission.JOIN_GROUP)
def own_group(case: CandidacyAccess) -> ResponseReturnValue:
    """Show the groups of the candidate, and ask for a code."""
    return _page(case, GroupCodeForm(formdata=None, data={"code": read_code(request.args.get("code", ""))}))


@bp.post("/candidatures/<uuid:candidacy_id>/groupe")
@candidacy_page(Permission.JOIN_GROUP)
def read_group(case: CandidacyAccess) -> ResponseReturnValue:
    """Show which group a code opens and who would see what; once that was read, join."""
    form = GroupCodeForm()
    if not form.validate():
        return _page(case, form), 422
    with transaction() as db:
        answer = use_cases.find_by_code(db, case.id, form.code.data or "", by=current_user.id, at=now())
    if answer.group is None:
        form.code.errors = [say.wait_message(answer.wait) if answer.wait else say.WRONG_CODE]
        return _page(case, form), 429 if answer.wait else 422
    if "join" not in request.form:
        return _page(case, form, found=answer.group)
    try:
        with transaction() as db:
            use_cases.join_group(db, case.id, answer.group.id, by=current_user.id, at=now())
    except Refusal as refusal:
        return _page(case, form, stopped=refusal_message(refusal)), 409
    session["notice"] = "Vous êtes dans le groupe."
    return redirect(url_for(".own_group", candidacy_id=case.id), 303)


@bp.post("/candidatures/<uuid:candidacy_id>/groupe/<uuid:group_id>/sortie")
@candidacy_page(Permission.JOIN_GROUP)
def leave(case: CandidacyAccess, group_id: UUID) -> ResponseReturnValue:
    """Take the candidate out of a group."""
    try:
        with transaction() as db:
            use_cases.leave_group(db, case.id, group_id, by=current_user.id, at=now())
    except Refusal as refusal:
        return _page(case, GroupCodeForm(formdata=None), stopped=refusal_message(refusal)), 409
    session["notice"] = "Vous n’êtes plus dans ce groupe. L’employeur n’y voit plus rien de vous."
    return redirect(url_for(".own_group", candidacy_id=case.id), 303)


def _page(case: CandidacyAccess, form: GroupCodeForm, **more: Any) -> str:
    names = {"found": None, "stopped": "", "say": say} | more
    own = use_cases.list_own_groups(read_session(), case.id)
    return render_template("candidate/groups/own_group.html", case=case, form=form, groups=own, **names)
