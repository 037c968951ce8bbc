"""The certifier opens candidacies and follows them from outside: never the draft itself."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, render_template, session, url_for
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.account.services import invite
from portfolio.assessment import wording as assessing
from portfolio.candidacy import services, wording
from portfolio.candidacy.forms import AdvisorForm, BirthForm, OpeningForm, RulingForm
from portfolio.candidacy.rules import CandidacyRefusal
from portfolio.candidacy.services.partners import partner_of_candidacy
from portfolio.candidacy.wording import REFUSALS, REGIMES, ROUTES, SCOPES, clock_sentence
from portfolio.cases import BodyCase, CandidacyCase
from portfolio.certificate.services import outcomes_of
from portfolio.certificate.wording import outcome_words
from portfolio.certification.wording.watching import habilitation_sentence
from portfolio.db import reading
from portfolio.guards import candidacy_page, certifier_page
from portfolio.mail.notices import coming
from portfolio.mail.outbox import invitation_news, is_alone
from portfolio.mail.rules import DeliveryState
from portfolio.mail.wording import invitation_words
from portfolio.paper.services import next_to_notify, notifications_of
from portfolio.policy import Permission
from portfolio.refusal import Refusal
from portfolio.web.clock import now, today
from portfolio.web.forms import CreationForm
from portfolio.web.once import once

bp = Blueprint("candidacy", __name__)


@bp.get("/candidatures/nouvelle")
@certifier_page(Permission.MANAGE_CANDIDACY)
def opening(body: BodyCase) -> Any:
    """Show the form that opens a candidacy."""
    versions = services.published_versions(reading(), body.id)
    return render_template("candidacy/opening.html", form=OpeningForm(versions, today()), versions=versions, stopped=None)


@bp.post("/candidatures/nouvelle")
@certifier_page(Permission.MANAGE_CANDIDACY)
def open_one(body: BodyCase) -> Any:
    """Open a candidacy, or say what stops it and keep what was typed."""
    versions = services.published_versions(reading(), body.id)
    form = OpeningForm(versions, today())
    if not form.validate():
        return render_template("candidacy/opening.html", form=form, versions=versions, stopped=None), 422

    def act(db: Session) -> str:
        opened = services.open_candidacy(db, body.id, form.value(), by=current_user.id, at=now())
        return url_for(".candidacy", candidacy_id=opened.id)

    try:
        return once(form.nonce.data, act)
    except Refusal as refusal:
        sentence = REFUSALS[CandidacyRefusal(refusal.code)](refusal.facts)
        code = CandidacyRefusal(refusal.code)
        page = render_template("candidacy/opening.html", form=form, versions=versions, stopped=sentence, code=code)
        return page, 409


@bp.get("/candidatures/<uuid:candidacy_id>")
@candidacy_page(Permission.MANAGE_CANDIDACY)
def candidacy(case: CandidacyCase) -> Any:
    """Show one candidacy to its certifier."""
    return _page(case, AdvisorForm(formdata=None))


def _page(case: CandidacyCase, form: AdvisorForm) -> str:
    page = services.candidacy_page(reading(), case.id)
    names: dict[str, Any] = {"routes": ROUTES, "regimes": REGIMES, "scopes": SCOPES}
    delays = services.delays_page(reading(), case.id, today())
    # A delay that passed is told below, with what was decided of it; one whose event came no longer runs.
    clocks = [clock_sentence(one) for one in delays.running]
    to_notify, settings = next_to_notify(reading(), case.id), current_app.config["SETTINGS"]
    has_server = settings.smtp is not None
    if not page.row.has_come:
        news = invitation_news(reading(), case.body_id, case.candidate_id, has_server=has_server)
        names["invitation"] = invitation_words(news, alone=is_alone(reading()))
        names["to_hand_over"] = news is not None and news.state is DeliveryState.TO_HAND_OVER
    outcome = outcomes_of(reading(), [case.id]).get(case.id)
    names["result"] = outcome_words(outcome) if outcome else None
    partner = partner_of_candidacy(reading(), case.id)
    names |= {"partner": partner, "habilitation": habilitation_sentence(partner.answer) if partner else ""}
    names["assessing"] = assessing
    names |= {"delays": delays, "say": wording, "to_notify": to_notify, "papers": notifications_of(reading(), case.id)}
    return render_template(
        "candidacy/candidacy.html", page=page, clocks=clocks, form=form, again=CreationForm(formdata=None), **names
    )


@bp.post("/candidatures/<uuid:candidacy_id>/accompagnement")
@candidacy_page(Permission.MANAGE_CANDIDACY)
def assign_advisor(case: CandidacyCase) -> Any:
    """Give the candidacy to an advisor."""
    form = AdvisorForm()
    if not form.validate():
        return _page(case, form), 422

    def act(db: Session) -> str:
        services.assign_advisor(db, case.id, form.value(), by=current_user.id, at=now())
        return url_for(".candidacy", candidacy_id=case.id)

    response = once(form.nonce.data, act)
    what = "L’accompagnement est confié" if case.has_dossier else "La personne qui suit ce parcours est désignée"
    session["notice"] = f"{what}. {coming()}"
    return response


@bp.post("/candidatures/<uuid:candidacy_id>/invitation")
@candidacy_page(Permission.MANAGE_CANDIDACY)
def invite_again(case: CandidacyCase) -> Any:
    """Send the candidate a new link."""
    form = CreationForm()
    form.validate()

    def act(db: Session) -> str:
        row = services.candidacy_page(db, case.id).row
        why = "candidate" if row.has_dossier else "path"
        invite(db, row.email, row.candidate, case.body_id, by=current_user.id, at=now(), why=why)
        return url_for(".candidacy", candidacy_id=case.id)

    response = once(form.nonce.data, act)
    session["notice"] = f"Une nouvelle invitation est écrite. {coming()} Le lien d’avant ne sert plus."
    return response


@bp.get("/candidatures/<uuid:candidacy_id>/naissance")
@candidacy_page(Permission.WRITE_BIRTH)
def birth(case: CandidacyCase) -> Any:
    """Show the birth that the certificate will say, and the form that writes it until then."""
    page = services.birth_page(reading(), case.id, today())
    return _birth(case, BirthForm(today(), page.birth, formdata=None))


def _birth(case: CandidacyCase, form: BirthForm, stopped: str = "") -> str:
    page = services.birth_page(reading(), case.id, today())
    return render_template("candidacy/birth.html", case=case, page=page, form=form, refusals=REFUSALS, stopped=stopped)


@bp.post("/candidatures/<uuid:candidacy_id>/naissance")
@candidacy_page(Permission.WRITE_BIRTH)
def record_birth(case: CandidacyCase) -> Any:
    """Keep the birth that the certificate will say, or say why it cannot change."""
    form = BirthForm(today())
    if not form.validate():
        return _birth(case, form), 422

    def act(db: Session) -> str:
        services.record_birth(db, case.id, form.value(), by=current_user.id, at=now())
        return url_for(".birth", candidacy_id=case.id)

    try:
        response = once(form.nonce.data, act)
    except Refusal as refusal:
        return _birth(case, form, REFUSALS[CandidacyRefusal(refusal.code)](refusal.facts)), 409
    session["notice"] = (
        "C’est enregistré : ces informations seront imprimées sur le prochain certificat."
        if form.value()
        else "C’est enregistré : rien n’est gardé."
    )
    return response


@bp.get("/candidatures/<uuid:candidacy_id>/delais")
@candidacy_page(Permission.MANAGE_CANDIDACY)
def delays(case: CandidacyCase) -> Any:
    """Show the delays that passed, what was decided of them, and the form that decides."""
    page = services.delays_page(reading(), case.id, today())
    return _delays(case, RulingForm(page.overruns, formdata=None))


def _delays(case: CandidacyCase, form: RulingForm, stopped: str = "") -> str:
    page = services.delays_page(reading(), case.id, today())
    return render_template("candidacy/delays.html", case=case, page=page, form=form, say=wording, stopped=stopped)


@bp.post("/candidatures/<uuid:candidacy_id>/delais")
@candidacy_page(Permission.MANAGE_CANDIDACY)
def rule(case: CandidacyCase) -> Any:
    """Record what is decided of a delay that passed, or say what the rules forbid; what was typed stays."""
    page = services.delays_page(reading(), case.id, today())
    form = RulingForm(page.overruns)
    if not form.validate():
        return _delays(case, form), 422

    def act(db: Session) -> str:
        services.rule_on_delay(db, case.id, form.value(), by=current_user.id, at=now())
        return url_for(".delays", candidacy_id=case.id)

    try:
        response = once(form.nonce.data, act)
    except Refusal as refusal:
        return _delays(case, form, REFUSALS[CandidacyRefusal(refusal.code)](refusal.facts)), 409
    session["notice"] = f"La décision est enregistrée. La personne la lira avec son motif. {coming()}"
    return response
