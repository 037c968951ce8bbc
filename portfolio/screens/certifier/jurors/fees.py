"""The payment sheet of jurors: its amounts, a period on the screen, and its CSV file."""

import csv
import io
from operator import itemgetter
from typing import Any
from uuid import UUID

from flask import Response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from wtforms.validators import ValidationError

from portfolio.access.body import BodyAccess
from portfolio.access.decorators import certifier_page
from portfolio.access.policy import Permission
from portfolio.db.engine import close_read_session, read_session, transaction
from portfolio.domain.jury.rules.juror_sheet import FeeLine, FeeRates
from portfolio.domain.jury_session.use_cases import fees as fee_use_cases
from portfolio.errors import Conflict
from portfolio.screens.blueprints import blueprint_of
from portfolio.screens.juror.fees import period, send_statement
from portfolio.web.clock import now, today
from portfolio.web.forms import FrenchDateField, SingleLineField, VersionedForm, remember_result
from portfolio.wording.jury import SEATS
from portfolio.wording.jury.labels import COLUMNS, cents_of, euros

bp = blueprint_of(__name__)


class FeesForm(VersionedForm):
    """The amounts that a body pays, in euros."""

    session_euros = SingleLineField("Par session, en euros", limit=12)
    hearing_euros = SingleLineField("Par candidat entendu, en euros", limit=12)
    km_euros = SingleLineField("Par kilomètre, en euros", limit=12)
    since = FrenchDateField("Pour les sessions à partir du")

    def _check(self, field: SingleLineField) -> None:
        if cents_of(field.data or "") is None:
            raise ValidationError("Écrivez un montant en euros, par exemple 120 ou 0,52.")

    validate_session_euros = validate_hearing_euros = validate_km_euros = _check

    def value(self) -> FeeRates:
        """Return the amounts."""
        return FeeRates(
            *(cents_of(field.data or "") or 0 for field in (self.session_euros, self.hearing_euros, self.km_euros))
        )


@bp.get("/jures/indemnites")
@certifier_page(Permission.MANAGE_SESSION)
def fees(body: BodyAccess) -> ResponseReturnValue:
    """Show the payment sheet of a period, and the amounts."""
    return _page(body)


@bp.post("/jures/indemnites")
@certifier_page(Permission.MANAGE_SESSION)
def save_fees(body: BodyAccess) -> ResponseReturnValue:
    """Set the amounts, or show that they were set meanwhile."""
    form = FeesForm()
    if not form.validate():
        return _page(body, form), 422
    try:
        with transaction() as db:
            since = form.since.data or today()
            sent: dict[str, Any] = {"revision": form.seen_revision, "by": current_user.id, "at": now()}
            fee_use_cases.save_rates(db, body.id, form.value(), since, **sent)
            remember_result(db, url_for(".fees"))
    except Conflict as conflict:
        close_read_session()
        form.revision.data = str(conflict.revision)
        return _page(body, form, theirs=conflict.theirs), 409
    session["notice"] = "Les montants sont enregistrés."
    return redirect(url_for(".fees"), 303)


@bp.get("/jures/indemnites/feuille.csv")
@certifier_page(Permission.MANAGE_SESSION)
def sheet(body: BodyAccess) -> ResponseReturnValue:
    """Send the payment sheet of a period, all its lines."""
    first, last = period()
    rates, revision = fee_use_cases.load_rates(read_session(), body.id)
    lines = fee_use_cases.list_fee_lines(read_session(), body.id, first, last)
    written = io.StringIO()
    writer = csv.writer(written, delimiter=";")
    writer.writerow(COLUMNS)
    writer.writerows(_cells(line, rates.on(line.held_on) if revision else None) for line in lines)
    name = f"indemnites-{first.isoformat()}-{last.isoformat()}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response("\ufeff" + written.getvalue(), mimetype="text/csv", headers=headers)


def _cells(line: FeeLine, rates: FeeRates | None) -> list[str]:
    """Return the cells of a line; a sum that cannot be told, without amounts or without a distance, stays empty."""
    cells = [
        line.held_on.strftime("%d/%m/%Y"),
        line.juror_name,
        line.email,
        SEATS[line.seat],  # type: ignore[index]
        str(line.heard),
        "" if line.travelled_km is None else str(line.travelled_km),
        euros(line.vacation_cents(rates)) if rates else "",
        euros(line.travel_cents(rates)) if rates and not line.lacks_distance(rates) else "",
        euros(line.total_cents(rates)) if rates and not line.lacks_distance(rates) else "",
    ]
    # A spreadsheet would run a cell that begins with these signs.
    return [f"'{cell}" if cell[:1] in "=+-@\t\r" and cell[:1] else cell for cell in cells]


@bp.get("/jures/indemnites/<uuid:person_id>/releve.pdf")
@certifier_page(Permission.MANAGE_SESSION)
def statement(body: BodyAccess, person_id: UUID) -> ResponseReturnValue:
    """Send the statement of one juror over a period."""
    return send_statement(body.id, person_id, *period())


def _page(body: BodyAccess, form: FeesForm | None = None, theirs: dict[str, str] | None = None) -> str:
    db = read_session()
    (first, last), (rates, revision) = period(), fee_use_cases.load_rates(db, body.id)
    found = fee_use_cases.count_fee_lines(db, body.id, first, last)
    pages = max(1, -(-found // fee_use_cases.PAGE_SIZE))
    number = request.args.get("page", "1")
    page = min(max(int(number[:6]) if number.isascii() and number.isdecimal() else 1, 1), pages)
    offset = (page - 1) * fee_use_cases.PAGE_SIZE
    lines = fee_use_cases.list_fee_lines(db, body.id, first, last, limit=fee_use_cases.PAGE_SIZE, offset=offset)
    present = rates.on(today())
    kept = {
        "session_euros": present.session_cents,
        "hearing_euros": present.hearing_cents,
        "km_euros": present.km_cents,
    }
    shown = form or FeesForm(
        formdata=None, revision=str(revision), **{name: euros(cents) for name, cents in kept.items()}
    )
    more: dict[str, Any] = {
        "lines": lines,
        "found": found,
        "page": page,
        "pages": pages,
        "first": first,
        "last": last,
        "are_set": revision > 0,
        "amounts": sorted(rates.since, key=itemgetter(0), reverse=True),
    }
    return render_template(
        "certifier/jurors/fees.html", form=shown, rates=rates, theirs=theirs, euros=euros, seats=SEATS, **more
    )
