"""Entries read into a draft, and pages that follow the register: notices of a certification, its partners."""

import json
from typing import Any
from uuid import UUID

from flask import Response, abort, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.body import BodyAccess, VersionAccess
from portfolio.access.decorators import certifier_page, version_page
from portfolio.access.policy import Permission
from portfolio.db.engine import close_read_session, read_session, transaction
from portfolio.domain.certification.models import CertificationVersion
from portfolio.domain.certification.readers import MAX_BYTES, MAX_EXPORT_BYTES
from portfolio.domain.certification.rules.registration import UnreadableEntry
from portfolio.domain.certification.rules.versioning import CertificationRefusal
from portfolio.domain.certification.rules.watching import is_old_export
from portfolio.domain.certification.use_cases import drafting as creating_use_cases
from portfolio.domain.certification.use_cases import importing as importing_use_cases
from portfolio.domain.certification.use_cases import partners, watching
from portfolio.errors import Conflict, Refusal
from portfolio.screens.blueprints import blueprint_of
from portfolio.screens.certifier.certifications import views
from portfolio.screens.certifier.certifications.forms.creation import NewCertificationForm, Start
from portfolio.screens.certifier.certifications.forms.settings import ImportForm, PartnerForm, PartnerSearchForm
from portfolio.web.clock import now, today
from portfolio.web.forms import refusal_message, remember_result, run_once
from portfolio.web.progress import percent_done, reported
from portfolio.web.request_limits import accepts_file
from portfolio.wording import certification
from portfolio.wording.certification import register as watch_words

bp = blueprint_of(__name__)

MOST_LISTED = 50
ABOUT_NEW_CODE = {CertificationRefusal.CODE_FORM, CertificationRefusal.CODE_IN_USE}


@bp.get("/certifications/importer")
@certifier_page(Permission.MANAGE_CERTIFICATION)
def import_form(_body: BodyAccess) -> ResponseReturnValue:
    """Show the form that takes a register entry."""
    return _import_page(ImportForm())


@bp.post("/certifications/importer")
@accepts_file(has_long_text=True)
@certifier_page(Permission.MANAGE_CERTIFICATION)
def import_entry(body: BodyAccess) -> ResponseReturnValue:
    """Read an entry and keep it as a draft, or say what was understood and what was not."""
    form = ImportForm()
    if not form.validate():
        return _import_page(form), 422
    try:
        with reported(_reading_key(form.nonce.data)) as progress:
            entry = form.entry(progress)
    except UnreadableEntry as refusal:
        form.restore_text()
        return _import_page(form, refusal), 422
    coded = form.with_code(entry)
    if coded is None:
        form.restore_text()
        return _import_page(form), 422

    def act(db: Session) -> str:
        made = importing_use_cases.import_entry(db, body.id, coded, by=current_user.id, at=now())
        old = watch_words.OLD_EXPORT if is_old_export(form.filename, today()) else ""
        outcome = certification.outcome_message(made.outcome, coded.code, made.version.number)
        session["notice"] = f"{outcome} {old}".strip()
        return url_for(".version", version_id=made.version.id)

    return run_once(form.nonce.data, act)


def _reading_key(nonce: str | None) -> str:
    return f"{current_user.id}:{nonce or ''}"


@bp.get("/certifications/importer/avancement")
@certifier_page(Permission.MANAGE_CERTIFICATION)
def import_progress(_body: BodyAccess) -> Response:
    """Return how much of the file of an import is read, in percent; null when none is being read."""
    percent = percent_done(_reading_key(request.args.get("nonce", "")[:100]))
    return Response(json.dumps({"percent": percent}), mimetype="application/json")


def _import_page(form: ImportForm, refusal: UnreadableEntry | None = None) -> str:
    outcome = {
        "reason": certification.REASONS[refusal.reason] if refusal else "",
        "understood": [certification.understood_message(part_finding) for part_finding in refusal.understood]
        if refusal
        else [],
        "missing": [certification.missing_message(part_finding) for part_finding in refusal.missing] if refusal else [],
    }
    found = form.matching(refusal.index) if refusal else []
    form.choice.data = None
    listed = {
        "several": refusal is not None and bool(refusal.index),
        "found": found[:MOST_LISTED],
        "count_found": len(found),
    }
    return render_template(
        "certifier/certifications/import.html",
        form=form,
        refusal=refusal,
        said=outcome,
        limit=MAX_EXPORT_BYTES,
        **listed,
    )


@bp.get("/certifications/nouvelle")
@certifier_page(Permission.MANAGE_CERTIFICATION)
def creating(body: BodyAccess) -> ResponseReturnValue:
    """Show the form of a certification made by hand."""
    return _new_page(_new_form(body, formdata=None))


@bp.post("/certifications/nouvelle")
@accepts_file(has_long_text=True)
@certifier_page(Permission.MANAGE_CERTIFICATION)
def create_one(body: BodyAccess) -> ResponseReturnValue:
    """Create a certification from nothing, from a copy or from a spreadsheet, as a draft."""
    form = _new_form(body)
    if not form.validate():
        return _new_page(form), 422
    if form.start.data is Start.SPREADSHEET and form.sheet.faults:
        form.keep_text()
        return _new_page(form), 422

    def act(db: Session) -> str:
        version = _create(db, body, form)
        notes = certification.sheet_notes(form.sheet) if form.start.data is Start.SPREADSHEET else ""
        session["notice"] = " ".join(filter(None, (certification.NOTICES["created"], notes)))
        return url_for(".draft", version_id=version.id)

    try:
        return run_once(form.nonce.data, act)
    except Refusal as refusal:
        field = form.code if refusal.code in ABOUT_NEW_CODE else form.base
        field.errors = [refusal_message(refusal)]
        if form.start.data is Start.SPREADSHEET:
            form.keep_text()
        return _new_page(form), 422


def _create(db: Session, body: BodyAccess, form: NewCertificationForm) -> Any:
    trace = {"by": current_user.id, "at": now()}
    if form.start.data is not Start.COPY or form.base.data is None:
        return creating_use_cases.create_draft(db, body.id, form.entry(), **trace)
    heading = creating_use_cases.Heading(form.entry_code, form.title.data or "", form.level.data or None)
    return creating_use_cases.copy_version(db, body.id, form.base.data, heading, **trace)


def _new_form(body: BodyAccess, **more: Any) -> NewCertificationForm:
    wanted = views.as_uuid(request.form.get("base") or request.args.get("copie", ""))
    rows = views.list_bases(read_session(), body.id, wanted)
    form = NewCertificationForm([(str(row.id), certification.base_name(row.code, row)) for row in rows], **more)
    if not form.is_submitted() and any(row.id == wanted for row in rows):
        form.start.data, form.base.data = Start.COPY, wanted
    return form


def _new_page(form: NewCertificationForm) -> str:
    close_read_session()
    sheet = form.sheet if form.has_sheet else None
    return render_template(
        "certifier/certifications/creating.html", form=form, sheet=sheet, words=certification, limit=MAX_BYTES
    )


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
