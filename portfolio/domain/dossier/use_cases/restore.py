"""Bring back a piece that was removed less than thirty days ago, with the claims that it had."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Uuid, delete, select
from sqlalchemy.orm import Session

from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.dossier.models import Claim
from portfolio.domain.dossier.rules.state import DossierRefusal
from portfolio.domain.dossier.use_cases.draft_lock import lock_draft, require_editable_competencies
from portfolio.domain.dossier.use_cases.review_snapshots import refresh_reviews
from portfolio.domain.evidence.models.evidence import Evidence
from portfolio.domain.evidence.models.removal import RemovedClaims
from portfolio.domain.evidence.rules.description import EvidenceRefusal
from portfolio.errors import Refusal


def remove_claims(session: Session, evidence_id: UUID) -> Sequence[UUID]:
    """Delete the claims of a piece that is removed, keep them for its return, and return their
    competencies.
    """
    claims = session.scalars(select(Claim).where(Claim.evidence_id == evidence_id)).all()
    session.merge(
        RemovedClaims(evidence_id=evidence_id, claims={"claims": [_to_json(claim) for claim in claims]})
    )
    session.execute(delete(Claim).where(Claim.evidence_id == evidence_id))
    return [claim.competency_id for claim in claims]


def restore_evidence(
    session: Session, candidacy_id: UUID, evidence_id: UUID, *, by: UUID, at: datetime
) -> int:
    """Bring a removed piece back, and return how many of its claims could not come back: their block is
    closed since.

    Bringing it back twice changes nothing more. Raises Refusal: SEALED, NOT_YOURS, ERASED (its files are
    gone).
    """
    lock_draft(session, candidacy_id)
    piece = session.get(Evidence, evidence_id)
    if piece is None or piece.candidacy_id != candidacy_id:
        raise Refusal(DossierRefusal.NOT_YOURS)
    if piece.removed_at is None:
        return 0
    if not piece.files:
        raise Refusal(EvidenceRefusal.ERASED)
    piece.removed_at, piece.changed_at = None, at
    removed = session.get(RemovedClaims, evidence_id)
    claims = [_from_json(values) for values in removed.claims["claims"]] if removed else []
    restored = [claim for claim in claims if _is_open(session, candidacy_id, claim.competency_id)]
    session.add_all(restored)
    if removed is not None:
        session.delete(removed)
    session.flush()
    refresh_reviews(session, candidacy_id, [claim.competency_id for claim in restored])
    record_event(session, "evidence_restored", ("evidence", evidence_id), by=by, at=at, claims=len(restored))
    return len(claims) - len(restored)


def _is_open(session: Session, candidacy_id: UUID, competency_id: UUID) -> bool:
    try:
        require_editable_competencies(session, candidacy_id, [competency_id])
    except Refusal:
        return False
    return True


def _to_json(claim: Claim) -> dict[str, Any]:
    values = {column.name: getattr(claim, column.key) for column in Claim.__table__.columns}
    return {
        name: value if isinstance(value, int | list | None) else str(value) for name, value in values.items()
    }


def _from_json(values: dict[str, Any]) -> Claim:
    columns = {column.name: column for column in Claim.__table__.columns if column.name in values}
    return Claim(**{column.key: _python(column.type, values[name]) for name, column in columns.items()})


def _python(kind: Any, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if isinstance(kind, Uuid):
        return UUID(value)
    is_moment = isinstance(kind, DateTime) or isinstance(getattr(kind, "impl", None), DateTime)
    return datetime.fromisoformat(value) if is_moment else value
