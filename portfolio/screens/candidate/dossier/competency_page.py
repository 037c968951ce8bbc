"""Content of the page of one competency, and the claims that can still be made.

The candidate says which competency a piece shows, where, and why.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID

from flask import abort, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import Select, exists, func, null, or_, select, true
from sqlalchemy.orm import Bundle, Session

from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session, transaction
from portfolio.domain.dossier.models.dossier import Claim, Dossier
from portfolio.domain.dossier.models.evidence import Evidence, EvidenceFile, is_current_file, is_joined
from portfolio.domain.dossier.rules.anchors import anchors_from_json
from portfolio.domain.dossier.rules.draft import CompetencyFact, DossierRefusal, GeneralText
from portfolio.domain.dossier.use_cases import claims
from portfolio.domain.dossier.use_cases.attestation_requests import competencies_asked
from portfolio.domain.dossier.use_cases.conversions import SHOWN
from portfolio.domain.dossier.use_cases.draft_lock import require_editable_competencies
from portfolio.domain.dossier.use_cases.draft_rows import (
    FILE_COLUMNS,
    PIECE_COLUMNS,
    ClaimDetails,
    EvidenceSummary,
    NarrativeDetails,
    evidence_summary,
    load_narrative,
    load_pieces,
)
from portfolio.domain.dossier.use_cases.matrix import CompetencySummary, Matrix, MatrixBlock, load_matrix
from portfolio.domain.dossier.use_cases.next_dossier import postponed_blocks
from portfolio.domain.dossier.use_cases.page_images import keys_with_thumbnail
from portfolio.domain.dossier.use_cases.progress import Progress
from portfolio.domain.search.use_cases.leads import list_suggestions, load_claimed
from portfolio.errors import Conflict, Refusal
from portfolio.screens.blueprints import blueprint_of
from portfolio.screens.candidate.dossier.forms import ClaimChangeForm, ClaimForm, ConfirmForm, EvidenceChoiceForm
from portfolio.web.clock import now
from portfolio.web.forms import run_once
from portfolio.web.listing import page_number
from portfolio.wording.dossier import place_message
from portfolio.wording.library import lead_hints

bp = blueprint_of(__name__)


@dataclass(frozen=True, slots=True)
class CompetencyPageData:
    """Everything the candidate's page of one competency shows, but the conversation."""

    path: Progress
    block: MatrixBlock
    line: CompetencySummary
    narrative: NarrativeDetails | None
    previous: CompetencyFact | None
    next: CompetencyFact | None

    @property
    def has_free_pieces(self) -> bool:
        """Tell whether the dossier has more pieces than those claimed for it."""
        return self.path.pieces > len(self.line.fact.coverage.pieces)


PIECES_A_PAGE = 20
# More pieces than these are not told apart at a glance: a search is offered.
FEW_PIECES = 6
_CLAIM: Bundle[Any] = Bundle("claim", *(getattr(Claim, field.name) for field in fields(ClaimDetails)))


@dataclass(frozen=True, slots=True)
class ListedPieces:
    """One page of the pieces of a dossier in a search: each with its claim for a competency, or those without
    one.
    """

    lines: tuple[tuple[ClaimDetails | None, EvidenceSummary], ...]
    count: int
    words: str
    page: int

    @property
    def last(self) -> int:
        """Return the number of the last page."""
        return max(1, -(-self.count // PIECES_A_PAGE))

    @property
    def is_searched(self) -> bool:
        """Tell whether a search is offered: the list is long, or was longer."""
        return bool(self.words) or self.count > FEW_PIECES


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
        is_to_prove(session, candidacy_id, competency_id)  # or raises why not
        return None
    return CompetencyPageData(
        matrix.path,
        *lines[here],
        load_narrative(session, candidacy_id, competency_id),
        lines[here - 1][1].fact if here else None,
        lines[here + 1][1].fact if here + 1 < len(lines) else None,
    )


def list_claimed_pieces(
    session: Session, candidacy_id: UUID, competency_id: UUID, words: str = "", page: int = 1
) -> ListedPieces:
    """Return a page of the claims for a competency, by piece, in one query."""
    claimed = (Claim.evidence_id == Evidence.id) & (Claim.competency_id == competency_id)
    query = _numbered(candidacy_id, words).join(Claim, claimed)
    return _listed(session, query, words, page, lambda rows: rows.add_columns(_CLAIM).join(Claim, claimed))


def list_free_pieces(
    session: Session, candidacy_id: UUID, competency_id: UUID, words: str = "", page: int = 1
) -> ListedPieces:
    """Return a page of the pieces that may still be claimed for a competency, in one query."""
    claimed = exists().where(Claim.evidence_id == Evidence.id, Claim.competency_id == competency_id)
    query = _numbered(candidacy_id, words).where(~claimed)
    return _listed(session, query, words, page, lambda rows: rows.add_columns(null()))


def _numbered(candidacy_id: UUID, words: str) -> Select[Any]:
    """Return the query of the pieces whose title has these words, or whose number they are, with how many they are."""
    by_number = [Evidence.number == int(words)] if words.isascii() and words.isdecimal() and len(words) < 9 else []
    named = or_(Evidence.title.icontains(words, autoescape=True), *by_number) if words else true()
    query: Select[*tuple[Any, ...]] = select(Evidence.id, func.count().over().label("total"))
    return query.where(Evidence.candidacy_id == candidacy_id, Evidence.removed_at.is_(None), named).order_by(
        Evidence.number
    )


def _listed(
    session: Session, query: Select[Any], words: str, page: int, with_claims: Callable[[Select[Any]], Select[Any]]
) -> ListedPieces:
    """Read what a page shows of the pieces of a query: their files are looked at once they are chosen."""
    chosen = query.limit(PIECES_A_PAGE).offset((page - 1) * PIECES_A_PAGE).subquery()
    shown = (
        select(PIECE_COLUMNS, FILE_COLUMNS, chosen.c.total)
        .join(chosen, chosen.c.id == Evidence.id)
        .join(EvidenceFile, EvidenceFile.evidence_id == Evidence.id)
        .outerjoin(*SHOWN)
        .where(is_current_file())
        .order_by(Evidence.number)
    )
    rows = session.execute(with_claims(shown)).all()
    if not rows and page > 1:
        return _listed(session, query, words, 1, with_claims)
    lines = tuple(
        (_claim_details(claim) if claim else None, evidence_summary(piece, file)) for piece, file, _count, claim in rows
    )
    return ListedPieces(lines, rows[0][2] if rows else 0, words, page)


def _claim_details(row: Any) -> ClaimDetails:
    return ClaimDetails(**row._asdict() | {"anchors": anchors_from_json(row.anchors)})


def is_to_prove(session: Session, candidacy_id: UUID, competency_id: UUID) -> bool:
    """Return whether a competency is to prove: not one that is out of scope, or of a block that is kept for later.

    Raises Refusal: HELD, SUSPENDED.
    """
    try:
        [competency] = require_editable_competencies(session, candidacy_id, [competency_id])
    except Refusal as refusal:
        if refusal.code is not DossierRefusal.NOT_IN_SCOPE:
            raise
        return False
    return competency.block_id not in postponed_blocks(session, candidacy_id)


# Beyond so many pieces, the claims are read block by block, the first ones of each competency.
COLUMNS = 60


@dataclass(frozen=True, slots=True)
class ClaimsGrid:
    """Claims at once: the competencies to prove, each with how many claims it has and those shown, and the
    pieces; of a long dossier, those of the block `opened` among `blocks`.
    """

    path: Progress
    lines: tuple[tuple[CompetencyFact, int, Sequence[ClaimDetails]], ...]
    pieces: tuple[EvidenceSummary, ...]
    blocks: Sequence[int] = ()
    opened: int | None = None

    @property
    def is_drawn(self) -> bool:
        """Tell whether rows and columns are drawn as a grid: everything is there, and fits."""
        return len(self.pieces) <= COLUMNS and all(count == len(shown) for _fact, count, shown in self.lines)


def load_claims_grid(session: Session, candidacy_id: UUID, opened: int | None = None) -> ClaimsGrid:
    """Return the claims of a candidacy beside their competencies and their pieces, in a constant number of
    queries; of a long dossier, those of one block.
    """
    matrix = load_matrix(session, candidacy_id)
    facts = [line.fact for line in matrix.lines()]
    blocks = list(dict.fromkeys(fact.block for fact in facts)) if matrix.path.pieces > COLUMNS else []
    if blocks:
        opened = opened if opened in blocks else blocks[0]
        facts = [fact for fact in facts if fact.block == opened]
    found: defaultdict[UUID, list[Any]] = defaultdict(list)
    most = PIECES_A_PAGE if blocks else COLUMNS
    for row in session.execute(_ranked_claims(candidacy_id, [fact.id for fact in facts], most)):
        found[row.claim.competency_id].append(row)
    lines = tuple(
        (fact, found[fact.id][0].total if found[fact.id] else 0, [_claim_details(row.claim) for row in found[fact.id]])
        for fact in facts
    )
    served = {row.claim.evidence_id for rows in found.values() for row in rows}
    shown = () if blocks and not served else load_pieces(session, candidacy_id, served if blocks else None)
    return ClaimsGrid(matrix.path, lines, shown, blocks, opened)


def _ranked_claims(candidacy_id: UUID, competencies: Collection[UUID], most: int) -> Select[Any]:
    """Return the query of the first claims for each competency, by piece, with how many there are."""
    of_competency: dict[str, Any] = {"partition_by": Claim.competency_id}
    by_piece = (
        select(Claim.id, func.row_number().over(**of_competency, order_by=Evidence.number).label("rank"))
        .add_columns(func.count().over(**of_competency).label("total"))
        .join(Evidence, Evidence.id == Claim.evidence_id)
        .where(Claim.candidacy_id == candidacy_id, Claim.competency_id.in_(competencies), Evidence.removed_at.is_(None))
        .subquery()
    )
    return (
        select(_CLAIM, by_piece.c.total)
        .join(by_piece, by_piece.c.id == Claim.id)
        .where(by_piece.c.rank <= most)
        .order_by(by_piece.c.rank)
    )


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


def _claimable_blocks(matrix: Matrix, claimed: Collection[UUID]) -> Sequence[OpenBlock]:
    """Answer, by block, the competencies still to prove that a piece is not claimed for yet."""
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
    matrix, claimed = load_matrix(read_session(), case.id), load_claimed(read_session(), evidence_id)
    blocks = _claimable_blocks(matrix, claimed)
    choices = [(fact.id, f"{fact.label} {fact.text}") for block in blocks for fact in block.competencies]
    # What a third party was asked to attest is ticked beforehand, and what the address names.
    proposed = request.args.getlist("competence")
    asked = [*competencies_asked(read_session(), evidence_id), *(key for key, _ in choices if str(key) in proposed)]
    form = ClaimForm(choices, piece.countable, competencies=asked)
    in_turn = "suite" in request.args
    if not form.validate_on_submit():
        wants_leads = current_app.config["SETTINGS"].suggestions
        leads = list_suggestions(read_session(), case.id, evidence_id, matrix, claimed) if wants_leads else []
        ranks = {lead.competency_id: rank for rank, lead in enumerate(leads)}
        form.competencies.choices = sorted(choices, key=lambda choice: ranks.get(choice[0], len(ranks)))
        skip = next_to_link(case, piece.number) if in_turn else ""
        said = lead_hints(leads)
        places = {line.fact.id: place_message(line.fact) for line in matrix.lines()}
        hints = {key: f"{place}. {said[key]}" if key in said else place for key, place in places.items()}
        shown = {"case": case, "piece": piece, "blocks": blocks, "form": form, "skip": skip, "hints": hints}
        page = render_template("candidate/dossier/claim.html", **shown)
        return page, 422 if form.is_submitted() else 200

    def act(db: Session) -> str:
        chosen = form.competencies.data or []
        claims.add_claims(db, case.id, evidence_id, chosen, form.value(), by=current_user.id, at=now())
        if in_turn:
            return next_to_link(case, piece.number)
        return url_for("candidate.evidence.piece", candidacy_id=case.id, evidence_id=evidence_id)

    response = run_once(form.nonce.data, act)
    session["notice"] = "C’est noté. Votre accompagnateur voit la pièce à côté de chaque compétence choisie."
    return response


@bp.route("/dossiers/<uuid:candidacy_id>/competences/<uuid:competency_id>/preuves", methods=["GET", "POST"])
@candidacy_page(Permission.EDIT_DRAFT)
def choose_evidence(case: CandidacyAccess, competency_id: UUID) -> ResponseReturnValue:
    """Choose, among the pieces already there, one that shows a competency."""
    found = list_free_pieces(read_session(), case.id, competency_id, search_words(), page_number())
    pieces = {piece.id: piece for _claim, piece in found.lines}
    form = EvidenceChoiceForm(
        [(piece.id, f"{piece.number}. {piece.piece.title}") for piece in pieces.values()],
        {piece.id: piece.countable for piece in pieces.values()},
    )
    if not form.validate_on_submit():
        page: CompetencyPageData = find_competency_page(read_session(), case.id, competency_id) or abort(404)
        pictures = _pictures(case, found)
        shown = render_template(
            "candidate/dossier/choose.html", case=case, page=page, form=form, found=found, pictures=pictures
        )
        return shown, 422 if form.is_submitted() else 200
    if not is_to_prove(read_session(), case.id, competency_id):
        abort(404)

    def act(db: Session) -> str:
        chosen: Any = form.piece.data
        claims.add_claims(db, case.id, chosen, [competency_id], form.value(), by=current_user.id, at=now())
        return _competency_url(case, competency_id)

    response = run_once(form.nonce.data, act)
    session["notice"] = "La pièce est proposée pour cette compétence."
    return response


def _pictures(case: CandidacyAccess, found: ListedPieces) -> dict[UUID, str]:
    """Return the address of the small image of each piece that has one."""
    ids = [piece.id for _claim, piece in found.lines]
    keys = select(EvidenceFile.evidence_id, EvidenceFile.key).where(EvidenceFile.evidence_id.in_(ids))
    keys = keys.where(is_current_file())
    key_of = {row.evidence_id: row.key for row in read_session().execute(keys)}
    drawn = keys_with_thumbnail(read_session(), list(key_of.values()))
    at = "candidate.evidence.page_image"
    own: dict[str, Any] = {"candidacy_id": case.id, "page": 1, "taille": "vignette"}
    return {
        piece.id: url_for(at, evidence_id=piece.id, number=piece.version, **own)
        for _claim, piece in found.lines
        if key_of.get(piece.id) in drawn
    }


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


def next_to_link(case: CandidacyAccess, after: int = 0) -> str:
    """Return where the next piece that shows nothing yet is linked; the home of the dossier without one."""
    claimed = select(Claim.id).where(Claim.evidence_id == Evidence.id).exists()
    unused = select(Evidence.id).where(Evidence.candidacy_id == case.id, is_joined(Evidence), ~claimed)
    evidence_id = read_session().scalar(unused.where(Evidence.number > after).order_by(Evidence.number).limit(1))
    if evidence_id is None:
        return url_for("candidate.dossier.home", candidacy_id=case.id)
    at = "candidate.dossier.choose_competencies"
    return url_for(at, candidacy_id=case.id, evidence_id=evidence_id, suite=1)


def search_words() -> str:
    """Return the words that the address of a list of pieces searches."""
    return request.args.get("q", "").replace("\0", "").strip()[:200]


def _competency_url(case: CandidacyAccess, competency_id: UUID) -> str:
    return url_for(".competency", candidacy_id=case.id, competency_id=competency_id, _anchor="preuves")


def _piece(case: CandidacyAccess, evidence_id: UUID) -> EvidenceSummary:
    found = load_pieces(read_session(), case.id, [evidence_id])
    return found[0] if found else abort(404)


def _claim(case: CandidacyAccess, claim_id: UUID) -> ClaimDetails:
    return find_claim(read_session(), case.id, claim_id) or abort(404)
