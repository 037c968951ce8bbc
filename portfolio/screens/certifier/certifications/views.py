"""The certifier's certifications: importing an entry, correcting its draft, publishing it, reading what is published."""

from __future__ import annotations

import json
import re
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.context import BodyAccess, VersionAccess
from portfolio.access.decorators import certifier_page, version_page
from portfolio.access.policy import Permission
from portfolio.db.engine import close_read_session, read_session, transaction
from portfolio.domain.certification.readers import MAX_BYTES, MAX_EXPORT_BYTES
from portfolio.domain.certification.readers.cncp_text.jury_sources import sourced
from portfolio.domain.certification.rules.case_package import Framework, item_of, package_of
from portfolio.domain.certification.rules.detail_diff import search_entry
from portfolio.domain.certification.rules.diff import Difference, differences
from portfolio.domain.certification.rules.import_result import UnreadableEntry
from portfolio.domain.certification.rules.json_form import entry_as_json
from portfolio.domain.certification.rules.juries import juries_of
from portfolio.domain.certification.rules.publication import publication_errors
from portfolio.domain.certification.rules.versioning import CertificationRefusal
from portfolio.domain.certification.rules.watching import is_old_export
from portfolio.domain.certification.use_cases import case_export, drafting, publishing, watching
from portfolio.domain.certification.use_cases import creating as creating_use_cases
from portfolio.domain.certification.use_cases import importing as importing_use_cases
from portfolio.errors import Conflict, Refusal
from portfolio.files.filenames import attachment_headers
from portfolio.screens.certifier.certifications import listing, queries
from portfolio.screens.certifier.certifications.forms.checklist import Checklist
from portfolio.screens.certifier.certifications.forms.creation import NewCertificationForm, Start
from portfolio.screens.certifier.certifications.forms.draft import DraftForm
from portfolio.screens.certifier.certifications.forms.lines import ORDERS, Moved, PostedLines
from portfolio.screens.certifier.certifications.forms.misc import ConfirmForm, ImportForm, SuccessorForm
from portfolio.web.clock import now, today
from portfolio.web.idempotency import run_once
from portfolio.web.progress import percent_done, reported
from portfolio.web.urls import base_url
from portfolio.wording import certification
from portfolio.wording.certification import book_frame, jury_rules
from portfolio.wording.certification import watching as watch_words

bp = Blueprint("certification", __name__, url_prefix="/certifications")

MOST_LISTED = 50
MOST_NOTICES = 20
ABOUT_CODE = {CertificationRefusal.CODE_TAKEN, CertificationRefusal.CODE_FIXED}
ABOUT_NEW_CODE = {CertificationRefusal.CODE_FORM, CertificationRefusal.CODE_IN_USE}


@bp.get("")
@certifier_page(Permission.MANAGE_CERTIFICATION)
def index(body: BodyAccess) -> ResponseReturnValue:
    """List the certifications of the body, drafts to finish first."""
    search = request.args.get("cherche", "")[:200]
    page = listing.load_certifications_page(read_session(), body.id, search, request.args.get("page", 1, int))
    names = {
        "notices": watching.open_notices(read_session(), body.id, MOST_NOTICES),
        "notice_count": watching.count_open_notices(read_session(), body.id),
        "watch": watch_words,
        "read_on": watching.last_readings(read_session(), [row.id for row in page.rows]),
        "purpose": request.args.get("pour", "") if request.args.get("pour") in ("candidature", "session") else "",
    }
    return render_template("certification/index.html", page=page, search=search, today=today(), **names)


@bp.get("/importer")
@certifier_page(Permission.MANAGE_CERTIFICATION)
def import_form(_body: BodyAccess) -> ResponseReturnValue:
    """Show the form that takes a register entry."""
    return _import_page(ImportForm())


@bp.post("/importer")
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


@bp.get("/importer/avancement")
@certifier_page(Permission.MANAGE_CERTIFICATION)
def import_progress(_body: BodyAccess) -> Response:
    """Return how much of the file of an import is read, in percent; null when none is being read."""
    percent = percent_done(_reading_key(request.args.get("nonce", "")[:100]))
    return Response(json.dumps({"percent": percent}), mimetype="application/json")


def _import_page(form: ImportForm, refusal: UnreadableEntry | None = None) -> str:
    outcome = {
        "reason": certification.REASONS[refusal.reason] if refusal else "",
        "understood": [certification.understood_message(part_finding) for part_finding in refusal.understood] if refusal else [],
        "missing": [certification.missing_message(part_finding) for part_finding in refusal.missing] if refusal else [],
    }
    found = form.matching(refusal.index) if refusal else []
    form.choice.data = None
    listed = {"several": refusal is not None and bool(refusal.index), "found": found[:MOST_LISTED], "count_found": len(found)}
    return render_template(
        "certification/import.html", form=form, refusal=refusal, said=outcome, limit=MAX_EXPORT_BYTES, **listed
    )


@bp.get("/nouvelle")
@certifier_page(Permission.MANAGE_CERTIFICATION)
def creating(body: BodyAccess) -> ResponseReturnValue:
    """Show the form of a certification made by hand."""
    return _new_page(_new_form(body, formdata=None))


@bp.post("/nouvelle")
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
        field.errors = [certification.REFUSALS[CertificationRefusal(refusal.code)](refusal.facts)]
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
    return render_template("certification/creating.html", form=form, sheet=sheet, words=certification, limit=MAX_BYTES)


@bp.get("/versions/<uuid:version_id>/blocs.csv")
@version_page(Permission.MANAGE_CERTIFICATION)
def spreadsheet(case: VersionAccess) -> ResponseReturnValue:
    """Give the blocks and competencies of a version, draft or published, as a spreadsheet."""
    code, blocks = queries.blocks_of(read_session(), case.id)
    return Response(
        certification.sheet_text(blocks),
        mimetype="text/csv",
        headers={"Content-Disposition": f"attachment; filename=blocs-{re.sub(r'[^A-Za-z0-9._-]', '-', code)}.csv"},
    )


@bp.get("/versions/<uuid:version_id>")
@version_page(Permission.MANAGE_CERTIFICATION)
def version(case: VersionAccess) -> ResponseReturnValue:
    """Show a published version; a draft is shown where it is corrected."""
    if case.published_at is None:
        return redirect(url_for(".draft", version_id=case.id), 303)
    return _version_page(case, SuccessorForm(formdata=None))


def _version_page(case: VersionAccess, form: SuccessorForm) -> str:
    page = queries.find_version_page(read_session(), case.id, today())
    if page is not None and not form.is_submitted():
        form.successor.data = page.successor_code or page.proposed_successor or ""
    search = request.args.get("cherche", "")[:200]
    found = search_entry(entry_as_json(page.entry), search.split()[:8]) if page is not None else []
    return render_template(
        "certification/version.html",
        page=page,
        form=form,
        words=certification,
        say=jury_rules,
        search=search,
        found=found,
        frame_words=book_frame,
    )


@bp.get("/versions/<uuid:version_id>/case.json")
@version_page(Permission.MANAGE_CERTIFICATION)
def case_package(case: VersionAccess) -> Response:
    """Send a published version as a package of CASE 1.1."""
    framework = _framework(case)
    return _json_file(package_of(framework), f"{framework.code}-version-{framework.number}-case.json")


@bp.get("/versions/<uuid:version_id>/case/<uuid:identifier>.json")
@version_page(Permission.MANAGE_CERTIFICATION)
def case_item(case: VersionAccess, identifier: UUID) -> Response:
    """Send one block or competency of a published version as an item of CASE 1.1."""
    item = item_of(_framework(case), str(identifier))
    if item is None:
        abort(404)
    return _json_file(item, f"{identifier}.json")


def _framework(case: VersionAccess) -> Framework:
    address = base_url() + url_for(".version", version_id=case.id)
    framework = case_export.framework_of(read_session(), case.id, address)
    if framework is None:
        abort(404)
    return framework


def _json_file(value: object, filename: str) -> Response:
    response = Response(json.dumps(value, ensure_ascii=False, indent=2), mimetype="application/json")
    response.headers.update(attachment_headers(filename, "application/json"))
    return response


@bp.post("/versions/<uuid:version_id>/suite")
@version_page(Permission.MANAGE_CERTIFICATION)
def name_successor(case: VersionAccess) -> ResponseReturnValue:
    """Name the entry that follows this one."""
    form = SuccessorForm()
    if not form.validate():
        return _version_page(case, form), 422
    try:
        with transaction() as db:
            publishing.name_successor(db, case.certification_id, form.code, by=current_user.id, at=now())
    except Refusal as refusal:
        form.successor.errors = [certification.REFUSALS[CertificationRefusal(refusal.code)](refusal.facts)]
        return _version_page(case, form), 422
    session["notice"] = certification.NOTICES["successor"]
    return redirect(url_for(".version", version_id=case.id), 303)


@bp.post("/versions/<uuid:version_id>/correction")
@version_page(Permission.MANAGE_CERTIFICATION)
def open_correction(case: VersionAccess) -> ResponseReturnValue:
    """Open the draft of the next version, from a published one."""
    with transaction() as db:
        draft = drafting.open_correction(db, case.id, by=current_user.id, at=now())
    return redirect(url_for(".draft", version_id=draft.id), 303)


@bp.get("/versions/<uuid:version_id>/corriger")
@version_page(Permission.MANAGE_CERTIFICATION)
def draft(case: VersionAccess) -> ResponseReturnValue:
    """Show a draft with the reader's doubts beside each item."""
    found = queries.find_draft(read_session(), case.id)
    if found is None:
        return redirect(url_for(".version", version_id=case.id), 303)
    return _draft_page(found, DraftForm(found.state, is_by_hand=found.is_by_hand, formdata=None))


@bp.post("/versions/<uuid:version_id>/corriger")
@version_page(Permission.MANAGE_CERTIFICATION)
def correct(case: VersionAccess) -> ResponseReturnValue:
    """Save a corrected draft, or add and remove lines without saving anything."""
    found = _draft(case)
    order, _, line = request.form.get("do", "").partition(":")
    posted = PostedLines(request.form)
    moved = posted.follow(order, line) if order in ORDERS else None
    if order == "renumber" or found.is_by_hand:  # nobody numbers the blocks of a certification typed by hand
        renumbered = posted.renumber(past_blank=order in ("save", "publish", "jury", ""))
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
            drafting.correct_draft(db, case.id, form.correction(), by=current_user.id, at=now())
    except Conflict:
        return _conflict_page(case, form)
    except Refusal as refusal:
        return _code_refused(found, form, refusal)
    if order == "publish":
        return redirect(url_for(".publication", version_id=case.id), 303)
    if order == "jury":
        return redirect(url_for("jury_rules.rules", version_id=case.id), 303)
    session["notice"] = certification.NOTICES["saved"]
    return redirect(url_for(".draft", version_id=case.id), 303)


def _draft(case: VersionAccess) -> queries.Draft:
    """The draft to write in; a version published meanwhile is refused like any other."""
    found = queries.find_draft(read_session(), case.id)
    if found is None:
        raise Refusal(CertificationRefusal.ALREADY_PUBLISHED)
    return found


def _draft_page(
    found: queries.Draft, form: DraftForm, *, moved: Moved | None = None, theirs: list[Difference] | None = None
) -> str:
    faults = [] if form.errors else publication_errors(form.entry())  # what cannot be read comes first
    checklist = Checklist(form, found.entry.doubts, form.settled.data or (), faults)
    names = {
        "route_names": certification.ROUTE_NAMES,
        "decision_hints": certification.DECISION_HINTS,
        "title_hints": certification.title_hints(found.entry),
        "words": certification,
        "twins": certification.twin_labels(form.entry().blocks),
        "folded": _folded(form, checklist, moved.line if moved else ""),
    }
    line = moved.line if moved else ""
    page = {"draft": found, "form": form, "checklist": checklist, "moved": moved, "line": line, "theirs": theirs}
    return render_template("certification/draft.html", **page, **names)


def _folded(form: DraftForm, checklist: Checklist, line: str) -> list[tuple[str, str, bool]]:
    """List the parts of a draft that are folded, and which of them stay open: those with something to see."""
    parts = []
    for name, fields in certification.FOLDED_PARTS.items():
        wrong = any(form[field].errors or checklist.asks(field) for field in fields)
        summary = certification.folded_name(name, form.entry())
        parts.append((name, summary, wrong or line.startswith(fields)))
    return parts


def _conflict_page(case: VersionAccess, form: DraftForm) -> ResponseReturnValue:
    """Show both texts; what was typed stays in the form, and saving it again is now a choice."""
    found = _draft(case)
    theirs = differences(form.correction().entry_json, entry_as_json(found.entry))
    form.revision.data = str(found.revision)
    return _draft_page(found, form, theirs=theirs), 409


def _code_refused(found: queries.Draft, form: DraftForm, refusal: Refusal) -> ResponseReturnValue:
    if refusal.code not in ABOUT_CODE:
        raise refusal
    form.code.errors = [certification.REFUSALS[CertificationRefusal(refusal.code)](refusal.facts)]
    return _draft_page(found, form), 422


@bp.get("/versions/<uuid:version_id>/publier")
@version_page(Permission.MANAGE_CERTIFICATION)
def publication(case: VersionAccess) -> ResponseReturnValue:
    """Show what publishing freezes, or what still prevents it."""
    found = queries.find_draft(read_session(), case.id)
    if found is None:
        return redirect(url_for(".version", version_id=case.id), 303)
    return _publication_page(found)


def _publication_page(found: queries.Draft) -> str:
    filled = DraftForm(found.state, is_by_hand=found.is_by_hand, formdata=None)
    checklist = Checklist(filled, found.entry.doubts, found.settled, found.faults)
    form = ConfirmForm(formdata=None, revision=str(found.revision))
    juries = juries_of(found.entry, sourced(found.entry))
    shown = {"draft": found, "checklist": checklist, "form": form, "words": certification, "say": jury_rules, "juries": juries}
    return render_template("certification/publication.html", **shown)


@bp.post("/versions/<uuid:version_id>/publier")
@version_page(Permission.MANAGE_CERTIFICATION)
def publish(case: VersionAccess) -> ResponseReturnValue:
    """Publish the draft that was read; a second click finds it published."""
    form = ConfirmForm()
    form.validate()
    try:
        with transaction() as db:
            publishing.publish(db, case.id, by=current_user.id, at=now(), seen_revision=form.seen_revision)
    except Refusal as refusal:
        return _publication_refused(case, refusal)
    session["notice"] = certification.NOTICES["published"]
    return redirect(url_for(".version", version_id=case.id), 303)


def _publication_refused(case: VersionAccess, refusal: Refusal) -> ResponseReturnValue:
    if refusal.code == CertificationRefusal.ALREADY_PUBLISHED:
        return redirect(url_for(".version", version_id=case.id), 303)
    close_read_session()
    if refusal.code == CertificationRefusal.NOT_PUBLISHABLE:
        return _publication_page(_draft(case)), 422
    raise refusal


@bp.get("/versions/<uuid:version_id>/abandonner")
@version_page(Permission.MANAGE_CERTIFICATION)
def confirm_discard(case: VersionAccess) -> ResponseReturnValue:
    """Ask before a draft is given up."""
    found = queries.find_draft(read_session(), case.id)
    if found is None:
        return redirect(url_for(".version", version_id=case.id), 303)
    return render_template("certification/discard.html", draft=found)


@bp.post("/versions/<uuid:version_id>/abandonner")
@version_page(Permission.MANAGE_CERTIFICATION)
def discard(case: VersionAccess) -> ResponseReturnValue:
    """Give a draft up."""
    with transaction() as db:
        drafting.discard_draft(db, case.id, by=current_user.id, at=now())
    session["notice"] = certification.NOTICES["discarded"]
    return redirect(url_for(".index"), 303)
