"""A person summoned to a jury answers by the link of their letter: reading the page answers nothing, a button does."""

from io import BytesIO
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, send_file, session, url_for
from flask.typing import ResponseReturnValue

from portfolio.access.decorators import public_page
from portfolio.calendar import PARIS
from portfolio.db.engine import read_session, transaction
from portfolio.domain.account.models import CertifyingBody
from portfolio.domain.jury.models.statements import Summons
from portfolio.domain.jury.rules.passage import CalendarMethod, SummonsAnswer
from portfolio.domain.jury_session.rules.calendar_file import FILE_NAME, calendar_text, media_type_of
from portfolio.domain.jury_session.use_cases import summons, summons_answers
from portfolio.screens.respondent.presence import own_presence_code
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


@bp.get("/<token>/agenda")
@public_page
def calendar(token: str) -> ResponseReturnValue:
    """Send the calendar file of the summons, as the last letter says it."""
    db = read_session()
    row = summons.find_by_token(db, token, at=now())
    if row is None:
        return _ended()
    entry = summons.calendar_entry(db, row, row.person.name, row.person.email, at=now())
    sent = send_file(
        BytesIO(calendar_text(entry).encode()), mimetype="text/calendar", as_attachment=True, download_name=FILE_NAME
    )
    sent.headers["Content-Type"] = media_type_of(entry)
    return sent


def own_summons(candidacy_id: UUID) -> dict[str, Any] | None:
    """Return what a candidate reads of their summons on their own pages; None before it is written."""
    db = read_session()
    found = summons.find_candidate_summons(db, candidacy_id)
    if found is None:
        return None
    row, is_changing = found
    shown = {"row": row, "hours": _hours(row), "token": summons.answer_token(row), "is_changing": is_changing}
    return shown | {"jury": row.session, "form": Form(formdata=None), "code": _code(row)}


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
        summons_answers.answer_summons(db, row, SummonsAnswer(asked), by=None, at=now())
    session["notice"] = _SAVED[SummonsAnswer(asked)]
    return redirect(url_for(".summoned", token=token), 303)


def _page(token: str) -> Any:
    db = read_session()
    row = summons.find_by_token(db, token, at=now())
    if row is None:
        return _ended()
    jury = row.session
    more: dict[str, Any] = {"body": db.get_one(CertifyingBody, jury.body_id), "hours": _hours(row)}
    more["is_cancelled"] = row.method is CalendarMethod.CANCEL
    more["code"] = _code(row)
    return render_template(
        "respondent/summons/summons.html", row=row, jury=jury, token=token, form=Form(formdata=None), **more
    )


def _code(row: Summons) -> str:
    return own_presence_code(row.session_id, row.person_id, row.session.held_on)


def _hours(row: Summons) -> str:
    start, end = (minute_of_day(moment.astimezone(PARIS)) for moment in (row.starts_at, row.ends_at))
    return "heure à fixer" if row.is_whole_day else hours_message(start, end)


def _ended() -> tuple[str, int]:
    return render_template("shared/link_ended.html"), 404
