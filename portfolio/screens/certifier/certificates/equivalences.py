"""What a block of one version is worth beside those of others: ruled by the certifier, replaced, never
edited.
"""

from __future__ import annotations

from flask import Blueprint, abort, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.body import VersionAccess
from portfolio.access.decorators import version_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session
from portfolio.domain.holdings.rules.status_changes import CertificateRefusal
from portfolio.domain.holdings.use_cases import equivalence
from portfolio.errors import Refusal
from portfolio.screens.account.reauthentication import password_confirmed
from portfolio.screens.certifier.certificates.forms import EquivalenceForm
from portfolio.web.clock import now
from portfolio.web.forms import run_once
from portfolio.wording.holdings import grants, status_changes

bp = Blueprint("equivalences", __name__, url_prefix="/certifications")


@bp.get("/versions/<uuid:version_id>/equivalences")
@version_page(Permission.MANAGE_CERTIFICATION)
def equivalences(case: VersionAccess) -> ResponseReturnValue:
    """Show the rulings about a published version, and the form that makes one."""
    page = load_published_page(case)
    return _page(case, page, EquivalenceForm(page, formdata=None))


@bp.post("/versions/<uuid:version_id>/equivalences")
@version_page(Permission.MANAGE_CERTIFICATION)
def save_equivalence(case: VersionAccess) -> ResponseReturnValue:
    """Record a ruling, or say why not; what was typed stays."""
    page = load_published_page(case)
    form = EquivalenceForm(page)
    if not form.validate() or not password_confirmed(form):
        return _page(case, page, form), 422

    def act(db: Session) -> str:
        equivalence.declare_equivalence(db, form.value(), by=current_user.id, at=now())
        return url_for(".equivalences", version_id=case.id)

    try:
        response = run_once(form.nonce.data, act)
    except Refusal as refusal:
        sentence = status_changes.REFUSALS[CertificateRefusal(refusal.code)](refusal.facts)
        return _page(case, page, form, sentence), 409
    session["notice"] = "La décision est enregistrée. Elle vaut dès aujourd’hui."
    return response


def load_published_page(case: VersionAccess) -> equivalence.EquivalencesPageData:
    """Return the page of a published version, or answer 404: nobody can hold a block of a draft."""
    if case.published_at is None:
        abort(404)
    return equivalence.load_equivalences_page(read_session(), case.id)


def _page(
    case: VersionAccess, page: equivalence.EquivalencesPageData, form: EquivalenceForm, stopped: str = ""
) -> str:
    return render_template(
        "certificate/equivalences.html", case=case, page=page, form=form, say=grants, stopped=stopped
    )
