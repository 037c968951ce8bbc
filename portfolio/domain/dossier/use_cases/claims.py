"""The candidate says which competency a piece shows, where, and why."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.dossier.models import Claim
from portfolio.domain.dossier.rules.state import DossierRefusal
from portfolio.domain.dossier.rules.texts import ClaimText
from portfolio.domain.dossier.use_cases.draft_lock import lock_draft, require_editable_competencies
from portfolio.domain.dossier.use_cases.review_snapshots import refresh_reviews
from portfolio.domain.dossier.use_cases.texts import apply_changes
from portfolio.domain.evidence.models.evidence import Evidence
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
    """Claim that a piece shows these competencies, and return the ids of the claims, in the order of the
    certification.

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
    session: Session,
    candidacy_id: UUID,
    claim_id: UUID,
    text: ClaimText,
    revision: int,
    *,
    by: UUID,
    at: datetime,
) -> None:
    """Keep what a claim now says; raises Conflict, Refusal (SEALED, REMOVED, NOT_YOURS, HELD, SUSPENDED)."""
    claim = _own(session, candidacy_id, claim_id)
    if claim is None:
        raise Refusal(DossierRefusal.REMOVED)
    require_editable_competencies(session, candidacy_id, [claim.competency_id])
    if apply_changes(claim, {"passage": text.passage, "comment": text.comment}, revision, at):
        claim.file_version = claim.evidence.file.number
        refresh_reviews(session, candidacy_id, [claim.competency_id])
        record_event(
            session, "claim_changed", ("claim", claim_id), by=by, at=at, competency=claim.competency_id
        )


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
