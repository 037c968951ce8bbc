"""The frame of the livret 2 of a draft: its parts in order, their titles, guidance, lengths, what is compulsory."""

from dataclasses import replace

from flask import redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portfolio.access.body import VersionAccess
from portfolio.access.decorators import version_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session, transaction
from portfolio.domain.certification.rules.book_frame import MAY_BE_REQUIRED, TITLED, WORDS_A_PAGE, WRITTEN
from portfolio.domain.certification.rules.entry_schema import entry_as_json
from portfolio.domain.certification.rules.versioning import CertificationRefusal, Correction
from portfolio.domain.certification.use_cases import drafting
from portfolio.errors import Conflict, Refusal
from portfolio.screens.certifier.certifications import queries
from portfolio.screens.certifier.certifications.blueprint import bp
from portfolio.screens.certifier.certifications.forms.settings import BookFrameForm
from portfolio.web.clock import now
from portfolio.wording.certification import versions as words


@bp.get("/certifications/versions/<uuid:version_id>/cadre")
@version_page(Permission.MANAGE_CERTIFICATION)
def frame(case: VersionAccess) -> ResponseReturnValue:
    """Show the form of the frame; of a published version, lead to what it says."""
    if case.published_at is not None:
        return redirect(url_for("certifier.certifications.version", version_id=case.id, _anchor="cadre"), 303)
    draft = _draft(case)
    return _page(draft, BookFrameForm(draft.entry.frame, draft.revision, formdata=None))


@bp.post("/certifications/versions/<uuid:version_id>/cadre")
@version_page(Permission.MANAGE_CERTIFICATION)
def save_frame(case: VersionAccess) -> ResponseReturnValue:
    """Save the frame of a draft; where somebody saved it meanwhile, show the page again with what was typed."""
    draft = _draft(case)
    form = BookFrameForm(draft.entry.frame, draft.revision)
    if not form.validate():
        return _page(draft, form), 422
    entry = replace(draft.entry, frame=form.value())
    settled = tuple(sorted(draft.state.settled))
    correction = Correction(
        entry_as_json(entry), form.seen_revision, settled, draft.decision_rule, draft.decision_threshold
    )
    try:
        with transaction() as db:
            drafting.correct_draft(db, case.id, correction, by=current_user.id, at=now())
    except Conflict:
        current = _draft(case)
        form.revision.data = str(current.revision)
        return _page(current, form), 409
    session["notice"] = words.SAVED
    return redirect(url_for("certifier.certifications.draft", version_id=case.id, _anchor="cadre"), 303)


def _draft(case: VersionAccess) -> queries.Draft:
    found = queries.find_draft(read_session(), case.id)
    if found is None:
        raise Refusal(CertificationRefusal.ALREADY_PUBLISHED)
    return found


def _page(draft: queries.Draft, form: BookFrameForm) -> str:
    return render_template(
        "certifier/certifications/frame.html",
        draft=draft,
        form=form,
        say=words,
        titled=TITLED,
        written=WRITTEN,
        may_be_required=MAY_BE_REQUIRED,
        words_a_page=WORDS_A_PAGE,
        is_stale=request.method == "POST" and not form.errors,
    )
