"""A large file comes in parts, several at once, each acknowledged once it is kept; then its form takes it."""

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from typing import Any, BinaryIO, cast
from uuid import UUID, uuid4

from flask import abort, current_app, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page
from portfolio.access.policy import Permission
from portfolio.db.engine import close_read_session, read_session, transaction
from portfolio.domain.dossier.rules.quota import Quotas, UploadRequest, is_next_part
from portfolio.domain.dossier.use_cases import uploads as evidence_uploads
from portfolio.domain.dossier.use_cases.uploads import ReceivedFile, UploadStatus
from portfolio.errors import Refusal
from portfolio.files.filenames import display_filename
from portfolio.files.storage.bucket import in_base64
from portfolio.files.storage.store import StoreFull, StoreUnavailable
from portfolio.files.uploads.partial import ChecksumMismatch, NotMissing, NotWhole, PartialUpload, PartialUploads
from portfolio.files.uploads.running_digest import Range, missing, prefix
from portfolio.screens.blueprints import blueprint_of
from portfolio.screens.candidate.dossier.forms import ConfirmForm
from portfolio.screens.candidate.evidence.forms import UploadRequestForm
from portfolio.web.clock import now
from portfolio.web.request_limits import accepts_file
from portfolio.wording import dossier as dossier_wording
from portfolio.wording.evidence import ALTERED, NOT_WHOLE, REFUSALS, refused_message

bp = blueprint_of(__name__)

_MESSAGES: dict[Any, Any] = {**dossier_wording.REFUSALS, **REFUSALS}


@bp.post("/dossiers/<uuid:candidacy_id>/envois")
@candidacy_page(Permission.EDIT_DRAFT)
def start(case: CandidacyAccess) -> ResponseReturnValue:
    """Begin a file, or return which parts of it are missing."""
    form = UploadRequestForm(current_app.config["SETTINGS"].upload_limit)
    if not form.validate():
        return _error_body(form.first_error), 422
    try:
        found = _resumed(case, form.value()) or _begun(case, form.value())
        return _state(found.partial, uploads().received(found.partial), is_whole=True)
    except Refusal as refusal:
        return _error_body(_MESSAGES[refusal.code](refusal.facts)), 409
    except StoreFull as error:
        return _error_body(refused_message(error, None)), 507
    except StoreUnavailable as error:
        return _error_body(refused_message(error, None)), 503


@bp.post("/dossiers/<uuid:candidacy_id>/envois/<uuid:upload_id>")
@accepts_file()
@candidacy_page(Permission.EDIT_DRAFT)
def append(case: CandidacyAccess, upload_id: UUID) -> ResponseReturnValue:
    """Keep one part of a file: the body of the request, at the place it says; its SHA-256 is compared
    when it is said.
    """
    place, length, sha256 = (
        request.args.get("place", -1, int),
        request.content_length or 0,
        request.headers.get("X-SHA256", ""),
    )
    found = (evidence_uploads.find_upload(read_session(), case.id, upload_id) or abort(404)).partial
    close_read_session()
    try:
        if not is_next_part(place, length, found.size, uploads().part):
            # A place beyond the end is that of another file; at 409, the browser asks where to go on.
            return _state(found, uploads().received(found)), 422 if 0 <= place < found.size else 409
        note = partial(_note, found)
        return _state(found, uploads().add(found, place, length, _body(), sha256, note))
    except NotMissing:  # sent twice, or another window is further: go on from there
        return _state(found, uploads().received(found)), 409
    except ChecksumMismatch:
        return _state(found, uploads().received(found)), 422
    except StoreFull as error:
        return _error_body(refused_message(error, None)), 507
    except StoreUnavailable as error:
        return _error_body(refused_message(error, None)), 503


@bp.post("/dossiers/<uuid:candidacy_id>/envois/<uuid:upload_id>/adresse")
@candidacy_page(Permission.EDIT_DRAFT)
def direct_address(case: CandidacyAccess, upload_id: UUID) -> ResponseReturnValue:
    """Record the digest of one part and answer where the browser sends it to the S3 by itself: the address
    takes the bytes of this SHA-256 only, which the browser says again to the S3.
    """
    found = (evidence_uploads.find_upload(read_session(), case.id, upload_id) or abort(404)).partial
    place, sha256 = request.args.get("place", -1, int), request.args.get("sha256", "")
    if not re.fullmatch(r"[0-9a-f]{64}", sha256):
        abort(404)
    try:
        address = uploads().direct_address(found, place, sha256)
    except NotMissing:
        abort(404)
    close_read_session()
    _note(found, place, sha256)
    return {"id": str(found.id), "url": address, "checksum": in_base64(sha256)}


@bp.post("/dossiers/<uuid:candidacy_id>/envois/<uuid:upload_id>/abandon")
@candidacy_page(Permission.EDIT_DRAFT)
def cancel(case: CandidacyAccess, upload_id: UUID) -> ResponseReturnValue:
    """Forget a file that will not come to its end."""
    if not ConfirmForm().validate_on_submit():
        abort(400)
    discard(case, [upload_id])
    session["notice"] = "L’envoi inachevé est oublié."
    return redirect(url_for(".upload_form", candidacy_id=case.id), 303)


def uploads() -> PartialUploads:
    """Return the place where files that come in parts wait."""
    place: PartialUploads = current_app.extensions["uploads"]
    return place


def unfinished(case: CandidacyAccess) -> list[UploadStatus]:
    """Return the files that stopped on their way, with what of them is here; none while their place does not answer."""
    try:
        return [_measured(upload) for upload in evidence_uploads.list_uploads(read_session(), case.id)]
    except StoreUnavailable:
        return []


def quotas(case: CandidacyAccess) -> Quotas:
    """Return what this person, and the body of the dossier, may still send."""
    return evidence_uploads.load_quotas(read_session(), case.id, *quota_limits())


def quota_limits() -> tuple[int, int]:
    """Return the limits of the installation, in bytes: of a person, of a body."""
    settings = current_app.config["SETTINGS"]
    return settings.person_quota, settings.body_quota


class CompletedUpload(FileStorage):
    """A file that came in parts, handed to its form; `waits` when it is neither kept nor refused for good."""

    def __init__(self, stream: Any, found: UploadStatus) -> None:
        super().__init__(stream, found.name)
        self.found, self.id, self.waits, self.is_kept = found, found.id, False, False
        self.kept_as: ReceivedFile | None = None


@contextmanager
def completed_uploads(case: CandidacyAccess, field: Any, ids: Sequence[UUID]) -> Iterator[list[CompletedUpload]]:
    """Lend the files that came in parts; the field says which ones are not whole."""
    with ExitStack() as held:
        files = []
        for fromkey in dict.fromkeys(ids):
            found = evidence_uploads.find_upload(read_session(), case.id, fromkey)
            try:
                if found is None:
                    raise NotWhole(str(fromkey))
                files.append(CompletedUpload(held.enter_context(uploads().open_complete(found.partial)), found))
            except NotWhole:
                field.errors = [*field.errors, NOT_WHOLE]
            except StoreUnavailable as error:
                field.errors, field.status = [*field.errors, refused_message(error, None)], 503
            except ChecksumMismatch:
                discard(case, [fromkey])
                field.errors = [*field.errors, ALTERED.format(name=display_filename(found.name))]  # type: ignore[union-attr]
        yield files


def finish(case: CandidacyAccess, came: Sequence[CompletedUpload], *, acted: bool) -> None:
    """Remove what is left of the files that a piece has now, and all of those that were refused."""
    if acted:
        for completed_upload in came:
            if completed_upload.is_kept:
                uploads().release(completed_upload.found.partial)
    discard(
        case,
        [
            completed_upload.id
            for completed_upload in came
            if not completed_upload.waits and not (acted and completed_upload.is_kept)
        ],
    )


def discard(case: CandidacyAccess, ids: Sequence[UUID]) -> None:
    """Forget files on their way; only the request that deletes a row removes its bytes."""
    if not ids:
        return
    with transaction() as db:
        ended = evidence_uploads.delete_uploads(db, case.id, ids)
    for upload_status in ended:
        uploads().discard(upload_status.partial)


def _resumed(case: CandidacyAccess, file: UploadRequest) -> UploadStatus | None:
    """Return the file where it stopped; None for one that never began, or whose place lost what it had acknowledged."""
    found = evidence_uploads.find_announced(read_session(), case.id, file.mark)
    close_read_session()
    if found is None:
        return None
    if found.size != file.size or not uploads().holds(found.partial):
        discard(case, [found.id])
        return None
    with transaction() as db:
        evidence_uploads.resume_upload(db, case.id, found.id, at=now())
    return found


def _begun(case: CandidacyAccess, file: UploadRequest) -> UploadStatus:
    """Begin a file in its place, then in its row; raises Refusal, and nothing stays of it then."""
    own = uuid4()
    begun = PartialUpload(own, file.size, uploads().begin(own), {})
    kept = False
    try:
        with transaction() as db:
            found = evidence_uploads.start_upload(db, case.id, file, begun, at=now())
            evidence_uploads.check_quotas(db, case.id, 0, *quota_limits())
        kept = found.id == own
    finally:
        if not kept:
            uploads().discard(begun)
    return found


def _note(found: PartialUpload, place: int, sha256: str) -> None:
    with transaction() as db:
        evidence_uploads.note_digest(db, found.id, place // uploads().part + 1, sha256)


def _body() -> BinaryIO:
    """Return the body of the request; its length was announced, and the server received all of it."""
    return cast(BinaryIO, request.stream)


def _measured(found: UploadStatus) -> UploadStatus:
    received = sum(end - start for start, end in uploads().received(found.partial))
    return replace(found, received=received)


def _state(found: PartialUpload, received: Sequence[Range], *, is_whole: bool = False) -> dict[str, Any]:
    """Return what is here and what is missing; when a file is announced, also how to send the rest of it."""
    said = {
        "id": str(found.id),
        "received": prefix(received),
        "missing": missing(received, found.size),
        "part": uploads().part,
    }
    if is_whole:
        said |= {"fixed": uploads().is_fixed}
        said |= {"direct": [{"start": start, "end": end} for start, end in uploads().direct(found)]}
    return said


def _error_body(sentence: str) -> dict[str, str]:
    return {"sentence": sentence}
