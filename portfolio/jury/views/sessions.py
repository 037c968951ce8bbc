"""The certifier plans sessions, seats their juries, and puts sealed dossiers on their lists."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import abort, current_app, render_template, url_for
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.candidacy.services import published_versions
from portfolio.cases import BodyCase, SessionCase
from portfolio.certification.services.sites import list_sites, site_choices
from portfolio.certification.wording import ROUTE_NAMES
from portfolio.certification.wording.watching import habilitation_sentence
from portfolio.db import reading
from portfolio.evidence.views.desk import once_kept, received, status_of
from portfolio.guards import certifier_page, session_page
from portfolio.jury import services, wording
from portfolio.jury.forms import HearingForm, MemberForm, ParityForm, PlanForm, member_form
from portfolio.jury.rules import MOST_SUBSTITUTES, READING_DAYS, JuryRefusal, Naming
from portfolio.jury.services.seats import SeatView, seat_key
from portfolio.jury.services.sites import site_of_session
from portfolio.jury.views.blueprint import bp
from portfolio.jury.views.receiving import desk, limit, sent
from portfolio.policy import Permission
from portfolio.refusal import Conflict, Refusal
from portfolio.web.clock import now, today
from portfolio.web.forms import CreationForm, pairs
from portfolio.web.once import once


@bp.get("/sessions")
@certifier_page(Permission.MANAGE_SESSION)
def sessions(body: BodyCase) -> Any:
    """List the sessions of the body, and the dossiers that wait for one."""
    page = services.list_sessions(reading(), body.id, today())
    return render_template("jury/sessions.html", page=page, today=today(), reading_days=READING_DAYS)


@bp.get("/sessions/nouvelle")
@certifier_page(Permission.MANAGE_SESSION)
def plan(body: BodyCase) -> Any:
    """Show the form that plans a session."""
    versions, sites = published_versions(reading(), body.id), site_choices(list_sites(reading(), body.id))
    return _plan_page(PlanForm(versions, today(), sites), versions)


def _plan_page(form: PlanForm, versions: Any) -> str:
    several = services.have_several_rules(reading(), [version.id for version in versions])
    return render_template("jury/plan.html", form=form, versions=versions, several=several)


@bp.post("/sessions/nouvelle")
@certifier_page(Permission.MANAGE_SESSION)
def plan_one(body: BodyCase) -> Any:
    """Plan a session."""
    versions, sites = published_versions(reading(), body.id), site_choices(list_sites(reading(), body.id))
    form = PlanForm(versions, today(), sites)
    if not form.validate():
        return _plan_page(form, versions), 422
    months: int = current_app.config["SETTINGS"].external_months

    def act(db: Session) -> str:
        planned = services.plan_session(db, body.id, form.value(months), by=current_user.id, at=now())
        return url_for(".session", session_id=planned.id)

    return once(form.nonce.data, act)


@bp.get("/sessions/<uuid:session_id>", endpoint="session")
@session_page(Permission.MANAGE_SESSION)
def show_session(case: SessionCase) -> Any:
    """Show one session: who sits, what is checked, who is heard."""
    return _session_page(case)


def _session_page(case: SessionCase, parity: ParityForm | None = None) -> str:
    page = services.session_page(reading(), case.id)
    shown = parity or ParityForm(formdata=None, reason=page.parity_reason)
    again = CreationForm(formdata=None)
    site = site_of_session(reading(), case.id)
    more: dict[str, Any] = {"today": today(), "reading_days": READING_DAYS, "routes": ROUTE_NAMES, "site": site}
    more["habilitation"] = habilitation_sentence(site.answer) if site and site.answer else ""
    return render_template("jury/session.html", page=page, say=wording, again=again, parity=shown, **more)


@bp.post("/sessions/<uuid:session_id>/mixite")
@session_page(Permission.MANAGE_SESSION)
def justify_parity(case: SessionCase) -> Any:
    """Write why women and men do not both sit (J12)."""
    form = ParityForm()
    if not form.validate():
        return _session_page(case, form), 422

    def act(db: Session) -> str:
        services.justify_parity(db, case.id, form.reason.data or "", by=current_user.id, at=now())
        return url_for(".session", session_id=case.id, _anchor="verifie")

    return once(form.nonce.data, act)


@bp.get("/sessions/<uuid:session_id>/sieges/<seat>")
@session_page(Permission.MANAGE_SESSION)
def seat(case: SessionCase, seat: str) -> Any:
    """Show who sits in a seat, and the form that names someone there."""
    return _seat_page(case, seat)


@bp.get("/sessions/<uuid:session_id>/sieges/<seat>/suppleants/<int:number>")
@session_page(Permission.MANAGE_SESSION)
def substitute(case: SessionCase, seat: str, number: int) -> Any:
    """Show a substitute of a seat, and the form that names one."""
    return _seat_page(case, seat, number)


def _seat_page(case: SessionCase, seat: str, rank: int = 0, form: MemberForm | None = None, **more: Any) -> str:
    page = services.session_page(reading(), case.id)
    holder = next((one for one in page.seats if one.key == seat), None)
    if holder is None or (rank and holder.named is None) or rank > MOST_SUBSTITUTES:
        abort(404)
    view = holder if not rank else next((one for one in holder.substitutes if _rank(one.named) == rank), _empty(holder))
    view = replace(view, alike=holder.alike, terms=holder.terms)
    shown = form or member_form(view.named)
    shown.ties_answer.choices = pairs(wording.ties_answers(page.external_months))
    more |= {"view": view, "holder": holder, "rank": rank, "form": shown, "limit": limit()}
    return render_template("jury/seat.html", page=page, say=wording, again=CreationForm(formdata=None), **more)


def _empty(holder: SeatView) -> SeatView:
    """Return the seat of a substitute whom nobody named yet."""
    return SeatView(holder.seat, place=holder.place)


def _rank(named: Naming | None) -> int:
    return named.rank if named else 0


@bp.get("/sessions/<uuid:session_id>/actes/<uuid:paper_id>")
@session_page(Permission.MANAGE_SESSION)
def act_file(case: SessionCase, paper_id: UUID) -> Any:
    """Send the act that appointed the president."""
    kept = services.find_paper(reading(), case.id, paper_id)
    if kept is None:
        abort(404)
    return sent(kept)


@bp.post("/sessions/<uuid:session_id>/sieges/<seat>")
@session_page(Permission.MANAGE_SESSION)
def name_member(case: SessionCase, seat: str) -> Any:
    """Seat a person, or say what prevents it and keep what was typed."""
    return _name(case, seat, 0)


@bp.post("/sessions/<uuid:session_id>/sieges/<seat>/suppleants/<int:number>")
@session_page(Permission.MANAGE_SESSION)
def name_substitute(case: SessionCase, seat: str, number: int) -> Any:
    """Name a substitute of a seat."""
    return _name(case, seat, number)


def _name(case: SessionCase, seat: str, rank: int) -> Any:
    found = seat_key(seat)
    if found is None or rank > MOST_SUBSTITUTES:
        abort(404)
    form = MemberForm()
    if not form.validate():
        return _seat_page(case, seat, rank, form), 422
    naming = form.value(found[0], rank, found[1])
    with desk() as opened:
        document = received(opened, form.appointment, form.act) if form.act else None
        if form.act and document is None:
            return _seat_page(case, seat, rank, form), status_of(form.appointment)

        def act(db: Session) -> str:
            services.name_member(db, case.id, naming, document, by=current_user.id, at=now())
            return url_for(".session", session_id=case.id, _anchor="composition")

        try:
            response = once_kept(opened, form.nonce.data, act)
        except Conflict as conflict:
            form.revision.data = str(conflict.revision)
            return _seat_page(case, seat, rank, form, theirs=conflict.theirs), 409
        except Refusal as refusal:
            sentence = wording.REFUSALS[JuryRefusal(refusal.code)](refusal.facts)
            return _seat_page(case, seat, rank, form, stopped=sentence), 409
    return response


@bp.post("/sessions/<uuid:session_id>/membres/<uuid:member_id>/retirer")
@session_page(Permission.MANAGE_SESSION)
def remove_member(case: SessionCase, member_id: UUID) -> Any:
    """Empty a seat."""

    def act(db: Session) -> str:
        services.remove_member(db, case.id, member_id, by=current_user.id, at=now())
        return url_for(".session", session_id=case.id, _anchor="composition")

    return _once_from_button(act)


@bp.post("/sessions/<uuid:session_id>/candidats")
@session_page(Permission.MANAGE_SESSION)
def add_hearing(case: SessionCase) -> Any:
    """Put a sealed dossier on the session's list."""
    page = services.session_page(reading(), case.id)
    form = HearingForm(page.waiting)
    if not form.validate():
        # Another tab was quicker, or the dossier is not of this session.
        raise Refusal(JuryRefusal.NOT_WAITING)

    submission_id: Any = form.submission_id.data

    def act(db: Session) -> str:
        services.add_hearing(db, case.id, submission_id, by=current_user.id, at=now())
        return url_for(".session", session_id=case.id, _anchor="candidats")

    return once(form.nonce.data, act)


@bp.post("/sessions/<uuid:session_id>/candidats/<uuid:hearing_id>/retirer")
@session_page(Permission.MANAGE_SESSION)
def remove_hearing(case: SessionCase, hearing_id: UUID) -> Any:
    """Take a candidate off the list."""

    def act(db: Session) -> str:
        services.remove_hearing(db, case.id, hearing_id, by=current_user.id, at=now())
        return url_for(".session", session_id=case.id, _anchor="candidats")

    return _once_from_button(act)


def _once_from_button(act: Any) -> Any:
    form = CreationForm()
    form.validate()
    return once(form.nonce.data, act)
