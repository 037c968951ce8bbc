"""The certifier's certifications: importing an entry, correcting its draft, publishing it, reading what is published."""

from __future__ import annotations

import json
import re
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort, redirect, render_template, request, session, url_for
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.cases import BodyCase, VersionCase
from portfolio.certification import services, wording
from portfolio.certification.forms import (
    ORDERS,
    Checklist,
    ConfirmForm,
    DraftForm,
    ImportForm,
    Moved,
    NewCertificationForm,
    PostedLines,
    SuccessorForm,
)
from portfolio.certification.forms.creation import Start
from portfolio.certification.readers import MAX_BYTES, MAX_EXPORT_BYTES
from portfolio.certification.readers.cncp_text.jury_sources import sourced
from portfolio.certification.rules import NotAnEntry, entry_as_json, publication_faults
from portfolio.certification.rules.case_package import Framework, item_of, package_of
from portfolio.certification.rules.comparing import Difference, differences
from portfolio.certification.rules.detail_comparing import search_entry
from portfolio.certification.rules.juries import juries_of
from portfolio.certification.rules.versioning import CertificationRefusal
from portfolio.certification.rules.watching import is_old_export
from portfolio.certification.services import watching
from portfolio.certification.wording import jury_rules
from portfolio.certification.wording import watching as watch_words
from portfolio.db import end_reading, reading, transaction
from portfolio.guards import certifier_page, version_page
from portfolio.policy import Permission
from portfolio.refusal import Conflict, Refusal
from portfolio.storage.names import attachment_headers
from portfolio.web.addresses import own_address
from portfolio.web.clock import now, today
from portfolio.web.once import once
from portfolio.web.progress import percent_done, reported

bp = Blueprint("certification", __name__, url_prefix="/certifications")

MOST_LISTED = 50
ABOUT_CODE = {CertificationRefusal.CODE_TAKEN, CertificationRefusal.CODE_FIXED}
ABOUT_NEW_CODE = {CertificationRefusal.CODE_FORM, CertificationRefusal.CODE_IN_USE}


@bp.get("")
@certifier_page(Permission.MANAGE_CERTIFICATION)
def index(body: BodyCase) -> Any:
    """List the certifications of the body, drafts to finish first."""
    rows = services.list_certifications(reading(), body.id)
    drafts = [(row, draft) for row in rows for draft in row.drafts]
    notices = watching.open_notices(reading(), body.id)
    names = {"notices": notices, "watch": watch_words, "read_on": watching.last_readings(reading(), [row.id for row in rows])}
    return render_template("certification/index.html", rows=rows, drafts=drafts, today=today(), **names)


@bp.get("/importer")
@certifier_page(Permission.MANAGE_CERTIFICATION)
def importing(_body: BodyCase) -> Any:
    """Show the form that takes a register entry."""
    return _import_page(ImportForm())


@bp.post("/importer")
@certifier_page(Permission.MANAGE_CERTIFICATION)
def import_one(body: BodyCase) -> Any:
    """Read an entry and keep it as a draft, or say what was understood and what was not."""
    form = ImportForm()
    if not form.validate():
        return _import_page(form), 422
    try:
        with reported(_reading_key(form.nonce.data)) as progress:
            entry = form.entry(progress)
    except NotAnEntry as refusal:
        form.keep_text()
        return _import_page(form, refusal), 422
    coded = form.with_code(entry)
    if coded is None:
        form.keep_text()
        return _import_page(form), 422

    def act(db: Session) -> str:
        made = services.import_entry(db, body.id, coded, by=current_user.id, at=now())
        old = watch_words.OLD_EXPORT if is_old_export(form.filename, today()) else ""
        outcome = wording.outcome_sentence(made.outcome, coded.code, made.version.number)
        session["notice"] = f"{outcome} {old}".strip()
        return url_for(".version", version_id=made.version.id)

    return once(form.nonce.data, act)


def _reading_key(nonce: str | None) -> str:
    return f"{current_user.id}:{nonce or ''}"


@bp.get("/importer/avancement")
@certifier_page(Permission.MANAGE_CERTIFICATION)
def import_progress(_body: BodyCase) -> Response:
    """Return how much of the file of an import is read, in percent; null when none is being read."""
    percent = percent_done(_reading_key(request.args.get("nonce", "")[:100]))
    return Response(json.dumps({"percent": percent}), mimetype="application/json")


def _import_page(form: ImportForm, refusal: NotAnEntry | None = None) -> str:
    said = {
        "reason": wording.REASONS[refusal.reason] if refusal else "",
        "understood": [wording.understood_sentence(one) for one in refusal.understood] if refusal else [],
        "missing": [wording.missing_sentence(one) for one in refusal.missing] if refusal else [],
    }
    found = form.matching(refusal.index) if refusal else []
    form.choice.data = None
    listed = {"several": refusal is not None and bool(refusal.index), "found": found[:MOST_LISTED], "count_found": len(found)}
    return render_template(
        "certification/importing.html", form=form, refusal=refusal, said=said, limit=MAX_EXPORT_BYTES, **listed
    )


@bp.get("/nouvelle")
@certifier_page(Permission.MANAGE_CERTIFICATION)
def creating(body: BodyCase) -> Any:
    """Show the form of a certification made by hand."""
    return _new_page(_new_form(body, formdata=None))


@bp.post("/nouvelle")
@certifier_page(Permission.MANAGE_CERTIFICATION)
def create_one(body: BodyCase) -> Any:
    """Create a certification from nothing, from a copy or from a spreadsheet, as a draft."""
    form = _new_form(body)
    if not form.validate():
        return _new_page(form), 422
    if form.start.data is Start.SPREADSHEET and form.sheet.faults:
        form.keep_text()
        return _new_page(form), 422

    def act(db: Session) -> str:
        version = _create(db, body, form)
        notes = wording.sheet_notes(form.sheet) if form.start.data is Start.SPREADSHEET else ""
        session["notice"] = " ".join(filter(None, (wording.NOTICES["created"], notes)))
        return url_for(".draft", version_id=version.id)

    try:
        return once(form.nonce.data, act)
    except Refusal as refusal:
        field = form.code if refusal.code in ABOUT_NEW_CODE else form.base
        field.errors = [wording.REFUSALS[CertificationRefusal(refusal.code)](refusal.facts)]
        if form.start.data is Start.SPREADSHEET:
            form.keep_text()
        return _new_page(form), 422


def _create(db: Session, body: BodyCase, form: NewCertificationForm) -> Any:
    trace = {"by": current_user.id, "at": now()}
    if form.start.data is not Start.COPY or form.base.data is None:
        return services.create_draft(db, body.id, form.entry(), **trace)
    heading = services.Heading(form.entry_code, form.title.data or "", form.level.data or None)
    return services.copy_version(db, body.id, form.base.data, heading, **trace)


def _new_form(body: BodyCase, **more: Any) -> NewCertificationForm:
    rows = services.list_certifications(reading(), body.id)
    bases = [(str(one.id), wording.base_name(row.code, one)) for row in rows for one in row.versions]
    return NewCertificationForm(bases, **more)


def _new_page(form: NewCertificationForm) -> str:
    end_reading()
    sheet = form.sheet if form.has_sheet else None
    return render_template("certification/creating.html", form=form, sheet=sheet, words=wording, limit=MAX_BYTES)


@bp.get("/versions/<uuid:version_id>/blocs.csv")
@version_page(Permission.MANAGE_CERTIFICATION)
def spreadsheet(case: VersionCase) -> Any:
    """Give the blocks and competencies of a version, draft or published, as a spreadsheet."""
    code, blocks = services.blocks_of(reading(), case.id)
    return Response(
        wording.sheet_text(blocks),
        mimetype="text/csv",
        headers={"Content-Disposition": f"attachment; filename=blocs-{re.sub(r'[^A-Za-z0-9._-]', '-', code)}.csv"},
    )


@bp.get("/versions/<uuid:version_id>")
@version_page(Permission.MANAGE_CERTIFICATION)
def version(case: VersionCase) -> Any:
    """Show a published version; a draft is shown where it is corrected."""
    if case.published_at is None:
        return redirect(url_for(".draft", version_id=case.id), 303)
    return _version_page(case, SuccessorForm(formdata=None))


def _version_page(case: VersionCase, form: SuccessorForm) -> str:
    page = services.version_page(reading(), case.id, today())
    if page is not None and not form.is_submitted():
        form.successor.data = page.successor_code or page.proposed_successor or ""
    search = request.args.get("cherche", "")[:200]
    found = search_entry(entry_as_json(page.entry), search.split()[:8]) if page is not None else []
    return render_template(
        "certification/version.html", page=page, form=form, words=wording, say=jury_rules, search=search, found=found
    )


@bp.get("/versions/<uuid:version_id>/case.json")
@version_page(Permission.MANAGE_CERTIFICATION)
def case_package(case: VersionCase) -> Response:
    """Send a published version as a package of CASE 1.1."""
    framework = _framework(case)
    return _json_file(package_of(framework), f"{framework.code}-version-{framework.number}-case.json")


@bp.get("/versions/<uuid:version_id>/case/<uuid:identifier>.json")
@version_page(Permission.MANAGE_CERTIFICATION)
def case_item(case: VersionCase, identifier: UUID) -> Response:
    """Send one block or competency of a published version as an item of CASE 1.1."""
    item = item_of(_framework(case), str(identifier))
    if item is None:
        abort(404)
    return _json_file(item, f"{identifier}.json")


def _framework(case: VersionCase) -> Framework:
    address = own_address() + url_for(".version", version_id=case.id)
    framework = services.framework_of(reading(), case.id, address)
    if framework is None:
        abort(404)
    return framework


def _json_file(value: object, filename: str) -> Response:
    response = Response(json.dumps(value, ensure_ascii=False, indent=2), mimetype="application/json")
    response.headers.update(attachment_headers(filename, "application/json"))
    return response


@bp.post("/versions/<uuid:version_id>/suite")
@version_page(Permission.MANAGE_CERTIFICATION)
def name_successor(case: VersionCase) -> Any:
    """Name the entry that follows this one."""
    form = SuccessorForm()
    if not form.validate():
        return _version_page(case, form), 422
    try:
        with transaction() as db:
            services.name_successor(db, case.certification_id, form.code, by=current_user.id, at=now())
    except Refusal as refusal:
        form.successor.errors = [wording.REFUSALS[CertificationRefusal(refusal.code)](refusal.facts)]
        return _version_page(case, form), 422
    session["notice"] = wording.NOTICES["successor"]
    return redirect(url_for(".version", version_id=case.id), 303)


@bp.post("/versions/<uuid:version_id>/correction")
@version_page(Permission.MANAGE_CERTIFICATION)
def open_correction(case: VersionCase) -> Any:
    """Open the draft of the next version, from a published one."""
    with transaction() as db:
        draft = services.open_correction(db, case.id, by=current_user.id, at=now())
    return redirect(url_for(".draft", version_id=draft.id), 303)


@bp.get("/versions/<uuid:version_id>/corriger")
@version_page(Permission.MANAGE_CERTIFICATION)
def draft(case: VersionCase) -> Any:
    """Show a draft with the reader's doubts beside each item."""
    found = services.find_draft(reading(), case.id)
    if found is None:
        return redirect(url_for(".version", version_id=case.id), 303)
    return _draft_page(found, DraftForm(found.state, is_by_hand=found.is_by_hand, formdata=None))


@bp.post("/versions/<uuid:version_id>/corriger")
@version_page(Permission.MANAGE_CERTIFICATION)
def correct(case: VersionCase) -> Any:
    """Save a corrected draft, or add and remove lines without saving anything."""
    found = _draft(case)
    order, _, line = request.form.get("do", "").partition(":")
    posted = PostedLines(request.form)
    moved = posted.follow(order, line) if order in ORDERS else None
    if order == "renumber" or found.is_by_hand:  # nobody numbers the blocks of a certification typed by hand
        renumbered = posted.renumber(past_blank=order in ("save", "publish", ""))
        moved = renumbered if order == "renumber" else moved
    form = DraftForm(found.state, is_by_hand=found.is_by_hand, formdata=posted.fields)
    if order in ("add", "remove"):
        done = form.add_line(line) if order == "add" else form.remove_line(line)
        marked = "removed" if form.is_marked(line) else order
        moved = Moved(marked if done else "full", line)
    if moved is not None:
        return _draft_page(found, form, moved=moved)
    if not form.validate():
        return _draft_page(found, form), 422
    try:
        with transaction() as db:
            services.correct_draft(db, case.id, form.correction(), by=current_user.id, at=now())
    except Conflict:
        return _conflict_page(case, form)
    except Refusal as refusal:
        return _code_refused(found, form, refusal)
    if order == "publish":
        return redirect(url_for(".publication", version_id=case.id), 303)
    session["notice"] = wording.NOTICES["saved"]
    return redirect(url_for(".draft", version_id=case.id), 303)


def _draft(case: VersionCase) -> services.Draft:
    """The draft to write in; a version published meanwhile is refused like any other."""
    found = services.find_draft(reading(), case.id)
    if found is None:
        raise Refusal(CertificationRefusal.ALREADY_PUBLISHED)
    return found


def _draft_page(
    found: services.Draft, form: DraftForm, *, moved: Moved | None = None, theirs: list[Difference] | None = None
) -> str:
    faults = [] if form.errors else publication_faults(form.entry())  # what cannot be read comes first
    checklist = Checklist(form, found.entry.doubts, form.settled.data or (), faults)
    names = {
        "route_names": wording.ROUTE_NAMES,
        "decision_hints": wording.DECISION_HINTS,
        "title_hints": wording.title_hints(found.entry),
        "words": wording,
        "twins": wording.twin_labels(form.entry().blocks),
        "folded": _folded(form, checklist, moved.line if moved else ""),
    }
    line = moved.line if moved else ""
    page = {"draft": found, "form": form, "checklist": checklist, "moved": moved, "line": line, "theirs": theirs}
    return render_template("certification/draft.html", **page, **names)


def _folded(form: DraftForm, checklist: Checklist, line: str) -> list[tuple[str, str, bool]]:
    """List the parts of a draft typed by hand that are folded, and which of them stay open: those with something to see."""
    parts = []
    for name, fields in wording.FOLDED_PARTS.items():
        wrong = any(form[one].errors or checklist.asks(one) for one in fields)
        parts.append((name, wording.FOLDED_NAMES[name], wrong or line.startswith(fields)))
    return parts


def _conflict_page(case: VersionCase, form: DraftForm) -> Any:
    """Show both texts; what was typed stays in the form, and saving it again is now a choice."""
    found = _draft(case)
    theirs = differences(form.correction().entry_json, entry_as_json(found.entry))
    form.revision.data = str(found.revision)
    return _draft_page(found, form, theirs=theirs), 409


def _code_refused(found: services.Draft, form: DraftForm, refusal: Refusal) -> Any:
    if refusal.code not in ABOUT_CODE:
        raise refusal
    form.code.errors = [wording.REFUSALS[CertificationRefusal(refusal.code)](refusal.facts)]
    return _draft_page(found, form), 422


@bp.get("/versions/<uuid:version_id>/publier")
@version_page(Permission.MANAGE_CERTIFICATION)
def publication(case: VersionCase) -> Any:
    """Show what publishing freezes, or what still prevents it."""
    found = services.find_draft(reading(), case.id)
    if found is None:
        return redirect(url_for(".version", version_id=case.id), 303)
    return _publication_page(found)


def _publication_page(found: services.Draft) -> str:
    filled = DraftForm(found.state, is_by_hand=found.is_by_hand, formdata=None)
    checklist = Checklist(filled, found.entry.doubts, found.settled, found.faults)
    form = ConfirmForm(formdata=None, revision=str(found.revision))
    juries = juries_of(found.entry, sourced(found.entry))
    shown = {"draft": found, "checklist": checklist, "form": form, "words": wording, "say": jury_rules, "juries": juries}
    return render_template("certification/publication.html", **shown)


@bp.post("/versions/<uuid:version_id>/publier")
@version_page(Permission.MANAGE_CERTIFICATION)
def publish(case: VersionCase) -> Any:
    """Publish the draft that was read; a second click finds it published."""
    form = ConfirmForm()
    form.validate()
    try:
        with transaction() as db:
            services.publish(db, case.id, by=current_user.id, at=now(), seen_revision=form.seen_revision)
    except Refusal as refusal:
        return _publication_refused(case, refusal)
    session["notice"] = wording.NOTICES["published"]
    return redirect(url_for(".version", version_id=case.id), 303)


def _publication_refused(case: VersionCase, refusal: Refusal) -> Any:
    if refusal.code == CertificationRefusal.ALREADY_PUBLISHED:
        return redirect(url_for(".version", version_id=case.id), 303)
    end_reading()
    if refusal.code == CertificationRefusal.NOT_PUBLISHABLE:
        return _publication_page(_draft(case)), 422
    raise refusal


@bp.get("/versions/<uuid:version_id>/abandonner")
@version_page(Permission.MANAGE_CERTIFICATION)
def abandoning(case: VersionCase) -> Any:
    """Ask before a draft is given up."""
    found = services.find_draft(reading(), case.id)
    if found is None:
        return redirect(url_for(".version", version_id=case.id), 303)
    return render_template("certification/abandoning.html", draft=found)


@bp.post("/versions/<uuid:version_id>/abandonner")
@version_page(Permission.MANAGE_CERTIFICATION)
def discard(case: VersionCase) -> Any:
    """Give a draft up."""
    with transaction() as db:
        services.discard_draft(db, case.id, by=current_user.id, at=now())
    session["notice"] = wording.NOTICES["discarded"]
    return redirect(url_for(".index"), 303)
