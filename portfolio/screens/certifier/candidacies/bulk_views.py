"""Open many candidacies from lines copied out of a spreadsheet."""

from __future__ import annotations

from uuid import UUID

from flask import abort, current_app, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.body import BodyAccess
from portfolio.access.decorators import certifier_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session
from portfolio.domain.candidacy.rules.opening import CandidacyRefusal, read_lines
from portfolio.domain.group_acts.use_cases import openings
from portfolio.errors import Refusal
from portfolio.screens.certifier.candidacies import queries
from portfolio.screens.certifier.candidacies.forms import BulkOpeningForm
from portfolio.screens.certifier.candidacies.views import bp
from portfolio.screens.certifier.letters.notices import delivery_notice
from portfolio.web.clock import now, today
from portfolio.web.idempotency import run_once
from portfolio.wording import bulk_lines as words
from portfolio.wording.candidacy import REFUSALS

# A request opens what it can in so long; the worker goes on.
_AT_ONCE_SECONDS = 2.0


def _form(body: BodyAccess, **more: object) -> BulkOpeningForm:
    return BulkOpeningForm(queries.list_published_versions(read_session(), body.id), today(), **more)


def _bulk_page(form: BulkOpeningForm, wrong: tuple[str, ...] = (), stopped: str = "") -> str:
    return render_template("candidacy/bulk.html", form=form, wrong=wrong, stopped=stopped)


@bp.get("/candidatures/plusieurs")
@certifier_page(Permission.MANAGE_CANDIDACY)
def bulk_form(body: BodyAccess) -> ResponseReturnValue:
    """Show the form that opens many candidacies."""
    return _bulk_page(_form(body, formdata=None))


@bp.post("/candidatures/plusieurs")
@certifier_page(Permission.MANAGE_CANDIDACY)
def open_many(body: BodyAccess) -> ResponseReturnValue:
    """Order a candidacy for each line and begin, or none and say what is wrong with each wrong line; what was
    typed stays.
    """
    form = _form(body)
    if not form.validate():
        return _bulk_page(form), 422
    found = read_lines(form.lines.data)
    if found.wrong or not found.lines:
        return _bulk_page(
            form, tuple(words.wrong_line_message(line) for line in found.wrong) or ("Aucune ligne à lire.",)
        ), 422

    ordered: list[UUID] = []

    def act(db: Session) -> str:
        opening_id = openings.order_openings(
            db, body.id, form.shared(), found.lines, by=current_user.id, at=now()
        )
        ordered.append(opening_id)
        return url_for(".bulk_result", opening_id=opening_id)

    try:
        response = run_once(form.nonce.data, act)
    except openings.LinesRefusedError as error:
        return _bulk_page(form, tuple(words.refused_line_message(line) for line in error.refused)), 409
    except Refusal as refusal:
        return _bulk_page(form, stopped=REFUSALS[CandidacyRefusal(refusal.code)](refusal.facts)), 409
    for opening_id in ordered:
        openings.open_waiting(current_app.extensions["database"], opening_id, now, seconds=_AT_ONCE_SECONDS)
    return response


@bp.get("/candidatures/plusieurs/<uuid:opening_id>")
@certifier_page(Permission.MANAGE_CANDIDACY)
def bulk_result(body: BodyAccess, opening_id: UUID) -> ResponseReturnValue:
    """Show which candidacies are open, how many wait, and which lines were not opened and why."""
    found = openings.find_opening(read_session(), body.id, opening_id)
    if found is None:
        abort(404)
    return render_template(
        "candidacy/bulk_result.html",
        opening=found,
        letters=delivery_notice(several=len(found.opened) != 1),
        say=words,
    )
