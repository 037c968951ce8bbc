"""The recorded site of a session."""

from __future__ import annotations

from typing import Any

from flask import render_template, session, url_for
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.cases import SessionCase
from portfolio.certification.services.sites import list_sites, site_choices
from portfolio.certification.wording.watching import habilitation_sentence
from portfolio.db import reading
from portfolio.guards import session_page
from portfolio.jury import services, wording
from portfolio.jury.forms.sites import SessionSiteForm
from portfolio.jury.rules import JuryRefusal
from portfolio.jury.services.sites import SessionSite, choose_site, site_of_session
from portfolio.jury.views.blueprint import bp
from portfolio.policy import Permission
from portfolio.refusal import Refusal
from portfolio.web.clock import now
from portfolio.web.once import once


@bp.get("/sessions/<uuid:session_id>/lieu")
@session_page(Permission.MANAGE_SESSION)
def site(case: SessionCase) -> Any:
    """Show the recorded site of a session, and the form that chooses another."""
    form = _form(case, formdata=None)
    chosen = site_of_session(reading(), case.id)
    form.site_id.data = chosen.id if chosen else None
    return _page(case, form, chosen)


@bp.post("/sessions/<uuid:session_id>/lieu")
@session_page(Permission.MANAGE_SESSION)
def record_site(case: SessionCase) -> Any:
    """Record the site of a session."""
    form = _form(case)
    if not form.validate():
        return _page(case, form, site_of_session(reading(), case.id)), 422

    def act(db: Session) -> str:
        choose_site(db, case.id, form.site_id.data, by=current_user.id, at=now())
        return url_for(".session", session_id=case.id)

    try:
        response = once(form.nonce.data, act)
    except Refusal as refusal:
        stopped = wording.REFUSALS[JuryRefusal(refusal.code)](refusal.facts)
        return _page(case, form, site_of_session(reading(), case.id), stopped), 409
    session["notice"] = "Le lieu de la session est enregistré. Les convocations déjà écrites ne changent pas."
    return response


def _form(case: SessionCase, **more: Any) -> SessionSiteForm:
    return SessionSiteForm(site_choices(list_sites(reading(), case.body_id)), **more)


def _page(case: SessionCase, form: SessionSiteForm, chosen: SessionSite | None, stopped: str = "") -> str:
    page = services.session_page(reading(), case.id)
    says = habilitation_sentence(chosen.answer) if chosen and chosen.answer else ""
    return render_template("jury/site.html", case=case, page=page, form=form, chosen=chosen, says=says, stopped=stopped)
