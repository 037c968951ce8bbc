"""The list of the certificates of a body."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from portfolio.access.body import BodyAccess
from portfolio.access.decorators import certifier_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session
from portfolio.screens.certifier.certificates.list_queries import (
    SORTS,
    iterate_certificates,
    load_certificates,
    load_filters,
)
from portfolio.web.clock import today
from portfolio.web.exports import CSV, ODS, export_response
from portfolio.web.listing import Listing, read_state
from portfolio.wording import certificate_list as words

bp = Blueprint("issued", __name__)


@bp.get("/organisme/certificats")
@certifier_page(Permission.MANAGE_CANDIDACY)
def certificates(body: BodyAccess) -> ResponseReturnValue:
    """Show one page of the certificates of the body, as the address asks, or the whole list as a file."""
    filters = load_filters(read_session(), body.id)
    state = read_state(filters, SORTS)
    if (kind := request.args.get("format")) in (CSV, ODS):
        rows = iterate_certificates(read_session(), body.id, state)
        return export_response(
            kind, "certificats", words.EXPORT_HEADER, (words.export_row(each, today()) for each in rows)
        )
    page, count = load_certificates(read_session(), body.id, state)
    listing = Listing(
        "issued.certificates",
        {},
        state,
        filters,
        SORTS,
        page,
        count,
        "Nom, adresse, numéro de certificat ou de procès-verbal",
        exports=(("csv", "CSV"), ("ods", "Tableur (ODS)")),
    )
    return render_template("certificate/list.html", listing=listing, say=words, today=today())
