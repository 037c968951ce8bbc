"""A large file comes in parts, each acknowledged once it is on the disk; then its form takes it as if it had come with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any
from uuid import UUID

from flask import abort, current_app, redirect, request, session, url_for
from werkzeug.datastructures import FileStorage

from portfolio.access.context import CandidacyAccess
from portfolio.access.decorators import candidacy_page
from portfolio.access.policy import Permission
from portfolio.db.engine import close_read_session, read_session, transaction
from portfolio.domain.evidence.rules.resumable_upload import PART_BYTES, is_next_part
from portfolio.domain.evidence.use_cases import resumable_uploads
from portfolio.domain.evidence.use_cases.resumable_uploads import UploadStatus
from portfolio.errors import Refusal
from portfolio.files.filenames import display_filename
from portfolio.files.storage.store import StoreFull, TooLarge
from portfolio.files.uploads.partial_uploads import ChecksumMismatch, PartialUploads, append_part
from portfolio.screens.candidate.dossier.forms import ConfirmForm
from portfolio.screens.candidate.evidence.blueprint import bp
from portfolio.screens.candidate.evidence.forms import UploadRequestForm
from portfolio.web.clock import now
from portfolio.wording import dossier as dossier_wording
from portfolio.wording.evidence import ALTERED, NOT_WHOLE, REFUSALS, refused_message

_MESSAGES: dict[Any, Any] = {**dossier_wording.REFUSALS, **REFUSALS}


@bp.post("/dossiers/<uuid:candidacy_id>/envois")
@candidacy_page(Permission.EDIT_DRAFT)
def start(case: CandidacyAccess) -> Any:
    """Begin a file, or say how much of it is here already."""
    form = UploadRequestForm(current_app.config["SETTINGS"].upload_limit)
    if not form.validate():
        return _error_body(form.first_error), 422
    try:
        with transaction() as db:
            found = resumable_uploads.start_upload(db, case.id, form.value(), partial_uploads().length, at=now())
            partial_uploads().check_room(found.size - found.received)
    except Refusal as refusal:
        return _error_body(_MESSAGES[refusal.code](refusal.facts)), 409
    except StoreFull as error:
        return _error_body(refused_message(error, None)), 507
    return _state(found)


@bp.post("/dossiers/<uuid:candidacy_id>/envois/<uuid:upload_id>")
@candidacy_page(Permission.EDIT_DRAFT)
def append(case: CandidacyAccess, upload_id: UUID) -> Any:
    """Keep the next part of a file: the body of the request, at the place it says, with the SHA-256 it says."""
    place, length, sha256 = request.args.get("place", -1, int), request.content_length or 0, request.headers.get("X-SHA256", "")
    with partial_uploads().adding(upload_id) as file:
        found = resumable_uploads.find_upload(read_session(), case.id, upload_id) or abort(404)
        close_read_session()
        if place != found.received:
            return _state(found), 409  # sent twice, or another window is further: go on from there
        if not is_next_part(place, length, found.size):
            return _state(found), 422
        try:
            append_part(file, place, request.stream, sha256, length)  # type: ignore[arg-type]  # werkzeug's is readable
        except (ChecksumMismatch, TooLarge):
            return _state(found), 422
        except StoreFull as error:
            return _error_body(refused_message(error, None)), 507
        with transaction() as db:
            found = resumable_uploads.append_part(db, case.id, upload_id, place, length, sha256, at=now())
    return _state(found)


@bp.post("/dossiers/<uuid:candidacy_id>/envois/<uuid:upload_id>/abandon")
@candidacy_page(Permission.EDIT_DRAFT)
def cancel(case: CandidacyAccess, upload_id: UUID) -> Any:
    """Forget a file that will not come to its end."""
    if not ConfirmForm().validate_on_submit():
        abort(400)
    delete_uploads(case, [upload_id])
    session["notice"] = "L’envoi inachevé est oublié."
    return redirect(url_for(".upload_form", candidacy_id=case.id), 303)


def partial_uploads() -> PartialUploads:
    """The place where files that come in parts wait."""
    return PartialUploads(current_app.config["SETTINGS"].parts)


class CompletedUpload(FileStorage):
    """A file that came in parts, handed to its form; `waits` when the store could not take it yet."""

    def __init__(self, stream: Any, found: UploadStatus) -> None:
        super().__init__(stream, found.name)
        self.id, self.waits = found.id, False


@contextmanager
def completed_uploads(case: CandidacyAccess, field: Any, ids: Sequence[UUID]) -> Iterator[list[CompletedUpload]]:
    """Lend the files that came in parts; the field says which ones are not whole."""
    with ExitStack() as held:
        files = []
        for one in ids:
            found = resumable_uploads.find_upload(read_session(), case.id, one)
            if found is None or not found.is_whole:
                field.errors = [*field.errors, NOT_WHOLE]
                continue
            try:
                files.append(CompletedUpload(held.enter_context(partial_uploads().whole(one, found.parts)), found))
            except ChecksumMismatch:
                delete_uploads(case, [one])
                field.errors = [*field.errors, ALTERED.format(name=display_filename(found.name))]
        yield files


def delete_uploads(case: CandidacyAccess, ids: Sequence[UUID]) -> None:
    """Forget files on their way, and their bytes."""
    if ids:
        with transaction() as db:
            resumable_uploads.delete_uploads(db, case.id, ids)
        delete_bytes(ids)


def delete_bytes(ids: Sequence[UUID]) -> None:
    """Remove the bytes of files whose rows are gone."""
    for one in ids:
        partial_uploads().forget(one)


def _state(found: UploadStatus) -> dict[str, Any]:
    return {"id": str(found.id), "received": found.received, "part": PART_BYTES}


def _error_body(sentence: str) -> dict[str, str]:
    return {"sentence": sentence}
