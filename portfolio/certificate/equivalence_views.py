"""What a block of one version is worth beside those of others: ruled by the certifier, replaced, never edited."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, render_template, session, url_for
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.cases import VersionCase
from portfolio.certificate import later_wording, services, wording
from portfolio.certificate.act_forms import EquivalenceForm
from portfolio.certificate.rules import CertificateRefusal
from portfolio.db import reading
from portfolio.guards import version_page
from portfolio.policy import Permission
from portfolio.refusal import Refusal
from portfolio.web.clock import now
from portfolio.web.once import once

bp = Blueprint("equivalences", __name__, url_prefix="/certifications")


@bp.get("/versions/<uuid:version_id>/equivalences")
@version_page(Permission.MANAGE_CERTIFICATION)
def equivalences(case: VersionCase) -> Any:
    """Show the rulings about a published version, and the form that makes one."""
    page = _found(case)
    return _page(case, page, EquivalenceForm(page, formdata=None))


@bp.post("/versions/<uuid:version_id>/equivalences")
@version_page(Permission.MANAGE_CERTIFICATION)
def declare(case: VersionCase) -> Any:
    """Record a ruling, or say why not; what was typed stays."""
    page = _found(case)
    form = EquivalenceForm(page)
    if not form.validate():
        return _page(case, page, form), 422

    def act(db: Session) -> str:
        services.declare_equivalence(db, form.value(), by=current_user.id, at=now())
        return url_for(".equivalences", version_id=case.id)

    try:
        response = once(form.nonce.data, act)
    except Refusal as refusal:
        sentence = later_wording.REFUSALS[CertificateRefusal(refusal.code)](refusal.facts)
        return _page(case, page, form, sentence), 409
    session["notice"] = "La décision est enregistrée. Elle vaut dès aujourd’hui."
    return response


def _found(case: VersionCase) -> services.EquivalencesPage:
    """The page of a published version; a draft has no block that anyone could hold."""
    if case.published_at is None:
        abort(404)
    return services.equivalences_page(reading(), case.id)


def _page(case: VersionCase, page: services.EquivalencesPage, form: EquivalenceForm, stopped: str = "") -> str:
    return render_template("certificate/equivalences.html", case=case, page=page, form=form, say=wording, stopped=stopped)
