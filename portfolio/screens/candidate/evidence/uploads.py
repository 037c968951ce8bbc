"""Files come in as pieces or as new versions; originals go out only as attachments."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from flask import Response, abort, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session
from portfolio.domain.dossier.rules.citation import stored_citation_error
from portfolio.domain.dossier.rules.texts import ClaimText
from portfolio.domain.dossier.use_cases import evidence, uploads
from portfolio.domain.dossier.use_cases.claims import add_claims
from portfolio.domain.dossier.use_cases.uploads import ReceivedFile, UploadBatch
from portfolio.files.storage.store import StoreUnavailable
from portfolio.screens.blueprints import blueprint_of
from portfolio.screens.candidate.dossier.competency_page import CompetencyPageData, find_competency_page
from portfolio.screens.candidate.evidence import queries
from portfolio.screens.candidate.evidence.forms import ReplaceForm, UploadForm
from portfolio.screens.candidate.evidence.masking import joined_photos
from portfolio.screens.candidate.evidence.queries import EvidencePageData, SameEvidence
from portfolio.screens.candidate.evidence.resumable_uploads import (
    CompletedUpload,
    completed_uploads,
    discard,
    finish,
    quota_limits,
    quotas,
    unfinished,
)
from portfolio.screens.candidate.evidence.views import may_change
from portfolio.screens.evidence_files.downloads import send_file
from portfolio.screens.evidence_files.uploads import (
    FILE_ERRORS,
    add_file_error,
    error_status,
    limit_concurrency,
    max_file_bytes,
    open_upload_batch,
    run_once_with_files,
)
from portfolio.web.clock import now, today
from portfolio.web.forms import previous_result
from portfolio.web.headers import MICROPHONE
from portfolio.web.request_limits import accepts_file
from portfolio.wording.evidence import (
    REFUSALS,
    SAME_AGAIN,
    SAME_IN_LIST,
    added_message,
    replaced_message,
    same_file_refusal,
)
from portfolio.wording.files import ACCEPTED

bp = blueprint_of(__name__)


@bp.get("/dossiers/<uuid:candidacy_id>/preuves/ajouter")
@candidacy_page(Permission.EDIT_DRAFT)
def upload_form(case: CandidacyAccess) -> ResponseReturnValue:
    """Show the form that receives files; `competence` says for which competency, if any."""
    wanted = request.args.get("competence", "")
    return _upload(case, UploadForm(formdata=None, competency=wanted), _competency(case, wanted))


@bp.post("/dossiers/<uuid:candidacy_id>/preuves/ajouter")
@accepts_file()
@candidacy_page(Permission.EDIT_DRAFT)
def upload(case: CandidacyAccess) -> ResponseReturnValue:
    """Keep the files, each as a piece; claimed for the competency the form came from, if any."""
    form = UploadForm()
    page = _competency(case, form.competency.data or "")
    if done := _previous(case, form):
        return done
    if not form.validate():
        return _upload(case, form, page), 422
    if refused := _over_quota(case, form.files, form.chosen):
        return _upload(case, form, page), refused
    with (
        completed_uploads(case, form.files, form.sent.data) as came,
        _upload_batch() as batch,
        _files_of(form) as chosen,
    ):
        received = _store_all(form.files, [*chosen, *came], batch)
        if not form.twice.data:
            _take_doubles_out(form.files, received, came, batch)
        twins = [] if form.twice.data else _take_twins_out(case, form.files, received, came, batch)

        def act(db: Session) -> str:
            _take(db, case, came)
            pieces = evidence.add_evidence(db, case.id, received, by=current_user.id, at=now())
            wanted = [page.line.fact.id] if page else []
            for piece_id in pieces if wanted else ():
                add_claims(
                    db,
                    case.id,
                    piece_id,
                    wanted,
                    ClaimText(comment=form.comment.data or ""),
                    by=current_user.id,
                    at=now(),
                )
            uploads.check_quotas(db, case.id, 0, *quota_limits())
            return _after(case, pieces)

        response = run_once_with_files(batch, form.nonce.data, act) if received else None
    finish(case, came, acted=response is not None)
    if response is None or form.files.errors:
        # What was good is kept: nobody sends it twice. The form, shown again, is a new one.
        form.nonce.data = UploadForm(formdata=None).nonce.data
        return _upload(case, form, page, added=len(received), twins=twins), error_status(form.files)
    session["notice"] = added_message(len(received), without_comment=page is not None and not form.comment.data)
    return response


@bp.get("/dossiers/<uuid:candidacy_id>/preuves/meme-fichier")
@candidacy_page(Permission.EDIT_DRAFT)
def same_file(case: CandidacyAccess) -> ResponseReturnValue:
    """Say which piece of the dossier has a file already, by its SHA-256: the browser asks before it sends it."""
    digest = request.args.get("sha256", "")
    known = queries.find_same_files(read_session(), case.id, {digest}) if re.fullmatch(r"[0-9a-f]{64}", digest) else {}
    if not (same := known.get(digest)):
        return {}
    address = url_for(".piece", candidacy_id=case.id, evidence_id=same.id)
    return {"number": same.number, "title": same.title, "address": address}


@bp.after_request
def _allow_the_microphone(response: Response) -> Response:
    """Let the page that adds evidence ask for the microphone: a voice note is recorded there, and nowhere else."""
    if request.endpoint in ("candidate.evidence.upload_form", "candidate.evidence.upload"):
        response.headers["Permissions-Policy"] = MICROPHONE
    return response


@bp.route("/dossiers/<uuid:candidacy_id>/preuves/<uuid:evidence_id>/fichier", methods=["GET", "POST"])
@accepts_file()
@candidacy_page(Permission.EDIT_DRAFT)
def replace(case: CandidacyAccess, evidence_id: UUID) -> ResponseReturnValue:
    """Give a piece a new version of its file."""
    page = may_change(
        queries.find_evidence_page(read_session(), case.id, evidence_id, today(), own=case.is_candidate) or abort(404)
    )
    form = ReplaceForm()
    if done := _previous(case, form) if form.is_submitted() else None:
        return done
    if not form.validate_on_submit():
        return _replacing(case, page, form), 422 if form.is_submitted() else 200
    if refused := _over_quota(case, form.file, [form.file.data] if form.file.data else []):
        return _replacing(case, page, form), refused
    with completed_uploads(case, form.file, form.sent.data[:1]) as came, _upload_batch() as batch:
        received = _store_all(form.file, came or [form.file.data] if form.file.data else came, batch)
        if not received:
            finish(case, came, acted=False)
            return _replacing(case, page, form), error_status(form.file)
        same: list[bool] = []

        def act(db: Session) -> str:
            same.append(received[0].sha256 == page.view.sha256)
            _take(db, case, came)
            evidence.replace_file(db, case.id, evidence_id, received[0], by=current_user.id, at=now())
            uploads.check_quotas(db, case.id, 0, *quota_limits())
            return url_for(".piece", candidacy_id=case.id, evidence_id=evidence_id)

        response = run_once_with_files(batch, form.nonce.data, act)
    finish(case, came, acted=True)
    session["notice"] = _replaced(case, evidence_id, same=any(same))
    return response


def _previous(case: CandidacyAccess, form: UploadForm | ReplaceForm) -> ResponseReturnValue | None:
    """Lead a form that acted already where it led, and forget the parts that its browser sent again, for want of an
    answer; None for a form that never acted.
    """
    done = previous_result(form.nonce.data)
    if done:
        discard(case, form.sent.data)
    return done


def _replaced(case: CandidacyAccess, evidence_id: UUID, *, same: bool) -> str:
    """Say that a file is replaced, whether by itself, and how many passages to read no longer exist in it."""
    if same:
        return SAME_AGAIN
    page = queries.find_evidence_page(read_session(), case.id, evidence_id, today(), own=case.is_candidate)
    if page is None:
        return replaced_message(0)
    wrong = [
        claim
        for claim in page.claims
        if claim.is_open and stored_citation_error(claim.claim.passage, *page.view.countable)
    ]
    return replaced_message(len(wrong))


@bp.get("/dossiers/<uuid:candidacy_id>/preuves/<uuid:evidence_id>/fichier/<int:number>")
@candidacy_page(Permission.READ_DRAFT)
def download(case: CandidacyAccess, evidence_id: UUID, number: int) -> ResponseReturnValue:
    """Send one version of the file of a piece, as an attachment and only so; to others, without location."""
    file = queries.find_file(read_session(), case.id, evidence_id, number, own=case.is_candidate) or abort(404)
    return send_file(file.key, file.name, file.mime, file.size, own=case.is_candidate, sha256=file.sha256)


@contextmanager
def _files_of(form: UploadForm) -> Iterator[list[FileStorage]]:
    """Lend the files that came with the form, its photographs made into one when that is asked."""
    if not form.joined.data:
        yield form.chosen
        return
    with joined_photos(form.chosen) as chosen:
        yield chosen


@contextmanager
def _upload_batch() -> Iterator[UploadBatch]:
    with limit_concurrency(current_user.id), open_upload_batch() as batch:
        yield batch


def _store_all(field: Any, files: Sequence[FileStorage], batch: UploadBatch) -> list[ReceivedFile]:
    """Receive each file; the field says which ones were refused, and why."""
    received = []
    down: StoreUnavailable | None = None
    for file in files:
        try:
            if down is not None:  # nobody waits again for a store that was silent for the file before
                raise down
            stream: Any = file.stream
            received.append(batch.store_file(file.filename, stream, getattr(file, "taken_on", None)))
            if isinstance(file, CompletedUpload):
                file.kept_as, file.is_kept = received[-1], True
        except FILE_ERRORS as error:
            down = error if isinstance(error, StoreUnavailable) else None
            status = add_file_error(field, error, file.filename if len(files) > 1 else None)
            if isinstance(file, CompletedUpload):
                file.waits = status != 422
    return received


def _take_doubles_out(
    field: Any, received: list[ReceivedFile], came: Sequence[CompletedUpload], batch: UploadBatch
) -> None:
    """Keep one of the files of the form that are the same, byte for byte, and have the field say so of the others."""
    first: dict[str, ReceivedFile] = {}
    for received_file in list(received):
        same = first.setdefault(received_file.sha256, received_file)
        if same is not received_file:
            field.errors = [*field.errors, SAME_IN_LIST.format(name=received_file.name, first=same.name)]
            _drop(received_file, received, came, batch, waits=False)


def _drop(
    received_file: ReceivedFile,
    received: list[ReceivedFile],
    came: Sequence[CompletedUpload],
    batch: UploadBatch,
    *,
    waits: bool,
) -> None:
    """Take a file out of those that become pieces; one that came in parts may wait for another answer of its author."""
    received.remove(received_file)
    batch.drop(received_file)
    for file in came:
        if file.kept_as is received_file:
            file.kept_as, file.is_kept, file.waits = None, False, waits


def _take_twins_out(
    case: CandidacyAccess, field: Any, received: list[ReceivedFile], came: Sequence[CompletedUpload], batch: UploadBatch
) -> list[SameEvidence]:
    """Take out the files that the dossier has already, and return the pieces that have them; the field
    says which ones.
    """
    known = queries.find_same_files(read_session(), case.id, {received_file.sha256 for received_file in received})
    for received_file in [received_file for received_file in received if received_file.sha256 in known]:
        same = known[received_file.sha256]
        field.errors = [*field.errors, same_file_refusal(received_file.name, same.number, same.title)]
        field.status = max(409, getattr(field, "status", 409))
        _drop(received_file, received, came, batch, waits=True)  # it need not come again for a second piece
    return list(dict.fromkeys(known.values()))


def _take(db: Session, case: CandidacyAccess, came: Sequence[CompletedUpload]) -> None:
    """Give the files in parts to the pieces that follow; raises Refusal (TAKEN)."""
    if taken := [completed_upload.id for completed_upload in came if completed_upload.is_kept]:
        uploads.take_uploads(db, case.id, taken)


def _over_quota(case: CandidacyAccess, field: Any, files: Sequence[FileStorage]) -> int:
    """Return 409 when the files that came with the form pass a quota, and have the field say so; else 0."""
    found = quotas(case)
    refusal = found.refusal(sum(file.stream.seek(0, os.SEEK_END) - file.stream.seek(0) for file in files))
    if refusal is None:
        return 0
    field.errors = [*field.errors, REFUSALS[refusal]({"room": found.room or 0})]
    return 409


def _competency(case: CandidacyAccess, wanted: str) -> CompetencyPageData | None:
    if not wanted:
        return None
    try:
        key = UUID(wanted)
    except ValueError:
        abort(404)
    return find_competency_page(read_session(), case.id, key) or abort(404)


def _after(case: CandidacyAccess, pieces: Sequence[UUID]) -> str:
    if len(pieces) == 1:
        return url_for(".describe_step", candidacy_id=case.id, evidence_id=pieces[0], step=1)
    return url_for(".answer_several", candidacy_id=case.id)


def _upload(
    case: CandidacyAccess,
    form: UploadForm,
    page: CompetencyPageData | None,
    added: int = 0,
    twins: Sequence[SameEvidence] = (),
) -> str:
    return render_template(
        "candidate/evidence/add.html",
        case=case,
        form=form,
        page=page,
        added=added,
        twins=twins,
        **_notice_context(case),
    )


def _replacing(case: CandidacyAccess, page: EvidencePageData, form: ReplaceForm) -> str:
    return render_template("candidate/evidence/replace.html", case=case, form=form, page=page, **_notice_context(case))


def _notice_context(case: CandidacyAccess) -> dict[str, Any]:
    """Return what a form that receives files says before: its limit, the types, the files that stopped on their way."""
    return {"limit": max_file_bytes(), "accepted": ACCEPTED, "unfinished": unfinished(case), "quotas": quotas(case)}
