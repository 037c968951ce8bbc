"""Files come in as pieces or as new versions; originals go out only as attachments."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from flask import abort, current_app, render_template, request, session, url_for
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from portfolio.cases import CandidacyCase
from portfolio.db import reading
from portfolio.dossier.rules import ClaimText
from portfolio.dossier.services import CompetencyPage, add_claims, find_competency
from portfolio.evidence import services
from portfolio.evidence.forms import ReplaceForm, UploadForm
from portfolio.evidence.rules import kept_passage_fault
from portfolio.evidence.services import PiecePage, ReceivedFile, Reception, SamePiece
from portfolio.evidence.views.blueprint import bp
from portfolio.evidence.views.desk import NOT_KEPT, once_kept, refuse_file, status_of
from portfolio.evidence.views.originals import send_file
from portfolio.evidence.views.pieces import may_change
from portfolio.evidence.views.sendings import Arrived, arrived, finish, quota_limits, quotas, unfinished
from portfolio.evidence.views.turns import own_turn
from portfolio.evidence.wording import REFUSALS, SAME_AGAIN, added_notice, replaced_notice, same_file_refusal
from portfolio.guards import candidacy_page
from portfolio.policy import Permission
from portfolio.storage.kinds import FileKind
from portfolio.storage.names import download_name
from portfolio.storage.store import StoreDown
from portfolio.storage.wording import ACCEPTED
from portfolio.web.clock import now, today
from portfolio.web.once import led


@bp.get("/dossiers/<uuid:candidacy_id>/preuves/ajouter")
@candidacy_page(Permission.EDIT_DRAFT)
def add(case: CandidacyCase) -> Any:
    """Show the form that receives files; `competence` says for which competency, if any."""
    wanted = request.args.get("competence", "")
    return _upload(case, UploadForm(formdata=None, competency=wanted), _competency(case, wanted))


@bp.post("/dossiers/<uuid:candidacy_id>/preuves/ajouter")
@candidacy_page(Permission.EDIT_DRAFT)
def receive(case: CandidacyCase) -> Any:
    """Keep the files, each as a piece; claimed for the competency the form came from, if any."""
    form = UploadForm()
    page = _competency(case, form.competency.data or "")
    if done := led(form.nonce.data):
        return done
    if not form.validate():
        return _upload(case, form, page), 422
    if refused := _over_quota(case, form.files, form.files.data or []):
        return _upload(case, form, page), refused
    with arrived(case, form.files, form.sent.data) as came, _reception() as desk:
        received = _received(form.files, [*(form.files.data or []), *came], desk)
        twins = [] if form.twice.data else _take_twins_out(case, form.files, received, came, desk)

        def act(db: Session) -> str:
            _take(db, case, came)
            pieces = services.add_pieces(db, case.id, received, by=current_user.id, at=now())
            wanted = [page.line.fact.id] if page else []
            for one in pieces if wanted else ():
                add_claims(db, case.id, one, wanted, ClaimText(comment=form.comment.data or ""), by=current_user.id, at=now())
            services.check_quotas(db, case.id, 0, *quota_limits())
            return _after(case, pieces)

        response = once_kept(desk, form.nonce.data, act) if received else None
    finish(case, came, acted=response is not None)
    if response is None or form.files.errors:
        # What was good is kept: nobody sends it twice. The form, shown again, is a new one.
        form.nonce.data = UploadForm(formdata=None).nonce.data
        return _upload(case, form, page, added=len(received), twins=twins), status_of(form.files)
    session["notice"] = added_notice(len(received))
    return response


@bp.route("/dossiers/<uuid:candidacy_id>/preuves/<uuid:evidence_id>/fichier", methods=["GET", "POST"])
@candidacy_page(Permission.EDIT_DRAFT)
def replace(case: CandidacyCase, evidence_id: UUID) -> Any:
    """Give a piece a new version of its file."""
    page = may_change(services.find_piece(reading(), case.id, evidence_id, today()) or abort(404))
    form = ReplaceForm()
    if done := led(form.nonce.data) if form.is_submitted() else None:
        return done
    if not form.validate_on_submit():
        return _replacing(case, page, form), 422 if form.is_submitted() else 200
    if refused := _over_quota(case, form.file, [form.file.data] if form.file.data else []):
        return _replacing(case, page, form), refused
    with arrived(case, form.file, form.sent.data[:1]) as came, _reception() as desk:
        received = _received(form.file, came or [form.file.data] if form.file.data else came, desk)
        if not received:
            finish(case, came, acted=False)
            return _replacing(case, page, form), status_of(form.file)
        same: list[bool] = []

        def act(db: Session) -> str:
            same.append(received[0].sha256 == page.view.sha256)
            _take(db, case, came)
            services.replace_file(db, case.id, evidence_id, received[0], by=current_user.id, at=now())
            services.check_quotas(db, case.id, 0, *quota_limits())
            return url_for(".piece", candidacy_id=case.id, evidence_id=evidence_id)

        response = once_kept(desk, form.nonce.data, act)
    finish(case, came, acted=True)
    session["notice"] = _replaced(case, evidence_id, same=any(same))
    return response


def _replaced(case: CandidacyCase, evidence_id: UUID, *, same: bool) -> str:
    """Say that a file is replaced, whether by itself, and how many passages to read no longer exist in it."""
    if same:
        return SAME_AGAIN
    page = services.find_piece(reading(), case.id, evidence_id, today())
    if page is None:
        return replaced_notice(0)
    wrong = [one for one in page.claims if one.is_open and kept_passage_fault(one.claim.passage, *page.view.countable)]
    return replaced_notice(len(wrong))


@bp.get("/dossiers/<uuid:candidacy_id>/preuves/<uuid:evidence_id>/fichier/<int:number>")
@candidacy_page(Permission.READ_DRAFT)
def download(case: CandidacyCase, evidence_id: UUID, number: int) -> Any:
    """Send one version of the file of a piece, as an attachment and only so (trust.md §3); to others, without location."""
    file = services.find_file(reading(), case.id, evidence_id, number) or abort(404)
    name = next((download_name(file.name, kind) for kind in FileKind if kind.mime == file.mime), file.name)
    return send_file(file.key, name, file.mime, file.size, own=case.is_candidate)


@contextmanager
def _reception() -> Iterator[Reception]:
    with own_turn(current_user.id), services.reception(current_app.extensions["files"], _limit()) as desk:
        yield desk


def _limit() -> int:
    limit: int = current_app.config["SETTINGS"].upload_limit
    return limit


def _received(field: Any, files: Sequence[FileStorage], desk: Reception) -> list[ReceivedFile]:
    """Receive each file; the field says which ones were refused, and why."""
    received = []
    down: StoreDown | None = None
    for file in files:
        try:
            if down is not None:  # nobody waits again for a store that was silent for the file before
                raise down
            stream: Any = file.stream
            received.append(desk.receive(file.filename, stream))
            if isinstance(file, Arrived):
                file.kept_as, file.is_kept = received[-1], True
        except NOT_KEPT as error:
            down = error if isinstance(error, StoreDown) else None
            status = refuse_file(field, error, file.filename if len(files) > 1 else None)
            if isinstance(file, Arrived):
                file.waits = status != 422
    return received


def _take_twins_out(
    case: CandidacyCase, field: Any, received: list[ReceivedFile], came: Sequence[Arrived], desk: Reception
) -> list[SamePiece]:
    """Take out the files that the dossier has already, and return the pieces that have them; the field says which ones."""
    known = services.find_same_files(reading(), case.id, {one.sha256 for one in received})
    for one in [one for one in received if one.sha256 in known]:
        same = known[one.sha256]
        field.errors = [*field.errors, same_file_refusal(one.name, same.number, same.title)]
        field.status = max(409, getattr(field, "status", 409))
        received.remove(one)
        desk.drop(one)
        for file in came:
            if file.kept_as is one:  # it need not come again when the person asks for a second piece
                file.kept_as, file.is_kept, file.waits = None, False, True
    return list(dict.fromkeys(known.values()))


def _take(db: Session, case: CandidacyCase, came: Sequence[Arrived]) -> None:
    """Give the files in parts to the pieces that follow; raises Refusal (TAKEN)."""
    if taken := [one.id for one in came if one.is_kept]:
        services.take_sendings(db, case.id, taken)


def _over_quota(case: CandidacyCase, field: Any, files: Sequence[FileStorage]) -> int:
    """Return 409 when the files that came with the form pass a quota, and have the field say so; else 0."""
    found = quotas(case)
    refusal = found.refusal(sum(file.stream.seek(0, os.SEEK_END) - file.stream.seek(0) for file in files))
    if refusal is None:
        return 0
    field.errors = [*field.errors, REFUSALS[refusal]({"room": found.room or 0})]
    return 409


def _competency(case: CandidacyCase, wanted: str) -> CompetencyPage | None:
    if not wanted:
        return None
    try:
        key = UUID(wanted)
    except ValueError:
        abort(404)
    return find_competency(reading(), case.id, key) or abort(404)


def _after(case: CandidacyCase, pieces: Sequence[UUID]) -> str:
    if len(pieces) == 1:
        return url_for(".describe", candidacy_id=case.id, evidence_id=pieces[0])
    return url_for(".pieces", candidacy_id=case.id)


def _upload(
    case: CandidacyCase, form: UploadForm, page: CompetencyPage | None, added: int = 0, twins: Sequence[SamePiece] = ()
) -> str:
    return render_template("evidence/add.html", case=case, form=form, page=page, added=added, twins=twins, **_told(case))


def _replacing(case: CandidacyCase, page: PiecePage, form: ReplaceForm) -> str:
    return render_template("evidence/replace.html", case=case, form=form, page=page, **_told(case))


def _told(case: CandidacyCase) -> dict[str, Any]:
    """What a form that receives files says before: its limit, the types, the files that stopped on their way."""
    return {"limit": _limit(), "accepted": ACCEPTED, "unfinished": unfinished(case), "quotas": quotas(case)}
