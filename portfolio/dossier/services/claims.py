"""The candidate says which competency a piece shows, where, and why."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.dossier.models import Claim
from portfolio.dossier.rules import ClaimText, DossierRefusal
from portfolio.dossier.services.draft import lock_draft, open_competencies
from portfolio.dossier.services.told import keep_marks
from portfolio.dossier.services.writing import changed
from portfolio.evidence.models import Evidence
from portfolio.journal.services import note
from portfolio.refusal import Refusal


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
    """Claim that a piece shows these competencies, and answer the ids of the claims, in the order of the certification.

    Raises Refusal: SEALED, NOT_YOURS or REMOVED (the piece), NOT_IN_SCOPE, HELD, SUSPENDED, ALREADY_CLAIMED.
    """
    lock_draft(session, candidacy_id)
    own_piece(session, candidacy_id, evidence_id)
    competencies = open_competencies(session, candidacy_id, competency_ids)
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
            changed_at=at,
        )
        for competency in competencies
    ]
    session.add_all(claims)
    keep_marks(session, candidacy_id, [competency.id for competency in competencies])
    labels = " ".join(competency.label for competency in competencies)
    note(session, "evidence_claimed", ("evidence", evidence_id), by=by, at=at, competencies=labels)
    return [claim.id for claim in claims]


def change_claim(
    session: Session, candidacy_id: UUID, claim_id: UUID, text: ClaimText, revision: int, *, by: UUID, at: datetime
) -> None:
    """Keep what a claim now says; raises Conflict, Refusal (SEALED, REMOVED, NOT_YOURS, HELD, SUSPENDED)."""
    claim = _own(session, candidacy_id, claim_id)
    if claim is None:
        raise Refusal(DossierRefusal.REMOVED)
    open_competencies(session, candidacy_id, [claim.competency_id])
    if changed(claim, {"passage": text.passage, "comment": text.comment}, revision, at):
        keep_marks(session, candidacy_id, [claim.competency_id])
        note(session, "claim_changed", ("claim", claim_id), by=by, at=at, competency=claim.competency_id)


def remove_claim(session: Session, candidacy_id: UUID, claim_id: UUID, *, by: UUID, at: datetime) -> None:
    """Take a claim back; the piece stays. Taking it back twice changes nothing more.

    Raises Refusal (SEALED, NOT_YOURS, HELD, SUSPENDED).
    """
    claim = _own(session, candidacy_id, claim_id)
    if claim is None:
        return
    open_competencies(session, candidacy_id, [claim.competency_id])
    session.delete(claim)
    keep_marks(session, candidacy_id, [claim.competency_id])
    note(session, "claim_removed", ("claim", claim_id), by=by, at=at, competency=claim.competency_id)


def own_piece(session: Session, candidacy_id: UUID, evidence_id: UUID) -> Evidence:
    """Answer a piece of this candidacy that was not removed; raises Refusal (NOT_YOURS, REMOVED)."""
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
