"""The control pack of a body: chosen by session or by period, streamed as one ZIP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from portfolio.access.body import BodyAccess
from portfolio.access.decorators import certifier_page, session_page
from portfolio.access.jury import SessionAccess
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session
from portfolio.screens.certifier.control import queries
from portfolio.screens.certifier.control.archive import DIGESTS, control_pack, period_title
from portfolio.screens.certifier.control.forms import PeriodForm
from portfolio.web.archives import zip_response

bp = Blueprint("control", __name__)


@bp.get("/organisme/controle")
@certifier_page(Permission.MANAGE_SESSION)
def pack_form(body: BodyAccess) -> ResponseReturnValue:
    """Ask for the period of an inspection, and say how many hearings it holds."""
    return _form(body)


@bp.get("/organisme/controle/dossier.zip")
@certifier_page(Permission.MANAGE_SESSION)
def pack(body: BodyAccess) -> ResponseReturnValue:
    """Send the pack of a period."""
    form = _period()
    if not form.validate():
        return _form(body, form), 422
    since, until = form.since.data, form.until.data
    found = queries.list_hearings(read_session(), body.id, since=since, until=until)
    if not found:
        return _form(body, form, empty=True), 404
    return zip_response(
        *control_pack(found, period_title(since, until), f"controle-{since}-{until}.zip"), digests=DIGESTS
    )


@bp.get("/sessions/<uuid:session_id>/controle.zip")
@session_page(Permission.MANAGE_SESSION)
def session_pack(case: SessionAccess) -> ResponseReturnValue:
    """Send the pack of one session; 404 while it hears nobody."""
    found = queries.list_hearings(read_session(), case.body_id, session_id=case.id)
    if not found:
        abort(404)
    return zip_response(
        *control_pack(found, "Dossier de contrôle : une session", f"controle-session-{_short(case.id)}.zip"),
        digests=DIGESTS,
    )


def _period() -> PeriodForm:
    return PeriodForm(formdata=request.args, meta={"csrf": False})


def _form(body: BodyAccess, form: PeriodForm | None = None, **more: Any) -> str:
    shown = form or PeriodForm(formdata=None, meta={"csrf": False})
    return render_template("control/form.html", body=body, form=shown, limit=queries.MAX_HEARINGS, **more)


def _short(id: UUID) -> str:
    return str(id)[:8]
