"""The figures of a body, on a page with charts and tables, and as CSV."""

import csv
import io
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from portfolio.access.body import BodyAccess
from portfolio.access.decorators import certifier_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session
from portfolio.domain.certification.rules.spreadsheet import safe_cell
from portfolio.domain.jury.rules.conditions import share
from portfolio.domain.jury.rules.enums import FindingValue
from portfolio.files.filenames import attachment_headers
from portfolio.screens.certifier.figures import queries
from portfolio.screens.certifier.figures.funnel import load_funnel
from portfolio.wording import figures as words

bp = Blueprint("figures", __name__)


@bp.get("/organisme/chiffres")
@certifier_page(Permission.MANAGE_SESSION)
def figures(body: BodyAccess) -> ResponseReturnValue:
    """Show the figures that the filters of the address keep."""
    chosen, choices = _chosen(body)
    shown = {"figures": queries.load_figures(read_session(), chosen), "chosen": chosen, "choices": choices}
    funnel = load_funnel(read_session(), *queries.of_candidacies(chosen))
    shown |= {"funnel": words.funnel_tables(funnel), "active_minutes": funnel.total.minutes}
    names = {"words": words, "share": share, "values": FindingValue, "query": _query(chosen)}
    return render_template("certifier/figures/figures.html", body=body, **shown, **names)


@bp.get("/organisme/chiffres.csv")
@certifier_page(Permission.MANAGE_SESSION)
def figures_csv(body: BodyAccess) -> ResponseReturnValue:
    """Send the same figures as CSV; no cell is computed by a spreadsheet program."""
    chosen, _choices = _chosen(body)
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    funnel = load_funnel(read_session(), *queries.of_candidacies(chosen))
    for row in (*words.table_rows(queries.load_figures(read_session(), chosen)), *words.funnel_rows(funnel)):
        writer.writerow([safe_cell(cell) for cell in row])
    content = "\ufeff" + text.getvalue()
    return Response(content.encode(), headers=attachment_headers("chiffres.csv", "text/csv"))


def _chosen(body: BodyAccess) -> tuple[queries.FigureFilter, queries.FilterChoices]:
    """Read the filters of the address; one that this body does not offer is left out."""
    choices = queries.load_choices(read_session(), body.id)
    year = request.args.get("annee", "")
    return (
        queries.FigureFilter(
            body.id,
            _offered("certification", [id for id, _ in choices.certifications]),
            int(year) if year.isdecimal() and len(year) == 4 and int(year) in choices.years else None,
            _offered("session", [id for id, *_ in choices.sessions]),
            _offered("lieu", [id for id, _ in choices.sites]),
        ),
        choices,
    )


def _offered(name: str, ids: list[UUID]) -> UUID | None:
    return next((id for id in ids if str(id) == request.args.get(name)), None)


def _query(chosen: queries.FigureFilter) -> dict[str, Any]:
    named = {
        "certification": chosen.certification_id,
        "annee": chosen.year,
        "session": chosen.session_id,
        "lieu": chosen.site_id,
    }
    return {name: value for name, value in named.items() if value is not None}
