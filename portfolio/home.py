"""The first page of each person, and the health of the server."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, session, url_for
from flask_login import current_user
from sqlalchemy import text

from portfolio.assessment.wording import began_words
from portfolio.candidacy import wording as candidacy_words
from portfolio.candidacy.forms import SearchForm
from portfolio.candidacy.rules import Stage
from portfolio.candidacy.services import certifier_home, deadlines_of, own_candidacies
from portfolio.candidacy.wording import ROUTES, STAGES
from portfolio.cases import BodyCase
from portfolio.certificate.services import outcomes_of, suspended_candidacies
from portfolio.certificate.wording import outcome_words
from portfolio.db import reading
from portfolio.guards import ACTING_FOR, certifier_page, own_page, public_page
from portfolio.integrity.services import health_of, integrity_for
from portfolio.integrity.wording import check_lines
from portfolio.mail.outbox import count_waiting
from portfolio.paper import wording as paper_words
from portfolio.paper.services import agenda_of
from portfolio.policy import Permission
from portfolio.tasks.heartbeat import worker_status
from portfolio.web.clock import now, today

bp = Blueprint("home", __name__)


@bp.get("/")
@public_page
def home() -> Any:
    """Lead each person to the one page that is theirs."""
    if not current_user.is_authenticated:
        return redirect(url_for("account.login"), 303)
    hats = current_user.hats
    if hats.certifies:
        return redirect(url_for(".certifier"), 303)
    if hats.candidacies:
        return redirect(url_for(".dossiers"), 303)
    if hats.sits and not hats.advises:
        return redirect(url_for("jury.home"), 303)
    if hats.advises:
        return redirect(url_for("review.board"), 303)
    return render_template("home/nothing.html")


@bp.get("/mes-dossiers")
@own_page
def dossiers() -> Any:
    """The candidacies of the person, or the only one at once."""
    own = own_candidacies(reading(), current_user.id)
    if len(own) == 1:
        return redirect(url_for("dossier.home", candidacy_id=own[0].id), 303)
    suspended = suspended_candidacies(reading(), current_user.id)
    return render_template("home/dossiers.html", dossiers=own, routes=ROUTES, suspended=suspended, began_words=began_words)


# How the address of the list names each stage.
SLUGS = {
    "invitations": Stage.INVITED,
    "redaction": Stage.WRITING,
    "sans-jury": Stage.SEALED,
    "jury-fixe": Stage.CALLED,
    "resultats": Stage.DECIDED,
    "acquis": Stage.OBTAINED,
}


@bp.get("/organisme")
@certifier_page(Permission.MANAGE_CANDIDACY)
def certifier(body: BodyCase) -> Any:
    """The certifier's home: what waits for them today, then their candidacies, by stage and by name."""
    page, search = certifier_home(reading(), body.id), SearchForm(request.args)
    stage = SLUGS.get(request.args.get("etape", ""))
    rows = page.listed(stage, search.nom.data or "")
    named = outcomes_of(reading(), [row.id for row in rows])
    status = worker_status(reading())
    has_server = current_app.config["SETTINGS"].smtp is not None
    letters = count_waiting(reading(), body.id, has_server=has_server, at=now())
    return render_template(
        "home/certifier.html",
        body=body,
        page=page,
        rows=rows,
        search=search,
        stage=stage,
        slugs=SLUGS,
        stages=STAGES,
        tasks=agenda_of(reading(), body.id, page.candidacies, today(), letters=letters),
        deadlines=deadlines_of(reading(), body.id, today()),
        words=candidacy_words,
        say=paper_words,
        today=today(),
        results={candidacy: outcome_words(one) for candidacy, one in named.items()},
        stopped=None if status.is_working(now()) else status,
    )


@bp.get("/organisme/verifications")
@certifier_page(Permission.MANAGE_CANDIDACY)
def checks(body: BodyCase) -> Any:
    """Say what the nightly checks found, and what to do when something differs."""
    found = integrity_for(reading(), body.id, today())
    return render_template("home/checks.html", body=body, found=found, lines=check_lines(found.last))


DEADLINES_PAGE_SIZE = 50


@bp.get("/organisme/delais")
@certifier_page(Permission.MANAGE_CANDIDACY)
def deadlines(body: BodyCase) -> Any:
    """List the delays that passed without a ruling, or those that end soon, fifty a page."""
    found, is_near = deadlines_of(reading(), body.id, today()), request.args.get("liste") == "proches"
    rows = found.near if is_near else found.passed
    number, pages = request.args.get("page", "1"), max(1, -(-len(rows) // DEADLINES_PAGE_SIZE))
    page = min(max(int(number[:6]) if number.isdecimal() else 1, 1), pages)
    shown = rows[(page - 1) * DEADLINES_PAGE_SIZE : page * DEADLINES_PAGE_SIZE]
    return render_template(
        "home/deadlines.html", deadlines=found, rows=shown, is_near=is_near, page=page, pages=pages, words=candidacy_words
    )


@bp.post("/organisme/agir-pour")
@certifier_page(Permission.MANAGE_CANDIDACY)
def act_for(body: BodyCase) -> Any:
    """Act for another body from now on, in every window of this browser."""
    session[ACTING_FOR] = str(body.id)
    session["notice"] = f"Vous agissez maintenant pour {body.name}."
    return redirect(url_for(".certifier"), 303)


@bp.get("/healthz")
@public_page
def healthz() -> Any:
    """Answer that the server and its store are alive, whether a worker is, and what the last checks found, without details."""
    reading().execute(text("SELECT 1"))
    worker = "working" if worker_status(reading()).is_working(now()) else "stopped"
    return {"status": "ok", "worker": worker, "checks": health_of(reading(), now()).value}
