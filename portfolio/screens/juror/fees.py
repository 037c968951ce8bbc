"""Fees of a juror: a year of each body on their own page, and the statement as a PDF."""

from contextlib import suppress
from datetime import date
from uuid import UUID

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portfolio.access.decorators import own_page
from portfolio.db.engine import read_session
from portfolio.documents.minutes import FeeStatement, fee_statement_pdf
from portfolio.domain.account.models import CertifyingBody
from portfolio.domain.certifying_body.look import load_look
from portfolio.domain.certifying_body.settings import load_body_settings
from portfolio.domain.jury_session.use_cases import fees
from portfolio.files.filenames import attachment_headers
from portfolio.web.clock import now, today
from portfolio.wording.jury.labels import fee_statement

bp = Blueprint("fees", __name__)


@bp.get("/jurys/indemnites")
@own_page
def own_fees() -> ResponseReturnValue:
    """Show what each body owes to a juror for the sessions of a period."""
    db, (first, last) = read_session(), period()
    bodies = fees.list_paying_bodies(db, current_user.id, first, last)
    statements = [(body, _statement(body.id, current_user.id, first, last)) for body in bodies]
    return render_template("juror/fees/fees.html", statements=statements, first=first, last=last)


@bp.get("/jurys/indemnites/<uuid:body_id>.pdf")
@own_page
def own_statement(body_id: UUID) -> ResponseReturnValue:
    """Send the statement of a period to the juror."""
    return send_statement(body_id, current_user.id, *period())


def period() -> tuple[date, date]:
    """Return the period that the address asks for, else the year."""
    first, last = date(today().year, 1, 1), date(today().year, 12, 31)
    with suppress(ValueError):
        first = date.fromisoformat(request.values.get("du", ""))
    with suppress(ValueError):
        last = date.fromisoformat(request.values.get("au", ""))
    return first, last


def send_statement(body_id: UUID, person_id: UUID, first: date, last: date) -> ResponseReturnValue:
    """Send the statement of a juror; 404 when they deliberated at no session of the period."""
    value = _statement(body_id, person_id, first, last)
    if not value.lines:
        abort(404)
    pdf = fee_statement_pdf(value, load_look(read_session(), body_id))
    name = f"releve-indemnites-{first.isoformat()}-{last.isoformat()}.pdf"
    return Response(pdf, headers=attachment_headers(name, "application/pdf"))


def _statement(body_id: UUID, person_id: UUID, first: date, last: date) -> FeeStatement:
    db = read_session()
    body = db.get(CertifyingBody, body_id) or abort(404)
    lines = fees.list_fee_lines(db, body_id, first, last, person_id=person_id)
    rates, revision = fees.load_rates(db, body_id)
    words = load_body_settings(db, body_id)
    return fee_statement(body, words, lines, rates if revision else None, (first, last), now())
