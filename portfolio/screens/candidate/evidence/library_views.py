"""The list of pieces: read it, change several at once, bring a removed piece back.

The removed pieces that can still come back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from flask import abort, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms import SelectMultipleField
from wtforms.validators import ValidationError

from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session, transaction
from portfolio.domain.dossier.models.evidence import Evidence
from portfolio.domain.dossier.rules.description import EvidenceKind, LibraryOrder, LibraryState
from portfolio.domain.dossier.use_cases.evidence import (
    FORGOTTEN_AFTER,
    SeveralAction,
    SeveralChange,
    change_several,
    leave_out,
)
from portfolio.domain.dossier.use_cases.texts import restore_evidence
from portfolio.screens.candidate.attestations.queries import proofs_for
from portfolio.screens.candidate.dossier.forms import ConfirmForm
from portfolio.screens.candidate.evidence import queries
from portfolio.screens.candidate.evidence.blueprint import bp
from portfolio.screens.candidate.evidence.forms import UploadForm
from portfolio.screens.candidate.evidence.library import PAGE_SIZE, LibraryView, load_library
from portfolio.screens.candidate.evidence.reuse import has_reusable
from portfolio.web.clock import now
from portfolio.web.forms import Form, SelectChoiceField, pairs
from portfolio.web.listing import page_number
from portfolio.wording import attestation as attesting
from portfolio.wording import evidence, library
from portfolio.wording.files import FAMILIES


@dataclass(frozen=True, slots=True)
class RemovedPiece:
    """A removed piece, when it was removed, and when it is erased."""

    id: UUID
    number: int
    title: str
    removed_at: datetime
    erased_at: datetime


def list_removed(session: Session, candidacy_id: UUID, page: int) -> tuple[Sequence[RemovedPiece], bool]:
    """Return a page of the removed pieces whose files are still there, the last removed first, and whether
    others follow.
    """
    rows = session.execute(
        select(Evidence.id, Evidence.number, Evidence.title, Evidence.removed_at)
        .where(Evidence.candidacy_id == candidacy_id, Evidence.removed_at.is_not(None), Evidence.files.any())
        .order_by(Evidence.removed_at.desc(), Evidence.number)
        .offset((page - 1) * PAGE_SIZE)
        .limit(PAGE_SIZE + 1)
    ).all()
    pieces = [
        RemovedPiece(key, number, title, removed_at, removed_at + FORGOTTEN_AFTER)
        for key, number, title, removed_at in rows[:PAGE_SIZE]
        if removed_at
    ]
    return pieces, len(rows) > PAGE_SIZE


T = TypeVar("T")


class SeveralForm(Form):
    """Act on the pieces that are ticked."""

    pieces = SelectMultipleField("Pièces", coerce=UUID, validate_choice=False)
    action = SelectChoiceField(
        "Avec les pièces cochées", SeveralAction, missing="Choisissez ce que vous voulez en faire."
    )
    kind = SelectChoiceField("Nature", EvidenceKind)
    experience_id = SelectChoiceField("Expérience", UUID)

    def __init__(self, experiences: Any, **more: Any) -> None:
        super().__init__(**more)
        self.action.choices = pairs([("", "Choisissez…"), *library.ACTIONS.items()])
        self.kind.choices = pairs([("", "Choisissez…"), *evidence.KINDS.items()])
        self.experience_id.choices = pairs([("", "Aucune"), *experiences])

    def validate_pieces(self, field: SelectMultipleField) -> None:
        """Something must be ticked."""
        if not field.data:
            raise ValidationError("Cochez au moins une pièce.")

    def validate_kind(self, field: SelectChoiceField) -> None:
        """Ask for the kind when it is what changes."""
        if self.action.data is SeveralAction.KIND and field.data is None:
            raise ValidationError("Choisissez la nature des pièces cochées.")

    def value(self) -> SeveralChange:
        """Return the change."""
        return SeveralChange(SeveralAction(str(self.action.data)), self.kind.data, self.experience_id.data)


def library_page(case: CandidacyAccess, form: SeveralForm | None = None) -> str:
    """Lay out a page of the list, with the form for several pieces as it stands or as it was left."""
    view = library_view()
    page = load_library(read_session(), case.id, view)
    experiences = queries.experience_choices(read_session(), case.id)
    proofs = proofs_for(case.id, [(line.view.piece.kind, line.view.sha256) for line in page.lines])
    shown = {"words": evidence, "say": library, "families": FAMILIES, "proofs": proofs, "attesting": attesting}
    several = form or SeveralForm(experiences, formdata=None)
    adding = UploadForm(formdata=None) if case.is_editable else None
    reusable = case.is_editable and has_reusable(read_session(), case.id)
    return render_template(
        "candidate/evidence/pieces.html",
        **{"case": case, "page": page, "view": view, "form": several, "experiences": experiences, **shown},
        adding=adding,
        reusable=reusable,
        limit=current_app.config["SETTINGS"].upload_limit,
    )


def library_view() -> LibraryView:
    """Return the filters and the order that the address asks for; one that it misspells is none."""
    return LibraryView(
        block=_argument("bloc", _number),
        kind=_argument("nature", EvidenceKind),
        year=_argument("annee", _year),
        experience_id=_argument("experience", UUID),
        state=_argument("etat", LibraryState),
        order=_argument("tri", LibraryOrder) or LibraryOrder.NUMBER,
        page=page_number(),
    )


def _argument(name: str, read: Callable[[str], T]) -> T | None:
    try:
        return read(request.args[name]) if request.args.get(name) else None
    except ValueError:
        return None


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 5):
        raise ValueError(text)
    return int(text)


def _year(text: str) -> int:
    if not 1900 <= _number(text) <= 2200:
        raise ValueError(text)
    return int(text)


@bp.post("/dossiers/<uuid:candidacy_id>/preuves/plusieurs")
@candidacy_page(Permission.EDIT_DRAFT)
def change_pieces(case: CandidacyAccess) -> ResponseReturnValue:
    """Make one change to every ticked piece, and say which ones refused it."""
    form = SeveralForm(queries.experience_choices(read_session(), case.id))
    if not form.validate():
        return library_page(case, form), 422
    for piece in (read_session().get(Evidence, evidence_id) for evidence_id in form.pieces.data or ()):
        if piece is None or piece.candidacy_id != case.id:
            abort(404)
    with transaction() as db:
        result = change_several(db, case.id, form.pieces.data, form.value(), by=current_user.id, at=now())
    session["notice"] = library.several_message(form.value().action, result)
    place: dict[str, Any] = dict(library_view().arguments(page=page_number()))
    return redirect(url_for(".pieces", candidacy_id=case.id, **place), 303)


@bp.get("/dossiers/<uuid:candidacy_id>/preuves/retirees")
@candidacy_page(Permission.EDIT_DRAFT)
def removed(case: CandidacyAccess) -> ResponseReturnValue:
    """List the removed pieces that can still come back."""
    pieces, has_next = list_removed(read_session(), case.id, page_number())
    shown = {"pieces": pieces, "has_next": has_next, "number": page_number(), "form": ConfirmForm(formdata=None)}
    return render_template("candidate/evidence/removed.html", case=case, **shown)


@bp.post("/dossiers/<uuid:candidacy_id>/preuves/<uuid:evidence_id>/remettre")
@candidacy_page(Permission.EDIT_DRAFT)
def restore(case: CandidacyAccess, evidence_id: UUID) -> ResponseReturnValue:
    """Bring a removed piece back."""
    piece = read_session().get(Evidence, evidence_id)
    if piece is None or piece.candidacy_id != case.id:
        abort(404)
    with transaction() as db:
        lost = restore_evidence(db, case.id, evidence_id, by=current_user.id, at=now())
    session["notice"] = library.restored_message(lost)
    return redirect(url_for(".piece", candidacy_id=case.id, evidence_id=evidence_id), 303)


@bp.post("/dossiers/<uuid:candidacy_id>/preuves/<uuid:evidence_id>/joindre")
@candidacy_page(Permission.EDIT_DRAFT)
def join(case: CandidacyAccess, evidence_id: UUID) -> ResponseReturnValue:
    """Join a piece to the deposit, or keep it out."""
    left_out_now = request.form.get("joindre") == "non"
    with transaction() as db:
        leave_out(db, case.id, evidence_id, left_out=left_out_now, by=current_user.id, at=now())
    session["notice"] = (
        "Cette pièce ne sera pas jointe au dépôt." if left_out_now else "Cette pièce sera jointe au dépôt."
    )
    return redirect(url_for(".piece", candidacy_id=case.id, evidence_id=evidence_id), 303)
