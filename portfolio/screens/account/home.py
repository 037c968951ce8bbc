"""The first page of each person, and the health of the server."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, session, url_for
from flask_login import current_user
from sqlalchemy import text

from portfolio.access.context import BodyAccess
from portfolio.access.decorators import ACTING_FOR, certifier_page, own_page, public_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session
from portfolio.domain.candidacy.rules.stage import Stage
from portfolio.domain.holdings.use_cases.result_summaries import load_outcomes
from portfolio.domain.holdings.use_cases.suspensions import load_suspended_candidacies
from portfolio.domain.integrity_checks.use_cases import load_health, load_integrity
from portfolio.screens.certifier.candidacies.forms import SearchForm
from portfolio.screens.certifier.candidacies.queries import list_own_candidacies, load_certifier_home
from portfolio.screens.certifier.home.deadlines import load_deadlines
from portfolio.screens.certifier.home.to_do import load_to_do_list
from portfolio.screens.certifier.letters.queries import count_waiting
from portfolio.tasks.heartbeat import worker_status
from portfolio.web.clock import now, today
from portfolio.wording import candidacy as candidacy_words
from portfolio.wording import documents as paper_words
from portfolio.wording.assessment import began_words
from portfolio.wording.candidacy import ROUTES, STAGES
from portfolio.wording.holdings.grants import outcome_message
from portfolio.wording.integrity_checks import check_messages

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
    own = list_own_candidacies(read_session(), current_user.id)
    if len(own) == 1:
        return redirect(url_for("dossier.home", candidacy_id=own[0].id), 303)
    suspended = load_suspended_candidacies(read_session(), current_user.id)
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
def certifier(body: BodyAccess) -> Any:
    """The certifier's home: what waits for them today, then their candidacies, by stage and by name."""
    page, search = load_certifier_home(read_session(), body.id), SearchForm(request.args)
    stage = SLUGS.get(request.args.get("etape", ""))
    rows = page.listed(stage, search.nom.data or "")
    named = load_outcomes(read_session(), [row.id for row in rows])
    status = worker_status(read_session())
    has_server = current_app.config["SETTINGS"].smtp is not None
    letters = count_waiting(read_session(), body.id, has_server=has_server, at=now())
    return render_template(
        "home/certifier.html",
        body=body,
        page=page,
        rows=rows,
        search=search,
        stage=stage,
        slugs=SLUGS,
        stages=STAGES,
        tasks=load_to_do_list(read_session(), body.id, page.candidacies, today(), letters=letters),
        deadlines=load_deadlines(read_session(), body.id, today()),
        words=candidacy_words,
        say=paper_words,
        today=today(),
        results={candidacy: outcome_message(one) for candidacy, one in named.items()},
        stopped=None if status.is_working(now()) else status,
    )


@bp.get("/organisme/verifications")
@certifier_page(Permission.MANAGE_CANDIDACY)
def checks(body: BodyAccess) -> Any:
    """Say what the nightly checks found, and what to do when something differs."""
    found = load_integrity(read_session(), body.id, today())
    return render_template("home/checks.html", body=body, found=found, lines=check_messages(found.last))


DEADLINES_PAGE_SIZE = 50


@bp.get("/organisme/delais")
@certifier_page(Permission.MANAGE_CANDIDACY)
def deadlines(body: BodyAccess) -> Any:
    """List the delays that passed without a ruling, or those that end soon, fifty a page."""
    found, is_near = load_deadlines(read_session(), body.id, today()), request.args.get("liste") == "proches"
    rows = found.near if is_near else found.passed
    number, pages = request.args.get("page", "1"), max(1, -(-len(rows) // DEADLINES_PAGE_SIZE))
    page = min(max(int(number[:6]) if number.isdecimal() else 1, 1), pages)
    shown = rows[(page - 1) * DEADLINES_PAGE_SIZE : page * DEADLINES_PAGE_SIZE]
    return render_template(
        "home/deadlines.html", deadlines=found, rows=shown, is_near=is_near, page=page, pages=pages, words=candidacy_words
    )


@bp.post("/organisme/agir-pour")
@certifier_page(Permission.MANAGE_CANDIDACY)
def act_for(body: BodyAccess) -> Any:
    """Act for another body from now on, in every window of this browser."""
    session[ACTING_FOR] = str(body.id)
    session["notice"] = f"Vous agissez maintenant pour {body.name}."
    return redirect(url_for(".certifier"), 303)


@bp.get("/healthz")
@public_page
def healthz() -> Any:
    """Answer that the server and its store are alive, whether a worker is, and what the last checks found, without details."""
    read_session().execute(text("SELECT 1"))
    worker = "working" if worker_status(read_session()).is_working(now()) else "stopped"
    return {"status": "ok", "worker": worker, "checks": load_health(read_session(), now()).value}
