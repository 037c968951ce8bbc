"""The recorded site of a session."""

from __future__ import annotations

from typing import Any

from flask import render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.decorators import session_page
from portfolio.access.jury import SessionAccess
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session
from portfolio.domain.certification.use_cases.partners import list_sites, site_choices
from portfolio.domain.jury.rules.enums import JuryRefusal
from portfolio.domain.jury.use_cases.summons import SessionSite, choose_site, site_of_session
from portfolio.errors import Refusal
from portfolio.screens.certifier.sessions import page_queries
from portfolio.screens.juror.forms.sites import SessionSiteForm
from portfolio.screens.juror.hearing.blueprint import bp
from portfolio.web.clock import now
from portfolio.web.idempotency import run_once
from portfolio.wording import jury
from portfolio.wording.certification.watching import habilitation_sentence


@bp.get("/sessions/<uuid:session_id>/lieu")
@session_page(Permission.MANAGE_SESSION)
def site(case: SessionAccess) -> ResponseReturnValue:
    """Show the recorded site of a session, and the form that chooses another."""
    form = _form(case, formdata=None)
    chosen = site_of_session(read_session(), case.id)
    form.site_id.data = chosen.id if chosen else None
    return _page(case, form, chosen)


@bp.post("/sessions/<uuid:session_id>/lieu")
@session_page(Permission.MANAGE_SESSION)
def record_site(case: SessionAccess) -> ResponseReturnValue:
    """Record the site of a session."""
    form = _form(case)
    if not form.validate():
        return _page(case, form, site_of_session(read_session(), case.id)), 422

    def act(db: Session) -> str:
        choose_site(db, case.id, form.site_id.data, by=current_user.id, at=now())
        return url_for(".session", session_id=case.id)

    try:
        response = run_once(form.nonce.data, act)
    except Refusal as refusal:
        stopped = jury.REFUSALS[JuryRefusal(refusal.code)](refusal.facts)
        return _page(case, form, site_of_session(read_session(), case.id), stopped), 409
    session["notice"] = "Le lieu de la session est enregistré. Les convocations déjà écrites ne changent pas."
    return response


def _form(case: SessionAccess, **more: Any) -> SessionSiteForm:
    return SessionSiteForm(site_choices(list_sites(read_session(), case.body_id)), **more)


def _page(case: SessionAccess, form: SessionSiteForm, chosen: SessionSite | None, stopped: str = "") -> str:
    page = page_queries.load_session_page(read_session(), case.id)
    says = habilitation_sentence(chosen.answer) if chosen and chosen.answer else ""
    return render_template(
        "jury/site.html", case=case, page=page, form=form, chosen=chosen, says=says, stopped=stopped
    )
