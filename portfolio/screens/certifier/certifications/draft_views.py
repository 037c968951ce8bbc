"""The draft of a certification: opened, corrected, published or given up."""

from flask import redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portfolio.access.body import VersionAccess
from portfolio.access.decorators import version_page
from portfolio.access.policy import Permission
from portfolio.db.engine import close_read_session, read_session, transaction
from portfolio.domain.certification.readers.cncp_text.jury import sourced
from portfolio.domain.certification.rules.entry_schema import entry_as_json
from portfolio.domain.certification.rules.juries import juries_of
from portfolio.domain.certification.rules.publication import publication_errors, unanswered_errors
from portfolio.domain.certification.rules.versioning import CertificationRefusal, Difference, differences
from portfolio.domain.certification.use_cases import drafting, publishing
from portfolio.errors import Conflict, Refusal
from portfolio.screens.blueprints import blueprint_of
from portfolio.screens.certifier.certifications import queries
from portfolio.screens.certifier.certifications.forms.creation import Checklist
from portfolio.screens.certifier.certifications.forms.draft import DraftForm
from portfolio.screens.certifier.certifications.forms.lines import ORDERS, Moved, PostedLines
from portfolio.screens.certifier.certifications.forms.settings import ConfirmForm
from portfolio.web.clock import now
from portfolio.web.forms import refusal_message, remember_result
from portfolio.wording import certification
from portfolio.wording.certification import jury_rules

bp = blueprint_of(__name__)

ABOUT_CODE = {CertificationRefusal.CODE_TAKEN, CertificationRefusal.CODE_FIXED}


@bp.post("/certifications/versions/<uuid:version_id>/correction")
@version_page(Permission.MANAGE_CERTIFICATION)
def open_correction(case: VersionAccess) -> ResponseReturnValue:
    """Open the draft of the next version, from a published one."""
    with transaction() as db:
        draft = drafting.open_correction(db, case.id, by=current_user.id, at=now())
    return redirect(url_for(".draft", version_id=draft.id), 303)


@bp.get("/certifications/versions/<uuid:version_id>/corriger")
@version_page(Permission.MANAGE_CERTIFICATION)
def draft(case: VersionAccess) -> ResponseReturnValue:
    """Show a draft with the reader's doubts beside each item."""
    found = queries.find_draft(read_session(), case.id)
    if found is None:
        return redirect(url_for(".version", version_id=case.id), 303)
    return _draft_page(found, DraftForm(found.state, is_by_hand=found.is_by_hand, formdata=None))


@bp.post("/certifications/versions/<uuid:version_id>/corriger")
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
        return redirect(url_for("certifier.certifications.rules", version_id=case.id), 303)
    session["notice"] = certification.NOTICES["saved"]
    return redirect(url_for(".draft", version_id=case.id), 303)


def _draft(case: VersionAccess) -> queries.Draft:
    """Return the draft to write in; a version published meanwhile is refused like any other."""
    found = queries.find_draft(read_session(), case.id)
    if found is None:
        raise Refusal(CertificationRefusal.ALREADY_PUBLISHED)
    return found


def _draft_page(
    found: queries.Draft, form: DraftForm, *, moved: Moved | None = None, theirs: list[Difference] | None = None
) -> str:
    entry = form.entry()
    # What cannot be read comes first; doubts stand beside their fields.
    faults = [] if form.errors else [*publication_errors(entry), *unanswered_errors(entry, (), found.body)]
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
    page = {
        "draft": found,
        "form": form,
        "checklist": checklist,
        "moved": moved,
        "line": line,
        "theirs": theirs,
        "say_change": jury_rules.change_cells,
    }
    return render_template("certifier/certifications/draft.html", **page, **names)


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
    form.code.errors = [refusal_message(refusal)]
    return _draft_page(found, form), 422


@bp.get("/certifications/versions/<uuid:version_id>/publier")
@version_page(Permission.SIGN)
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
    shown = {
        "draft": found,
        "checklist": checklist,
        "form": form,
        "words": certification,
        "say": jury_rules,
        "say_change": jury_rules.change_cells,
        "juries": juries,
    }
    return render_template("certifier/certifications/publication.html", **shown)


@bp.post("/certifications/versions/<uuid:version_id>/publier")
@version_page(Permission.SIGN)
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


@bp.get("/certifications/versions/<uuid:version_id>/abandonner")
@version_page(Permission.MANAGE_CERTIFICATION)
def confirm_discard(case: VersionAccess) -> ResponseReturnValue:
    """Ask before a draft is given up."""
    found = queries.find_draft(read_session(), case.id)
    if found is None:
        return redirect(url_for(".version", version_id=case.id), 303)
    return render_template("certifier/certifications/discard.html", draft=found)


@bp.post("/certifications/versions/<uuid:version_id>/abandonner")
@version_page(Permission.MANAGE_CERTIFICATION)
def discard(case: VersionAccess) -> ResponseReturnValue:
    """Give a draft up."""
    with transaction() as db:
        drafting.discard_draft(db, case.id, by=current_user.id, at=now())
        remember_result(db, url_for(".index"))
    session["notice"] = certification.NOTICES["discarded"]
    return redirect(url_for(".index"), 303)
