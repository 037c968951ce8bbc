"""The certifier names the same jury as the last time, and sees first what has changed since."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload
from wtforms import BooleanField

from portfolio.access.decorators import session_page
from portfolio.access.jury import SessionAccess
from portfolio.access.policy import Permission
from portfolio.db.engine import close_read_session, read_session
from portfolio.domain.jury.models.pool import Juror
from portfolio.domain.jury.models.sessions import JurySession
from portfolio.domain.jury.rules.enums import JuryRefusal
from portfolio.domain.jury.rules.juror_card import Availability, HalfDay, PoolRefusal, availability_on
from portfolio.domain.jury.use_cases.former_jury import FormerMember, find_former_jury, seat_former_members
from portfolio.errors import Conflict, Refusal
from portfolio.screens.certifier.letters.notices import delivery_notice
from portfolio.screens.juror.hearing.blueprint import bp
from portfolio.web.clock import now
from portfolio.web.forms import IdempotentForm, MultiChoiceField
from portfolio.web.idempotency import run_once
from portfolio.wording import jury
from portfolio.wording.jury import pool as pool_wording


class FormerJuryForm(IdempotentForm):
    """The members to name again, and whether the act of the president also holds for this session."""

    members = MultiChoiceField("Membres à nommer de nouveau", UUID)
    keeps_act = BooleanField("L’acte de nomination de la présidence vaut aussi pour cette session")


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
        named = seat_former_members(db, case.id, chosen, seen, keeps_act=keeps, by=current_user.id, at=now())
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


def refusal_message(refusal: Refusal) -> str:
    """Return the sentence of a refusal of the pool or of the jury."""
    if isinstance(refusal.code, PoolRefusal):
        return pool_wording.REFUSALS[refusal.code](refusal.facts)
    return jury.REFUSALS[JuryRefusal(refusal.code)](refusal.facts)


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
        (str(jury_member.seat), jury_member.place or 1, jury_member.rank): jury_member
        for jury_member in row.members
    }
    people = {jury_member.person_id for jury_member in row.members}
    emails = [former_member.named.email for former_member in former.members]
    query = (
        select(Juror)
        .where(Juror.body_id == row.body_id, Juror.email.in_(emails))
        .options(selectinload(Juror.periods))
    )
    busy = {
        juror.email
        for juror in db.scalars(query)
        if any(
            availability_on([period.to_value() for period in juror.periods], row.held_on, half)
            is Availability.BUSY
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
    more: dict[str, Any] = {
        "rows": rows,
        "former_on": held_on,
        "chosen": chosen,
        "act": act,
        "stopped": stopped,
    }
    return render_template(
        "jury/former_jury.html", jury=db.get_one(JurySession, case.id), form=shown, say=jury, **more
    )
