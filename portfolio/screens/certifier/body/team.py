"""The members of a body: invited, given tasks, removed when they leave.

What a manager types about the members of a body.
"""

from typing import Any
from uuid import UUID

from flask import abort, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.body import BodyAccess
from portfolio.access.decorators import certifier_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session, transaction
from portfolio.domain.account.rules import MemberRight, MemberTask, Tasks
from portfolio.domain.certifying_body import members
from portfolio.errors import Refusal
from portfolio.french_text import elide_de
from portfolio.screens.account.login.forms import EmailField
from portfolio.screens.account.navigation import delivery_notice
from portfolio.screens.blueprints import blueprint_of
from portfolio.web.clock import now
from portfolio.web.forms import Form, IdempotentForm, MultiChoiceField, SingleLineField, refusal_message, run_once
from portfolio.wording import certifying_body as words
from portfolio.wording.certifying_body import LIMITED, TASKS, TEAM
from portfolio.wording.credentials import PROGRAMS_END

bp = blueprint_of(__name__)


class TasksForm(Form):
    """The tasks of one member, each with the certifications it is limited to. Built by `_tasks_form`."""

    tasks = MultiChoiceField("Tâches", str, missing="Cochez au moins une tâche.", choices=TASKS)

    def value(self) -> tuple[MemberRight, Tasks | None]:
        """Return the right and the tasks that a valid form chose."""
        if TEAM in self.tasks.data:
            return MemberRight.MANAGER, None
        chosen = map(MemberTask, self.tasks.data)
        return MemberRight.READER, {task: frozenset(self.limits(task)) for task in chosen}

    def limits(self, task: MemberTask) -> list[UUID]:
        """Return the certifications ticked for a task; the form of an invitation asks none."""
        name = f"on_{task.value}"
        return (self[name].data or []) if name in self else []


class MemberForm(IdempotentForm, TasksForm):
    """A colleague to invite."""

    name = SingleLineField("Prénom et nom", missing="Donnez le nom de cette personne.")
    email = EmailField("Adresse électronique", missing="Donnez l’adresse : l’invitation y est envoyée.")


def _tasks_form(body: BodyAccess, member: members.Member, **more: Any) -> TasksForm:
    """Build the form of a member, filled with what they were given."""
    titles = members.list_certifications(read_session(), body.id)
    manages = member.right is MemberRight.MANAGER
    data: dict[str, Any] = {"tasks": [TEAM] if manages else [task.value for task in member.tasks]}
    fields: dict[str, Any] = {}
    for task in LIMITED:
        label = f"Limiter « {TASKS[task]} » à certaines certifications"
        fields[f"on_{task.value}"] = MultiChoiceField(label, UUID, choices=titles)
        data[f"on_{task.value}"] = [] if manages else list(member.tasks.get(task, ()))
    return type("OneMemberForm", (TasksForm,), fields)(data=data, **more)


@bp.get("/organisme/equipe")
@certifier_page(Permission.MANAGE_TEAM)
def team(body: BodyAccess) -> ResponseReturnValue:
    """Show the members of the body and what each may do."""
    return _team_page(body, MemberForm(formdata=None))


def _team_page(body: BodyAccess, form: MemberForm, stopped: str = "") -> str:
    listed = members.list_members(read_session(), body.id)
    return render_template(
        "certifier/body/team.html",
        body=body,
        members=listed,
        last_managers=members.last_managers(listed),
        titles=dict(members.list_certifications(read_session(), body.id)),
        form=form,
        say=words,
        stopped=stopped,
        programs_end=PROGRAMS_END,
    )


@bp.post("/organisme/equipe")
@certifier_page(Permission.MANAGE_TEAM)
def invite(body: BodyAccess) -> ResponseReturnValue:
    """Invite a colleague."""
    form = MemberForm()
    if not form.validate():
        return _team_page(body, form), 422
    right, tasks = form.value()

    def act(db: Session) -> str:
        who = (form.email.data, form.name.data)
        members.invite_member(db, body.id, *who, right, tasks=tasks, by=current_user.id, at=now())
        return url_for(".team")

    try:
        response: ResponseReturnValue = run_once(form.nonce.data, act)
    except Refusal as refusal:
        return _team_page(body, form, refusal_message(refusal)), 409
    session["notice"] = (
        f"L’invitation {elide_de(form.name.data)} est écrite : ses tâches valent dès son entrée. {delivery_notice()}"
    )
    return response


@bp.get("/organisme/equipe/<uuid:person_id>/droits")
@certifier_page(Permission.MANAGE_TEAM)
def tasks_form(body: BodyAccess, person_id: UUID) -> ResponseReturnValue:
    """Show the tasks of a member, and what each lets do."""
    member = _member_or_404(body, person_id)
    return _tasks_page(member, _tasks_form(body, member, formdata=None))


def _tasks_page(member: members.Member, form: TasksForm, stopped: str = "") -> str:
    return render_template(
        "certifier/body/tasks.html", member=member, form=form, limited=LIMITED, say=words, stopped=stopped
    )


@bp.post("/organisme/equipe/<uuid:person_id>/droits")
@certifier_page(Permission.MANAGE_TEAM)
def change_right(body: BodyAccess, person_id: UUID) -> ResponseReturnValue:
    """Give a member other tasks."""
    member = _member_or_404(body, person_id)
    form = _tasks_form(body, member)
    if not form.validate():
        return _tasks_page(member, form), 422
    right, tasks = form.value()
    try:
        with transaction() as db:
            members.change_right(db, body.id, person_id, right, tasks=tasks, by=current_user.id, at=now())
    except Refusal as refusal:
        return _tasks_page(member, form, refusal_message(refusal)), 409
    session["notice"] = f"Les tâches {elide_de(member.name)} sont changées. Elles valent tout de suite."
    return redirect(url_for(".team"), 303)


@bp.post("/organisme/equipe/<uuid:person_id>/depart")
@certifier_page(Permission.MANAGE_TEAM)
def remove(body: BodyAccess, person_id: UUID) -> ResponseReturnValue:
    """Remove a member who departs: they see nothing of the body any more."""
    _member_or_404(body, person_id)
    try:
        with transaction() as db:
            members.remove_member(db, body.id, person_id, by=current_user.id, at=now())
    except Refusal as refusal:
        return _team_page(body, MemberForm(formdata=None), refusal_message(refusal)), 409
    session["notice"] = "Cette personne n’est plus dans l’équipe. Ce qu’elle a signé reste."
    return redirect(url_for("certifier.home.home") if person_id == current_user.id else url_for(".team"), 303)


def _member_or_404(body: BodyAccess, person_id: UUID) -> members.Member:
    """Return a member; answer 404 for a person who is none of this body, known elsewhere or not."""
    found = members.list_members(read_session(), body.id, person_id)
    return found[0] if found else abort(404)
