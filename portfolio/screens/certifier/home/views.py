"""The first page of each person, and the health of the server."""

import shutil
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import text

from portfolio.access.body import BodyAccess
from portfolio.access.decorators import ACTING_FOR, certifier_page, own_page, public_page
from portfolio.access.policy import Permission
from portfolio.backup.migration import needed_revision
from portfolio.db.engine import read_session
from portfolio.domain.admissibility.use_cases.requests import list_own_requests
from portfolio.domain.holdings.rules.status_changes import ProposalSubject
from portfolio.domain.holdings.use_cases.decision_audit import list_audited_of_body
from portfolio.domain.holdings.use_cases.endings import load_endings
from portfolio.domain.holdings.use_cases.holdings import list_near_titles
from portfolio.domain.holdings.use_cases.status_changes import load_suspended_candidacies
from portfolio.domain.integrity_checks.use_cases import load_health, load_integrity
from portfolio.domain.notification.rules.to_do import HomeStep, Task, TaskKind
from portfolio.files.conversion.machine import walls_of_machine
from portfolio.files.sandbox.walls import accepts_risk
from portfolio.screens.certifier.candidacies.list_views import STAGE_FILTER, STAGE_SLUGS
from portfolio.screens.certifier.candidacies.queries import list_own_candidacies
from portfolio.screens.certifier.home.counts import load_advisor_loads, load_juror_loads, load_steps
from portfolio.screens.certifier.home.deadlines import ORDER as DEADLINE_ORDER
from portfolio.screens.certifier.home.deadlines import load_deadline_list, load_deadlines
from portfolio.screens.certifier.home.to_do import Console, load_console
from portfolio.tasks.heartbeat import worker_status
from portfolio.web.clock import now, today
from portfolio.web.headers import answer_errors
from portfolio.web.listing import WORDS, Listing, Sort, read_state
from portfolio.wording import candidacy as candidacy_words
from portfolio.wording import documents as paper_words
from portfolio.wording.assessment import began_words
from portfolio.wording.candidacy import ROUTES, STAGES
from portfolio.wording.conversion import walls_sentence
from portfolio.wording.holdings import endings
from portfolio.wording.holdings.contests import audit_message
from portfolio.wording.holdings.grants import outcome_message
from portfolio.wording.ledger import check_messages

bp = Blueprint("home", __name__)

HEALTH = "/healthz"
# Below this, the journal of the store and the next act may not fit.
NO_ROOM_BYTES = 32 * 1024 * 1024


@bp.get("/")
@public_page
def home() -> ResponseReturnValue:
    """Lead each person to the one page that is theirs."""
    if not current_user.is_authenticated:
        return redirect(url_for("account.login.login"), 303)
    roles = current_user.roles
    if roles.certifies:
        return redirect(url_for(".certifier"), 303)
    if roles.candidacies:
        return redirect(url_for(".dossiers"), 303)
    if roles.sits and not roles.advises:
        return redirect(url_for("juror.hearing.home"), 303)
    if roles.advises:
        return redirect(url_for("advisor.dossier.board"), 303)
    if list_own_requests(read_session(), current_user.id):
        return redirect(url_for("account.admissibility.overview"), 303)
    return render_template("certifier/home/nothing.html")


@bp.get("/mes-dossiers")
@own_page
def dossiers() -> ResponseReturnValue:
    """Show the candidacies of the person, or the only one at once."""
    own = list_own_candidacies(read_session(), current_user.id)
    if len(own) == 1:
        return redirect(url_for("candidate.dossier.home", candidacy_id=own[0].id), 303)
    suspended = load_suspended_candidacies(read_session(), current_user.id)
    near = list_near_titles(read_session(), current_user.id, on=today())
    codes = {row.code for row in own}
    return render_template(
        "certifier/home/dossiers.html",
        dossiers=own,
        routes=ROUTES,
        several_routes=len({row.route for row in own}) > 1,
        suspended=suspended,
        ended=load_endings(read_session(), current_user.id, today()),
        ending_words=endings,
        began_words=began_words,
        lacking={title.code: title for title in near},
        near=[title for title in near if title.code not in codes],
    )


@bp.get("/organisme")
@certifier_page(Permission.READ_BODY)
def certifier(body: BodyAccess) -> ResponseReturnValue:
    """Show the certifier's console: what waits for them today, the delays, the candidacies by stage, who has how
    much in hand.
    """
    if request.args.get("etape") or request.args.get("nom"):
        asked = {STAGE_FILTER: request.args.get("etape"), WORDS: request.args.get("nom")}
        query: dict[str, Any] = {name: value for name, value in asked.items() if value}
        return redirect(url_for("certifier.candidacies.candidacies", **query), 303)
    has_server = current_app.config["SETTINGS"].smtp is not None
    console = load_console(
        read_session(), body.id, today(), has_server=has_server, at=now(), member_id=current_user.id, given=body.tasks
    )
    worker = console.figures.worker
    return render_template(
        "certifier/home/certifier.html",
        body=body,
        step=_first_step(console),
        beginnings=console.figures.beginnings,
        counts=console.counts,
        rows=console.latest,
        slugs=STAGE_SLUGS,
        stages=STAGES,
        tasks=console.tasks,
        task_url=_task_url,
        deadlines=console.deadlines,
        words=candidacy_words,
        say=paper_words,
        today=today(),
        outcome_message=outcome_message,
        stopped=None if worker.is_working(now()) else worker,
    )


def _first_step(console: Console) -> dict[str, Any]:
    """Return the first step of a member in words, and where it is done."""
    if console.step is HomeStep.TASK:
        task = console.tasks[0]
        title, text = paper_words.task_message(task, today())
        card = {"title": title, "text": text, "label": paper_words.ACTS[task.kind], "href": _task_url(task)}
        return card | {"over": paper_words.first_message(task, today())}
    title, text, label = paper_words.HOME_STEPS[console.step]
    late, near = console.deadlines.passed_count, console.deadlines.near_count
    title = title.format(late=paper_words.late_message(late), near=paper_words.near_message(near))
    endpoint, values = _FIRST_PAGES.get(console.step, ("", {}))
    href = url_for(endpoint, **values) if endpoint else None
    return {"title": title, "text": text, "label": label, "href": href, "over": None}


_FIRST_PAGES: Mapping[HomeStep, tuple[str, dict[str, Any]]] = {
    HomeStep.IMPORT: ("certifier.certifications.import_form", {}),
    HomeStep.PUBLISH: ("certifier.certifications.index", {}),
    HomeStep.LATE: ("certifier.home.deadlines", {}),
    HomeStep.NEAR: ("certifier.home.deadlines", {"liste": "proches"}),
    HomeStep.OPEN: ("certifier.candidacies.open_form", {}),
}
# Where each kind of task is done: the page, the name of its id, a part of the page.
_SESSION = ("certifier.sessions.session", "session_id")
_PAGES: Mapping[TaskKind, tuple[str, str, str | None]] = {
    **dict.fromkeys((TaskKind.CHECKS, TaskKind.FILE), ("certifier.home.checks", "", None)),
    **dict.fromkeys(
        (TaskKind.MINUTES, TaskKind.PRESIDENCY, TaskKind.RESUMPTION, TaskKind.READING), (*_SESSION, "candidats")
    ),
    **dict.fromkeys((TaskKind.SUMMONS, TaskKind.UPDATE, TaskKind.ABSENCE), (*_SESSION, "convocations")),
    **dict.fromkeys((TaskKind.SEATS, TaskKind.MISSED), (*_SESSION, None)),
    TaskKind.NOTIFY: ("certifier.notifications.notification_form", "candidacy_id", None),
    TaskKind.SUSPENSION: ("certifier.certificates.certificate", "candidacy_id", "decider"),
    TaskKind.ERASURE: ("certifier.retention.answer_form", "candidacy_id", None),
    TaskKind.ADMISSIBILITY: ("certifier.admissibility.dossier", "request_id", None),
    TaskKind.ACCOMMODATION: ("certifier.candidacies.accommodation_list", "candidacy_id", None),
    TaskKind.COMPLAINT: ("certifier.complaints.complaint", "complaint_id", None),
    TaskKind.REMEDIES: ("certifier.body.settings_form", "", None),
    TaskKind.TEXTS: ("certifier.body.settings_form", "", None),
    TaskKind.REGISTER: ("certifier.certifications.index", "", "avis"),
    TaskKind.LETTERS: ("certifier.letters.outbox", "", None),
    TaskKind.LAPSE: ("certifier.candidacies.deadlines", "candidacy_id", None),
    TaskKind.RETURN: ("certifier.candidacies.return_form", "candidacy_id", None),
    TaskKind.JURY: ("certifier.sessions.sessions", "", None),
    TaskKind.SIGN: ("certifier.notifications.unsigned_certificates", "", None),
    TaskKind.SI_CPF: ("certifier.si_cpf.overview", "", None),
    TaskKind.FRANCE_VAE: ("certifier.france_vae.overview", "", None),
    TaskKind.FRANCE_VAE_SENDING: ("certifier.france_vae.overview", "", None),
}
# Where what is contested, or waits for a second member, is read, by its subject.
_PROPOSALS: Mapping[ProposalSubject, tuple[str, str, str | None]] = {
    ProposalSubject.APPEAL: ("certifier.sessions.appeal_list", "hearing_id", None),
    ProposalSubject.CERTIFICATE: ("certifier.certificates.stage", "candidacy_id", "attente"),
    ProposalSubject.HOLDING: ("certifier.holders.holding", "holding_id", "attente"),
    ProposalSubject.EQUIVALENCE: ("certifier.certificates.equivalences", "version_id", "attente"),
}
# Where several of one kind are listed.
_LISTS: Mapping[TaskKind, tuple[str, dict[str, Any]]] = {
    TaskKind.NOTIFY: ("certifier.candidacies.candidacies", {"delai": "a-notifier", "tri": "delai"}),
    TaskKind.LAPSE: ("certifier.home.deadlines", {}),
    TaskKind.RETURN: ("certifier.candidacies.candidacies", {}),
}


def _task_url(task: Task) -> str:
    """Return where a task is done."""
    if task.where is None and task.kind in _LISTS:
        endpoint, values = _LISTS[task.kind]
        return url_for(endpoint, **values)
    endpoint, name, anchor = _PROPOSALS[task.subject] if task.subject else _PAGES[task.kind]
    more: dict[str, Any] = {name: task.where} if name else {}
    if task.certificate:
        more["certificate_number"] = task.certificate
    if task.kind is TaskKind.NOTIFY:
        more["number"] = task.number
    return url_for(endpoint, **more, _anchor=anchor)


@bp.get("/organisme/charge")
@certifier_page(Permission.READ_BODY)
def workload(body: BodyAccess) -> ResponseReturnValue:
    """Show who has how much in hand, and where candidacies are lost between two steps."""
    reader = read_session()
    return render_template(
        "certifier/home/workload.html",
        body=body,
        steps=load_steps(reader, body.id),
        advisors=load_advisor_loads(reader, body.id),
        jurors=load_juror_loads(reader, body.id, today()),
        slugs={stage: slug for slug, stage in STAGE_SLUGS.items()},
        words=candidacy_words,
    )


@bp.get("/organisme/verifications")
@certifier_page(Permission.READ_BODY)
def checks(body: BodyAccess) -> ResponseReturnValue:
    """Return what the nightly checks found, and what to do when something differs."""
    found = load_integrity(read_session(), body.id, today())
    walls = walls_sentence(are_closed=walls_of_machine().are_closed, is_accepted=accepts_risk())
    kept = (found.last.decisions if found.last else None) or ()
    return render_template(
        "certifier/home/checks.html",
        body=body,
        found=found,
        lines=check_messages(found.last),
        walls=walls,
        audited=[(each, audit_message(each)) for each in list_audited_of_body(read_session(), kept, body.id)],
    )


_LATE = (Sort("jour", "Le plus ancien d’abord", DEADLINE_ORDER),)


@bp.get("/organisme/delais")
@certifier_page(Permission.READ_BODY)
def deadlines(body: BodyAccess) -> ResponseReturnValue:
    """List the delays that passed without a ruling, or those that end soon, fifty a page."""
    found, is_near = load_deadlines(read_session(), body.id, today()), request.args.get("liste") == "proches"
    state = read_state((), _LATE)
    page = load_deadline_list(read_session(), body.id, is_near, today(), state.position)
    values = {"liste": "proches"} if is_near else {}
    count = found.near_count if is_near else found.passed_count
    listing = Listing("certifier.home.deadlines", values, state, (), _LATE, page, count, "")
    return render_template(
        "certifier/home/deadlines.html", deadlines=found, listing=listing, is_near=is_near, words=candidacy_words
    )


@bp.post("/organisme/agir-pour")
@certifier_page(Permission.READ_BODY)
def act_for(body: BodyAccess) -> ResponseReturnValue:
    """Act for another body from now on, in every window of this browser."""
    session[ACTING_FOR] = str(body.id)
    session["notice"] = f"Vous agissez maintenant pour {body.name}."
    return redirect(url_for(".certifier"), 303)


@bp.get(HEALTH)
@public_page
def healthz() -> ResponseReturnValue:
    """Answer that the server and its store are alive, whether a worker is, what the last checks found,
    without details, and which tables this process needs and sees.

    Answer 507 when the disk of the data has no room left for an act, 503 when the tables are of a version
    before, or when the store is away. Those of a later version serve this one too.
    """
    needs = needed_revision()
    sees = read_session().scalar(text("SELECT version_num FROM alembic_version")) or ""
    worker = "working" if worker_status(read_session()).is_working(now()) else "stopped"
    is_full = shutil.disk_usage(current_app.config["SETTINGS"].data).free < NO_ROOM_BYTES
    answer: dict[str, Any] = {"worker": worker, "checks": load_health(read_session(), now()).value}
    answer |= {"schema": {"needs": needs, "sees": sees}}
    if sees < needs:
        return {"status": "behind"} | answer, 503
    return {"status": "full" if is_full else "ok"} | answer, 507 if is_full else 200


def _health_of_error(code: int) -> Response:
    """Answer a supervisor in JSON too when the store is away, or when this process fails."""
    status = {503: "store_away", 507: "full"}.get(code, "error")
    answer = jsonify(status=status)
    answer.status_code = code
    return answer


bp.record_once(lambda state: answer_errors(state.app, HEALTH, _health_of_error))
