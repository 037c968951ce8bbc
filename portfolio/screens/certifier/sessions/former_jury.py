"""The certifier names the same jury as the last time, and sees first what has changed since.

The certifier moves a hearing to another session, until its jury has begun.

The certifier ends a sitting found irregular before a decision: without effect, and without failure (R10).
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload
from wtforms import BooleanField

from portfolio.access.decorators import hearing_page, session_page
from portfolio.access.jury import HearingAccess, SessionAccess
from portfolio.access.policy import Permission
from portfolio.db.engine import close_read_session, read_session
from portfolio.domain.jury.models.pool import Juror
from portfolio.domain.jury.models.sessions import JurySession
from portfolio.domain.jury.rules.juror_card import Availability, HalfDay, availability_on
from portfolio.domain.jury_session.use_cases import former_jury as void_hearing_use_cases
from portfolio.domain.jury_session.use_cases import schedule as move_hearing_use_cases
from portfolio.domain.jury_session.use_cases.former_jury import FormerMember, find_former_jury, seat_former_members
from portfolio.domain.jury_session.use_cases.sittings import candidates_under_way
from portfolio.errors import Conflict, Refusal
from portfolio.screens.account.navigation import delivery_notice
from portfolio.screens.account.reauthentication import signature_error
from portfolio.screens.blueprints import blueprint_of
from portfolio.screens.juror.forms.declarations import MoveForm, VoidForm
from portfolio.screens.juror.hearing import minutes
from portfolio.web.clock import now, today
from portfolio.web.forms import (
    IdempotentForm,
    MultiChoiceField,
    MultiLineField,
    refusal_message,
    run_once,
    run_or_refuse,
)
from portfolio.wording import jury

bp = blueprint_of(__name__)


class FormerJuryForm(IdempotentForm):
    """The members to name again, and whether the act of the president also holds for this session."""

    members = MultiChoiceField("Membres à nommer de nouveau", UUID)
    keeps_act = BooleanField("L’acte de nomination de la présidence vaut aussi pour cette session")
    reason = MultiLineField("Pourquoi la séance commencée s’arrête", limit=2000)


@dataclass(frozen=True, slots=True)
class FormerMemberRow:
    """A member of the former jury on the page: their seat now, and what may prevent them from coming."""

    member: FormerMember
    is_seated: bool
    # Who holds the seat now, when it is somebody else.
    holder: str
    is_busy: bool
    has_delegation_ended: bool
    key: str
    revision: int


@bp.get("/sessions/<uuid:session_id>/meme-jury")
@session_page(Permission.MANAGE_SESSION)
def former_jury(case: SessionAccess) -> ResponseReturnValue:
    """Show the members of the last jury with the same seats."""
    return _page(case)


@bp.post("/sessions/<uuid:session_id>/meme-jury")
@session_page(Permission.MANAGE_SESSION)
def name_former_jury(case: SessionAccess) -> ResponseReturnValue:
    """Name them again, or say what prevents it."""
    rows, _held_on = _rows(read_session(), case.id)
    form = FormerJuryForm()
    form.members.choices = [(row.member.id, row.member.named.name) for row in rows]
    if not form.validate():
        return _page(case, form), 422
    seen = {_place(row.member): _revision(row.key) for row in rows}

    def act(db: Session) -> str:
        chosen = form.members.data or []
        keeps = bool(form.keeps_act.data)
        reason = form.reason.data or ""
        named = seat_former_members(
            db, case.id, chosen, seen, keeps_act=keeps, reason=reason, by=current_user.id, at=now()
        )
        session["notice"] = f"{_names(named)} {delivery_notice(several=len(named) > 1)}" if named else ""
        return url_for(".session", session_id=case.id, _anchor="composition")

    try:
        return run_once(form.nonce.data, act)
    except Conflict as conflict:
        close_read_session()
        return _page(case, stopped=_conflict_message(conflict)), 409
    except Refusal as refusal:
        close_read_session()
        return _page(case, form, stopped=refusal_message(refusal)), 409


def _conflict_message(conflict: Conflict) -> str:
    if not conflict.theirs:
        return "Entre-temps, un de ces sièges a été libéré. Relisez la liste, puis nommez."
    return f"Entre-temps, {conflict.theirs['name']} a reçu un de ces sièges. Relisez la liste, puis nommez."


def _names(named: list[Any]) -> str:
    return "Une personne est nommée." if len(named) == 1 else f"{len(named)} personnes sont nommées."


def _revision(key: str) -> int:
    text = request.form.get(f"seen-{key}", "0")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _place(member: FormerMember) -> tuple[str, int, int]:
    return str(member.named.seat), member.named.place, member.named.rank


def _rows(db: Session, session_id: UUID) -> tuple[tuple[FormerMemberRow, ...], Any]:
    row = db.get_one(JurySession, session_id)
    former = find_former_jury(db, row)
    if former is None:
        return (), None
    seated = {
        (str(jury_member.seat), jury_member.place or 1, jury_member.rank): jury_member for jury_member in row.members
    }
    people = {jury_member.person_id for jury_member in row.members}
    emails = [former_member.named.email for former_member in former.members]
    query = (
        select(Juror).where(Juror.body_id == row.body_id, Juror.email.in_(emails)).options(selectinload(Juror.periods))
    )
    busy = {
        juror.email
        for juror in db.scalars(query)
        if any(
            availability_on([period.to_value() for period in juror.periods], row.held_on, half) is Availability.BUSY
            for half in HalfDay
        )
    }
    rows = []
    for member in former.members:
        holder = seated.get(_place(member))
        until = member.named.delegated_until
        rows.append(
            FormerMemberRow(
                member,
                member.person_id in people,
                holder.name if holder is not None and holder.person_id != member.person_id else "",
                member.named.email in busy,
                until is not None and until < row.held_on,
                f"{member.named.seat}-{member.named.place}-{member.named.rank}",
                holder.revision if holder is not None else 0,
            )
        )
    return tuple(rows), former.held_on


def _page(case: SessionAccess, form: FormerJuryForm | None = None, stopped: str = "") -> str:
    db = read_session()
    rows, held_on = _rows(db, case.id)
    shown = form or FormerJuryForm(formdata=None)
    chosen = (
        set(shown.members.data or [])
        if form
        else {row.member.id for row in rows if not row.is_seated and not row.holder}
    )
    act = next((row.member for row in rows if row.member.act_on and row.member.has_document), None)
    begun = candidates_under_way(db, case.id)
    more: dict[str, Any] = {
        "begun": begun,
        "rows": rows,
        "former_on": held_on,
        "chosen": chosen,
        "act": act,
        "stopped": stopped,
    }
    return render_template(
        "certifier/sessions/former_jury.html", jury=db.get_one(JurySession, case.id), form=shown, say=jury, **more
    )


@bp.get("/jurys/<uuid:hearing_id>/report")
@hearing_page(Permission.MOVE_HEARING)
def move_form(case: HearingAccess) -> ResponseReturnValue:
    """Show the sessions that could hear the candidate instead, and what moving keeps."""
    if case.closed_at is not None:
        return redirect(url_for("juror.hearing.minutes", hearing_id=case.id), 303)
    return _move_page(case)


@bp.post("/jurys/<uuid:hearing_id>/report")
@hearing_page(Permission.MOVE_HEARING)
def move_hearing(case: HearingAccess) -> ResponseReturnValue:
    """Move the hearing, or say what prevents it and keep what was chosen."""
    form = MoveForm(move_hearing_use_cases.list_destinations(read_session(), case.id, today()))
    if move_hearing_use_cases.was_moved_to(read_session(), case.id, form.session_id.data):
        return redirect(url_for(".session", session_id=case.session_id, _anchor="candidats"), 303)
    if not form.validate():
        return _move_page(case, form), 422
    chosen: Any = form.session_id.data

    def act(db: Session) -> str:
        reason = form.reason.data or ""
        move_hearing_use_cases.move_hearing(db, case.id, chosen, reason, by=current_user.id, at=now())
        return url_for(".session", session_id=chosen, _anchor="candidats")

    return run_or_refuse(
        form.nonce.data,
        act,
        lambda sentence: _move_page(case, form, sentence),
        "L’audition est reportée à cette session. Les présences y seront vérifiées de nouveau.",
    )


def _move_page(case: HearingAccess, form: MoveForm | None = None, stopped: str = "") -> str:
    db = read_session()
    page, sessions = (
        minutes.load_attendance_page(db, case.id),
        move_hearing_use_cases.list_destinations(db, case.id, today()),
    )
    shown = form or MoveForm(sessions, formdata=None)
    return render_template("certifier/sessions/move.html", page=page, sessions=sessions, form=shown, stopped=stopped)


@bp.get("/jurys/<uuid:hearing_id>/sans-effet")
@hearing_page(Permission.SIGN)
def void_form(case: HearingAccess) -> ResponseReturnValue:
    """Show what ending a sitting without effect does, and ask why."""
    if case.closed_at is not None:
        return redirect(url_for("juror.hearing.minutes", hearing_id=case.id), 303)
    return _void_page(case, VoidForm(formdata=None))


@bp.post("/jurys/<uuid:hearing_id>/sans-effet")
@hearing_page(Permission.SIGN)
def void_hearing(case: HearingAccess) -> ResponseReturnValue:
    """End a sitting without effect; what was typed stays when something is wrong."""
    form = VoidForm()
    if not form.validate():
        return _void_page(case, form), 422
    if fault := signature_error(form.password.data or ""):
        form.password.errors = [fault]
        return _void_page(case, form), 422

    def act(db: Session) -> str:
        void_hearing_use_cases.void_hearing(db, case.id, form.reason.data or "", by=current_user.id, at=now())
        session["notice"] = f"La séance est sans effet. Le dossier attend une autre session. {delivery_notice()}"
        return url_for("juror.hearing.minutes", hearing_id=case.id)

    return run_or_refuse(form.nonce.data, act, lambda sentence: _void_page(case, form, stopped=sentence))


def _void_page(case: HearingAccess, form: VoidForm, stopped: str = "") -> str:
    page = minutes.load_attendance_page(read_session(), case.id)
    wrong = [answer for answer in page.answers if answer.prevents]
    return render_template(
        "certifier/sessions/void_hearing.html", page=page, form=form, wrong=wrong, stopped=stopped, say=jury
    )
