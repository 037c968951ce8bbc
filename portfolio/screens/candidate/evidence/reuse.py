"""Take pieces of another of one's candidacies over, without sending their files again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import abort, current_app, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms import SelectMultipleField
from wtforms.validators import ValidationError

from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.certification.models import CertificationVersion
from portfolio.domain.dossier.models.evidence import Evidence, EvidenceFile
from portfolio.domain.dossier.rules.description import LibraryOrder
from portfolio.domain.dossier.use_cases import uploads
from portfolio.domain.dossier.use_cases.page_images import keys_with_thumbnail
from portfolio.domain.dossier.use_cases.reuse import (
    copy_files,
    count_reusable,
    find_reusable,
    list_reusable,
    load_served_elsewhere,
    reuse_evidence,
)
from portfolio.domain.dossier.use_cases.uploads import upload_batch
from portfolio.screens.candidate.evidence.blueprint import bp
from portfolio.screens.candidate.evidence.resumable_uploads import quota_limits, quotas
from portfolio.screens.evidence_files.uploads import FILE_ERRORS, add_file_error, limit_concurrency, run_once_with_files
from portfolio.web.clock import now
from portfolio.web.forms import IdempotentForm, previous_result
from portfolio.web.listing import page_number
from portfolio.wording.evidence import KINDS, REFUSALS, reused_message
from portfolio.wording.files import FAMILIES

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class ReusableLine:
    """A piece of another candidacy, the certification it was made for, and whether it has a thumbnail."""

    piece: Evidence
    file: EvidenceFile
    certification: str
    has_thumbnail: bool
    # What the file serves there: the labels of its competencies, by the title of the certification.
    served: Mapping[str, Sequence[str]]


class ReuseForm(IdempotentForm):
    """The pieces to take over."""

    pieces = SelectMultipleField("Pièces", coerce=UUID, validate_choice=False)

    def validate_pieces(self, field: SelectMultipleField) -> None:
        """Something must be ticked, and no more than a page of it."""
        if not field.data:
            raise ValidationError("Cochez au moins une pièce à reprendre.")
        field.data = list(dict.fromkeys(field.data))[:PAGE_SIZE]


@bp.get("/dossiers/<uuid:candidacy_id>/preuves/reprendre")
@candidacy_page(Permission.EDIT_DRAFT)
def reuse_form(case: CandidacyAccess) -> ResponseReturnValue:
    """List the pieces of the other candidacies of the person."""
    return _render(case, ReuseForm(formdata=None))


@bp.post("/dossiers/<uuid:candidacy_id>/preuves/reprendre")
@candidacy_page(Permission.EDIT_DRAFT)
def reuse(case: CandidacyAccess) -> ResponseReturnValue:
    """Make pieces of this draft of those that are ticked."""
    form = ReuseForm()
    if done := previous_result(form.nonce.data):
        return done
    if not form.validate():
        return _render(case, form), 422
    chosen = list(find_reusable(read_session(), case.id, form.pieces.data).values())
    if len(chosen) != len(form.pieces.data):
        abort(404)
    found = quotas(case)
    if refusal := found.refusal(sum(file.size for _, file in chosen)):
        form.pieces.errors = [REFUSALS[refusal]({"room": found.room or 0})]
        return _render(case, form), 409
    settings, files = current_app.config["SETTINGS"], current_app.extensions["files"]
    with limit_concurrency(current_user.id), upload_batch(files, settings.upload_limit) as batch:
        try:
            copies = copy_files(files, batch, chosen)
        except FILE_ERRORS as error:
            return _render(case, form), add_file_error(form.pieces, error)

        def act(db: Session) -> str:
            reuse_evidence(db, case.id, copies, by=current_user.id, at=now())
            uploads.check_quotas(db, case.id, 0, *quota_limits())
            return url_for(".pieces", candidacy_id=case.id, tri=LibraryOrder.NEWEST)

        response = run_once_with_files(batch, form.nonce.data, act)
    session["notice"] = reused_message(len(copies))
    return response


def has_reusable(session: Session, candidacy_id: UUID) -> bool:
    """Return whether the person has a piece in another candidacy."""
    candidate_id = select(Candidacy.candidate_id).where(Candidacy.id == candidacy_id).scalar_subquery()
    other = (Candidacy.candidate_id == candidate_id, Candidacy.id != candidacy_id, Evidence.removed_at.is_(None))
    query = select(Evidence.id).join(Candidacy, Candidacy.id == Evidence.candidacy_id).where(*other)
    return session.scalar(query.limit(1)) is not None


def _lines(session: Session, candidacy_id: UUID, rows: Sequence[tuple[Evidence, EvidenceFile]]) -> list[ReusableLine]:
    drawn = keys_with_thumbnail(session, [file.key for _, file in rows])
    query = (
        select(Candidacy.id, CertificationVersion.title)
        .join(Candidacy.version)
        .where(Candidacy.id.in_({piece.candidacy_id for piece, _ in rows}))
    )
    titles = {candidacy_id: title for candidacy_id, title in session.execute(query)}  # noqa: C416
    served = load_served_elsewhere(session, candidacy_id, [file.sha256 for _, file in rows])
    return [
        ReusableLine(piece, file, titles[piece.candidacy_id], file.key in drawn, served.get(file.sha256, {}))
        for piece, file in rows
    ]


def _render(case: CandidacyAccess, form: ReuseForm) -> str:
    total = count_reusable(read_session(), case.id)
    last = max(1, -(-total // PAGE_SIZE))
    number = min(page_number(), last)
    rows = list_reusable(read_session(), case.id, offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    lines = _lines(read_session(), case.id, rows)
    shown = {"lines": lines, "number": number, "last": last, "kinds": KINDS, "families": FAMILIES}
    return render_template("candidate/evidence/reuse.html", case=case, form=form, total=total, **shown)
