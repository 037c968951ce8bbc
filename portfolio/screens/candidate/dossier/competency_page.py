"""Content of the page of one competency, and the claims that can still be made.

The candidate says which competency a piece shows, where, and why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import abort, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session, transaction
from portfolio.domain.dossier.models.dossier import Claim, Dossier
from portfolio.domain.dossier.rules.draft import CompetencyFact, DossierRefusal, GeneralText
from portfolio.domain.dossier.use_cases import claims, draft_rows
from portfolio.domain.dossier.use_cases.attestation_requests import competencies_asked
from portfolio.domain.dossier.use_cases.draft_lock import require_editable_competencies
from portfolio.domain.dossier.use_cases.draft_rows import (
    ClaimDetails,
    EvidenceSummary,
    NarrativeDetails,
    load_claims,
    load_narratives,
    load_pieces,
)
from portfolio.domain.dossier.use_cases.matrix import CompetencySummary, MatrixBlock, load_matrix
from portfolio.domain.dossier.use_cases.progress import Progress
from portfolio.errors import Conflict, Refusal
from portfolio.screens.candidate.dossier.blueprint import bp
from portfolio.screens.candidate.dossier.forms import ClaimChangeForm, ClaimForm, ConfirmForm, EvidenceChoiceForm
from portfolio.web.clock import now
from portfolio.web.forms import run_once


@dataclass(frozen=True, slots=True)
class CompetencyPageData:
    """Everything the candidate's page of one competency shows, but the conversation."""

    path: Progress
    block: MatrixBlock
    line: CompetencySummary
    narrative: NarrativeDetails | None
    claims: tuple[tuple[ClaimDetails, EvidenceSummary], ...]
    others: tuple[EvidenceSummary, ...]
    previous: CompetencyFact | None
    next: CompetencyFact | None


@dataclass(frozen=True, slots=True)
class GeneralTexts:
    """The dossier's own texts, and the revision to build on."""

    texts: dict[GeneralText, str]
    revision: int


def find_competency_page(session: Session, candidacy_id: UUID, competency_id: UUID) -> CompetencyPageData | None:
    """Return the page of a competency still to prove; None when it is out of scope.

    Raises Refusal: HELD, SUSPENDED.
    """
    matrix = load_matrix(session, candidacy_id)
    lines = [(block, line) for block in matrix.blocks for line in block.lines]
    here = next((place for place, (_block, line) in enumerate(lines) if line.fact.id == competency_id), None)
    if here is None:
        _say_closed(session, candidacy_id, competency_id)
        return None
    pieces = {piece.id: piece for piece in load_pieces(session, candidacy_id)}
    claims = load_claims(session, candidacy_id).get(competency_id, [])
    claimed = {claim.evidence_id for claim in claims}
    return CompetencyPageData(
        matrix.path,
        *lines[here],
        load_narratives(session, candidacy_id).get(competency_id),
        tuple((claim, pieces[claim.evidence_id]) for claim in claims),
        tuple(piece for piece in pieces.values() if piece.id not in claimed),
        lines[here - 1][1].fact if here else None,
        lines[here + 1][1].fact if here + 1 < len(lines) else None,
    )


def _say_closed(session: Session, candidacy_id: UUID, competency_id: UUID) -> None:
    """Say why a competency asked for is not to prove; silent about one of another dossier."""
    try:
        require_editable_competencies(session, candidacy_id, [competency_id])
    except Refusal as refusal:
        if refusal.code is not DossierRefusal.NOT_IN_SCOPE:
            raise


@dataclass(frozen=True, slots=True)
class ClaimsGrid:
    """Every claim at once: the competencies to prove, the claims of each, the pieces."""

    path: Progress
    lines: tuple[tuple[CompetencyFact, Sequence[ClaimDetails]], ...]
    pieces: tuple[EvidenceSummary, ...]


def load_claims_grid(session: Session, candidacy_id: UUID) -> ClaimsGrid:
    """Return every claim of a candidacy beside its competency and its piece, in a constant number of queries."""
    matrix, claims = load_matrix(session, candidacy_id), load_claims(session, candidacy_id)
    lines = tuple((line.fact, claims.get(line.fact.id, ())) for line in matrix.lines())
    return ClaimsGrid(matrix.path, lines, load_pieces(session, candidacy_id))


@dataclass(frozen=True, slots=True)
class OpenBlock:
    """A block with the competencies that a piece may still be claimed for."""

    number: int
    title: str
    competencies: tuple[CompetencyFact, ...]


def list_claimable_competencies(session: Session, candidacy_id: UUID) -> list[tuple[UUID, str]]:
    """Return the competencies still to prove, each with its number and its words, in the order of the certification."""
    return [
        (line.fact.id, f"{line.fact.label} {line.fact.text}") for line in load_matrix(session, candidacy_id).lines()
    ]


def list_claimable_blocks(session: Session, candidacy_id: UUID, evidence_id: UUID) -> Sequence[OpenBlock]:
    """Answer, by block, the competencies still to prove that this piece is not claimed for yet."""
    matrix = load_matrix(session, candidacy_id)
    claimed = set(session.scalars(select(Claim.competency_id).where(Claim.evidence_id == evidence_id)))
    blocks = []
    for block in matrix.blocks:
        free = [line.fact for line in block.lines if line.fact.id not in claimed]
        if free:
            blocks.append(OpenBlock(block.number, block.title, tuple(free)))
    return blocks


def find_claim(session: Session, candidacy_id: UUID, claim_id: UUID) -> ClaimDetails | None:
    """Return a claim of this candidacy; None for any other."""
    row = session.scalar(select(Claim).where(Claim.id == claim_id, Claim.candidacy_id == candidacy_id))
    return (
        ClaimDetails(row.id, row.evidence_id, row.competency_id, row.passage, row.comment, row.revision)
        if row
        else None
    )


def load_general_texts(session: Session, candidacy_id: UUID) -> GeneralTexts:
    """Return the dossier's own texts; raises NoResultFound when the candidacy does not exist."""
    dossier = session.get_one(Dossier, candidacy_id)
    return GeneralTexts({text: getattr(dossier, text.value) for text in GeneralText}, dossier.revision)


@bp.route("/dossiers/<uuid:candidacy_id>/preuves/<uuid:evidence_id>/competences", methods=["GET", "POST"])
@candidacy_page(Permission.EDIT_DRAFT)
def choose_competencies(case: CandidacyAccess, evidence_id: UUID) -> ResponseReturnValue:
    """Choose the competencies that a piece shows."""
    piece = _piece(case, evidence_id)
    blocks = list_claimable_blocks(read_session(), case.id, evidence_id)
    choices = [(fact.id, f"{fact.label} {fact.text}") for block in blocks for fact in block.competencies]
    # What a third party was asked to attest is ticked beforehand, and what the address names.
    proposed = request.args.getlist("competence")
    asked = [*competencies_asked(read_session(), evidence_id), *(key for key, _ in choices if str(key) in proposed)]
    form = ClaimForm(choices, piece.countable, competencies=asked)
    if not form.validate_on_submit():
        page = render_template("candidate/dossier/claim.html", case=case, piece=piece, blocks=blocks, form=form)
        return page, 422 if form.is_submitted() else 200

    def act(db: Session) -> str:
        chosen = form.competencies.data or []
        claims.add_claims(db, case.id, evidence_id, chosen, form.value(), by=current_user.id, at=now())
        return url_for("candidate.evidence.piece", candidacy_id=case.id, evidence_id=evidence_id)

    response = run_once(form.nonce.data, act)
    session["notice"] = "C’est noté. Votre accompagnateur voit la pièce à côté de chaque compétence choisie."
    return response


@bp.route("/dossiers/<uuid:candidacy_id>/competences/<uuid:competency_id>/preuves", methods=["GET", "POST"])
@candidacy_page(Permission.EDIT_DRAFT)
def choose_evidence(case: CandidacyAccess, competency_id: UUID) -> ResponseReturnValue:
    """Choose, among the pieces already there, one that shows a competency."""
    page: CompetencyPageData = find_competency_page(read_session(), case.id, competency_id) or abort(404)
    pieces = [(piece.id, f"{piece.number}. {piece.piece.title}") for piece in page.others]
    form = EvidenceChoiceForm(pieces, {piece.id: piece.countable for piece in page.others})
    if not form.validate_on_submit():
        shown = render_template("candidate/dossier/choose.html", case=case, page=page, form=form)
        return shown, 422 if form.is_submitted() else 200

    def act(db: Session) -> str:
        chosen: Any = form.piece.data
        claims.add_claims(db, case.id, chosen, [competency_id], form.value(), by=current_user.id, at=now())
        return _competency_url(case, competency_id)

    response = run_once(form.nonce.data, act)
    session["notice"] = "La pièce est proposée pour cette compétence."
    return response


@bp.route("/dossiers/<uuid:candidacy_id>/liens/<uuid:claim_id>", methods=["GET", "POST"])
@candidacy_page(Permission.EDIT_DRAFT)
def change_claim(case: CandidacyAccess, claim_id: UUID) -> ResponseReturnValue:
    """Change what a claim says."""
    found = _claim(case, claim_id)
    piece, page = (_piece(case, found.evidence_id), find_competency_page(read_session(), case.id, found.competency_id))
    data = {"passage": found.passage, "comment": found.comment, "revision": str(found.revision)}
    form = ClaimChangeForm(piece.countable, data=data)
    shown = {"case": case, "claim": found, "piece": piece, "page": page or abort(404), "form": form}
    if not form.validate_on_submit():
        status = 422 if form.is_submitted() else 200
        return render_template("candidate/dossier/change_claim.html", conflict=None, **shown), status
    try:
        with transaction() as db:
            claims.change_claim(db, case.id, claim_id, form.value(), form.seen_revision, by=current_user.id, at=now())
    except Conflict as conflict:
        form.revision.data = str(conflict.revision)
        return render_template("candidate/dossier/change_claim.html", conflict=conflict, **shown), 409
    session["notice"] = "C’est enregistré."
    return redirect(_competency_url(case, found.competency_id), 303)


@bp.get("/dossiers/<uuid:candidacy_id>/liens/<uuid:claim_id>/retirer")
@candidacy_page(Permission.EDIT_DRAFT)
def confirm_remove_claim(case: CandidacyAccess, claim_id: UUID) -> ResponseReturnValue:
    """Ask before a claim is taken back: its comment goes with it."""
    found = _claim(case, claim_id)
    piece, page = (_piece(case, found.evidence_id), find_competency_page(read_session(), case.id, found.competency_id))
    shown = {"claim": found, "piece": piece, "page": page or abort(404), "form": ConfirmForm(formdata=None)}
    return render_template("candidate/dossier/remove_claim.html", case=case, **shown)


@bp.post("/dossiers/<uuid:candidacy_id>/liens/<uuid:claim_id>/retirer")
@candidacy_page(Permission.EDIT_DRAFT)
def remove_claim(case: CandidacyAccess, claim_id: UUID) -> ResponseReturnValue:
    """Take a claim back; the piece stays."""
    found = find_claim(read_session(), case.id, claim_id)
    with transaction() as db:
        claims.remove_claim(db, case.id, claim_id, by=current_user.id, at=now())
    session["notice"] = "La pièce n’est plus proposée pour cette compétence. Elle reste dans vos preuves."
    back = _competency_url(case, found.competency_id) if found else url_for(".home", candidacy_id=case.id)
    return redirect(back, 303)


def _competency_url(case: CandidacyAccess, competency_id: UUID) -> str:
    return url_for(".competency", candidacy_id=case.id, competency_id=competency_id, _anchor="preuves")


def _piece(case: CandidacyAccess, evidence_id: UUID) -> EvidenceSummary:
    pieces = draft_rows.load_pieces(read_session(), case.id)
    return next((piece for piece in pieces if piece.id == evidence_id), None) or abort(404)


def _claim(case: CandidacyAccess, claim_id: UUID) -> ClaimDetails:
    return find_claim(read_session(), case.id, claim_id) or abort(404)
