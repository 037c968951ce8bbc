"""Documents of a version: the DOCX template and the frame of the livret 2."""

from dataclasses import replace

from flask import Response, abort, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms.validators import ValidationError

from portfolio.access.body import VersionAccess
from portfolio.access.decorators import version_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session, transaction
from portfolio.documents.word.client import MAX_FILE_BYTES, TemplateRejected, check_template
from portfolio.domain.certification.models import CertificationVersion
from portfolio.domain.certification.rules.book_frame import MAY_BE_REQUIRED, TITLED, WORDS_A_PAGE, WRITTEN
from portfolio.domain.certification.rules.entry_schema import entry_as_json
from portfolio.domain.certification.rules.versioning import CertificationRefusal, Correction
from portfolio.domain.certification.use_cases import drafting
from portfolio.domain.certification.use_cases.publishing import find_template, remove_template, set_template
from portfolio.domain.dossier.use_cases.uploads import delete_file
from portfolio.errors import Conflict, Refusal
from portfolio.files.file_types.types import FileRejected, FileType
from portfolio.files.filenames import attachment_headers, display_filename
from portfolio.files.storage.store import InvalidKey, KeyNotFound, StoreFull, StoreUnavailable, TooLarge, new_key
from portfolio.screens.blueprints import blueprint_of
from portfolio.screens.certifier.certifications import queries
from portfolio.screens.certifier.certifications.forms.settings import BookFrameForm
from portfolio.screens.evidence_files.uploads import add_file_error, error_status
from portfolio.web.clock import now
from portfolio.web.forms import Form
from portfolio.web.request_limits import accepts_file
from portfolio.wording.certification import by_hand as words
from portfolio.wording.certification import versions as versions_words
from portfolio.wording.documents.word_template import FIELDS, example_template, sample_values

bp = blueprint_of(__name__)


class TemplateForm(Form):
    """A template to upload."""

    file = FileField("Le modèle", render_kw={"accept": ".docx"})

    def validate_file(self, field: FileField) -> None:
        """Without a file there is no template; a browser sends a nameless file when none was chosen."""
        if not field.data or not field.data.filename:
            raise ValidationError("Choisissez un fichier Word (.docx).")


@bp.get("/certifications/versions/<uuid:version_id>/modele")
@version_page(Permission.MANAGE_CERTIFICATION)
def page(case: VersionAccess) -> ResponseReturnValue:
    """Show the template of a version and the fields that it may use; a draft is shown where it is corrected."""
    if case.published_at is None:
        return redirect(url_for("certifier.certifications.draft", version_id=case.id), 303)
    return _page(case, TemplateForm(formdata=None))


def _page(case: VersionAccess, form: TemplateForm) -> str:
    version = read_session().get_one(CertificationVersion, case.id)
    row = find_template(read_session(), case.id)
    return render_template(
        "certifier/certifications/word_template.html",
        version=version,
        code=version.certification.code,
        row=row,
        of_version=row.version.number if row is not None else None,
        form=form,
        fields=FIELDS,
        limit=MAX_FILE_BYTES,
    )


@bp.get("/certifications/versions/<uuid:version_id>/modele/exemple.docx")
@version_page(Permission.MANAGE_CERTIFICATION)
def example(case: VersionAccess) -> ResponseReturnValue:  # noqa: ARG001
    """Send a template to begin with: every field at its place."""
    return Response(example_template(), headers=attachment_headers("modele-livret-2.docx", FileType.DOCX.mime))


@bp.get("/certifications/versions/<uuid:version_id>/modele/fichier")
@version_page(Permission.MANAGE_CERTIFICATION)
def download(case: VersionAccess) -> ResponseReturnValue:
    """Send the template that a version uses."""
    row = find_template(read_session(), case.id) or abort(404)
    try:
        with current_app.extensions["files"].open(row.key) as content:
            return Response(content.read(), headers=attachment_headers(row.name, FileType.DOCX.mime))
    except (KeyNotFound, InvalidKey):
        abort(404)


@bp.post("/certifications/versions/<uuid:version_id>/modele")
@accepts_file()
@version_page(Permission.MANAGE_CERTIFICATION)
def save(case: VersionAccess) -> ResponseReturnValue:
    """Take a template that was filled with samples, or say which tag is wrong."""
    if case.published_at is None:
        abort(404)
    form = TemplateForm()
    if not form.validate():
        return _page(case, form), 422
    if not _is_taken(case, form):
        return _page(case, form), error_status(form.file)
    session["notice"] = words.SAVED
    return redirect(url_for(".page", version_id=case.id), 303)


def _is_taken(case: VersionAccess, form: TemplateForm) -> bool:
    """Check, store and name the file of a form; False when it is refused: its field says why."""
    store, file = current_app.extensions["files"], form.file.data
    assert isinstance(file, FileStorage)
    size = file.stream.seek(0, 2)
    file.stream.seek(0)
    try:
        check_template(file.stream, size, sample_values())  # type: ignore[arg-type]
        file.stream.seek(0)
        stored = store.save(new_key(), file.stream, MAX_FILE_BYTES)
    except TemplateRejected as rejected:
        form.file.errors = [words.rejected_message(rejected)]
        return False
    except (FileRejected, TooLarge, StoreFull, StoreUnavailable) as error:
        add_file_error(form.file, error)
        return False
    with transaction() as db:
        name = display_filename(file.filename)
        replaced = set_template(db, case.id, name, stored, by=current_user.id, at=now())
    delete_file(store, replaced or "")
    return True


@bp.post("/certifications/versions/<uuid:version_id>/modele/retirer")
@version_page(Permission.MANAGE_CERTIFICATION)
def remove(case: VersionAccess) -> ResponseReturnValue:
    """Take back the template of a version."""
    with transaction() as db:
        removed = remove_template(db, case.id, by=current_user.id, at=now())
    delete_file(current_app.extensions["files"], removed or "")
    session["notice"] = words.REMOVED
    return redirect(url_for(".page", version_id=case.id), 303)


@bp.get("/certifications/versions/<uuid:version_id>/cadre")
@version_page(Permission.MANAGE_CERTIFICATION)
def frame(case: VersionAccess) -> ResponseReturnValue:
    """Show the form of the frame; of a published version, lead to what it says."""
    if case.published_at is not None:
        return redirect(url_for("certifier.certifications.version", version_id=case.id, _anchor="cadre"), 303)
    draft = _draft(case)
    return _frame_page(draft, BookFrameForm(draft.entry.frame, draft.revision, formdata=None))


@bp.post("/certifications/versions/<uuid:version_id>/cadre")
@version_page(Permission.MANAGE_CERTIFICATION)
def save_frame(case: VersionAccess) -> ResponseReturnValue:
    """Save the frame of a draft; where somebody saved it meanwhile, show the page again with what was typed."""
    draft = _draft(case)
    form = BookFrameForm(draft.entry.frame, draft.revision)
    if not form.validate():
        return _frame_page(draft, form), 422
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
        return _frame_page(current, form), 409
    session["notice"] = versions_words.SAVED
    return redirect(url_for("certifier.certifications.draft", version_id=case.id, _anchor="cadre"), 303)


def _draft(case: VersionAccess) -> queries.Draft:
    found = queries.find_draft(read_session(), case.id)
    if found is None:
        raise Refusal(CertificationRefusal.ALREADY_PUBLISHED)
    return found


def _frame_page(draft: queries.Draft, form: BookFrameForm) -> str:
    return render_template(
        "certifier/certifications/frame.html",
        draft=draft,
        form=form,
        say=versions_words,
        titled=TITLED,
        written=WRITTEN,
        may_be_required=MAY_BE_REQUIRED,
        words_a_page=WORDS_A_PAGE,
        is_stale=request.method == "POST" and not form.errors,
    )
