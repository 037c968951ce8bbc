"""Pages of the seal: what is missing before it, the receipt after it, the sealed dossier to read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort, current_app, redirect, render_template, send_file, session, url_for
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.cases import CandidacyCase, SubmissionCase
from portfolio.db import reading
from portfolio.dossier.rules import DossierState, Gap, MissingItem
from portfolio.dossier.wording import PROMPTS, TEXTS, missing_item_sentence
from portfolio.evidence import wording as pieces
from portfolio.guards import candidacy_page, submission_page
from portfolio.policy import Permission, Role
from portfolio.storage.names import attachment_headers
from portfolio.submission import services
from portfolio.submission.forms import SubmissionForm
from portfolio.submission.wording import statement_of
from portfolio.web.clock import now
from portfolio.web.forms import CreationForm
from portfolio.web.once import once

bp = Blueprint("submission", __name__)


@bp.get("/dossiers/<uuid:candidacy_id>/depot")
@candidacy_page(Permission.SUBMIT)
def checklist(case: CandidacyCase) -> Any:
    """Show what is missing, what will be sealed and what is sworn; once submitted, lead to the receipt."""
    if case.dossier_state is DossierState.SUBMITTED:
        return redirect(url_for(".receipt", submission_id=services.last_submission_id(reading(), case.id)), 303)
    return _checklist(case, SubmissionForm(formdata=None))


def _checklist(case: CandidacyCase, form: SubmissionForm) -> str:
    page = services.checklist_page(reading(), case.id)
    links = [(missing_item_sentence(item), _place(case.id, item)) for item in page.blocking]
    advice = [(missing_item_sentence(item), _place(case.id, item)) for item in page.advice]
    statement = statement_of(page.candidate, page.title, page.code)
    return render_template(
        "submission/checklist.html", case=case, page=page, blocking=links, advice=advice, statement=statement, form=form
    )


@bp.post("/dossiers/<uuid:candidacy_id>/depot")
@candidacy_page(Permission.SUBMIT)
def submit(case: CandidacyCase) -> Any:
    """Seal the dossier, or show the statement again when it is not signed."""
    form = SubmissionForm()
    if not form.validate():
        return _checklist(case, form), 422

    def act(db: Session) -> str:
        page = services.checklist_page(db, case.id)
        statement = statement_of(page.candidate, page.title, page.code)
        submission = services.submit(db, case.id, statement, by=current_user.id, at=now())
        return url_for(".receipt", submission_id=submission.id)

    return once(form.nonce.data, act)


@bp.post("/dossiers/<uuid:candidacy_id>/depot/suivant")
@candidacy_page(Permission.PREPARE_NEXT)
def prepare_next(case: CandidacyCase) -> Any:
    """Open the draft again for the blocks that are missing."""
    form = CreationForm()
    form.validate()

    def act(db: Session) -> str:
        services.reopen(db, case.id, by=current_user.id, at=now())
        return url_for("dossier.home", candidacy_id=case.id)

    response = once(form.nonce.data, act)
    session["notice"] = "Votre dossier est rouvert pour les blocs qui vous manquent. Ce qui était déposé reste scellé."
    return response


@bp.get("/depots/<uuid:submission_id>")
@submission_page(Permission.READ_SUBMISSION)
def receipt(case: SubmissionCase) -> Any:
    """Show the receipt: what was sealed, when, and its root."""
    page = services.receipt_page(reading(), case.id)
    return render_template("submission/receipt.html", page=page, kinds=pieces.KINDS, own=_is_own(case))


@bp.get("/depots/<uuid:submission_id>/lecture")
@submission_page(Permission.READ_SUBMISSION)
def sealed(case: SubmissionCase) -> Any:
    """Show the sealed dossier as it is read: by block and competency, each exhibit one click away."""
    page = services.receipt_page(reading(), case.id)
    words = {"pieces": pieces, "prompts": PROMPTS, "texts": TEXTS}
    return render_template("submission/sealed.html", page=page, own=_is_own(case), **words)


@bp.get("/depots/<uuid:submission_id>/pieces/<label>")
@submission_page(Permission.READ_SUBMISSION)
def exhibit(case: SubmissionCase, label: str) -> Any:
    """Send the sealed file of an exhibit, as an attachment only."""
    kept = services.sealed_file(reading(), case.id, label)
    if kept is None:
        abort(404)
    response = send_file(current_app.extensions["files"].open(kept.key), mimetype="application/octet-stream")
    response.headers.update(attachment_headers(f"{label} {kept.name}", kept.mime))
    response.content_length = kept.size
    return response


@bp.get("/depots/<uuid:submission_id>/manifeste")
@submission_page(Permission.READ_SUBMISSION)
def manifest(case: SubmissionCase) -> Any:
    """Send the manifest, from which anyone recomputes the root."""
    found = services.manifest_of(reading(), case.id)
    response = Response(found.manifest)
    response.headers.update(attachment_headers(f"manifeste-{found.root[:12]}.json", "application/json"))
    return response


def _is_own(case: SubmissionCase) -> bool:
    return Role.CANDIDATE in case.standing.roles


Placed = Callable[[UUID, MissingItem], str]


def _at_competency(candidacy_id: UUID, item: MissingItem) -> str:
    assert item.competency is not None
    return url_for("dossier.competency", candidacy_id=candidacy_id, competency_id=item.competency.id)


def _at_piece(candidacy_id: UUID, item: MissingItem) -> str:
    assert item.piece is not None
    return url_for("evidence.describe", candidacy_id=candidacy_id, evidence_id=item.piece.id)


# Where each thing is done; what belongs to one competency is done on its page.
_PLACES: Mapping[Gap, Placed] = {
    Gap.NOTHING_TO_PROVE: lambda candidacy_id, _: url_for("dossier.home", candidacy_id=candidacy_id),
    Gap.NO_EXPERIENCE: lambda candidacy_id, _: url_for("dossier.experiences", candidacy_id=candidacy_id),
    Gap.EMPTY_TEXT: lambda candidacy_id, _: url_for("dossier.texts", candidacy_id=candidacy_id),
    Gap.PIECE_NOT_SWORN: _at_piece,
    Gap.PIECE_UNDESCRIBED: _at_piece,
    Gap.PIECE_UNUSED: _at_piece,
}


def _place(candidacy_id: UUID, item: MissingItem) -> str:
    return _PLACES.get(item.gap, _at_competency)(candidacy_id, item)
