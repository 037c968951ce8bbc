"""The certifier opens candidacies and follows them from outside: never the draft itself.

Open many candidacies from lines copied out of a spreadsheet.
"""

from operator import attrgetter
from typing import Any
from uuid import UUID

from flask import abort, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.body import BodyAccess
from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page, certifier_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session
from portfolio.domain.account.rules import MemberTask
from portfolio.domain.account.use_cases import invite
from portfolio.domain.admissibility.use_cases import corrections, deadline_rulings
from portfolio.domain.admissibility.use_cases import corrections as birth_use_cases
from portfolio.domain.admissibility.use_cases import opening as opening_use_cases
from portfolio.domain.admissibility.use_cases.opening import partner_of_candidacy
from portfolio.domain.admissibility.use_cases.requests import find_request
from portfolio.domain.candidacy.rules.candidate_sheet import ReadLines, read_candidates, read_lines
from portfolio.domain.candidacy.rules.opening import CandidacyRefusal
from portfolio.domain.candidacy.rules.stage import PathStep, is_closed
from portfolio.domain.email.rules import DeliveryState
from portfolio.domain.group_acts.use_cases import openings
from portfolio.domain.holdings.rules.status_changes import AppealState
from portfolio.domain.holdings.use_cases.appeals import AppealDetails, list_own_appeals
from portfolio.domain.holdings.use_cases.notified_results import list_closed_minutes
from portfolio.domain.holdings.use_cases.status_history import load_outcomes
from portfolio.domain.submission.models import DossierReturn
from portfolio.domain.submission.rules.returns import ReturnState, return_refusal, return_state
from portfolio.domain.submission.use_cases import returns
from portfolio.domain.submission.use_cases.submit import find_open_return
from portfolio.errors import Refusal
from portfolio.files.conversion.tables import MAX_TABLE_BYTES
from portfolio.screens.account.navigation import delivery_notice
from portfolio.screens.blueprints import blueprint_of
from portfolio.screens.certifier.candidacies import queries
from portfolio.screens.certifier.candidacies.forms import (
    AddressForm,
    AdvisorForm,
    BirthForm,
    BulkOpeningForm,
    OpeningForm,
    RulingForm,
)
from portfolio.screens.certifier.certifications.views import as_uuid, has_many_versions
from portfolio.screens.certifier.letters.queries import find_invitation_status, is_alone
from portfolio.web.clock import now, today
from portfolio.web.forms import IdempotentForm, refusal_message, run_once
from portfolio.web.request_limits import accepts_file
from portfolio.wording import admissibility
from portfolio.wording import assessment as assessing
from portfolio.wording import candidacy as candidacy_wording
from portfolio.wording import candidacy as words
from portfolio.wording import submission as return_wording
from portfolio.wording.candidacy import REFUSALS, REGIMES, ROUTES, SCOPES, deadline_detail_message
from portfolio.wording.certification.register import habilitation_sentence
from portfolio.wording.email import invitation_message
from portfolio.wording.holdings.contests import PROPOSED_TEXT, PROPOSED_TITLE, due_message
from portfolio.wording.holdings.grants import outcome_message

bp = blueprint_of(__name__)


@bp.get("/candidatures/nouvelle")
@certifier_page(Permission.MANAGE_CANDIDACY, keeps_limits=True)
def open_form(body: BodyAccess) -> ResponseReturnValue:
    """Show the form that opens a candidacy."""
    only = as_uuid(request.args.get("certification", ""))
    if only is None and has_many_versions(read_session(), body.id):
        return redirect(url_for("certifier.certifications.index", pour="candidature"), 303)
    versions = queries.list_published_versions(read_session(), body.id, only, body.limits(MemberTask.SECRETARIAT))
    return render_template(
        "certifier/candidacies/open.html", form=OpeningForm(versions, today()), versions=versions, stopped=None
    )


@bp.post("/candidatures/nouvelle")
@certifier_page(Permission.MANAGE_CANDIDACY, keeps_limits=True)
def open_candidacy(body: BodyAccess) -> ResponseReturnValue:
    """Open a candidacy, or say what stops it and keep what was typed."""
    # The version posted alone is enough, and an installation may have a thousand.
    only = as_uuid(request.form.get("version_id", "")) if has_many_versions(read_session(), body.id) else None
    versions = queries.list_published_versions(read_session(), body.id, only, body.limits(MemberTask.SECRETARIAT))
    form = OpeningForm(versions, today())
    if not form.validate():
        return render_template("certifier/candidacies/open.html", form=form, versions=versions, stopped=None), 422

    def act(db: Session) -> str:
        opened = opening_use_cases.open_candidacy(db, body.id, form.value(), by=current_user.id, at=now())
        return url_for(".candidacy", candidacy_id=opened.id)

    try:
        return run_once(form.nonce.data, act)
    except Refusal as refusal:
        sentence = refusal_message(refusal)
        code = CandidacyRefusal(refusal.code)
        page = render_template(
            "certifier/candidacies/open.html", form=form, versions=versions, stopped=sentence, code=code
        )
        return page, 409


@bp.get("/candidatures/<uuid:candidacy_id>")
@candidacy_page(Permission.MANAGE_CANDIDACY)
def candidacy(case: CandidacyAccess) -> ResponseReturnValue:
    """Show one candidacy to its certifier."""
    return _page(case, AdvisorForm(formdata=None))


def _page(case: CandidacyAccess, form: AdvisorForm) -> str:
    page = queries.load_candidacy_page(read_session(), case.id)
    names: dict[str, Any] = {"routes": ROUTES, "regimes": REGIMES, "scopes": SCOPES}
    delays = deadline_rulings.load_deadlines_page(read_session(), case.id, today())
    # A delay that passed is told below, with what was decided of it; one whose event came no longer runs.
    clocks = [deadline_detail_message(deadline) for deadline in delays.running]
    papers = list_closed_minutes(read_session(), case.id)
    waiting = (paper for paper in papers if paper.awaits_notification)
    to_notify = min(waiting, key=attrgetter("decided_on", "closed_at"), default=None)
    has_server = current_app.config["SETTINGS"].smtp is not None
    if not page.row.has_come:
        news = find_invitation_status(read_session(), case.body_id, case.candidate_id, has_server=has_server)
        names["invitation"] = invitation_message(news, alone=is_alone(read_session()))
        names["to_hand_over"] = news is not None and news.state is DeliveryState.TO_HAND_OVER
    outcome = load_outcomes(read_session(), [case.id]).get(case.id)
    names["result"] = outcome_message(outcome) if outcome else None
    partner = partner_of_candidacy(read_session(), case.id)
    names |= {"partner": partner, "habilitation": habilitation_sentence(partner.answer) if partner else ""}
    names["assessing"] = assessing
    asked = page.candidacy.request_id
    names["request_of"] = find_request(read_session(), asked, body_id=case.body_id) if asked else None
    names["admissibility"] = admissibility
    _submission, returnable = returns.load_returnable(read_session(), case.id)
    returned = find_open_return(read_session(), case.id) if returnable.is_draft else None
    appeals = list_own_appeals(read_session(), case.id) if page.row.closed_at or page.row.absent else ()
    contested = next((each for each in appeals if each.state(today()) is AppealState.WAITING), None)
    names |= {
        "step": _next_step(page, to_notify, returned, names.get("invitation"), contested),
        "may_return": return_refusal(returnable, today()) is None,
        "closure": page.closure if page.closure and is_closed(page.closure.kind) else None,
        "delays": delays,
        "say": candidacy_wording,
        "sealed_versions": queries.list_sealed_versions(read_session(), case.id),
        "papers": papers,
    }
    return render_template(
        "certifier/candidacies/candidacy.html",
        page=page,
        clocks=clocks,
        form=form,
        again=IdempotentForm(formdata=None),
        **names,
    )


# Where the body does the next step of a candidacy.
_PAGES = {
    PathStep.RETURNED: "certifier.candidacies.return_form",
    **dict.fromkeys((PathStep.OBTAINED, PathStep.DECIDED), "public.certificate.results"),
    PathStep.RECORD: "certifier.assessments.record",
}


def _next_step(
    page: queries.CandidacyPageData,
    to_notify: Any,
    returned: DossierReturn | None,
    invitation: tuple[str, str] | None,
    contested: AppealDetails | None,
) -> dict[str, Any]:
    """Return the next step of the body in words, and where it is done."""
    row, own = page.row, dict[str, Any](candidacy_id=page.candidacy.id)
    step = row.step(
        is_unnotified=to_notify is not None, is_returned=returned is not None, has_appeal=contested is not None
    )
    title, text, label = candidacy_wording.step_message(step, row, to_notify, today())
    card: dict[str, Any] = {"title": title, "text": text, "label": label, "href": None, "over": None, "invites": False}
    if step is PathStep.HEAR and row.heard_on == today():
        card["over"] = "Aujourd’hui"
    elif step is PathStep.HEAR and row.heard_on and row.heard_on > today():
        if jury := queries.find_unsummoned_session(read_session(), page.candidacy.id):
            card |= {"text": candidacy_wording.UNSUMMONED, "label": "Voir les convocations"}
            card["href"] = url_for("certifier.sessions.session", session_id=jury, _anchor="convocations")
    elif step is PathStep.NOTIFY:
        card["href"] = url_for("certifier.notifications.notification_form", **own, number=to_notify.number)
    elif step is PathStep.APPEAL and contested is not None:
        card["text"] = due_message(contested, today())
        if contested.pending is not None:
            card |= {"title": PROPOSED_TITLE, "text": f"{PROPOSED_TEXT} {card['text']}", "label": "Voir la proposition"}
        card["href"] = url_for("certifier.sessions.appeal_list", hearing_id=contested.hearing_id)
    elif step is PathStep.SUSPENDED:
        card["href"] = url_for("certifier.sessions.sessions")
    elif step in (PathStep.SCHEDULE, PathStep.NOT_HEARD):
        card["href"] = url_for("certifier.sessions.plan_form", candidature=page.candidacy.id)
    elif step in _PAGES:
        card["href"] = url_for(_PAGES[step], **own)
    if step is PathStep.RETURNED and returned is not None:
        state = return_state(returned.due_on, returned.ending, today())
        late = state is ReturnState.OVERDUE
        card |= {"text": return_wording.certifier_sentence(returned, state), "over": return_wording.STATES[state]}
        card["label"] = "Décider de la suite" if late else label
    if step is PathStep.INVITE and invitation is not None:
        card |= {"title": invitation[0], "text": invitation[1], "invites": True}
    return card


@bp.post("/candidatures/<uuid:candidacy_id>/accompagnement")
@candidacy_page(Permission.MANAGE_CANDIDACY)
def assign_advisor(case: CandidacyAccess) -> ResponseReturnValue:
    """Give the candidacy to an advisor."""
    form = AdvisorForm()
    if not form.validate():
        return _page(case, form), 422

    def act(db: Session) -> str:
        opening_use_cases.assign_advisor(db, case.id, form.value(), by=current_user.id, at=now())
        return url_for(".candidacy", candidacy_id=case.id)

    response = run_once(form.nonce.data, act)
    what = "L’accompagnement est confié" if case.has_dossier else "La personne qui suit ce parcours est désignée"
    session["notice"] = f"{what}. {delivery_notice()}"
    return response


@bp.post("/candidatures/<uuid:candidacy_id>/invitation")
@candidacy_page(Permission.MANAGE_CANDIDACY)
def invite_again(case: CandidacyAccess) -> ResponseReturnValue:
    """Send the candidate a new link."""
    form = IdempotentForm()
    form.validate()

    def act(db: Session) -> str:
        row = queries.load_candidacy_page(db, case.id).row
        why = "candidate" if row.has_dossier else "path"
        invite(db, row.email, row.candidate, case.body_id, by=current_user.id, at=now(), why=why)
        return url_for(".candidacy", candidacy_id=case.id)

    response = run_once(form.nonce.data, act)
    session["notice"] = f"Une nouvelle invitation est écrite. {delivery_notice()} Le lien d’avant ne sert plus."
    return response


@bp.get("/candidatures/<uuid:candidacy_id>/naissance")
@candidacy_page(Permission.WRITE_BIRTH)
def birth_form(case: CandidacyAccess) -> ResponseReturnValue:
    """Show the birth that the certificate will say, and the form that writes it until then."""
    page = birth_use_cases.load_birth_page(read_session(), case.id, today())
    return _birth(case, BirthForm(today(), page.birth, formdata=None))


def _birth(case: CandidacyAccess, form: BirthForm, stopped: str = "", typed: AddressForm | None = None) -> str:
    page = birth_use_cases.load_birth_page(read_session(), case.id, today())
    address = typed or AddressForm(formdata=None, postal_address=page.postal_address, phone=page.phone)
    names: dict[str, Any] = {"refusals": REFUSALS, "stopped": stopped, "address_form": address}
    return render_template("certifier/candidacies/birth.html", case=case, page=page, form=form, **names)


@bp.post("/candidatures/<uuid:candidacy_id>/adresse")
@candidacy_page(Permission.WRITE_BIRTH)
def record_address(case: CandidacyAccess) -> ResponseReturnValue:
    """Keep the postal address of the candidate."""
    form = AddressForm()
    if not form.validate():
        page = birth_use_cases.load_birth_page(read_session(), case.id, today())
        return _birth(case, BirthForm(today(), page.birth, formdata=None), typed=form), 422

    def act(db: Session) -> str:
        typed = form.postal_address.data or "", form.phone.data or ""
        corrections.record_address(db, case.id, *typed, by=current_user.id, at=now())
        return url_for(".birth_form", candidacy_id=case.id, _anchor="adresse")

    response = run_once(form.nonce.data, act)
    session["notice"] = "Les coordonnées sont enregistrées."
    return response


@bp.post("/candidatures/<uuid:candidacy_id>/naissance")
@candidacy_page(Permission.WRITE_BIRTH)
def record_birth(case: CandidacyAccess) -> ResponseReturnValue:
    """Keep the birth that the certificate will say, or say why it cannot change."""
    form = BirthForm(today())
    if not form.validate():
        return _birth(case, form), 422

    def act(db: Session) -> str:
        birth_use_cases.record_birth(db, case.id, form.value(), by=current_user.id, at=now())
        return url_for(".birth_form", candidacy_id=case.id)

    try:
        response = run_once(form.nonce.data, act)
    except Refusal as refusal:
        return _birth(case, form, refusal_message(refusal)), 409
    session["notice"] = (
        "C’est enregistré : ces informations seront imprimées sur le prochain certificat."
        if form.value()
        else "C’est enregistré : rien n’est gardé."
    )
    return response


@bp.get("/candidatures/<uuid:candidacy_id>/delais")
@candidacy_page(Permission.MANAGE_CANDIDACY)
def deadlines(case: CandidacyAccess) -> ResponseReturnValue:
    """Show the delays that passed, what was decided of them, and the form that decides."""
    page = deadline_rulings.load_deadlines_page(read_session(), case.id, today())
    return _delays(case, RulingForm(page.overruns, formdata=None))


def _delays(case: CandidacyAccess, form: RulingForm, stopped: str = "") -> str:
    page = deadline_rulings.load_deadlines_page(read_session(), case.id, today())
    return render_template(
        "certifier/candidacies/deadlines.html", case=case, page=page, form=form, say=candidacy_wording, stopped=stopped
    )


@bp.post("/candidatures/<uuid:candidacy_id>/delais")
@candidacy_page(Permission.MANAGE_CANDIDACY)
def rule_on_deadline(case: CandidacyAccess) -> ResponseReturnValue:
    """Record what is decided of a delay that passed, or say what the rules forbid; what was typed stays."""
    page = deadline_rulings.load_deadlines_page(read_session(), case.id, today())
    form = RulingForm(page.overruns)
    if not form.validate():
        return _delays(case, form), 422

    def act(db: Session) -> str:
        deadline_rulings.rule_on_deadline(db, case.id, form.value(), by=current_user.id, at=now())
        return url_for(".deadlines", candidacy_id=case.id)

    try:
        response = run_once(form.nonce.data, act)
    except Refusal as refusal:
        return _delays(case, form, refusal_message(refusal)), 409
    session["notice"] = f"La décision est enregistrée. La personne la lira avec son motif. {delivery_notice()}"
    return response


# A request opens what it can in so long; the worker goes on.
_AT_ONCE_SECONDS = 2.0


def _form(body: BodyAccess, **more: object) -> BulkOpeningForm:
    versions = queries.list_published_versions(read_session(), body.id, limits=body.limits(MemberTask.SECRETARIAT))
    return BulkOpeningForm(versions, today(), **more)


def _bulk_page(form: BulkOpeningForm, **more: Any) -> str:
    names = {"read": None, "stopped": "", "say": words, "example": words.LINES_EXAMPLE} | more
    return render_template("certifier/candidacies/bulk.html", form=form, **names)


@bp.get("/candidatures/plusieurs")
@certifier_page(Permission.MANAGE_CANDIDACY, keeps_limits=True)
def bulk_form(body: BodyAccess) -> ResponseReturnValue:
    """Show the form that opens many candidacies."""
    return _bulk_page(_form(body, formdata=None))


@bp.post("/candidatures/plusieurs")
@accepts_file(lambda _settings: MAX_TABLE_BYTES, has_long_text=True)
@certifier_page(Permission.MANAGE_CANDIDACY, keeps_limits=True)
def open_many(body: BodyAccess) -> ResponseReturnValue:
    """Show what each line of a list asks for; once that is accepted, order a candidacy for each and begin."""
    form = _form(body)
    if not form.validate():
        return _bulk_page(form), 422
    sheet = form.read()
    if form.lines.errors:
        return _bulk_page(form), 422
    found = read_candidates(sheet.cells(), today()) if sheet else read_lines(form.lines.data)
    try:
        refused = openings.refused_lines(read_session(), body.id, form.shared(), found.right, at=now())
    except Refusal as refusal:
        return _bulk_page(form, stopped=refusal_message(refusal)), 409
    stopped = {line.line.number for line in refused}
    right = [line for line in found.right if line.number not in stopped]
    known = [line.line for line in refused if line.code is CandidacyRefusal.ALREADY_OPEN]
    wrong = [words.wrong_line_message(line) for line in found.wrong]
    wrong += words.refused_line_messages([line for line in refused if line.line not in known])
    if not form.is_accepted or not right or (wrong and not form.set_aside.data):
        dropped = sum(line.drops_birth for line in right)
        shown = {
            "sheet": sheet,
            "read": ReadLines(tuple(right), ()),
            "known": known,
            "wrong": wrong,
            "dropped": dropped,
        }
        status = 200 if not form.is_accepted else 422 if found.wrong or not found.lines else 409
        return _bulk_page(form, **shown), status

    ordered: list[UUID] = []

    def act(db: Session) -> str:
        opening_id = openings.order_openings(db, body.id, form.shared(), right, by=current_user.id, at=now())
        ordered.append(opening_id)
        return url_for(".bulk_result", opening_id=opening_id)

    try:
        response = run_once(form.nonce.data, act)
    except openings.LinesRefusedError as error:  # a line was opened meanwhile
        told = words.refused_line_messages(error.refused)
        return _bulk_page(form, sheet=sheet, read=ReadLines((), ()), wrong=told, known=known, dropped=0), 409
    for opening_id in ordered:
        openings.open_waiting(current_app.extensions["database"], opening_id, now, seconds=_AT_ONCE_SECONDS)
    return response


@bp.get("/candidatures/plusieurs/<uuid:opening_id>")
@certifier_page(Permission.MANAGE_CANDIDACY, keeps_limits=True)
def bulk_result(body: BodyAccess, opening_id: UUID) -> ResponseReturnValue:
    """Show which candidacies are open, how many wait, and which lines were not opened and why."""
    found = openings.find_opening(read_session(), body.id, opening_id)
    if found is None:
        abort(404)
    return render_template(
        "certifier/candidacies/bulk_result.html",
        opening=found,
        letters=delivery_notice(several=len(found.opened) != 1),
        say=words,
    )
