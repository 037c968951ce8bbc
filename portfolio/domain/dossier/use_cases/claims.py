"""The candidate says which competency a piece shows, where, and why.

A claim is made, or completed, from a place in a piece: pages, moments, a region, a quoted passage.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.dossier.models.dossier import Claim
from portfolio.domain.dossier.models.evidence import Evidence, EvidenceFile
from portfolio.domain.dossier.rules.anchors import (
    Anchor,
    AnchorErrorCode,
    anchor_error,
    anchors_from_json,
    passage_with,
    with_anchor,
)
from portfolio.domain.dossier.rules.citation import CitationError, CitationUnit
from portfolio.domain.dossier.rules.draft import DossierRefusal
from portfolio.domain.dossier.rules.texts import COMMENT_MAX_CHARS, ClaimText
from portfolio.domain.dossier.use_cases.conversions import FileExtent, load_file_extent, load_page_texts
from portfolio.domain.dossier.use_cases.draft_lock import lock_draft, require_editable_competencies
from portfolio.domain.dossier.use_cases.draft_rows import refresh_reviews
from portfolio.domain.dossier.use_cases.texts import apply_changes
from portfolio.errors import Refusal


def add_claims(
    session: Session,
    candidacy_id: UUID,
    evidence_id: UUID,
    competency_ids: Collection[UUID],
    text: ClaimText,
    *,
    by: UUID,
    at: datetime,
) -> list[UUID]:
    """Claim that a piece shows these competencies, and return the ids of the claims, in the order of the certification.

    Raises Refusal: SEALED, NOT_YOURS or REMOVED (the piece), NOT_IN_SCOPE, HELD, SUSPENDED, ALREADY_CLAIMED.
    """
    lock_draft(session, candidacy_id)
    piece = own_evidence(session, candidacy_id, evidence_id)
    competencies = require_editable_competencies(session, candidacy_id, competency_ids)
    known = set(session.scalars(select(Claim.competency_id).where(Claim.evidence_id == evidence_id)))
    for competency in competencies:
        if competency.id in known:
            raise Refusal(DossierRefusal.ALREADY_CLAIMED, competency=competency.label)
    claims = [
        Claim(
            candidacy_id=candidacy_id,
            evidence_id=evidence_id,
            competency_id=competency.id,
            passage=text.passage,
            comment=text.comment,
            file_version=piece.file.number,
            changed_at=at,
        )
        for competency in competencies
    ]
    session.add_all(claims)
    refresh_reviews(session, candidacy_id, [competency.id for competency in competencies])
    labels = " ".join(competency.label for competency in competencies)
    record_event(session, "evidence_claimed", ("evidence", evidence_id), by=by, at=at, competencies=labels)
    return [claim.id for claim in claims]


def change_claim(
    session: Session, candidacy_id: UUID, claim_id: UUID, text: ClaimText, revision: int, *, by: UUID, at: datetime
) -> None:
    """Keep what a claim now says; raises Conflict, Refusal (SEALED, REMOVED, NOT_YOURS, HELD, SUSPENDED)."""
    claim = _own(session, candidacy_id, claim_id)
    if claim is None:
        raise Refusal(DossierRefusal.REMOVED)
    require_editable_competencies(session, candidacy_id, [claim.competency_id])
    if apply_changes(claim, {"passage": text.passage, "comment": text.comment}, revision, at):
        claim.file_version = claim.evidence.file.number
        refresh_reviews(session, candidacy_id, [claim.competency_id])
        record_event(session, "claim_changed", ("claim", claim_id), by=by, at=at, competency=claim.competency_id)


def remove_claim(session: Session, candidacy_id: UUID, claim_id: UUID, *, by: UUID, at: datetime) -> None:
    """Take a claim back; the piece stays. Taking it back twice changes nothing more.

    Raises Refusal (SEALED, NOT_YOURS, HELD, SUSPENDED).
    """
    claim = _own(session, candidacy_id, claim_id)
    if claim is None:
        return
    require_editable_competencies(session, candidacy_id, [claim.competency_id])
    session.delete(claim)
    refresh_reviews(session, candidacy_id, [claim.competency_id])
    record_event(session, "claim_removed", ("claim", claim_id), by=by, at=at, competency=claim.competency_id)


def own_evidence(session: Session, candidacy_id: UUID, evidence_id: UUID) -> Evidence:
    """Return a piece of this candidacy that was not removed; raises Refusal (NOT_YOURS, REMOVED)."""
    piece = session.get(Evidence, evidence_id)
    if piece is None or piece.candidacy_id != candidacy_id:
        raise Refusal(DossierRefusal.NOT_YOURS)
    if piece.removed_at is not None:
        raise Refusal(DossierRefusal.REMOVED)
    return piece


def _own(session: Session, candidacy_id: UUID, claim_id: UUID) -> Claim | None:
    lock_draft(session, candidacy_id)
    claim = session.get(Claim, claim_id)
    if claim is not None and claim.candidacy_id != candidacy_id:
        raise Refusal(DossierRefusal.NOT_YOURS)
    return claim


@dataclass(frozen=True, slots=True)
class MarkedPlace:
    """Place that somebody marks: pages or moments as people write them, or one place of a page; of neither, the
    whole piece.
    """

    version: int
    passage: str = ""
    anchor: Anchor | None = None

    def passage_in(self, extent: FileExtent) -> str:
        """Return the pages or the moments that a claim names for this place; nothing of a file of one page."""
        if self.anchor is not None and extent.unit is not CitationUnit.MINUTES:
            named = [self.passage, str(self.anchor.page)] if self.passage else [str(self.anchor.page)]
            return ", ".join(named) if extent.pages > 1 else ""
        return self.passage


def place_error(session: Session, file: EvidenceFile, place: MarkedPlace) -> AnchorErrorCode | CitationError | None:
    """Return what is wrong with a place in a version of a file; None when it can be claimed."""
    extent = load_file_extent(session, file)
    if place.anchor is not None:
        text = load_page_texts(session, file.key).get(place.anchor.page)
        return anchor_error(place.anchor, extent.pages, text)
    answer = passage_with(None, place.passage_in(extent), extent.unit, extent.last)
    return answer if isinstance(answer, CitationError) else None


def claim_place(
    session: Session,
    candidacy_id: UUID,
    evidence_id: UUID,
    competency_id: UUID,
    place: MarkedPlace,
    comment: str,
    *,
    by: UUID,
    at: datetime,
) -> UUID:
    """Claim that a place of the current version of a piece shows a competency, and return the id of the claim.

    When the piece is claimed for the competency already, the place and the comment are added to that claim. Raises
    Refusal: those of `claims.add_claims` but ALREADY_CLAIMED, REPLACED_VERSION, and what is wrong with the place.
    """
    lock_draft(session, candidacy_id)
    piece = own_evidence(session, candidacy_id, evidence_id)
    [competency] = require_editable_competencies(session, candidacy_id, [competency_id])
    if piece.file.number != place.version:
        raise Refusal(AnchorErrorCode.REPLACED_VERSION)
    wrong = place_error(session, piece.file, place)
    if wrong is not None:
        raise Refusal(wrong.code if isinstance(wrong, CitationError) else wrong)
    claim = session.scalar(select(Claim).where(Claim.evidence_id == evidence_id, Claim.competency_id == competency_id))
    is_new = claim is None
    if claim is None:
        claim = Claim(candidacy_id=candidacy_id, evidence_id=evidence_id, competency_id=competency_id, revision=0)
        claim.comment = claim.passage = ""
    _complete(claim, load_file_extent(session, piece.file), place, comment, at, is_new=is_new)
    session.add(claim)
    session.flush()
    refresh_reviews(session, candidacy_id, [competency_id])
    if is_new:
        record_event(
            session, "evidence_claimed", ("evidence", evidence_id), by=by, at=at, competencies=competency.label
        )
    else:
        record_event(session, "claim_changed", ("claim", claim.id), by=by, at=at, competency=competency_id)
    return claim.id


def remove_anchor(
    session: Session, candidacy_id: UUID, claim_id: UUID, anchor_id: str, *, by: UUID, at: datetime
) -> None:
    """Take one place back from a claim, whose pages and comment stay; raises Refusal as `claims.change_claim` does."""
    lock_draft(session, candidacy_id)
    claim = session.get(Claim, claim_id)
    if claim is None:
        raise Refusal(DossierRefusal.REMOVED)
    if claim.candidacy_id != candidacy_id:
        raise Refusal(DossierRefusal.NOT_YOURS)
    require_editable_competencies(session, candidacy_id, [claim.competency_id])
    kept = [anchor.as_json() for anchor in anchors_from_json(claim.anchors) if anchor.id != anchor_id]
    if len(kept) == len(claim.anchors or ()):
        return
    claim.anchors, claim.revision, claim.changed_at = kept or None, claim.revision + 1, at
    refresh_reviews(session, candidacy_id, [claim.competency_id])
    record_event(session, "claim_changed", ("claim", claim_id), by=by, at=at, competency=claim.competency_id)


def _complete(
    claim: Claim, extent: FileExtent, place: MarkedPlace, comment: str, at: datetime, *, is_new: bool
) -> None:
    """Write a place and a comment into a claim; raises Refusal when what it holds would be too much."""
    passage = passage_with(None if is_new else claim.passage, place.passage_in(extent), extent.unit, extent.last)
    if isinstance(passage, CitationError):
        raise Refusal(AnchorErrorCode.PASSAGE_TOO_LONG)
    if place.anchor is not None:
        anchors = with_anchor(anchors_from_json(claim.anchors), place.anchor)
        if isinstance(anchors, AnchorErrorCode):
            raise Refusal(anchors)
        claim.anchors = [anchor.as_json() for anchor in anchors]
    claim.comment = comment_with(claim.comment, comment)
    if len(claim.comment) > COMMENT_MAX_CHARS:
        raise Refusal(AnchorErrorCode.COMMENT_TOO_LONG)
    claim.passage, claim.file_version = passage, extent.version
    claim.revision, claim.changed_at = claim.revision + 1, at


def comment_with(comment: str, added: str) -> str:
    """Return a comment with one more paragraph; what is said already is not said twice."""
    return comment if not added or added in comment else f"{comment}\n\n{added}".strip()
