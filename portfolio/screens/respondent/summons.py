"""A person summoned to a jury answers by the link of their letter: reading the page answers nothing, a button
does.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from portfolio.access.decorators import public_page
from portfolio.calendar import PARIS
from portfolio.db.engine import read_session, transaction
from portfolio.domain.account.models import CertifyingBody
from portfolio.domain.jury.rules.summons import CalendarMethod, SummonsAnswer
from portfolio.domain.jury.use_cases import summons
from portfolio.web.clock import now
from portfolio.web.forms import Form
from portfolio.wording.jury.schedule import hours_message, minute_of_day

bp = Blueprint("summons", __name__, url_prefix="/convocation")
_SAVED = {
    SummonsAnswer.RECEIVED: "Votre réponse est enregistrée. Merci.",
    SummonsAnswer.CANNOT_COME: (
        "Votre réponse est enregistrée. Appelez aussi l’organisme, surtout si le jour est proche."
    ),
}


@bp.get("/<token>")
@public_page
def summoned(token: str) -> ResponseReturnValue:
    """Show the day, the hours and the place, and the two answers."""
    return _page(token)


@bp.post("/<token>")
@public_page
def answer(token: str) -> ResponseReturnValue:
    """Record the answer."""
    asked = request.form.get("answer", "")
    if asked not in set(SummonsAnswer):
        return _page(token)
    with transaction() as db:
        row = summons.find_by_token(db, token, at=now(), lock=True)
        if row is None:
            return _ended()
        summons.answer_summons(db, row, SummonsAnswer(asked), by=None, at=now())
    session["notice"] = _SAVED[SummonsAnswer(asked)]
    return redirect(url_for(".summoned", token=token), 303)


def _page(token: str) -> Any:
    db = read_session()
    row = summons.find_by_token(db, token, at=now())
    if row is None:
        return _ended()
    jury = row.session
    start, end = (minute_of_day(moment.astimezone(PARIS)) for moment in (row.starts_at, row.ends_at))
    hours = "heure à fixer" if row.is_whole_day else hours_message(start, end)
    more: dict[str, Any] = {"body": db.get_one(CertifyingBody, jury.body_id), "hours": hours}
    more["is_cancelled"] = row.method is CalendarMethod.CANCEL
    return render_template(
        "jurors/summons.html", row=row, jury=jury, token=token, form=Form(formdata=None), **more
    )


def _ended() -> tuple[str, int]:
    return render_template("jurors/link_ended.html"), 404
