"""The partner that a candidacy comes through."""

from typing import Any

from flask import render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session
from portfolio.domain.admissibility.use_cases.opening import choose_partner, partner_of_candidacy
from portfolio.domain.certification.use_cases.partners import find_partners
from portfolio.screens.certifier.candidacies import queries
from portfolio.screens.certifier.candidacies.blueprint import bp
from portfolio.screens.certifier.candidacies.forms import CandidacyPartnerForm
from portfolio.screens.certifier.certifications.forms.settings import PartnerSearchForm
from portfolio.web.clock import now
from portfolio.web.forms import run_once
from portfolio.wording.certification.watching import habilitation_sentence


@bp.get("/candidatures/<uuid:candidacy_id>/partenaire")
@candidacy_page(Permission.MANAGE_CANDIDACY)
def choosing(case: CandidacyAccess) -> ResponseReturnValue:
    """Show the partner of a candidacy, and those that a search finds."""
    chosen = partner_of_candidacy(read_session(), case.id)
    form = _form(case, formdata=None)
    form.partner_id.data = chosen.id if chosen else None
    return _page(case, form)


@bp.post("/candidatures/<uuid:candidacy_id>/partenaire")
@candidacy_page(Permission.MANAGE_CANDIDACY)
def choose(case: CandidacyAccess) -> ResponseReturnValue:
    """Record the partner of a candidacy, or none."""
    form = _form(case)
    if not form.validate():
        return _page(case, form), 422

    def act(db: Session) -> str:
        choose_partner(db, case.id, form.partner_id.data, by=current_user.id, at=now())
        session["notice"] = "Le partenaire de la candidature est enregistré."
        return url_for("certifier.candidacies.candidacy", candidacy_id=case.id)

    return run_once(form.nonce.data, act)


def _form(case: CandidacyAccess, **more: Any) -> CandidacyPartnerForm:
    """Offer the partners found by the search, and the present one."""
    page = queries.load_candidacy_page(read_session(), case.id)
    found = find_partners(read_session(), page.candidacy.version.certification_id, request.args.get("partenaire", ""))
    offered = {
        partner.id: f"{partner.name}, SIRET {partner.siret}" if partner.siret else partner.name for partner in found
    }
    chosen = partner_of_candidacy(read_session(), case.id)
    if chosen:
        offered.setdefault(chosen.id, chosen.name)
    return CandidacyPartnerForm(offered.items(), **more)


def _page(case: CandidacyAccess, form: CandidacyPartnerForm) -> str:
    page, chosen = (queries.load_candidacy_page(read_session(), case.id), partner_of_candidacy(read_session(), case.id))
    says = habilitation_sentence(chosen.answer) if chosen else ""
    search = PartnerSearchForm(request.args)
    return render_template(
        "certifier/candidacies/partner.html", page=page, form=form, search=search, chosen=chosen, says=says
    )
