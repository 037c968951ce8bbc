"""Open many candidacies from lines copied out of a spreadsheet."""

from __future__ import annotations

from flask import render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.context import BodyAccess
from portfolio.access.decorators import certifier_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session
from portfolio.domain.candidacy.rules.bulk_lines import read_lines
from portfolio.domain.candidacy.use_cases.bulk_opening import LinesRefusedError, open_candidacies
from portfolio.french_text import count
from portfolio.screens.certifier.candidacies import queries
from portfolio.screens.certifier.candidacies.forms import BulkOpeningForm
from portfolio.screens.certifier.candidacies.views import bp
from portfolio.screens.certifier.letters.notices import delivery_notice
from portfolio.web.clock import now, today
from portfolio.web.idempotency import run_once
from portfolio.wording.bulk_lines import refused_line_message, wrong_line_message


def _form(body: BodyAccess, **more: object) -> BulkOpeningForm:
    return BulkOpeningForm(queries.list_published_versions(read_session(), body.id), today(), **more)


def _bulk_page(form: BulkOpeningForm, wrong: tuple[str, ...] = ()) -> str:
    return render_template("candidacy/bulk.html", form=form, wrong=wrong)


@bp.get("/candidatures/plusieurs")
@certifier_page(Permission.MANAGE_CANDIDACY)
def bulk_form(body: BodyAccess) -> ResponseReturnValue:
    """Show the form that opens many candidacies."""
    return _bulk_page(_form(body, formdata=None))


@bp.post("/candidatures/plusieurs")
@certifier_page(Permission.MANAGE_CANDIDACY)
def open_many(body: BodyAccess) -> ResponseReturnValue:
    """Open a candidacy for each line, or none and say what is wrong with each wrong line; what was typed stays."""
    form = _form(body)
    if not form.validate():
        return _bulk_page(form), 422
    found = read_lines(form.lines.data)
    if found.wrong or not found.lines:
        return _bulk_page(form, tuple(wrong_line_message(line) for line in found.wrong) or ("Aucune ligne à lire.",)), 422

    def act(db: Session) -> str:
        open_candidacies(db, body.id, form.shared(), found.lines, by=current_user.id, at=now())
        return url_for(".candidacies")

    try:
        response: ResponseReturnValue = run_once(form.nonce.data, act)
    except LinesRefusedError as error:
        return _bulk_page(form, tuple(refused_line_message(line) for line in error.refused)), 409
    opened = count(len(found.lines), "candidature est ouverte", "candidatures sont ouvertes")
    session["notice"] = f"{opened}. {delivery_notice(several=True)}"
    return response
