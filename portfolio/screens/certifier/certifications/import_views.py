"""A certification that comes: from an entry of the register, or made by hand."""

import json
from typing import Any

from flask import Response, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.body import BodyAccess
from portfolio.access.decorators import certifier_page
from portfolio.access.policy import Permission
from portfolio.db.engine import close_read_session, read_session
from portfolio.domain.certification.readers import MAX_BYTES, MAX_EXPORT_BYTES
from portfolio.domain.certification.rules.registration import UnreadableEntry
from portfolio.domain.certification.rules.versioning import CertificationRefusal
from portfolio.domain.certification.rules.watching import is_old_export
from portfolio.domain.certification.use_cases import drafting as creating_use_cases
from portfolio.domain.certification.use_cases import importing as importing_use_cases
from portfolio.errors import Refusal
from portfolio.screens.certifier.certifications import listing
from portfolio.screens.certifier.certifications.blueprint import bp
from portfolio.screens.certifier.certifications.forms.creation import NewCertificationForm, Start
from portfolio.screens.certifier.certifications.forms.settings import ImportForm
from portfolio.web.clock import now, today
from portfolio.web.forms import refusal_message, run_once
from portfolio.web.progress import percent_done, reported
from portfolio.web.request_limits import accepts_file
from portfolio.wording import certification
from portfolio.wording.certification import watching as watch_words

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
    wanted = listing.as_uuid(request.form.get("base") or request.args.get("copie", ""))
    rows = listing.list_bases(read_session(), body.id, wanted)
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
