"""The sites of the certifying body."""

from uuid import UUID

from flask import abort, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.body import BodyAccess
from portfolio.access.decorators import certifier_page
from portfolio.access.policy import Permission
from portfolio.db.engine import close_read_session, read_session, transaction
from portfolio.domain.certification.use_cases import partners
from portfolio.errors import Conflict
from portfolio.screens.certifier.certifications.blueprint import bp
from portfolio.screens.certifier.certifications.forms.settings import NewSiteForm, SiteForm
from portfolio.web.clock import now
from portfolio.web.forms import remember_result, run_once


@bp.get("/organisme/lieux", endpoint="sites")
@certifier_page(Permission.MANAGE_CERTIFICATION)
def list_sites(body: BodyAccess) -> ResponseReturnValue:
    """List the sites, and show the form that adds one."""
    form = NewSiteForm(formdata=None)
    form.partner_id.data = request.args.get("partenaire", "")
    return _page(body, form)


@bp.post("/organisme/lieux", endpoint="add_site")
@certifier_page(Permission.MANAGE_CERTIFICATION)
def add(body: BodyAccess) -> ResponseReturnValue:
    """Add a site."""
    form = NewSiteForm()
    if not form.validate():
        return _page(body, form), 422

    def act(db: Session) -> str:
        texts = (form.name.data or "", form.address.data or "")
        partners.add_site(db, body.id, *texts, form.partner, by=current_user.id, at=now())
        session["notice"] = "Le lieu est ajouté. Vous pouvez le choisir en planifiant une session."
        return url_for(".sites")

    return run_once(form.nonce.data, act)


def _page(body: BodyAccess, form: NewSiteForm) -> str:
    rows = partners.list_sites(read_session(), body.id, with_retired=True)
    partner = partners.find_body_partner(read_session(), body.id, form.partner)
    return render_template("certifier/certifications/sites.html", sites=rows, form=form, partner=partner)


@bp.get("/organisme/lieux/<uuid:site_id>")
@certifier_page(Permission.MANAGE_CERTIFICATION)
def site(body: BodyAccess, site_id: UUID) -> ResponseReturnValue:
    """Show a site, and the form that corrects it."""
    row = partners.find_site(read_session(), body.id, site_id)
    if row is None:
        abort(404)
    return render_template(
        "certifier/certifications/site.html", site=row, form=SiteForm(formdata=None, obj=row), changed=False
    )


@bp.post("/organisme/lieux/<uuid:site_id>", endpoint="correct_site")
@certifier_page(Permission.MANAGE_CERTIFICATION)
def correct(body: BodyAccess, site_id: UUID) -> ResponseReturnValue:
    """Correct a site, or show that it was saved meanwhile."""
    form = SiteForm()
    shown = partners.find_site(read_session(), body.id, site_id)
    if shown is None:
        abort(404)
    if not form.validate():
        return render_template("certifier/certifications/site.html", site=shown, form=form, changed=False), 422
    try:
        with transaction() as db:
            row = partners.find_site(db, body.id, site_id)
            if row is None:
                abort(404)
            texts = (form.name.data or "", form.address.data or "")
            retired, seen = bool(form.is_retired.data), form.seen_revision
            partners.correct_site(db, row, *texts, is_retired=retired, revision=seen, by=current_user.id, at=now())
            remember_result(db, url_for(".sites"))
    except Conflict as conflict:
        close_read_session()
        form.revision.data = str(conflict.revision)
        row = partners.find_site(read_session(), body.id, site_id)
        return render_template("certifier/certifications/site.html", site=row, form=form, changed=True), 409
    session["notice"] = "Le lieu est enregistré."
    return redirect(url_for(".sites"), 303)
