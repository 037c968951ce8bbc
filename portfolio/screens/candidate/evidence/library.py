"""The list of pieces, twenty at a time: its filters, its order, and what each line shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from flask import abort, current_app, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import ColumnElement, and_, exists, extract, func, or_, select
from sqlalchemy.orm import Session
from wtforms import SelectMultipleField
from wtforms.validators import ValidationError

from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.certification.models import Block, CertificationVersion, Competency
from portfolio.domain.dossier.models.dossier import Claim
from portfolio.domain.dossier.models.evidence import Evidence, EvidenceFile, is_current_file
from portfolio.domain.dossier.rules.description import (
    CERTIFICATES,
    Anonymity,
    Authorship,
    EvidenceKind,
    LibraryOrder,
    LibraryState,
    MissingFact,
    missing_facts,
)
from portfolio.domain.dossier.rules.rendition import QuarantineState
from portfolio.domain.dossier.use_cases import uploads
from portfolio.domain.dossier.use_cases.conversions import SHOWN
from portfolio.domain.dossier.use_cases.draft_rows import FILE_COLUMNS, PIECE_COLUMNS, EvidenceSummary, evidence_summary
from portfolio.domain.dossier.use_cases.page_images import keys_with_thumbnail
from portfolio.domain.dossier.use_cases.quarantine import load_quarantined
from portfolio.domain.dossier.use_cases.reuse import (
    copy_files,
    count_reusable,
    find_reusable,
    list_reusable,
    load_served_elsewhere,
    reuse_evidence,
)
from portfolio.domain.dossier.use_cases.uploads import upload_batch
from portfolio.screens.blueprints import blueprint_of
from portfolio.screens.candidate.evidence.queries import SameEvidence
from portfolio.screens.candidate.evidence.resumable_uploads import quota_limits, quotas
from portfolio.screens.evidence_files.uploads import FILE_ERRORS, add_file_error, limit_concurrency, run_once_with_files
from portfolio.web.clock import now
from portfolio.web.forms import IdempotentForm, previous_result
from portfolio.web.listing import page_number
from portfolio.wording.evidence import KINDS, REFUSALS, reused_message
from portfolio.wording.files import FAMILIES

bp = blueprint_of(__name__)

PAGE_SIZE = 20


@dataclass(frozen=True, slots=True)
class LibraryView:
    """The filters and the order of a list, as its address carries them."""

    block: int | None = None
    kind: EvidenceKind | None = None
    year: int | None = None
    experience_id: UUID | None = None
    state: LibraryState | None = None
    order: LibraryOrder = LibraryOrder.NUMBER
    page: int = 1

    @property
    def is_filtered(self) -> bool:
        """Return whether some pieces may be out of the list."""
        return replace(self, order=LibraryOrder.NUMBER, page=1) != LibraryView()

    def arguments(self, **changes: Any) -> dict[str, str]:
        """Return the arguments of the address of this list with these changes; a change of filter goes back
        to the first page.
        """
        view = replace(self, **({"page": 1} | changes))
        named = {
            "bloc": view.block,
            "nature": view.kind,
            "annee": view.year,
            "experience": view.experience_id,
            "etat": view.state,
            "tri": view.order if view.order is not LibraryOrder.NUMBER else None,
            "page": view.page if view.page > 1 else None,
        }
        return {name: str(value) for name, value in named.items() if value is not None}


@dataclass(frozen=True, slots=True)
class LibraryLine:
    """A piece in the list: what it lacks, the competencies it is claimed for (« 2.1 »), whether it has a thumbnail."""

    view: EvidenceSummary
    missing: tuple[MissingFact, ...]
    competencies: tuple[str, ...]
    is_left_out: bool = False
    has_thumbnail: bool = False
    # The first piece, added before, that has the same file.
    same: SameEvidence | None = None
    # Its file was received while the antivirus did not answer.
    apart: QuarantineState | None = None


@dataclass(frozen=True, slots=True)
class LibraryChoices:
    """The values that the filters offer: those that a piece of the dossier has."""

    blocks: Sequence[int] = ()
    kinds: Sequence[EvidenceKind] = ()
    years: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class LibraryPage:
    """One page of the list, how many pieces match, how many there are in all, and how many wait thirty days
    to be erased.
    """

    lines: Sequence[LibraryLine]
    count: int
    total: int
    removed: int
    choices: LibraryChoices

    @property
    def last_page(self) -> int:
        """Return the number of the last page."""
        return max(1, -(-self.count // PAGE_SIZE))


def load_library(session: Session, candidacy_id: UUID, view: LibraryView) -> LibraryPage:
    """Return a page of the list of pieces, in a number of queries and of rows that does not grow with the dossier."""
    own = Evidence.candidacy_id == candidacy_id
    kept = and_(own, Evidence.removed_at.is_(None))
    matching = and_(kept, *_conditions(view))
    restorable = and_(Evidence.removed_at.is_not(None), Evidence.files.any())
    total, count, removed = session.execute(select(_count(kept), _count(matching), _count(restorable)).where(own)).one()
    page = min(view.page, max(1, -(-count // PAGE_SIZE)))
    rows = session.execute(
        select(PIECE_COLUMNS, FILE_COLUMNS, Evidence.is_left_out, EvidenceFile.key)
        .join(EvidenceFile, EvidenceFile.evidence_id == Evidence.id)
        .outerjoin(*SHOWN)
        .where(matching, is_current_file())
        .order_by(*_order(view.order))
        .offset((page - 1) * PAGE_SIZE)
        .limit(PAGE_SIZE)
    ).all()
    return LibraryPage(_lines(session, candidacy_id, rows), count, total, removed, _choices(session, candidacy_id))


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count().filter(condition)


def is_incomplete() -> ColumnElement[bool]:
    """Return the condition that `missing_facts` finds something: what a piece does not say yet."""
    signed = Evidence.kind.in_(CERTIFICATES)
    plain = or_(Evidence.kind.is_(None), ~signed)
    return or_(
        Evidence.title == "",
        Evidence.kind.is_(None),
        Evidence.dated_from.is_(None),
        and_(plain, or_(Evidence.experience_id.is_(None), Evidence.own_role == "")),
        Evidence.authorship.is_(None),
        and_(Evidence.authorship == Authorship.SHARED, Evidence.own_part == ""),
        Evidence.confidentiality.is_(None),
        Evidence.anonymity.is_(None),
        Evidence.anonymity == Anonymity.NOT_YET,
        and_(
            Evidence.kind == EvidenceKind.WEB_ADDRESS, or_(Evidence.web_address == "", Evidence.captured_on.is_(None))
        ),
    )


def _conditions(view: LibraryView) -> list[ColumnElement[bool]]:
    claimed = exists().where(Claim.evidence_id == Evidence.id)
    in_block = claimed.where(
        Competency.id == Claim.competency_id, Block.id == Competency.block_id, Block.number == view.block
    )
    conditions: list[tuple[bool, ColumnElement[bool]]] = [
        (view.block is not None, in_block),
        (view.kind is not None, Evidence.kind == view.kind),
        (view.year is not None, _in_year(view.year or 1)),
        (view.experience_id is not None, Evidence.experience_id == view.experience_id),
        (view.state is LibraryState.UNUSED, ~claimed),
        (view.state is LibraryState.INCOMPLETE, is_incomplete()),
        (view.state is LibraryState.LEFT_OUT, Evidence.is_left_out.is_(True)),
    ]
    return [condition for is_wanted, condition in conditions if is_wanted]


def _in_year(year: int) -> ColumnElement[bool]:
    first, last = date(year, 1, 1), date(year, 12, 31)
    return and_(Evidence.dated_from <= last, func.coalesce(Evidence.dated_to, Evidence.dated_from) >= first)


def _order(order: LibraryOrder) -> tuple[Any, ...]:
    orders: Mapping[LibraryOrder, tuple[Any, ...]] = {
        LibraryOrder.NEWEST: (Evidence.number.desc(),),
        LibraryOrder.DATE: (Evidence.dated_from.desc().nulls_last(), Evidence.number),
        LibraryOrder.TITLE: (func.lower(Evidence.title), Evidence.number),
    }
    return orders.get(order, (Evidence.number,))


def _lines(session: Session, candidacy_id: UUID, rows: Sequence[Any]) -> list[LibraryLine]:
    pieces = [evidence_summary(row.piece, row.file) for row in rows]
    labels: dict[UUID, list[str]] = {}
    for evidence_id, block, number in session.execute(_labels([piece.id for piece in pieces])):
        labels.setdefault(evidence_id, []).append(f"{block}.{number}")
    keys = [row.key for row in rows]
    drawn, apart = keys_with_thumbnail(session, keys), load_quarantined(session, keys)
    firsts = _first_pieces(session, candidacy_id, [piece.sha256 for piece in pieces])
    lines = []
    for row, piece in zip(rows, pieces, strict=True):
        first = firsts.get(piece.sha256)
        same = first if first and first.id != piece.id else None
        missing, named = missing_facts(piece.piece), tuple(labels.get(piece.id, ()))
        told = same, apart.get(row.key)
        lines.append(LibraryLine(piece, missing, named, bool(row.is_left_out), row.key in drawn, *told))
    return lines


def _labels(ids: Sequence[UUID]) -> Any:
    return (
        select(Claim.evidence_id, Block.number, Competency.number)
        .join(Claim.competency)
        .join(Competency.block)
        .where(Claim.evidence_id.in_(ids))
        .order_by(Block.number, Competency.number)
    )


def _first_pieces(session: Session, candidacy_id: UUID, digests: Sequence[str]) -> dict[str, SameEvidence]:
    rows = session.execute(
        select(EvidenceFile.sha256, Evidence.id, Evidence.number, Evidence.title)
        .join(EvidenceFile.evidence)
        .where(Evidence.candidacy_id == candidacy_id, Evidence.removed_at.is_(None), EvidenceFile.sha256.in_(digests))
        .where(is_current_file())
        .order_by(Evidence.number.desc())
    )
    return {sha256: SameEvidence(key, number, title) for sha256, key, number, title in rows}


def _choices(session: Session, candidacy_id: UUID) -> LibraryChoices:
    kept = Evidence.candidacy_id == candidacy_id, Evidence.removed_at.is_(None)
    version = select(Candidacy.version_id).where(Candidacy.id == candidacy_id).scalar_subquery()
    # By competency, not by claim: a dossier has a few of the first, and thousands of the second.
    is_claimed = exists().where(Claim.candidacy_id == candidacy_id, Claim.competency_id == Competency.id)
    blocks = select(Block.number).join(Block.competencies).where(Block.version_id == version, is_claimed).distinct()
    kinds = session.scalars(select(Evidence.kind).where(*kept, Evidence.kind.is_not(None)).distinct()).all()
    years = session.scalars(
        select(extract("year", Evidence.dated_from)).where(*kept, Evidence.dated_from.is_not(None)).distinct()
    )
    return LibraryChoices(
        sorted(session.scalars(blocks)),
        [kind for kind in EvidenceKind if kind in kinds],
        sorted(map(int, years), reverse=True),
    )


REUSE_PAGE_SIZE = 50


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
        field.data = list(dict.fromkeys(field.data))[:REUSE_PAGE_SIZE]


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


def _reuse_lines(
    session: Session, candidacy_id: UUID, rows: Sequence[tuple[Evidence, EvidenceFile]]
) -> list[ReusableLine]:
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
    last = max(1, -(-total // REUSE_PAGE_SIZE))
    number = min(page_number(), last)
    rows = list_reusable(read_session(), case.id, offset=(number - 1) * REUSE_PAGE_SIZE, limit=REUSE_PAGE_SIZE)
    lines = _reuse_lines(read_session(), case.id, rows)
    shown = {"lines": lines, "number": number, "last": last, "kinds": KINDS, "families": FAMILIES}
    return render_template("candidate/evidence/reuse.html", case=case, form=form, total=total, **shown)
