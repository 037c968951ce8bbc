"""The documents made of a dossier: asked for, followed, stopped, taken away.

Its advisor and its jurors come here too.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Response, abort, current_app, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

import acquis_check
from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page, submission_page
from portfolio.access.jury import SubmissionAccess
from portfolio.access.policy import Permission, Role, allows
from portfolio.db.engine import read_session, transaction
from portfolio.documents.livret.archive import MadeEdition, archive_name, entries_of, members_of
from portfolio.domain.submission.models import BookEdition, Prepared
from portfolio.domain.submission.rules.returns import UNFINISHED, EditionKind, EditionRefusal, EditionState, PackKind
from portfolio.domain.submission.use_cases import editions
from portfolio.domain.submission.use_cases.editions import DraftEditionSource, EditionSource, PrintableDossier
from portfolio.domain.submission.use_cases.verification import load_manifest
from portfolio.errors import Refusal
from portfolio.files.file_types.types import FileType
from portfolio.files.filenames import attachment_headers
from portfolio.files.storage.store import InvalidKey, KeyNotFound
from portfolio.files.zip_stream import stored_zip_size
from portfolio.screens.blueprints import blueprint_of
from portfolio.web.clock import now
from portfolio.web.exports import zip_response
from portfolio.web.partial import file_response, partial_response
from portfolio.wording import editions as wording
from portfolio.wording.documents.receipt import index_values

bp = blueprint_of(__name__)

_PACKAGES = (EditionKind.FRANCE_VAE,)
_MIMES = {EditionKind.FRANCE_VAE: FileType.ZIP.mime, EditionKind.WORD: FileType.DOCX.mime}
_OF_DRAFT = (EditionKind.DRAFT, EditionKind.WORD)
_OF_ALL = (EditionKind.READING, EditionKind.ARCHIVAL, EditionKind.BOOKLET)


@dataclass(frozen=True, slots=True)
class EditionSummary:
    """One document, as the page shows it: `state` is None before anybody asked for it."""

    kind: EditionKind | PackKind
    name: str
    about: str
    state: EditionState | None
    state_message: str
    progress: str
    done: int
    total: int
    size: int
    sha256: str
    files: Sequence[Any]
    notices: Sequence[str]

    @property
    def is_pending(self) -> bool:
        """Return whether it is being made."""
        return self.state in UNFINISHED


def summary_of(kind: EditionKind | PackKind, row: Prepared | None) -> EditionSummary:
    """Return a document as a page shows it."""
    state = row.state if row is not None else None
    return EditionSummary(
        kind=kind,
        name=wording.NAMES[kind],
        about=wording.ABOUT[kind],
        state=state,
        state_message=wording.STATES[state] if state else "",
        progress=wording.progress_message(row.done, row.total) if row is not None else "",
        done=row.done if row is not None else 0,
        total=row.total if row is not None else 0,
        size=(row.size or 0) if row is not None else 0,
        sha256=(row.sha256 or "") if row is not None else "",
        files=(row.contents or {}).get("files", ()) if row is not None and kind is EditionKind.FRANCE_VAE else (),
        notices=wording.laid_otherwise_messages(row.contents or {}) if state is EditionState.READY and row else (),
    )


def _offered(case: SubmissionAccess, printable: PrintableDossier) -> tuple[EditionKind, ...]:
    packages = _PACKAGES if allows(case.standing, Permission.TAKE_FRANCE_VAE_PACK) else ()
    has_word = printable.template is not None and allows(case.standing, Permission.TAKE_WORD_EDITION)
    return (*_OF_ALL, *packages, *([EditionKind.WORD] if has_word else []))


def _kind(value: str, offered: Sequence[EditionKind]) -> EditionKind:
    kind = next((edition_kind for edition_kind in offered if edition_kind.value == value), None)
    return kind or abort(404)


@bp.get("/depots/<uuid:submission_id>/livret")
@submission_page(Permission.TAKE_EDITIONS)
def book(case: SubmissionAccess) -> ResponseReturnValue:
    """Show the documents made of a sealed dossier, and those that can be asked for."""
    printable = editions.load_printable(read_session(), case.id)
    rows = {edition.kind: edition for edition in editions.list_editions(read_session(), printable)}
    return render_template(
        "candidate/submission/book.html",
        case=case,
        dossier=printable.dossier,
        root=printable.root,
        summaries=[summary_of(kind, rows.get(kind)) for kind in _offered(case, printable)],
        zip_ready=_is_ready(rows.get(EditionKind.READING)),
        takes_originals=allows(case.standing, Permission.TAKE_ORIGINALS),
        reads=allows(case.standing, Permission.READ_SUBMISSION),
        wording=wording,
        kinds=EditionKind,
    )


def _is_ready(row: BookEdition | None) -> bool:
    return row is not None and row.state is EditionState.READY


@bp.post("/depots/<uuid:submission_id>/livret/<edition>")
@submission_page(Permission.TAKE_EDITIONS)
def request_edition(case: SubmissionAccess, edition: str) -> ResponseReturnValue:
    """Ask for a document."""
    with transaction() as session:
        printable = editions.load_printable(session, case.id)
        kind = _kind(edition, _offered(case, printable))
        editions.request_edition(session, printable, kind, by=current_user.id, at=now())
    return redirect(url_for(".book", submission_id=case.id, _anchor=kind.value), 303)


@bp.post("/depots/<uuid:submission_id>/livret/<edition>/arreter")
@submission_page(Permission.TAKE_EDITIONS)
def cancel_edition(case: SubmissionAccess, edition: str) -> ResponseReturnValue:
    """Stop the making of a document."""
    with transaction() as session:
        printable = editions.load_printable(session, case.id)
        kind = _kind(edition, _offered(case, printable))
        _cancel(session, printable.root_of(kind), kind)
    return redirect(url_for(".book", submission_id=case.id, _anchor=kind.value), 303)


def _cancel(session: Any, root: str, kind: EditionKind) -> None:
    found = editions.find_edition(session, root, kind)
    if found is not None:
        editions.cancel_edition(session, found.id, by=current_user.id, at=now())


@bp.get("/depots/<uuid:submission_id>/livret/<edition>/fichier")
@submission_page(Permission.TAKE_EDITIONS)
def download_edition(case: SubmissionAccess, edition: str) -> ResponseReturnValue:
    """Send a document that is made."""
    printable = editions.load_printable(read_session(), case.id)
    return _send(printable, _kind(edition, _offered(case, printable)))


def _send(printable: EditionSource, kind: EditionKind) -> Response:
    found = editions.find_edition(read_session(), printable.root_of(kind), kind)
    return send_made(found, wording.FILE_NAMES[kind], _MIMES.get(kind, FileType.PDF.mime))


def send_made(found: Prepared | None, name: str, mime: str) -> Response:
    """Send a document that is made; raise Refusal while it is not ready."""
    if found is None or found.state is not EditionState.READY or found.key is None:
        raise Refusal(EditionRefusal.NOT_READY)
    try:
        content = current_app.extensions["files"].open(found.key)
    except (KeyNotFound, InvalidKey):
        raise Refusal(EditionRefusal.NOT_READY) from None
    return file_response(content, attachment_headers(name, mime), found.size or 0, found.sha256 or "")


@bp.get("/depots/<uuid:submission_id>/livret.zip")
@submission_page(Permission.TAKE_ORIGINALS)
def download_zip(case: SubmissionAccess) -> Response:
    """Stream the whole dossier as a ZIP, or the part asked for; its reading edition is made first."""
    printable = editions.load_printable(read_session(), case.id)
    rows = {edition.kind: edition for edition in editions.list_editions(read_session(), printable)}
    if not _is_ready(rows.get(EditionKind.READING)):
        raise Refusal(EditionRefusal.NOT_READY)
    made = [
        MadeEdition(wording.FILE_NAMES[kind], row.key or "", row.size or 0, row.sha256 or "")
        for kind in (EditionKind.READING, EditionKind.ARCHIVAL)
        if (row := rows.get(kind)) is not None and _is_ready(row)
    ]
    entries = entries_of(index_values, printable, current_app.extensions["files"], made)
    # Dated by the seal: the same to the byte each time. The last entry lists the digests of the others.
    response = zip_response(members_of(entries), archive_name(printable.dossier), at=printable.dossier.header.sealed_at)
    return partial_response(response, stored_zip_size(members_of(entries)), entries[-1].sha256)


@bp.get("/depots/<uuid:submission_id>/pieces/<label>/preuve")
@submission_page(Permission.READ_SUBMISSION)
def inclusion_proof(case: SubmissionAccess, label: str) -> Response:
    """Send the proof that an exhibit is in the sealed dossier, which shows nothing of the others."""
    items = json.loads(load_manifest(read_session(), case.id).manifest)
    wanted = f"exhibit:{label}"
    if not any(item["id"] == wanted for item in items):
        abort(404)
    response = Response(json.dumps(acquis_check.proof_of(items, wanted), ensure_ascii=False, indent=1))
    response.headers.update(attachment_headers(f"preuve-{label}.json", "application/json"))
    return response


@bp.get("/dossiers/<uuid:candidacy_id>/brouillon")
@candidacy_page(Permission.READ_DRAFT)
def draft_book(case: CandidacyAccess) -> ResponseReturnValue:
    """Show how far the printed draft is, and the draft in the template of the certifier."""
    printable = _draft(case.id)
    rows = {edition.kind: edition for edition in editions.list_editions(read_session(), printable)}
    return render_template(
        "candidate/submission/draft_book.html",
        case=case,
        dossier=printable,
        summaries=[summary_of(kind, rows.get(kind)) for kind in _of_draft(printable)],
        own=Role.CANDIDATE in case.standing.roles,
        kinds=EditionKind,
    )


def _draft(candidacy_id: UUID) -> DraftEditionSource:
    return editions.load_draft_source(read_session(), candidacy_id)


def _of_draft(printable: EditionSource) -> tuple[EditionKind, ...]:
    return _OF_DRAFT if printable.template is not None else (EditionKind.DRAFT,)


@bp.post("/dossiers/<uuid:candidacy_id>/brouillon")
@candidacy_page(Permission.READ_DRAFT)
def request_draft(case: CandidacyAccess) -> ResponseReturnValue:
    """Ask for the draft as it is now."""
    return _requested(case, EditionKind.DRAFT)


@bp.post("/dossiers/<uuid:candidacy_id>/brouillon/word")
@candidacy_page(Permission.READ_DRAFT)
def request_word_draft(case: CandidacyAccess) -> ResponseReturnValue:
    """Ask for the draft in the template of the certifier."""
    return _requested(case, EditionKind.WORD)


def _requested(case: CandidacyAccess, kind: EditionKind) -> ResponseReturnValue:
    with transaction() as session:
        printable = editions.load_draft_source(session, case.id)
        editions.request_edition(session, printable, kind, by=current_user.id, at=now())
    return redirect(url_for(".draft_book", candidacy_id=case.id, _anchor=kind.value), 303)


@bp.post("/dossiers/<uuid:candidacy_id>/brouillon/arreter")
@candidacy_page(Permission.READ_DRAFT)
def cancel_draft(case: CandidacyAccess) -> ResponseReturnValue:
    """Stop the making of the draft."""
    return _cancelled(case, EditionKind.DRAFT)


@bp.post("/dossiers/<uuid:candidacy_id>/brouillon/word/arreter")
@candidacy_page(Permission.READ_DRAFT)
def cancel_word_draft(case: CandidacyAccess) -> ResponseReturnValue:
    """Stop the making of the draft in the template of the certifier."""
    return _cancelled(case, EditionKind.WORD)


def _cancelled(case: CandidacyAccess, kind: EditionKind) -> ResponseReturnValue:
    with transaction() as session:
        printable = editions.load_draft_source(session, case.id)
        _cancel(session, printable.root_of(kind), kind)
    return redirect(url_for(".draft_book", candidacy_id=case.id, _anchor=kind.value), 303)


@bp.get("/dossiers/<uuid:candidacy_id>/brouillon/fichier")
@candidacy_page(Permission.READ_DRAFT)
def download_draft(case: CandidacyAccess) -> Response:
    """Send the draft as it is now, once it is made."""
    return _send(_draft(case.id), EditionKind.DRAFT)


@bp.get("/dossiers/<uuid:candidacy_id>/brouillon/word/fichier")
@candidacy_page(Permission.READ_DRAFT)
def download_word_draft(case: CandidacyAccess) -> Response:
    """Send the draft in the template of the certifier, once it is made."""
    return _send(_draft(case.id), EditionKind.WORD)
