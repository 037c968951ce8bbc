"""The members of a body: invited, given a right, removed when they leave.

What a manager types about the members of a body.
"""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.body import BodyAccess
from portfolio.access.decorators import certifier_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session, transaction
from portfolio.domain.account.models import CertifyingBodyMember
from portfolio.domain.account.rules import MemberRight
from portfolio.domain.certifying_body import members
from portfolio.domain.certifying_body.rules import MemberRefusal
from portfolio.errors import Refusal
from portfolio.screens.account.login.forms import EmailField
from portfolio.screens.account.navigation import delivery_notice
from portfolio.web.clock import now
from portfolio.web.forms import (
    Form,
    IdempotentForm,
    RadioChoiceField,
    SelectChoiceField,
    SingleLineField,
    run_once,
)
from portfolio.wording.certifying_body import REFUSALS, RIGHTS


class MemberForm(IdempotentForm):
    """A colleague to invite."""

    name = SingleLineField("Prénom et nom", missing="Donnez le nom de cette personne.")
    email = EmailField("Adresse électronique", missing="Donnez l’adresse : l’invitation y est envoyée.")
    right = RadioChoiceField(
        "Droits", MemberRight, missing="Choisissez les droits.", choices=RIGHTS, default=MemberRight.SIGNATORY
    )


def chosen_right(form: MemberForm | RightForm) -> MemberRight:
    """Return the right that a valid form chose."""
    return MemberRight(str(form.right.data))


class RightForm(Form):
    """The right of one member."""

    right = SelectChoiceField("Droits", MemberRight, missing="Choisissez les droits.", choices=RIGHTS)


bp = Blueprint("team", __name__)


@bp.get("/organisme/equipe")
@certifier_page(Permission.MANAGE_CANDIDACY)
def team(body: BodyAccess) -> ResponseReturnValue:
    """Show the members of the body and what each may do."""
    return _team_page(body, MemberForm(formdata=None))


def _team_page(body: BodyAccess, form: MemberForm, stopped: str = "") -> str:
    found = members.list_members(read_session(), body.id)
    may = members.is_manager(read_session(), body.id, current_user.id)
    return render_template(
        "certifier/team.html",
        body=body,
        members=found,
        form=form,
        rights=RIGHTS,
        may_manage=may,
        stopped=stopped,
    )


@bp.post("/organisme/equipe")
@certifier_page(Permission.MANAGE_CANDIDACY)
def invite(body: BodyAccess) -> ResponseReturnValue:
    """Invite a colleague."""
    if not members.is_manager(read_session(), body.id, current_user.id):
        abort(403)
    form = MemberForm()
    if not form.validate():
        return _team_page(body, form), 422

    def act(db: Session) -> str:
        members.invite_member(
            db, body.id, form.email.data, form.name.data, chosen_right(form), by=current_user.id, at=now()
        )
        return url_for(".team")

    try:
        response: ResponseReturnValue = run_once(form.nonce.data, act)
    except Refusal as refusal:
        return _team_page(body, form, REFUSALS[MemberRefusal(refusal.code)](refusal.facts)), 409
    session["notice"] = (
        f"L’invitation de {form.name.data} est écrite : ses droits valent dès son entrée. {delivery_notice()}"
    )
    return response


@bp.post("/organisme/equipe/<uuid:person_id>/droits")
@certifier_page(Permission.MANAGE_CANDIDACY)
def change_right(body: BodyAccess, person_id: UUID) -> ResponseReturnValue:
    """Give a member another right."""
    form = RightForm()
    if not members.is_manager(read_session(), body.id, current_user.id):
        abort(403)
    _member_or_404(body, person_id)
    if not form.validate():
        return _team_page(body, MemberForm(formdata=None), "Choisissez les droits de cette personne."), 422
    try:
        with transaction() as db:
            members.change_right(db, body.id, person_id, chosen_right(form), by=current_user.id, at=now())
    except Refusal as refusal:
        return _team_page(
            body, MemberForm(formdata=None), REFUSALS[MemberRefusal(refusal.code)](refusal.facts)
        ), 409
    session["notice"] = "Les droits sont changés."
    return redirect(url_for(".team"), 303)


@bp.post("/organisme/equipe/<uuid:person_id>/depart")
@certifier_page(Permission.MANAGE_CANDIDACY)
def remove(body: BodyAccess, person_id: UUID) -> ResponseReturnValue:
    """Remove a member who departs: they see nothing of the body any more."""
    if not members.is_manager(read_session(), body.id, current_user.id):
        abort(403)
    _member_or_404(body, person_id)
    try:
        with transaction() as db:
            members.remove_member(db, body.id, person_id, by=current_user.id, at=now())
    except Refusal as refusal:
        return _team_page(
            body, MemberForm(formdata=None), REFUSALS[MemberRefusal(refusal.code)](refusal.facts)
        ), 409
    session["notice"] = "Cette personne n’est plus dans l’équipe. Ce qu’elle a signé reste."
    return redirect(url_for("home.home") if person_id == current_user.id else url_for(".team"), 303)


def _member_or_404(body: BodyAccess, person_id: UUID) -> None:
    """Answer 404 for a person who is no member of this body, known elsewhere or not."""
    if read_session().get(CertifyingBodyMember, (body.id, person_id)) is None:
        abort(404)
