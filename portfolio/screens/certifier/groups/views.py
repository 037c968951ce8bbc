"""Groups of candidates of one employer: their code, who is in them, and the link of the employer."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.body import BodyAccess
from portfolio.access.decorators import certifier_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session, transaction
from portfolio.domain.candidate_group import use_cases
from portfolio.domain.candidate_group.models import CandidateGroup
from portfolio.domain.candidate_group.rules import MAX_NAME, GroupInput
from portfolio.web.clock import now
from portfolio.web.forms import IdempotentForm, SingleLineField, run_once
from portfolio.wording import funding as funding_words
from portfolio.wording import groups as say

bp = Blueprint("groups", __name__)


class GroupForm(IdempotentForm):
    """A new group."""

    name = SingleLineField("Nom du groupe", missing="Donnez un nom au groupe.", limit=MAX_NAME)
    employer = SingleLineField("Employeur", missing="Donnez le nom de l’employeur.", limit=300)


@bp.get("/groupes")
@certifier_page(Permission.MANAGE_CANDIDACY)
def groups(body: BodyAccess) -> ResponseReturnValue:
    """List the groups of the body."""
    return _groups_page(body, GroupForm(formdata=None))


@bp.post("/groupes")
@certifier_page(Permission.MANAGE_CANDIDACY)
def create_group(body: BodyAccess) -> ResponseReturnValue:
    """Make a group, with its code."""
    form = GroupForm()
    if not form.validate():
        return _groups_page(body, form), 422
    written = GroupInput(form.name.data or "", form.employer.data or "")

    def act(db: Session) -> str:
        row = use_cases.create_group(db, body.id, written, by=current_user.id, at=now())
        return url_for(".group", group_id=row.id)

    response: ResponseReturnValue = run_once(form.nonce.data, act)
    session["notice"] = "Le groupe est prêt. Donnez son code aux personnes qui doivent y entrer."
    return response


@bp.get("/groupes/<uuid:group_id>")
@certifier_page(Permission.MANAGE_CANDIDACY)
def group(body: BodyAccess, group_id: UUID) -> ResponseReturnValue:
    """Show a group: its code, who is in it, and their presence."""
    return _group_page(_find(body, group_id, read_session()))


@bp.post("/groupes/<uuid:group_id>/code")
@certifier_page(Permission.MANAGE_CANDIDACY)
def renew_code(body: BodyAccess, group_id: UUID) -> ResponseReturnValue:
    """Give a group a new code."""
    return _act(
        body, group_id, use_cases.renew_code, "Le groupe a un nouveau code. L’ancien ne laisse plus entrer personne."
    )


@bp.post("/groupes/<uuid:group_id>/code/retrait")
@certifier_page(Permission.MANAGE_CANDIDACY)
def withdraw_code(body: BodyAccess, group_id: UUID) -> ResponseReturnValue:
    """Let nobody join a group any more."""
    return _act(body, group_id, use_cases.withdraw_code, "Le code est retiré. Les personnes du groupe y restent.")


@bp.post("/groupes/<uuid:group_id>/lien")
@certifier_page(Permission.MANAGE_CANDIDACY)
def open_link(body: BodyAccess, group_id: UUID) -> ResponseReturnValue:
    """Make a link by which the employer reads presence, shown once."""
    with transaction() as db:
        token = use_cases.open_link(db, _find(body, group_id, db), by=current_user.id, at=now())
    link = url_for("respondent.group.presence", token=token, _external=True)
    return _group_page(_find(body, group_id, read_session()), link=link)


@bp.post("/groupes/<uuid:group_id>/lien/retrait")
@certifier_page(Permission.MANAGE_CANDIDACY)
def close_link(body: BodyAccess, group_id: UUID) -> ResponseReturnValue:
    """Stop the link of the employer."""
    return _act(body, group_id, use_cases.close_link, "Le lien n’ouvre plus rien.")


def _act(body: BodyAccess, group_id: UUID, act: Callable[..., object], notice: str) -> ResponseReturnValue:
    """Do an act on a group, and say so on its page."""
    with transaction() as db:
        act(db, _find(body, group_id, db), by=current_user.id, at=now())
    session["notice"] = notice
    return redirect(url_for(".group", group_id=group_id), 303)


def _find(body: BodyAccess, group_id: UUID, db: Session) -> CandidateGroup:
    return use_cases.find_group(db, body.id, group_id) or abort(404)


def _groups_page(body: BodyAccess, form: GroupForm) -> str:
    rows = use_cases.list_groups(read_session(), body.id)
    names = use_cases.list_names_in_use(read_session(), body.id)
    return render_template("certifier/groups/groups.html", rows=rows, names=names, form=form, say=say)


def _group_page(row: CandidateGroup, **more: Any) -> str:
    names = {"link": "", "duration": funding_words.duration, "say": say} | more
    members = use_cases.list_members(read_session(), row.id)
    return render_template("certifier/groups/group.html", group=row, members=members, **names)
