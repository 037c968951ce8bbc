"""Pages that follow the register: the notices of a certification, and its partners."""

from typing import Any
from uuid import UUID

from flask import abort, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.body import BodyAccess, VersionAccess
from portfolio.access.decorators import certifier_page, version_page
from portfolio.access.policy import Permission
from portfolio.db.engine import close_read_session, read_session, transaction
from portfolio.domain.certification.models import CertificationVersion
from portfolio.domain.certification.use_cases import partners, watching
from portfolio.errors import Conflict, Refusal
from portfolio.screens.certifier.certifications.blueprint import bp
from portfolio.screens.certifier.certifications.forms.settings import PartnerForm, PartnerSearchForm
from portfolio.web.clock import now, today
from portfolio.web.forms import refusal_message, remember_result, run_once
from portfolio.wording import certification
from portfolio.wording.certification import watching as watch_words


@bp.post("/certifications/avis/<uuid:notice_id>/ecarter")
@certifier_page(Permission.MANAGE_CERTIFICATION)
def dismiss(body: BodyAccess, notice_id: UUID) -> ResponseReturnValue:
    """Dismiss a notice of the register."""
    with transaction() as db:
        if not watching.dismiss_notice(db, body.id, notice_id, by=current_user.id, at=now()):
            abort(404)
    session["notice"] = "L’avis est écarté. Il ne reviendra pas pour le même fait."
    return redirect(url_for("certifier.certifications.index"), 303)


@bp.get("/certifications/versions/<uuid:version_id>/partenaires", endpoint="partners")
@version_page(Permission.MANAGE_CERTIFICATION)
def list_partners(case: VersionAccess) -> ResponseReturnValue:
    """List the partners of a certification, a page at a time."""
    form = PartnerSearchForm(request.args)
    number = request.args.get("page", "")
    page = partners.partners_page(
        read_session(),
        case.id,
        form.partenaire.data or "",
        int(number) if number.isdecimal() and len(number) < 6 else 1,
    )
    details = read_session().get_one(CertificationVersion, case.id).to_entry().details
    return render_template(
        "certifier/certifications/partners.html",
        case=case,
        named=len(details.partners) if details else 0,
        page=page,
        form=form,
        words=certification,
        today=today(),
        search=form.partenaire.data,
    )


@bp.get("/certifications/versions/<uuid:version_id>/partenaires/nouveau")
@version_page(Permission.MANAGE_CERTIFICATION)
def adding(case: VersionAccess) -> ResponseReturnValue:
    """Show the form that adds a partner."""
    return _partner_page(case, PartnerForm(formdata=None))


@bp.post("/certifications/versions/<uuid:version_id>/partenaires/nouveau", endpoint="add_registration")
@version_page(Permission.MANAGE_CERTIFICATION)
def add(case: VersionAccess) -> ResponseReturnValue:
    """Add a partner."""
    form = PartnerForm()
    if not form.validate():
        return _partner_page(case, form), 422

    def act(db: Session) -> str:
        partners.add_partner(db, case.certification_id, _typed(form), by=current_user.id, at=now())
        session["notice"] = "Le partenaire est ajouté."
        return url_for(".partners", version_id=case.id, partenaire=form.name.data)

    try:
        return run_once(form.nonce.data, act)
    except Refusal as refusal:
        return _refused(case, form, refusal)


@bp.get("/certifications/versions/<uuid:version_id>/partenaires/<uuid:partner_id>")
@version_page(Permission.MANAGE_CERTIFICATION)
def partner(case: VersionAccess, partner_id: UUID) -> ResponseReturnValue:
    """Show a partner, and the form that corrects it."""
    row = partners.find_partner(read_session(), case.certification_id, partner_id)
    if row is None:
        abort(404)
    return _partner_page(case, PartnerForm(formdata=None, obj=row), row)


@bp.post("/certifications/versions/<uuid:version_id>/partenaires/<uuid:partner_id>", endpoint="correct_registration")
@version_page(Permission.MANAGE_CERTIFICATION)
def correct(case: VersionAccess, partner_id: UUID) -> ResponseReturnValue:
    """Correct a partner, or show what was saved meanwhile."""
    form = PartnerForm()
    shown = partners.find_partner(read_session(), case.certification_id, partner_id)
    if shown is None:
        abort(404)
    if not form.validate():
        return _partner_page(case, form, shown), 422
    try:
        with transaction() as db:
            row = partners.find_partner(db, case.certification_id, partner_id)
            if row is None:
                abort(404)
            partners.correct_partner(db, row, _typed(form), revision=form.seen_revision, by=current_user.id, at=now())
            remember_result(db, url_for(".partners", version_id=case.id, partenaire=form.name.data))
    except Refusal as refusal:
        return _refused(case, form, refusal, partner_id)
    except Conflict as conflict:
        close_read_session()
        form.revision.data = str(conflict.revision)
        row = partners.find_partner(read_session(), case.certification_id, partner_id)
        return _partner_page(case, form, row, changed=True), 409
    session["notice"] = "Le partenaire est enregistré."
    return redirect(url_for(".partners", version_id=case.id, partenaire=form.name.data), 303)


def _typed(form: PartnerForm) -> partners.TypedPartner:
    starts_on, ends_on = form.days
    return partners.TypedPartner(
        form.name.data or "", form.siret.data or None, form.habilitation.data, form.state.data, starts_on, ends_on
    )


def _refused(
    case: VersionAccess, form: PartnerForm, refusal: Refusal, partner_id: UUID | None = None
) -> ResponseReturnValue:
    close_read_session()
    form.name.errors = [refusal_message(refusal)]
    row = partners.find_partner(read_session(), case.certification_id, partner_id) if partner_id else None
    return _partner_page(case, form, row), 422


def _partner_page(case: VersionAccess, form: PartnerForm, row: Any = None, *, changed: bool = False) -> str:
    answers = partners.answers_on(row, today()) if row is not None else ()
    says = [watch_words.habilitation_sentence(answer) for answer in answers]
    return render_template(
        "certifier/certifications/partner.html",
        case=case,
        form=form,
        partner=row,
        says=says,
        changed=changed,
        words=certification,
    )
