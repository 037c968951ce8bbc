"""The list of the candidacies of a body."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from portfolio.access.body import BodyAccess
from portfolio.access.decorators import certifier_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session
from portfolio.db.paging import BoundedCount
from portfolio.screens.certifier.candidacies.list_queries import (
    SORTS,
    STAGE_FILTER,
    iterate_candidacies,
    load_candidacies,
    load_filters,
)
from portfolio.screens.certifier.candidacies.views import bp
from portfolio.web.clock import today
from portfolio.web.exports import CSV, ODS, export_response
from portfolio.web.listing import Filter, Listing, ListState, read_state
from portfolio.wording.candidacy_list import EXPORT_HEADER, export_row
from portfolio.wording.group_acts import BUTTONS
from portfolio.wording.holdings.grants import outcome_message


@bp.get("/candidatures")
@certifier_page(Permission.MANAGE_CANDIDACY)
def candidacies(body: BodyAccess) -> ResponseReturnValue:
    """Show one page of the candidacies, as the address asks."""
    filters = load_filters(read_session(), body.id, request.args, today())
    state = read_state(filters, SORTS)
    if (kind := request.args.get("format")) in (CSV, ODS):
        rows = iterate_candidacies(read_session(), body.id, state, today())
        return export_response(kind, "candidatures", EXPORT_HEADER, (export_row(each) for each in rows))
    page, count = load_candidacies(read_session(), body.id, state, today())
    listing = Listing(
        "candidacy.candidacies",
        {},
        state,
        filters,
        SORTS,
        page,
        count or _count_of(filters, state),
        "Nom, adresse, numéro de certificat ou de procès-verbal",
        exports=(("csv", "CSV"), ("ods", "Tableur (ODS)")),
    )
    return render_template(
        "candidacy/list.html",
        listing=listing,
        today=today(),
        outcome_message=outcome_message,
        buttons=BUTTONS,
    )


def _count_of(filters: tuple[Filter, ...], state: ListState) -> BoundedCount:
    """Return the count that the stages tell: of the one asked for, or of all."""
    stages = filters[0]
    chosen = state.choices.get(STAGE_FILTER)
    if chosen is None:
        return BoundedCount(stages.total or 0)
    return BoundedCount(next((option.number or 0 for option in stages.options if option.value == chosen), 0))
